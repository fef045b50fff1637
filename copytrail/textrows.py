"""Pages in files, as ``copytrail text`` reads them, and its answers as a person reads them.

``PageList(path, now)`` reads a table of pages, one JSON object a line: ``id``, ``html`` (the path of a .html or .html.gz file, relative to
the table), ``url`` and perhaps ``crawled`` (ISO 8601, UTC unless it says otherwise; else ``now``).  ``rows(pool)`` gives one row for each
line in order; a line or a page that cannot be read is a row with ``problem``.
"""

import gzip
import json
import shutil
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from archive.records import Capture, Page, RecordRef
from pipeline.textpool import TextFailure, TextPool

_LARGEST = 64 * 1024**2  # bytes of a page; a worker's memory would not hold the tree of more
_TABLE_WIDTH = 100  # columns where nothing says how wide the terminal is
Row = Mapping[str, Any]


class PageList:
    """The pages of a table, and the rows that are no pages, in order."""

    def __init__(self, path: Path, now: datetime) -> None:
        """A list that reads ``path`` when its rows are asked for."""
        self._path = path
        self._now = now
        self._order: deque[Row | None] = deque()  # None for each page that was given to the pool

    def rows(self, pool: TextPool) -> Iterator[Row]:
        """One row for each line of the table."""
        for capture, result in pool.extract(self._pages()):
            yield from self._unread()
            self._order.popleft()
            yield _answer(capture, result)
        yield from self._unread()

    def _unread(self) -> Iterator[Row]:
        while self._order and (row := self._order[0]) is not None:
            self._order.popleft()
            yield row

    def _pages(self) -> Iterator[Page]:
        with self._path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                fields: dict[str, Any] = {}
                try:
                    fields = _fields(line)
                    page = file_page(fields, read_html(self._path.parent / fields["html"]), self._now)
                except (OSError, ValueError, EOFError, zlib.error) as error:
                    self._order.append({"id": fields.get("id"), "problem": f"line {number}: {error}"})
                else:
                    self._order.append(None)
                    yield page


def one_row(pool: TextPool, page: Page) -> Row:
    """The row of a single page."""
    return next(_answer(capture, result) for capture, result in pool.extract([page]))


def one_ledger(pool: TextPool, page: Page) -> list[Row] | Row:
    """The ledger's entries of a single page; a row with ``problem`` when it cannot be read."""
    ((capture, result),) = pool.extract([page])
    return _answer(capture, result) if isinstance(result, TextFailure) else cast(list[Row], result)


def _answer(capture: str, result: object) -> Row:
    if isinstance(result, TextFailure):
        return {"id": capture, "problem": f"{result.kind}: {result.message}"}
    return cast(Row, result)


def _fields(line: str) -> dict[str, Any]:
    fields = json.loads(line)
    if not isinstance(fields, dict) or not all(isinstance(fields.get(name), str) for name in ("id", "html", "url")):
        raise ValueError("not an object with id, html and url")
    return fields


def read_html(path: Path) -> bytes:
    """The bytes of a page; ValueError when there are too many."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        body = stream.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise ValueError(f"{path.name} is larger than {_LARGEST} bytes")
    return body


def file_page(fields: Row, body: bytes, now: datetime) -> Page:
    """A page that lies in a file, as if it had come out of an archive; ValueError when ``crawled`` is no time."""
    crawled = datetime.fromisoformat(fields["crawled"]) if fields.get("crawled") else now
    capture = Capture(
        id=fields["id"],
        url=fields["url"],
        surt="",
        time=crawled if crawled.tzinfo else crawled.replace(tzinfo=UTC),
        kind="response",
        status=200,
        mime="text/html",
        ref=RecordRef(key="", offset=0, length=0),
        payload_digest=None,
        payload_length=len(body),
        block_digest="",
    )
    return Page(capture=capture, headers=(), body=body, charset=None)


def as_text(row: Row) -> str:
    """A row for a person: what the page is, its headline, its text."""
    if "text" not in row:
        return f"== {row['id']}: {row['problem']}"
    names = ", ".join(author["name"] for author in row["authors"])
    facts = " · ".join(filter(None, (row["kind"], row["published"], names)))
    return "\n\n".join(filter(None, (f"== {row['id']}\n{facts}", row["title"], row["text"].replace("\n", "\n\n")))) + "\n"


def as_line(entry: Row) -> str:
    """A block of the ledger as one line of a table: + for text and - for the rest, class, words, reason, place, what is learned."""
    width = max(20, (shutil.get_terminal_size((_TABLE_WIDTH, 24)).columns - 18) // 2)
    seen = f"[{entry['seen']}]" if entry.get("seen") else ""
    why = "  ".join(filter(None, (entry["why"], entry["where"], seen)))
    return f"{'+' if entry['kept'] else '-'} {entry['kind']:<10}  {_short(entry['text'], width):<{width}}  {why}"


def _short(text: str, limit: int) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"
