"""Crawls that share a work folder take turns.

Contract: while :func:`turn` is held no other crawl of this machine works in the folder, whichever door it came through: the delay between
requests to a domain is kept inside a process, not between two (law 5), and what an earlier crawl left behind is brought home by one.
The lock is the kernel's: it ends with the process that holds it, however that ends.  StoreUnreachable when the folder cannot be had.
"""

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.store import StoreUnreachable

logger = logging.getLogger(__name__)


@contextmanager
def turn(folder: Path, tell: Callable[[str], None] = logger.warning) -> Iterator[None]:
    """Wait until no other crawl is at work in ``folder``, and keep others out until the end; ``tell`` hears of a wait.

    StoreUnreachable when the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "crawl.lock").open("w")
    except OSError as error:
        raise StoreUnreachable(f"{folder}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(f"another crawl is at work in {folder}: waiting for it to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
