"""What the archive holds, put beside it as Parquet tables.

Contract: a table is many files and grows by files alone: each WARC gives one file of captures, each part of a run's log one file of
outcomes and, where there are any, one of the documents and one of the revisions of its captures; of each story quotations and relations
stand beside them in editions (``archive/publishrelated.py``).  A file is named after what it was made
from, so publishing twice writes nothing twice, and ``tables/<table>/**/*.parquet`` read together has each row once.  The file of outcomes
is written last: it says that its unit is whole.  Whatever cannot be published now is said, and tried again next time.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from archive import cdxj, layout
from archive.codec import CodecError
from archive.publishrelated import publish_related
from archive.records import Capture, Outcome
from archive.store import ObjectExists, ObjectInfo, ObjectMissing, measured
from archive.stories import read_log
from archive.tables import Row, capture_row, document_row, outcome_row, revision_row, write
from archive.vault import Archive

BATCH = 50  # units noted in one link of the manifest
_SOURCE = re.compile(r"(?:warc|outcomes)/(?P<day>\d{4}/\d\d/\d\d)/(?P<name>[^/]+?)(?:\.warc(?:\.gz)?|\.jsonl)")


class NotYet(Exception):
    """A unit that cannot be published now; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One unit: ``source`` is the object it was made from, ``rows`` counts what was added by table, ``problem`` says why nothing was."""

    source: str
    rows: dict[str, int]
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A table's file on its way into the store."""

    table: str
    path: Path
    info: ObjectInfo
    rows: int


def publish(archive: Archive, now: datetime) -> Iterator[Published]:
    """Publish everything that has not been, oldest first."""
    missing = _missing(archive)
    while batch := list(islice(missing, BATCH)):
        with tempfile.TemporaryDirectory(prefix="copytrail-tables-") as folder:
            yield from _publish(archive, batch, Path(folder), now)
    yield from (Published(source=f"stories/{story}", rows=rows) for story, rows in publish_related(archive, now))


def _missing(archive: Archive) -> Iterator[str]:
    """The sources whose last file is not there."""
    for prefix, table in (("warc/", "captures"), ("outcomes/", "outcomes")):
        done = set(archive.store.keys(f"tables/{table}/"))
        yield from (source for source in archive.store.keys(prefix) if _lacks(source, table, done))


def _lacks(source: str, table: str, done: set[str]) -> bool:
    try:
        return _key(source, table) not in done
    except layout.BadName:
        return True  # it is named as a problem when its turn comes


def _publish(archive: Archive, sources: list[str], folder: Path, now: datetime) -> Iterator[Published]:
    """Publish a few units.

    The last file of a unit goes into the store after the manifest that names it: a kill in between shows in the next audit until the next
    publication, which writes the very same file; the other way round, a file could stay that no manifest names.
    """
    ready: list[tuple[str, list[_File]]] = []
    for number, source in enumerate(sources):
        try:
            files = _files(archive, source, folder / str(number))
            for file in files[:-1]:
                archive.store.create(file.info.key, file.path, sha256=file.info.sha256)
            ready.append((source, files))
        except (NotYet, ObjectExists, layout.BadName) as error:
            yield Published(source=source, rows={}, problem=str(error))
    if ready:
        archive.vouch([file.info for _, files in ready for file in files], now)
    for source, files in ready:
        archive.store.create(files[-1].info.key, files[-1].path, sha256=files[-1].info.sha256)
        yield Published(source=source, rows={file.table: file.rows for file in files})


def _files(archive: Archive, source: str, folder: Path) -> list[_File]:
    """The files of one unit; empty ones are left out but for the last."""
    folder.mkdir()
    tables = _of_warc(archive, source) if source.startswith("warc/") else _of_log(archive, source)
    files = [_file(source, table, rows, folder / f"{table}.parquet") for table, rows in tables.items()]
    return [file for file in files[:-1] if file.rows] + files[-1:]


def _file(source: str, table: str, rows: Iterator[Row], path: Path) -> _File:
    count = write(path, table, rows)
    with path.open("rb") as stream:
        size, digest = measured(stream)
    return _File(table=table, path=path, info=ObjectInfo(key=_key(source, table), size=size, sha256=digest), rows=count)


def _of_warc(archive: Archive, source: str) -> dict[str, Iterator[Row]]:
    return {"captures": map(capture_row, _captures(archive, source))}


def _captures(archive: Archive, source: str) -> Iterator[Capture]:
    """The captures of a WARC, from the index beside it: the same nouns at a thousandth of the bytes."""
    try:
        with archive.store.open(layout.cdxj_key(source)) as lines:
            yield from cdxj.captures(lines)
    except ObjectMissing as error:
        raise NotYet("its index is not there yet") from error
    except cdxj.BadLine as error:
        raise NotYet(f"its index cannot be read: {error}") from error


def _of_log(archive: Archive, source: str) -> dict[str, Iterator[Row]]:
    """A round's documents and revisions are in the catalogue before its log is written (``crawlers/rounds.py``), so they are complete."""
    try:
        ended = [(story, item) for story, item in read_log(archive.store.read(source)) if isinstance(item, Outcome)]
    except CodecError as error:
        raise NotYet(str(error)) from error
    veil = archive.veil()
    captures = [_known(archive, item.capture) for _, item in ended if item.capture is not None and not veil.erased(item.capture)]
    return {
        "documents": _documents(archive, captures),
        "revisions": _revisions(archive, captures),
        "outcomes": (outcome_row(story, item) for story, item in ended),
    }


def _known(archive: Archive, identifier: str) -> Capture:
    capture = archive.catalogue.capture(identifier)
    if capture is None:
        raise NotYet(f"the catalogue does not know {identifier}: copytrail rebuild")
    return capture


def _documents(archive: Archive, captures: list[Capture]) -> Iterator[Row]:
    for capture in captures:
        document = archive.catalogue.document(capture.id)
        if document is not None:
            yield document_row(document, capture)


def _revisions(archive: Archive, captures: list[Capture]) -> Iterator[Row]:
    for capture in captures:
        yield from (revision_row(item, capture) for item in archive.catalogue.revisions_of(capture.url) if item.after == capture.id)


def _key(source: str, table: str) -> str:
    """Where the file made from ``warc/2026/11/21/NAME.warc.gz`` or ``outcomes/2026/11/21/NAME.jsonl`` lies."""
    match = _SOURCE.fullmatch(source)
    if match is None:
        raise layout.BadName(f"neither a WARC nor a run's log of this archive: {source!r}")
    try:
        day = datetime.strptime(match["day"], "%Y/%m/%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise layout.BadName(f"no day: {source!r}") from error
    return layout.table_key(table, day, match["name"])
