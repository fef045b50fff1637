"""A pull as a collection that pywb serves as it stands: ``wayback`` in the folder replays every capture.

Contract: ``write`` fills an empty folder with ``config.yaml``, ``collections/<name>/archive/data.warc.gz``, which holds the records byte
for byte, and ``collections/<name>/indexes/index.cdxj``.  The index is what pywb itself would make but for the answers 304: pywb 2.10 hands
the head of such a revisit to the browser, which then shows nothing, so its line names the record that it stands for, at the time of the
answer.  Memory does not grow with the plan.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from archive import cdxj, codec
from archive.pullplan import Plan
from archive.pullwarc import Copied, copy
from archive.records import Capture
from archive.sortedlines import SortedLines
from archive.store import Store

_NOT_MODIFIED = 304
_WARC = "data.warc.gz"
_CONFIG = "# Run `wayback` in this folder, then open http://localhost:8080/{name}/\nframed_replay: true\n"


def write(folder: Path, name: str, store: Store, plan: Plan, info: Mapping[str, str], copied: Copied) -> None:
    """Make the collection ``name`` of a plan that keeps the nouns."""
    home = folder / "collections" / name
    for part in ("archive", "indexes"):
        (home / part).mkdir(parents=True)
    (folder / "config.yaml").write_text(_CONFIG.format(name=name), encoding="utf-8")
    with (home / "archive" / _WARC).open("wb") as out, closing(_Placed()) as captures:
        for placed in copy(store, plan, out, info, _WARC, copied):
            captures.add(placed.capture())
        with SortedLines() as lines, (home / "indexes" / "index.cdxj").open("wb") as index:
            for capture in captures.shown():
                lines.add(cdxj.line(capture, plain=True).encode())
            for line in lines:
                index.write(line + b"\n")


class _Placed:
    """Captures as the new file holds them, in a private file of SQLite's."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.executescript("CREATE TABLE captures (id TEXT PRIMARY KEY, stands_for TEXT, body TEXT) WITHOUT ROWID; BEGIN;")

    def close(self) -> None:
        self._base.close()

    def add(self, capture: Capture) -> None:
        stands_for = capture.refers_to if capture.kind == "revisit" and capture.status == _NOT_MODIFIED else None
        self._base.execute("INSERT OR IGNORE INTO captures VALUES (?, ?, ?)", (capture.id, stands_for, codec.text_of(capture)))

    def shown(self) -> Iterator[Capture]:
        """Every capture; a 304 as the one that it stands for, where that came along, at its own time."""
        query = "SELECT one.body, two.body FROM captures one LEFT JOIN captures two ON one.stands_for = two.id"
        for body, original in self._base.execute(query):
            capture = codec.read(Capture, body)
            yield replace(codec.read(Capture, original), time=capture.time) if original else capture
