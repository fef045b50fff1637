"""The many small files of a day put together: one Parquet file a table, one CDXJ file, for readers who would open thousands.

Contract: nothing is replaced or deleted (law 1).  Merged files lie under ``merged/``, never under ``tables/`` or ``cdxj/``, so that
``tables/captures/**/*.parquet`` still has each row once, and ``merged/captures/**/*.parquet`` has each row of the days before ``now`` once.
Whoever reads both takes from ``tables/`` what ``unmerged`` lists.  WARC files are never merged.

A merged file is named after the number and the names of its parts, and names them itself (``PARTS`` in the metadata of a Parquet file; a
CDXJ line names its WARC): merging again writes nothing again, and parts that come late for a day make one more file of that day.  A merged
file is in memory once while it is stored, as every object that a kill must not lose (``archive/pending.py``): a day's rows, not a WARC.
"""

import json
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from archive import layout
from archive.sortedlines import SortedLines
from archive.store import ObjectExists, Store, StoreError
from archive.tables import SCHEMAS
from archive.vault import Archive

PARTS = b"copytrail-parts"  # the key of Parquet's own metadata under which a merged file lists its parts, as JSON
INDEX = "cdxj"
_PART = re.compile(r"(?:tables/(?P<table>[^/]+)|cdxj)/(?P<day>\d{4}/\d\d/\d\d)/[^/]+(?P<suffix>\.parquet|\.cdxj)")
_MERGED = re.compile(r"merged/(?P<table>[^/]+)/(?P<day>\d{4}/\d\d/\d\d)-(?P<count>\d{6,})-[0-9a-f]{16}\.(?:parquet|cdxj)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """One merged file: of which table (or ``cdxj``) and day, from how many parts, how many rows; ``problem`` says why there is none."""

    key: str
    table: str
    day: str
    parts: int
    rows: int = 0
    problem: str | None = None


def compact(archive: Archive, now: datetime) -> Iterator[Merged]:
    """Merge every day before today of which two or more parts are not merged yet, oldest first."""
    today = f"{now:%Y/%m/%d}"
    for table in (*SCHEMAS, INDEX):
        for day, parts in sorted(_days(archive.store, table).items()):
            if day < today:
                yield from _merge_day(archive, table, day, parts, now)


def unmerged(store: Store, table: str) -> Iterator[str]:
    """The parts of a table that no merged file holds; with ``merged/<table>/**`` they have each row once."""
    for day, parts in sorted(_days(store, table).items()):
        yield from sorted(_left(store, table, day, parts))


def _days(store: Store, table: str) -> dict[str, list[str]]:
    days: defaultdict[str, list[str]] = defaultdict(list)
    for key in store.keys(f"{INDEX}/" if table == INDEX else f"tables/{table}/"):
        match = _PART.fullmatch(key)
        if match is not None:
            days[match["day"]].append(key)
    return dict(days)


def _left(store: Store, table: str, day: str, parts: Sequence[str]) -> list[str]:
    """The parts that are not merged; files are opened only where the numbers in their names say that some are missing."""
    there = [match for key in store.keys(f"{layout.MERGED}{table}/{day}-") if (match := _MERGED.fullmatch(key))]
    if sum(int(match["count"]) for match in there) == len(parts):
        return []
    held = {part for match in there for part in _parts_of(store, table, match[0])}
    return [part for part in parts if part not in held]


def _parts_of(store: Store, table: str, key: str) -> list[str]:
    with tempfile.TemporaryFile() as copy:
        with store.open(key) as stream:
            shutil.copyfileobj(stream, copy)
        copy.seek(0)
        if table == INDEX:
            return sorted({layout.cdxj_key(json.loads(line.split(b" ", 2)[2])["filename"]) for line in copy})
        return [str(part) for part in json.loads(pq.ParquetFile(copy).schema_arrow.metadata[PARTS])]


def _merge_day(archive: Archive, table: str, day: str, parts: Sequence[str], now: datetime) -> Iterator[Merged]:
    left = sorted(_left(archive.store, table, day, parts))
    if len(left) < 2:
        return
    suffix = ".cdxj" if table == INDEX else ".parquet"
    key = layout.merged_key(table, day, left, suffix)
    with tempfile.TemporaryDirectory(prefix="copytrail-compact-") as folder:
        path = Path(folder) / f"merged{suffix}"
        try:
            rows = _merge_lines(archive.store, left, path) if table == INDEX else _merge_rows(archive.store, table, left, path)
            archive.create(key, path.read_bytes(), now)
        except ObjectExists:
            return  # another machine was quicker, with another version of pyarrow
        except (StoreError, pa.ArrowException) as error:
            yield Merged(key=key, table=table, day=day, parts=len(left), problem=str(error))
            return
    yield Merged(key=key, table=table, day=day, parts=len(left), rows=rows)


def _merge_lines(store: Store, parts: Sequence[str], path: Path) -> int:
    rows = 0
    with SortedLines() as lines, path.open("wb") as out:
        for part in parts:
            with store.open(part) as stream:
                for line in stream:
                    lines.add(line.rstrip(b"\n"))
        for line in lines:
            out.write(line + b"\n")
            rows += 1
    return rows


def _merge_rows(store: Store, table: str, parts: Sequence[str], path: Path) -> int:
    """The rows of all parts, part by part; a column that an older part does not have is null."""
    schema = SCHEMAS[table].with_metadata({PARTS: json.dumps(list(parts))})
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for part in parts:
            with tempfile.TemporaryFile() as copy:
                with store.open(part) as stream:
                    shutil.copyfileobj(stream, copy)
                copy.seek(0)
                for batch in pq.ParquetFile(copy).iter_batches():
                    writer.write_table(_as_now(pa.Table.from_batches([batch]), schema))
                    rows += batch.num_rows
    return rows


def _as_now(found: pa.Table, schema: pa.Schema) -> pa.Table:
    missing = [field for field in schema if field.name not in found.column_names]
    for field in missing:
        found = found.append_column(field, pa.nulls(found.num_rows, field.type))
    return found.select(schema.names).cast(schema)
