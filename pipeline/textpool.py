"""Text extraction in processes of its own: a page that hangs or kills its worker costs that page and nothing else.

``TextPool(workers=…, deadline=…)`` is a context manager; ``extract(pages)`` yields ``(capture id, Document | TextFailure)`` in the order of
the pages, each exactly once, and reads pages only as fast as they are worked off.  The documents equal what ``pipeline.text.document``
gives in the calling process.  Threads would neither be faster nor safe here (text.md §5: crashes inside lxml).

* deadline: seconds of wall clock for one page; then its worker ends and the page's outcome is ``deadline``.
* memory: bytes of address space for one worker, or None; a page that needs more is an ``error`` or a ``crashed``.
* A worker is replaced after ``renew`` pages, so that a leak in a library stays small.

The pool imports no extraction library itself.  It may be used from any thread, and ``extract`` inside the loop over another ``extract``:
each call has up to ``workers`` processes at work.  Workers end with the pool, with their link to it, or at the latest with the deadline of
the page that they are in; they are programs of their own (``subprocess``, not ``multiprocessing``), so nothing is asked of the caller's
main module.
"""

import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing import Pipe
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Self, TypeAlias, cast

from archive.records import Document, Page

READY = "ready"
MEMORY = 1024**3  # 32 MiB of nothing but tags took 2.7 GB, the largest of 308 news pages 0.4 GB (measured)
_AHEAD = 4  # pages in flight for each worker: finished ones wait until it is their turn
_BOOT = "import sys; sys.path[:] = {path!r}; from pipeline.textworker import main; main(sys.argv[1:])"
_PATIENCE = 5.0  # seconds for an idle worker to end by itself


class FailureKind(StrEnum):
    """Why a page has no document."""

    DEADLINE = "deadline"
    CRASHED = "crashed"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFailure:
    """A page that could not be read."""

    capture: str
    kind: FailureKind
    message: str


class PoolError(RuntimeError):
    """The workers do not run at all: no fault of a page."""


Result: TypeAlias = Document | TextFailure


class _Worker:
    """One child process and the page that it is in."""

    def __init__(self, arguments: list[str]) -> None:
        self.link, inherited = Pipe()
        command = [sys.executable, "-c", _BOOT.format(path=sys.path), str(inherited.fileno()), *arguments]
        with inherited:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[inherited.fileno()])
        self.ready = self.dead = False
        self.turn, self.capture = -1, ""
        self.busy = False
        self.pages = 0

    def take(self, turn: int, page: Page) -> None:
        """Begin a page."""
        self.turn, self.capture, self.busy = turn, page.capture.id, True
        self.pages += 1
        with suppress(ConnectionError):  # a worker that died while idle: its closed link is read next, and the page is its failure
            self.link.send(page)

    def answer(self) -> Result | None:
        """The result of the page; None when the worker only said that it has started."""
        try:
            said: Any = self.link.recv()
        except (EOFError, OSError):  # the link closed, perhaps in the middle of an answer
            self.busy, self.dead = False, True
            return self._death()
        if said == READY:
            self.ready = True
            return None
        self.busy = False
        return cast(Result, said)

    def _death(self) -> TextFailure:
        code = self.process.wait()
        kind = FailureKind.DEADLINE if code == -signal.SIGALRM else FailureKind.CRASHED
        cause = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        if not self.ready:
            raise PoolError(f"a worker ended before it could read a page: {cause}")
        return TextFailure(capture=self.capture, kind=kind, message=f"worker ended: {cause}")

    def end(self) -> None:
        """End in peace when idle, at once when in a page."""
        self.link.close()
        if self.busy:
            self.process.kill()
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class TextPool:
    """A few worker processes that turn pages into documents."""

    def __init__(
        self,
        *,
        workers: int = 2,
        deadline: float = 20.0,
        memory: int | None = MEMORY,
        renew: int = 500,
        function: str = "pipeline.text:document",
    ) -> None:
        """A pool that starts its workers when the first page comes; ``function`` ("module:name") makes a document of a page."""
        self._size = workers
        self._renew = renew
        self._arguments = [str(deadline), str(memory or 0), function]
        self._idle: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the idle workers; the others end with their ``extract``.  The pool can be used again."""
        while self._idle:
            self._idle.pop().end()

    def extract(self, pages: Iterable[Page]) -> Iterator[tuple[str, Result]]:
        """The document or the failure of each page, in order; PoolError when the workers cannot be started."""
        busy: list[_Worker] = []
        try:
            yield from self._extract(iter(pages), busy)
        finally:
            for worker in busy:
                worker.end()

    def _extract(self, pages: Iterator[Page], busy: list[_Worker]) -> Iterator[tuple[str, Result]]:
        done: dict[int, tuple[str, Result]] = {}
        given = turn = 0
        more = True
        while more or turn < given:
            while more and len(busy) < self._size and given - turn < _AHEAD * self._size:
                page = next(pages, None)
                if page is None:
                    more = False
                else:
                    busy.append(self._worker())
                    busy[-1].take(given, page)
                    given += 1
            done.update(self._answers(busy))
            while turn in done:
                yield done.pop(turn)
                turn += 1

    def _worker(self) -> _Worker:
        try:
            return self._idle.pop()
        except IndexError:
            return _Worker(self._arguments)

    def _answers(self, busy: list[_Worker]) -> Iterator[tuple[int, tuple[str, Result]]]:
        """What the busy workers have to say; waits until one says something."""
        by_link = {worker.link.fileno(): worker for worker in busy}
        for descriptor in wait(list(by_link)) if busy else ():
            worker = by_link[cast(int, descriptor)]
            if (result := worker.answer()) is not None:
                busy.remove(worker)
                yield worker.turn, (worker.capture, result)
                self._release(worker)

    def _release(self, worker: _Worker) -> None:
        if worker.dead or worker.pages >= self._renew or len(self._idle) >= self._size:
            worker.end()
        else:
            self._idle.append(worker)
