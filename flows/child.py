"""A command as a child that never outlives us, whose lines are passed on as they come.

Contract: :func:`run` returns when the command has ended, or has been ended because its time was up.  Whatever interrupts ``run`` (Ctrl-C, a
workflow engine's cancellation, a callback that raises) goes on its way after the command has ended.  To end is SIGTERM, ``GRACE`` seconds,
then SIGKILL for it and all that it started.  When this very process is killed, the kernel sends the command SIGTERM (``PR_SET_PDEATHSIG``,
prctl(2)): a killed worker would otherwise leave a crawl running that nobody sees (orchestration.md §3.4).  Linux only.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

GRACE = 20.0  # seconds; Prefect kills a cancelled flow after 30 (orchestration.md §3.4)
TAIL = 20  # lines kept for a message about a command that failed
_PIECE = 65536
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended: ``code`` as subprocess gives it, negative after a signal; ``tail`` is the last lines that it wrote."""

    code: int
    timed_out: bool
    tail: tuple[str, ...]


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environ: Mapping[str, str],
    on_line: Callable[[str], None],
    timeout: float,
    grace: float = GRACE,
) -> Ended:
    """Run ``command`` in ``folder``; ``on_line`` gets each line that it writes to stderr or stdout, on this thread."""
    with _started(command, folder, environ) as process, _Lines(process, on_line) as lines:
        try:
            in_time = lines.follow(timeout)
        finally:
            if not lines.ended:
                with _deaf():
                    process.terminate()
                    lines.forgive()
                    lines.follow(grace)
    return Ended(code=process.returncode, timed_out=not in_time, tail=tuple(lines.tail))


@contextmanager
def _started(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The command, in a process group of its own: so that it gets one signal from us, not a second one from the terminal.

    It is started through :func:`main`, because a ``preexec_fn`` may deadlock in a process with threads, and Prefect's has some.  The group
    is killed before its leader is reaped, while its number cannot be another's.
    """
    leash = [sys.executable, "-IS", __file__, str(os.getpid()), *command]
    with subprocess.Popen(
        leash,
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def _deaf() -> Iterator[None]:
    """Hear no further SIGTERM: one for each thread of a dying parent comes from the kernel, and the second would cut the grace short.

    Handlers run on the main thread; another one is not interrupted anyway.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, heard)


class _Lines:
    """What a process writes, line by line, until the process has ended.

    The end of the process counts, not the end of its output: a grandchild that survives it would hold the pipe open.
    """

    def __init__(self, process: subprocess.Popen[bytes], on_line: Callable[[str], None]) -> None:
        assert process.stdout is not None
        self.tail: deque[str] = deque(maxlen=TAIL)
        self.ended = False
        self._on_line = on_line
        self._pipe = process.stdout.fileno()
        self._process = os.pidfd_open(process.pid)
        self._rest = b""
        os.set_blocking(self._pipe, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._pipe, selectors.EVENT_READ)
        self._selector.register(self._process, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        os.close(self._process)

    def forgive(self) -> None:
        """From now on, go on when nobody can hear a line: whoever was killed above us has taken the log with him."""
        heard = self._on_line

        def on_line(text: str) -> None:
            with suppress(BaseException):  # SystemExit too, which a broken pipe raises in rich's console
                heard(text)

        self._on_line = on_line

    def follow(self, seconds: float) -> bool:
        """Pass lines on until the process has ended, True, or the time is up, False."""
        deadline = time.monotonic() + seconds
        while not self.ended:
            ready = {key.fd for key, _ in self._selector.select(max(0.0, deadline - time.monotonic()))}
            if not ready:
                return False
            self.ended = self._process in ready
            if self._pipe in ready or self.ended:
                self._read(everything=self.ended)
        return True

    def _read(self, *, everything: bool) -> None:
        while data := self._piece():
            self._pass_on(data)
            if not everything:
                return
        if everything and self._rest:
            self._pass_on(b"\n")

    def _piece(self) -> bytes:
        try:
            data = os.read(self._pipe, _PIECE)
        except BlockingIOError:
            return b""
        if not data and self._pipe in self._selector.get_map():
            self._selector.unregister(self._pipe)
        return data

    def _pass_on(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            text = line.decode("utf-8", "replace").rstrip("\r")
            self.tail.append(text)
            try:
                self._on_line(text)
            except BaseException:
                self._on_line = _nobody  # the command has its time to end, also when nobody listens any more
                raise


def _nobody(_line: str) -> None:
    """Listen no more."""


def end_with_parent() -> None:
    """Ask the kernel to send this process SIGTERM when the thread that started it is gone, however it went."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def main(arguments: Sequence[str]) -> None:
    """Run a command that gets one SIGTERM when process PARENT dies, and end as it does: ``child.py PARENT COMMAND…``.

    This process stays between the two.  It has one thread, so that the command's own parent dies once; a command that hears a second
    SIGTERM, as Scrapy, drops everything (test_ends: no outcome of 120 was written).
    """
    parent, *command = arguments
    awaited = {signal.SIGTERM, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    end_with_parent()
    if os.getppid() != int(parent):  # it died before the kernel was told
        return
    process = subprocess.Popen(command, preexec_fn=_as_child)  # noqa: PLW1509 -- there is no other thread here
    while process.poll() is None:
        if signal.sigwait(awaited) == signal.SIGTERM:
            awaited = {signal.SIGCHLD}
            process.terminate()
    if process.returncode < 0:
        with suppress(OSError):  # SIGKILL has no handler
            signal.signal(-process.returncode, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {-process.returncode})
        os.kill(os.getpid(), -process.returncode)
    sys.exit(process.returncode)


def _as_child() -> None:
    end_with_parent()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGCHLD})


if __name__ == "__main__":
    main(sys.argv[1:])
