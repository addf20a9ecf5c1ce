"""A file that is read no faster than what was read is worked on: else its reader's own thread runs ahead."""

from __future__ import annotations

import io
import threading
from typing import BinaryIO

# So long nobody need take a part: the reader may need several for one.
PATIENCE_SECONDS = 0.5


class Paced(io.RawIOBase):
    """The file ``stream``, of which up to ``ahead`` parts may be read that nobody has taken."""

    def __init__(self, stream: BinaryIO, ahead: int) -> None:
        self._stream = stream
        self._room = threading.Semaphore(ahead)
        self._is_let_go = False

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next part, as soon as there is room for it; the end once nobody takes any more."""
        self._room.acquire(timeout=PATIENCE_SECONDS)
        return b"" if self._is_let_go else self._stream.read(size)

    def taken(self) -> None:
        """A part was taken: another may be read."""
        self._room.release()

    def let_go(self) -> None:
        """Nobody takes any more: the reader's thread, should it wait, comes to an end."""
        self._is_let_go = True
        self._room.release()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        super().close()
