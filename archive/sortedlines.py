"""Lines sorted bytewise, as many as there are: a private file on disk holds them, so that memory does not grow with their number.

Contract: ``add`` takes each line once, without its line end; iterating gives them as ``LC_ALL=C sort -u`` would.  The file goes when the
lines are closed.
"""

import sqlite3
from collections.abc import Iterator
from typing import Self


class SortedLines:
    """Lines on their way into an index."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)  # "" is a private file that SQLite removes
        self._base.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384;"
            "CREATE TABLE lines (line BLOB PRIMARY KEY) WITHOUT ROWID; BEGIN;"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def add(self, line: bytes) -> None:
        """Keep a line."""
        self._base.execute("INSERT OR IGNORE INTO lines VALUES (?)", (line,))

    def __iter__(self) -> Iterator[bytes]:
        for (line,) in self._base.execute("SELECT line FROM lines ORDER BY line"):
            yield line
