"""The tables of a pull, gathered in one SQLite database: what a folder of tables is written from, and the database that is taken home.

Contract: ``gather`` takes the captures that are selected, in their order, and what their rows rest on: the originals of revisits, the
versions before edits, the captures with which URLs ended (``selected`` is false of these).  Documents are those of all these captures,
walls and errors with their kind; revisions those that led to a selected one; outcomes those of selected captures and of their URLs and,
where the selection does not ask for a text, of every other page that fits it, so that what could not be had stands beside what was.  What
pages need to be shown is left out.  Every row is written once; the same archive gives the same bytes.  Memory does not grow with the rows:
the database is a private file on disk unless a path is given.
"""

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

from archive import codec, inbulk, takesql
from archive.cells import cell, value
from archive.codebook import describe as columns_of
from archive.kinds import Found
from archive.pulljob import GROUP, Job
from archive.pulltables import PULLED
from archive.records import Capture, Document, Outcome, Selection
from archive.relatedrows import related_rows
from archive.selecting import outlet_is_of
from archive.tables import Row, capture_row, document_row, outcome_row, revision_row
from archive.vault import Archive


class Take:
    """A database on its way home."""

    def __init__(self, path: Path | None = None) -> None:
        """A private one, or one that becomes the file at ``path``, where there must be none."""
        self._base = sqlite3.connect(path or "", isolation_level=None)  # "" is a private file that SQLite removes
        self._base.executescript(takesql.tables())
        self._base.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def gather(self, job: Job) -> None:
        """Take everything that the job selects; NothingSelected when that is nothing."""
        for capture, document, state in job.captures():
            own = document is not None and document.capture == capture.id
            self._add(capture, document if own else None, state=state, selected=True)
        self._revisions(job.archive)
        self._outcomes(job.archive, job.selection)
        self._related(job.archive, job.selection)
        self._rest(job.archive)
        job.pulled.originals = self._number("SELECT count(*) FROM captures WHERE NOT selected")

    def tables(self) -> list[str]:
        """The tables that there are, ``rows`` first."""
        return list(PULLED)

    def counts(self) -> dict[str, int]:
        """How many rows each has."""
        return {table: self._number(f"SELECT count(*) FROM {table}") for table in self.tables()}  # noqa: S608 -- a table's own name

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of a table, as its schema has them, in the order in which they were taken."""
        schema = PULLED[table]
        for found in self._base.execute(takesql.every(table)):
            yield {field.name: value(held, field.type) for field, held in zip(schema, found, strict=True)}

    def finish(self, job: Job) -> None:
        """Make it a database to search and to share: words, codebook, what it is; durable when this returns."""
        self._base.executemany(
            "INSERT INTO codebook VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (table, column.name, column.type, column.unit, column.description, column.source, ", ".join(column.values) or None)
                for table in self.tables()
                for column in columns_of(table)
            ),
        )
        about = {
            "title": job.cover().title,
            "selection": json.dumps(codec.plain(job.selection), ensure_ascii=False),
            "software": job.software,
        }
        self._base.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        self._base.executescript(takesql.WORDS)  # which commits first

    def _number(self, query: str) -> int:
        return int(self._base.execute(query).fetchone()[0])

    def _insert(self, table: str, row: Row) -> None:
        values = [cell(row.get(name)) for name in PULLED[table].names]
        self._base.execute(takesql.into(table), values)

    def _add(self, capture: Capture, document: Document | None, *, state: str, selected: bool) -> None:
        self._insert("captures", {**capture_row(capture), "state": state, "selected": selected})
        if document is not None:
            self._insert("documents", document_row(document, capture))
        self._want(capture.refers_to)

    def _want(self, *identifiers: object) -> None:
        """Take these captures along, when all that is selected is there."""
        self._base.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", ((item,) for item in identifiers if item is not None))

    def _revisions(self, archive: Archive) -> None:
        """What led to a selected capture."""
        urls = (url for (url,) in self._base.execute("SELECT url FROM captures GROUP BY url ORDER BY min(rowid)"))
        for group in inbulk.groups(inbulk.revisions_of_each(archive, urls), GROUP):
            found = archive.catalogue.captures_with(item.after for item in group if self._has(item.after))
            for item in group:
                if item.after in found:
                    self._insert("revisions", revision_row(item, found[item.after]))
                    self._want(item.before, item.suspected)

    def _outcomes(self, archive: Archive, selection: Selection) -> None:
        veil = archive.veil()
        for story, outcome in inbulk.outcomes_of(archive, selection.story):
            taken = outcome.lead.found is not Found.REQUISITE and self._ended(selection, outcome)
            if taken and veil.hides_url(outcome.url) is None:
                self._insert("outcomes", outcome_row(story, outcome))
                self._want(outcome.capture)

    def _ended(self, selection: Selection, outcome: Outcome) -> bool:
        """Whether an outcome is of a selected capture, or of a URL and a time that are."""
        if outcome.capture is not None and self._has(outcome.capture):
            return True
        if not _within(outcome.time, selection.captured_from, selection.captured_to):
            return False
        known = self._base.execute("SELECT 1 FROM captures WHERE url = ?", (outcome.url,)).fetchone() is not None
        return known or _fits(selection, outcome.url)

    def _related(self, archive: Archive, selection: Selection) -> None:
        """What selected texts quote, and what they have to do with any other."""
        for story in [selection.story] if selection.story else archive.catalogue.slugs():
            for table, row in related_rows(archive, story):
                if self._has(str(row["warc_record_id"])):
                    self._insert(table, row)
                    self._want(row.get("target_warc_record_id"))

    def _has(self, identifier: str) -> bool:
        return self._base.execute("SELECT 1 FROM captures WHERE warc_record_id = ?", (identifier,)).fetchone() is not None

    def _rest(self, archive: Archive) -> None:
        """Take along what the rows name, and what that names."""
        missing = "SELECT id FROM wanted WHERE id NOT IN (SELECT warc_record_id FROM captures) ORDER BY id LIMIT ?"
        while found := [identifier for (identifier,) in self._base.execute(missing, (GROUP,))]:
            self._base.executemany("DELETE FROM wanted WHERE id = ?", ((identifier,) for identifier in found))
            held = archive.catalogue.captures_with(found)
            shown = (held[identifier] for identifier in found if identifier in held)
            for capture, document, state in inbulk.with_texts(archive, shown):
                own = document is not None and document.capture == capture.id
                self._add(capture, document if own else None, state=state, selected=False)
        self._base.execute(takesql.UNKNOWN)


def _within(time: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or time >= start) and (end is None or time <= end)


def _fits(selection: Selection, url: str) -> bool:
    """Whether a URL of which there is no text is selected."""
    dates, words = (selection.published_from, selection.published_to), (selection.text, selection.language)
    of_text = (*dates, *words, selection.kind, selection.state, selection.relation)
    if any(part is not None for part in of_text) or (selection.url is not None and not fnmatchcase(url, selection.url)):
        return False
    return selection.outlet is None or outlet_is_of(url, selection.outlet)
