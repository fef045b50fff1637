"""The product's doors as a person opens them: each call is a process of its own.

Contract: ``open_door(["copytrail", …])`` starts one of our programs with an environment that holds the given settings and no other of
ours; ``Door.wait`` gives its exit code, what it wrote and how much memory it took at most.  One that does not end is killed by its id.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

ROOT = Path(__file__).resolve().parents[2]
CONTACT = "tests@copytrail.example"
PATIENCE = 100.0  # seconds
_KEYS = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int  # negative after a signal
    out: str
    err: str
    peak: int  # bytes of memory that it, or the largest of its children, held at once

    @property
    def clear(self) -> bool:
        """Whether nothing that it wrote is a traceback."""
        return "Traceback" not in self.err + self.out


def as_at_a_terminal() -> None:
    """Hear Ctrl-C, also where the tests themselves run in the background, which makes a shell switch it off for all below."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Door:
    """A running command; leaving the context ends it."""

    def __init__(self, command: Sequence[str | Path], folder: Path, environ: dict[str, str], stdout: int | None) -> None:
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the door
        out = self._out if stdout is None else stdout
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=self._err,
            preexec_fn=as_at_a_terminal,  # noqa: PLW1509 -- it only resets a signal
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        self._out.close()
        self._err.close()

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process, and to no child of it."""
        self._process.send_signal(number)

    def wait(self, patience: float = PATIENCE) -> Ended:
        """Wait until it has ended."""
        deadline = time.monotonic() + patience
        while True:
            pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
            if pid:
                break
            assert time.monotonic() < deadline, f"it did not end within {patience:g} seconds"
            time.sleep(0.02)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return Ended(self._process.returncode, _text(self._out), _text(self._err), usage.ru_maxrss * 1024)


def open_door(
    command: Sequence[str], folder: Path, settings: Mapping[str, object], *, most: int | None = None, stdout: int | None = None
) -> Door:
    """Start ``copytrail`` or ``scrapy`` in ``folder``; no file that it writes may be longer than ``most`` KiB (RLIMIT_FSIZE)."""
    given = {f"COPYTRAIL_{name.upper()}": str(value) for name, value in settings.items()}
    program = [str(Path(sys.executable).with_name(command[0])), *command[1:]]
    limited = program if most is None else ["bash", "-c", 'ulimit -f "$0" && exec "$@"', str(most), *program]
    return Door(limited, folder, {**os.environ, **_KEYS, "COPYTRAIL_CONTACT": CONTACT, "COPYTRAIL_DELAY": "0", **given}, stdout)


def run_door(
    command: Sequence[str], folder: Path, settings: Mapping[str, object], *, most: int | None = None, stdout: int | None = None
) -> Ended:
    """The same, to the end."""
    with open_door(command, folder, settings, most=most, stdout=stdout) as door:
        return door.wait()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
