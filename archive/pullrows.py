"""A pull as rows: one for each capture, each with the text that it shows and the way back to its record.

Contract: ``row`` has the columns of ``rows`` (``archive/codebook.py``) in that order, the same in every row, None where something is not
known; ``warc_filename`` is the WARC's key in the store, and offset and length are those of the record's gzip member in it, so that the
bytes at that place prove the row.  Documents come from the record that a revisit stands for.  ``write`` puts rows of any table into a file
as one of ``WRITERS``: JSON Lines, CSV (RFC 4180, UTF-8, cells as ``archive/cells.py`` has them, guarded) or Parquet.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO

from archive import tables
from archive.cells import cell, guarded, moment
from archive.kinds import State
from archive.pulltables import PULLED
from archive.records import Capture, Document

Row = Mapping[str, object]
_SAME = ("title", "published", "language", "text", "modified", "outlet", "standfirst", "canonical", "rights", "extractor")


def row(capture: Capture, document: Document | None, state: State) -> dict[str, object]:
    """A capture with its text and with what became of its article."""
    known: Row = {
        "url": capture.url,
        "warc_filename": capture.ref.key,
        "warc_record_offset": capture.ref.offset,
        "warc_record_length": capture.ref.length,
        "warc_record_id": capture.id,
        "content_digest": capture.payload_digest,
        "fetch_time": capture.time,
        "fetch_status": capture.status or None,
        "state": state,
        "warc_record_type": capture.kind,
        "warc_refers_to": capture.refers_to,
        "found": capture.found,
        "via": capture.via,
        **(_texts(document) if document is not None else {}),
    }
    return {key: known.get(key) for key in PULLED["rows"].names}


def _texts(document: Document) -> Row:
    return {
        **{name: getattr(document, name) for name in _SAME},
        "authors": [author.name for author in document.authors],
        "credits": list(document.credits),
        "page_kind": document.quality.kind,
    }


def line(values: Row) -> bytes:
    """A row as a line of JSON Lines."""
    return json.dumps(values, ensure_ascii=False, default=moment).encode() + b"\n"


def write(form: str, path: Path, table: str, rows: Iterable[Row]) -> int:
    """Write rows of a table to a file; how many there were."""
    return WRITERS[form](path, table, rows)


def _write_lines(path: Path, table: str, rows: Iterable[Row]) -> int:
    names, count = PULLED[table].names, 0
    with path.open("wb") as out:
        for count, values in enumerate(rows, 1):  # noqa: B007 -- the number of the last one is their number
            out.write(line({name: values.get(name) for name in names}))
    return count


def _write_csv(path: Path, table: str, rows: Iterable[Row]) -> int:
    names, count = PULLED[table].names, 0
    with path.open("wb") as raw, _text(raw) as out:
        writer = csv.writer(out)
        writer.writerow(names)
        for count, values in enumerate(rows, 1):  # noqa: B007 -- the same
            writer.writerow([guarded(cell(values.get(name))) for name in names])
    return count


def _text(raw: IO[bytes]) -> io.TextIOWrapper:
    return io.TextIOWrapper(raw, encoding="utf-8", newline="")


def _write_parquet(path: Path, table: str, rows: Iterable[Row]) -> int:
    return tables.write_as(path, PULLED[table], rows)


WRITERS: Mapping[str, Callable[[Path, str, Iterable[Row]], int]] = {
    "jsonl": _write_lines,
    "csv": _write_csv,
    "parquet": _write_parquet,
}
