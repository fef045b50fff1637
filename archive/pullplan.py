"""What a pull will copy, gathered before it is copied: a private file on disk, so that memory does not grow with the selection.

Contract: ``add`` takes each capture once, however often it is named; ``in_file`` gives them in the order in which they lie in the store,
file by file.  The file goes when the plan is closed.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, Self

from archive import codec
from archive.records import Capture, RecordRef

LAST = 1 << 62
_TABLES = """
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384;
CREATE TABLE captures (
    key TEXT, offset INTEGER, length INTEGER, event INTEGER, id TEXT, asked INTEGER, body TEXT, PRIMARY KEY (key, offset)
) WITHOUT ROWID;
"""


class PullError(RuntimeError):
    """The store does not hold what the catalogue says; ``copytrail verify`` tells more."""


class Planned(NamedTuple):
    """A capture to copy: where its record begins, how long that and its event are (0: not known), its id, and the noun as JSON."""

    offset: int
    length: int
    event: int
    id: str
    body: str

    def at(self, ref: RecordRef, event_length: int) -> Capture:
        """The capture in another file."""
        return replace(codec.read(Capture, self.body), ref=ref, event_length=event_length)


class Plan:
    """The captures to copy; the nouns are kept when ``whole`` is true, for who makes an index of them."""

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole
        self._base = sqlite3.connect("", isolation_level=None)  # "" is a private file that SQLite removes
        self._base.executescript(_TABLES)
        self._base.execute("BEGIN")
        self._newest: datetime | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def add(self, captures: Iterable[Capture], *, asked: bool) -> None:
        """Copy some captures; ``asked`` when the selection takes them, not only a revisit or a page that needs them."""
        self._base.executemany(
            "INSERT INTO captures VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET asked = max(asked, excluded.asked)",
            (self._row(capture, asked=asked) for capture in captures),
        )

    def _row(self, capture: Capture, *, asked: bool) -> tuple[str | int, ...]:
        if asked and (self._newest is None or capture.time > self._newest):
            self._newest = capture.time
        ref = capture.ref
        body = codec.text_of(capture) if self._whole else ""
        return ref.key, ref.offset, ref.length, capture.event_length, capture.id, asked, body

    def count(self, *, asked: bool) -> int:
        """How many captures the selection takes, or how many come along for them."""
        return int(self._base.execute("SELECT count(*) FROM captures WHERE asked = ?", (asked,)).fetchone()[0])

    def newest(self) -> datetime:
        """The time of the newest capture that the selection takes, which dates the pull; ValueError for an empty plan."""
        if self._newest is None:
            raise ValueError("nothing was selected")
        return self._newest

    def files(self) -> list[str]:
        """The WARC files that hold them, sorted."""
        return [key for (key,) in self._base.execute("SELECT DISTINCT key FROM captures ORDER BY key")]

    def in_file(self, key: str, start: int = 0, end: int = LAST) -> Iterator[Planned]:
        """The captures in one WARC file, or in a part of it, in the order of their offsets."""
        query = "SELECT offset, length, event, id, body FROM captures WHERE key = ? AND offset >= ? AND offset < ? ORDER BY offset"
        yield from map(Planned._make, self._base.execute(query, (key, start, end)))

    def captures(self) -> Iterator[Capture]:
        """Every capture as the archive has it; of a plan that keeps the nouns."""
        for (body,) in self._base.execute("SELECT body FROM captures ORDER BY key, offset"):
            yield codec.read(Capture, body)

    def knows_events(self, key: str) -> bool:
        """Whether it is known of every capture in a file where its event ends."""
        query = "SELECT 1 FROM captures WHERE key = ? AND event < max(length, 1) LIMIT 1"
        return self._base.execute(query, (key,)).fetchone() is None

    def runs(self, key: str, gap: int) -> Iterator[tuple[int, int]]:
        """The parts of a file in which events lie, each with its end; those that are less than ``gap`` apart are one."""
        start = end = -1
        for offset, event in self._base.execute("SELECT offset, event FROM captures WHERE key = ? ORDER BY offset", (key,)):
            if start >= 0 and offset > end + gap:
                yield start, end
                start = -1
            start, end = (offset if start < 0 else start), max(end, offset + event)
        if start >= 0:
            yield start, end
