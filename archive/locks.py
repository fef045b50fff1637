"""Files that belong to whoever writes them: while that process lives nobody else touches them, when it is gone anybody may.

Contract: the lock is the kernel's (flock); it ends with the process that holds it, however that ends.  A lock counts only for the file that
still has the name: each function looks again after it has the lock.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def claim(path: Path) -> int:
    """The descriptor of a new file at ``path``, locked until it is closed; FileExistsError when one is there."""
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        fcntl.flock(fd, fcntl.LOCK_EX)
        if _is_at(fd, path):
            return fd
        os.close(fd)  # somebody took it for abandoned before it was locked


def claimed(path: Path) -> IO[bytes]:
    """The same, as a file."""
    return os.fdopen(claim(path), "r+b")


@contextmanager
def abandoned(path: Path, *, wait: bool = False) -> Iterator[IO[bytes] | None]:
    """The file at ``path``, locked, when its writer is gone; None while the writer lives, and when the file is gone or another by now.

    With ``wait``, a writer that lives is waited for.
    """
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        yield None
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            ours = _is_at(file.fileno(), path)
        except BlockingIOError:
            ours = False
        yield file if ours else None


def _is_at(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False
