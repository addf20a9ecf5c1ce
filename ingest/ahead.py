"""Running an iterator in a thread of its own, so that reading and typing overlap with copying."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")
WAIT_SECONDS = 0.1


class _End:
    """Stands behind the last item."""


class Ahead(Generic[Item]):
    """The same items in the same order, made up to ``depth`` ahead; to be used in a with statement.

    An error of the source is raised where its item would be. The thread ends with the block.
    """

    def __init__(self, items: Iterable[Item], depth: int = 4) -> None:
        self._items = items
        self._queue: queue.Queue[Item | _End] = queue.Queue(maxsize=depth)
        self._stopped = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="junheng-reader", daemon=True)

    def __enter__(self) -> Iterator[Item]:
        self._thread.start()
        return self._take()

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _take(self) -> Iterator[Item]:
        while not isinstance(item := self._queue.get(), _End):
            yield item
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        try:
            for item in self._items:
                if not self._put(item):
                    return
        except BaseException as error:
            self._error = error  # raised in the thread that takes
        self._put(_End())

    def _put(self, item: Item | _End) -> bool:
        """Hand one item over; False when nobody takes any more."""
        while not self._stopped.is_set():
            try:
                self._queue.put(item, timeout=WAIT_SECONDS)
            except queue.Full:
                continue
            return True
        return False
