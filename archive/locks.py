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


def claimed(path: Path) -> IO[bytes]:
    """A new file at ``path``, locked until it is closed; FileExistsError when one is there."""
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        file = os.fdopen(fd, "r+b")
        fcntl.flock(file, fcntl.LOCK_EX)
        if _is_at(file, path):
            return file
        file.close()  # somebody took it for abandoned before it was locked


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
            ours = _is_at(file, path)
        except BlockingIOError:
            ours = False
        yield file if ours else None


def _is_at(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
