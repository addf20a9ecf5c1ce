"""Work on a file of somebody else's making, done in a process of its own with a limit of time and memory.

Native code that hangs, balloons or crashes cannot be stopped from Python; a process can. It is forked, so it
starts in milliseconds and knows all that its parent knows. It ends with ``close`` or with its parent.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import math
import os
import resource
import signal
import time
import weakref
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa

from ingest.problems import RefusedFileError, refuse
from ingest.settings import reader_memory_mb, reader_seconds

# Of a process that was ended for want of memory: by an allocation that failed, or by the system.
_MEMORY_SIGNALS = (signal.SIGABRT, signal.SIGKILL)
# How long a process that has closed its pipe may take to die before it is killed.
_GRACE_SECONDS = 10.0
_ALARM_MARGIN_SECONDS = 5  # later than the parent gives up
_NEW_OBJECTS_BEFORE_COLLECTION = 100_000
_OOM_SCORE = Path("/proc/self/oom_score_adj")
_STATM = Path("/proc/self/statm")


class Watched:
    """An object that ``make`` makes and that lives in another process; its methods are called by name.

    What breaks a limit, crashes or raises becomes a RefusedFileError that names the file. After it the
    process is gone; the next call starts another.
    """

    def __init__(self, make: Callable[[], object], file_name: str) -> None:
        self._make, self._file_name = make, file_name
        self._child: _Child | None = None
        self._is_streaming = False

    def call(self, method: str, *arguments: object) -> Any:
        """What the method returns."""
        return self._next(self._asked(method, arguments))[1]

    def stream(self, method: str, *arguments: object) -> Iterator[Any]:
        """What the method yields; a limit of time holds for each item."""
        child = self._asked(method, arguments)
        self._is_streaming = True
        while True:
            kind, item = self._next(child)
            if kind == "done":
                self._is_streaming = False
                return
            yield item

    def close(self) -> None:
        """End the process."""
        self._is_streaming = False
        if self._child is not None:
            self._child.end()
            self._child = None

    def _asked(self, method: str, arguments: tuple[object, ...]) -> _Child:
        if self._is_streaming:  # nobody took the rest, which would answer the next question
            self.close()
        if self._child is None:
            self._child = _Child(self._make)
        # A process that died shows when its answer is awaited.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._child.pipe.send((method, arguments))
        return self._child

    def _next(self, child: _Child) -> tuple[str, Any]:
        seconds = reader_seconds()
        try:
            if not child.pipe.poll(seconds):
                self.close()
                raise _too_slow(self._file_name, seconds)
            kind, item = child.pipe.recv()
        except (EOFError, ConnectionResetError) as error:
            status = child.wait()
            self._child, self._is_streaming = None, False
            raise self._died(status) from error
        if kind == "refused":
            self._is_streaming = False
            raise item
        if kind == "heavy":
            self.close()
            raise _too_heavy(self._file_name)
        if kind == "broken":
            self.close()
            raise _crashed(self._file_name, item)
        return kind, item

    def _died(self, status: int | None) -> RefusedFileError:
        if status is None:
            return _crashed(self._file_name, f"not dead after {_GRACE_SECONDS:g} s")
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        if number in _MEMORY_SIGNALS:
            return _too_heavy(self._file_name)
        name = signal.Signals(number).name if number else f"exit {os.waitstatus_to_exitcode(status)}"
        return _crashed(self._file_name, name)


class _Child:
    """One forked process and the pipe to it."""

    def __init__(self, make: Callable[[], object]) -> None:
        self.pipe, theirs = Pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _run(make, theirs, self.pipe)
        theirs.close()
        self._finalizer = weakref.finalize(self, _end, self._pid, self.pipe)

    def end(self) -> None:
        """Kill the process unless it is dead."""
        self._finalizer()

    def wait(self) -> int | None:
        """The status with which a process dies that has closed its pipe; None when it had to be killed."""
        self._finalizer.detach()
        self.pipe.close()
        # On a busy machine it takes its time; killed at once, it would seem to have died for want of memory.
        last = time.monotonic() + _GRACE_SECONDS
        while True:
            done, status = os.waitpid(self._pid, os.WNOHANG)
            if done:
                return status
            if time.monotonic() > last:
                _kill(self._pid)
                return None
            time.sleep(0.005)


def _end(pid: int, pipe: Connection) -> None:
    pipe.close()
    if not os.waitpid(pid, os.WNOHANG)[0]:
        _kill(pid)


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _run(make: Callable[[], object], pipe: Connection, parents: Connection) -> NoReturn:
    """The life of the process: nothing of the parent is run in it, not even on its way out."""
    try:
        parents.close()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        faulthandler.disable()  # a crash is told by the parent, in one line
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 2)  # what native code says of its own panics is no message for a clerk
        # This one reserves no address space ahead of need, which would count against the limit.
        pa.set_memory_pool(pa.system_memory_pool())
        _limit_memory()
        # What the parent had made is never looked through, rows of cells less often: they hold no circles.
        gc.freeze()
        gc.set_threshold(_NEW_OBJECTS_BEFORE_COLLECTION)
        _serve(make, pipe)
    finally:
        os._exit(0)


def _limit_memory() -> None:
    with contextlib.suppress(OSError):
        _OOM_SCORE.write_text("1000")  # should the machine run out of memory, this process goes first
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if _STATM.exists():
        used = int(_STATM.read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = used + (reader_memory_mb() << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard < 0 else min(limit, hard), hard))


def _serve(make: Callable[[], object], pipe: Connection) -> None:
    target: object | None = None
    limit = math.ceil(reader_seconds()) + _ALARM_MARGIN_SECONDS
    while True:
        try:
            method, arguments = pipe.recv()
        except EOFError:
            return
        try:
            # Native code goes on after a parent that was killed: the system ends it.
            signal.alarm(limit)
            target = make() if target is None else target
            result = getattr(target, method)(*arguments)
            if isinstance(result, Iterator):
                for item in result:
                    signal.alarm(0)
                    pipe.send(("item", item))
                    signal.alarm(limit)
                result = None
            answer = ("done", result)
        except RefusedFileError as error:
            answer = ("refused", error)
        except MemoryError:
            answer = ("heavy", None)
        except BaseException as error:  # a panic of native code is no Exception
            answer = ("broken", type(error).__name__)  # its text may quote a cell
        finally:
            signal.alarm(0)
        pipe.send(answer)


def _too_slow(file_name: str, seconds: float) -> RefusedFileError:
    return refuse(
        "file_too_slow",
        file_name,
        found=f"> {seconds:g} s",
        expected=(
            f"{seconds:g} 秒内能读完的文件（JUNHENG_READER_SECONDS）",
            f"a file that can be read within {seconds:g} s (JUNHENG_READER_SECONDS)",
        ),
        mend=_MEND,
    )


def _too_heavy(file_name: str) -> RefusedFileError:
    size = reader_memory_mb()
    return refuse(
        "file_too_heavy",
        file_name,
        found=f"> {size} MB",
        expected=(
            f"读取时占用内存不超过 {size} MB 的文件（JUNHENG_READER_MEMORY_MB）",
            f"a file that takes no more than {size} MB of memory to read (JUNHENG_READER_MEMORY_MB)",
        ),
        mend=_MEND,
    )


def _crashed(file_name: str, found: str) -> RefusedFileError:
    return refuse(
        "reader_crashed",
        file_name,
        found=found,
        expected=("读取程序能读的文件", "a file that the reader can read"),
        mend=_MEND,
    )


_MEND = (
    "用电子表格软件打开，只留数据表，另存为新的 .xlsx 或 CSV 后重新交入；仍不行请交数据工程师",
    "open it in a spreadsheet program, keep the table only, save it as a new .xlsx or as CSV and hand that "
    "in; if that does not help, ask the data engineer",
)
