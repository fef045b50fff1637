"""A pull as WACZ: WARC, index and list of pages in one ZIP file that ReplayWeb.page and pywb open.

Contract: WACZ 1.1.1 (``profile`` data-package), which py-wacz 0.6.0 and browsertrix write and read: ``archive/data.warc.gz`` stored,
``indexes/index.cdxj`` sorted bytewise, ``pages/pages.jsonl`` with one row for each capture that shows an article, ``datapackage.json``
with size and sha256 of each, ``datapackage-digest.json`` with that of the list and, with a key, its signatures (``archive/waczsigned.py``).
Everything is streamed; the file must be seekable.  The same plan gives the same bytes: times are those of the newest capture, ZIP's own are
fixed, signatures have no chance in them.
"""

import hashlib
import json
import struct
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any

from archive import cdxj
from archive.pullplan import Plan
from archive.pullwarc import Copied, copy
from archive.records import Capture, Document
from archive.signing import SigningKey
from archive.sortedlines import SortedLines
from archive.store import Store
from archive.waczsigned import signatures

VERSION = "1.1.1"
WARC, INDEX, PAGES = "archive/data.warc.gz", "indexes/index.cdxj", "pages/pages.jsonl"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that ZIP can say: the package's times stand in datapackage.json
# The same time once more, as the extended timestamp of Info-ZIP (tag 5455h, length 5, flag for "modified", seconds since 1970).  With no
# extra field in the directory, ReplayWeb.page 2.5.3 takes the entry to have none either and misses the ZIP64 field there: it opens nothing.
_ZIP_EXTRA = struct.pack("<HHBl", 0x5455, 5, 1, 315_532_800)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What a package says of itself."""

    title: str
    description: str
    software: str
    info: Mapping[str, str]  # of the warcinfo record


@dataclass(slots=True)
class _Measured:
    """An entry that is being written: its size and digest."""

    stream: IO[bytes]
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def write(self, data: bytes | memoryview) -> None:
        self.stream.write(data)
        self.digest.update(data)
        self.size += len(data)


class _Writer:
    """A package that is being written; ``resources`` is what datapackage.json lists."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.resources: list[dict[str, object]] = []

    @contextmanager
    def entry(self, path: str, *, listed: bool = True) -> Iterator[_Measured]:
        info = zipfile.ZipInfo(path, _ZIP_TIME)
        info.external_attr = 0o644 << 16
        info.extra = _ZIP_EXTRA
        info.compress_type = zipfile.ZIP_STORED if path.endswith(".gz") else zipfile.ZIP_DEFLATED
        with self._file.open(info, "w", force_zip64=True) as stream:
            measured = _Measured(stream)
            yield measured
        if listed:
            name = path.rpartition("/")[2]
            self.resources.append({"name": name, "path": path, "hash": _hash(measured), "bytes": measured.size})

    def json(self, path: str, value: object) -> bytes:
        data = json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
        with self.entry(path, listed=False) as stream:
            stream.write(data)
        return data


def write(
    out: IO[bytes],
    store: Store,
    plan: Plan,
    pages: Iterable[tuple[Capture, Document]],
    cover: Cover,
    copied: Copied,
    key: SigningKey | None = None,
) -> None:
    """Write the plan as a package; ``pages`` are the captures that show an article, the main one first; ``key`` signs it."""
    with zipfile.ZipFile(out, "w") as file:
        writer = _Writer(file)
        with SortedLines() as lines:
            with writer.entry(WARC) as entry:
                for placed in copy(store, plan, entry, cover.info, WARC.rpartition("/")[2], copied):
                    lines.add(cdxj.line(placed.capture(), packed=True).encode())
            with writer.entry(INDEX) as entry:
                for line in lines:
                    entry.write(line + b"\n")
        main = _write_pages(writer, pages)
        data = writer.json("datapackage.json", _datapackage(writer.resources, plan.newest(), cover, main))
        stated = f"sha256:{hashlib.sha256(data).hexdigest()}"
        signed = signatures(key, data, stated, _seconds(plan.newest()), cover.software) if key else {}
        writer.json("datapackage-digest.json", {"path": "datapackage.json", "hash": stated, **signed})


def _write_pages(writer: _Writer, pages: Iterable[tuple[Capture, Document]]) -> Capture | None:
    """The list of pages; its first page."""
    main = None
    with writer.entry(PAGES) as entry:
        entry.write(_row({"format": "json-pages-1.0", "id": "pages", "title": "All pages"}))
        for capture, document in pages:
            main = main or capture
            row = {
                "id": capture.id.removeprefix("urn:uuid:"),
                "url": capture.url,
                "ts": _seconds(capture.time),
                "title": document.title,
                "outlet": document.outlet,
                "published": document.published,
                "text": document.text,
            }
            entry.write(_row({name: value for name, value in row.items() if value is not None}))
    return main


def _datapackage(resources: list[dict[str, object]], newest: datetime, cover: Cover, main: Capture | None) -> dict[str, object]:
    described = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": cover.title,
        "description": cover.description,
        "created": _seconds(newest),
        "software": cover.software,
        "mainPageUrl": main.url if main else None,
        "mainPageDate": _seconds(main.time) if main else None,
        "resources": sorted(resources, key=lambda item: str(item["path"])),
    }
    return {name: value for name, value in described.items() if value is not None}


def _row(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _hash(measured: _Measured) -> str:
    return f"sha256:{measured.digest.hexdigest()}"


def _seconds(time: datetime) -> str:
    """RFC 3339 in whole seconds, as the times of the index are: a player looks one up by the other."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
