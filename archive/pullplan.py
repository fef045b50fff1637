"""What a pull will copy, gathered before it is copied: a private file on disk, so that memory does not grow with the selection.

Contract: ``add`` takes each record of a capture once, however often it is named; ``by_file`` gives them in the order in which they lie in
the store, file by file.  ``note_line`` and ``lines`` sort index lines bytewise.  The file goes when the plan is closed.
"""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Self

from archive import codec
from archive.records import Capture
from archive.warcfields import date, date_text

_TABLES = """
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384;
CREATE TABLE captures (key TEXT, offset INTEGER, asked INTEGER, time TEXT, body TEXT, PRIMARY KEY (key, offset)) WITHOUT ROWID;
CREATE TABLE lines (line BLOB PRIMARY KEY) WITHOUT ROWID;
"""


class Plan:
    """The captures to copy."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)  # "" is a private file that SQLite removes
        self._base.executescript(_TABLES)
        self._base.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def add(self, capture: Capture, *, asked: bool) -> None:
        """Copy a capture; ``asked`` when the selection takes it, not only a revisit that needs it."""
        self._base.execute(
            "INSERT INTO captures VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET asked = max(asked, excluded.asked)",
            (capture.ref.key, capture.ref.offset, asked, date_text(capture.time), codec.text_of(capture)),
        )

    def count(self, *, asked: bool) -> int:
        """How many captures the selection takes, or how many come along for them."""
        return int(self._base.execute("SELECT count(*) FROM captures WHERE asked = ?", (asked,)).fetchone()[0])

    def newest(self) -> datetime:
        """The time of the newest capture that the selection takes, which dates the pull; ValueError for an empty plan."""
        (text,) = self._base.execute("SELECT max(time) FROM captures WHERE asked").fetchone()
        if text is None:
            raise ValueError("nothing was selected")
        return date(str(text))

    def files(self) -> list[str]:
        """The WARC files that hold them, sorted."""
        return [key for (key,) in self._base.execute("SELECT DISTINCT key FROM captures ORDER BY key")]

    def in_file(self, key: str) -> Iterator[Capture]:
        """The captures in one WARC file, in the order of their offsets."""
        for (body,) in self._base.execute("SELECT body FROM captures WHERE key = ? ORDER BY offset", (key,)):
            yield codec.read(Capture, body)

    def note_line(self, line: bytes) -> None:
        """Keep an index line."""
        self._base.execute("INSERT OR IGNORE INTO lines VALUES (?)", (line,))

    def lines(self) -> Iterator[bytes]:
        """The index lines, sorted bytewise."""
        for (line,) in self._base.execute("SELECT line FROM lines ORDER BY line"):
            yield line
