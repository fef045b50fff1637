"""One open WARC file: exchanges go in, a sealed file comes out.

Contract: the file is named ``<name>.open`` until ``seal``, and locked (flock) while it is written, so that recovery leaves it alone.  When
``append`` returns, the records of the exchange are with the operating system: a killed process loses nothing that was acknowledged.  When
it raises, because the disk is full or a value may not stand in a record, the file is cut back and holds the exchange not at all.  Each
record is a gzip member of its own, in which a body under a content coding is stored as it came.  ``seal`` makes the file durable (fsync),
then gives it its name, then makes the name durable.  Not safe to share between threads.
"""

import os
import struct
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from warcio.recordloader import ArcWarcRecord
from warcio.warcwriter import WARCWriter

from archive import layout, warcdraft, warcfields
from archive.captures import answer_head, capture_of
from archive.durable import sync_folder
from archive.heads import Head
from archive.locks import claim
from archive.records import Capture, Exchange, RecordRef
from archive.urls import BadUrl, host
from archive.warcdraft import Draft
from archive.warcfields import WarcError

OPEN = ".open"
_HELD_BACK = 1024 * 1024  # bytes of an event that wait in memory for its end
# Of an HTML page of 38 KB: level 1 takes 0.34 ms and 15.2 KB, 6 takes 0.62 and 14.2, 9 (warcio's) 0.65 and the same.
_LEVEL = 6
_TOGETHER = 64 * 1024  # bytes that are deflated at once
_STORED = 0xFFFF  # bytes of one stored block
_LAST_STORED = b"\x01\x00\x00\xff\xff"  # an empty one
_IDS = 64  # drawn at once
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # no name, no time, no system
_FIXED = (
    ("software", "copytrail"),
    ("format", "WARC File Format 1.1"),
    ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
    ("robots", "classic"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where an exchange went; ``id`` is of its response or revisit, or of its metadata record when there was no answer."""

    id: str
    metadata: RecordRef
    capture: Capture | None


class _Out:
    """A file that takes the bytes of an event together: ``flush`` writes all that is held back, or an OSError says why not."""

    def __init__(self, path: Path) -> None:
        self.fd = claim(path)
        self.size = 0
        self._held: list[bytes] = []
        self._holding = 0

    def write(self, data: bytes) -> None:
        self._held.append(data)
        self._holding += len(data)
        self.size += len(data)
        if self._holding > _HELD_BACK:
            self.flush()

    def flush(self) -> None:
        view = memoryview(b"".join(self._held))
        self._drop()
        while view:
            view = view[os.write(self.fd, view) :]

    def cut(self, size: int) -> None:
        self._drop()
        os.ftruncate(self.fd, size)
        os.lseek(self.fd, size, os.SEEK_SET)
        self.size = size

    def close(self) -> None:
        os.close(self.fd)

    def _drop(self) -> None:
        self._held.clear()
        self._holding = 0


class _Member:
    """One gzip member (RFC 1952), as a file for warcio's writer.

    From the byte ``packed`` of the record on, where what follows is compressed already, all is stored as it is (RFC 1951 §3.2.4).
    """

    def __init__(self, out: _Out, packed: int | None) -> None:
        self._out = out
        self._packed = packed
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._plain = bytearray()  # deflated together: each call costs, and hands the interpreter to another thread
        self._crc = self._length = 0
        self._stores = False
        out.write(_GZIP_HEAD)

    def write(self, data: bytes) -> None:
        room = len(data) if self._packed is None else max(0, self._packed - self._length)
        self._crc = zlib.crc32(data, self._crc)
        self._length += len(data)
        self._plain += data[:room]
        if len(self._plain) > _TOGETHER:
            self._out.write(self._deflated())
        if room < len(data):
            self._store(data[room:])

    def _deflated(self) -> bytes:
        plain, self._plain = self._plain, bytearray()
        return self._deflate.compress(plain)

    def _store(self, data: bytes) -> None:
        if not self._stores:
            self._stores = True
            self._out.write(self._deflated() + self._deflate.flush(zlib.Z_FULL_FLUSH))
        for start in range(0, len(data), _STORED):
            piece = data[start : start + _STORED]
            self._out.write(struct.pack("<BHH", 0, len(piece), len(piece) ^ _STORED))
            self._out.write(piece)

    def flush(self) -> None:
        self._out.write(_LAST_STORED if self._stores else self._deflated() + self._deflate.flush())
        self._out.write(struct.pack("<LL", self._crc, self._length & 0xFFFFFFFF))


class _RawWriter(WARCWriter):  # type: ignore[misc]  # warcio has no types
    """Warcio's framing alone: it would deflate what is compressed, and add a sha1 payload digest over the wrong bytes (capture.md §2)."""

    def ensure_digest(self, record: ArcWarcRecord, **which: bool) -> None:
        """The drafts carry their digests."""


class _Header:
    """The header of a record as bytes that are made already; warcio would make each field a list, and look for two of them again."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def replace_header(self, name: str, value: str) -> None:
        """Content-Length is there, and right."""

    def to_bytes(self, encoding: str) -> bytes:
        """All of it."""
        return self._data


def _new_ids() -> Iterator[str]:
    """Random ids (RFC 9562 §5.4), drawn for many records at once."""
    while True:
        drawn = os.urandom(16 * _IDS)
        for at in range(0, len(drawn), 16):
            yield uuid.UUID(bytes=drawn[at : at + 16], version=4).urn


class WarcFile:
    """A WARC that is being written."""

    def __init__(self, out: _Out, path: Path, new_id: Callable[[], str]) -> None:
        """Use :meth:`create`."""
        self._out = out
        self._path = path
        self._key = layout.warc_key(path.name)
        self._new_id = new_id
        self._writer = _RawWriter(None, gzip=False, warc_version="1.1")
        self._warcinfo = new_id()
        self._certificates: set[tuple[str | None, bytes]] = set()

    @classmethod
    def create(
        cls, folder: Path, name: str, info: Mapping[str, str], now: datetime, *, new_id: Callable[[], str] | None = None
    ) -> "WarcFile":
        """Begin ``name`` in ``folder`` with its warcinfo record; ``info`` adds to and overrides the fixed fields.

        FileExistsError when the name is taken, open or sealed.
        """
        path = folder / name
        if path.exists():
            raise FileExistsError(f"{path} is there already")
        folder.mkdir(parents=True, exist_ok=True)
        block = warcdraft.held(warcfields.written((name, value) for name, value in (dict(_FIXED) | dict(info)).items() if value))
        fields = (("WARC-Type", "warcinfo"), ("WARC-Date", warcfields.date_text(now)), ("WARC-Filename", name))
        out = _Out(folder / f"{name}{OPEN}")
        try:
            file = cls(out, path, new_id or _new_ids().__next__)
            file._write(warcdraft.draft(file._warcinfo, fields, "application/warc-fields", block))
            out.flush()
        except BaseException:
            out.close()
            (folder / f"{name}{OPEN}").unlink()
            raise
        return file

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._out.size

    def append(self, exchange: Exchange, *, revisit_of: Capture | None = None) -> Written:
        """Write one exchange; as a revisit when ``revisit_of`` proves to hold its payload, else in full.

        WarcError when a value cannot stand in a record; OSError when the disk is full.
        """
        try:
            name = host(exchange.url)
        except BadUrl as error:  # no address that the crawler asks for; a reader of the files of others is not so strict
            raise WarcError(str(error)) from error
        leaf = (name, exchange.certificate) if exchange.certificate else None
        head = _head(exchange)
        drafts, told = warcdraft.event(
            exchange,
            head,
            warcinfo=self._warcinfo,
            original=revisit_of,
            certificate=leaf is not None and leaf not in self._certificates,
            new_id=self._new_id,
        )
        answer, metadata = drafts[0], drafts[-1]
        capture = None
        with self._all_or_nothing():
            refs = [self._write(answer, _packed(head)), *[self._write(draft) for draft in drafts[1:]]]
            if head is not None:
                capture = capture_of(answer.fields, head, told, refs[0], self._out.size - refs[0].offset)
        if leaf is not None:
            self._certificates.add(leaf)
        return Written(id=(answer if capture else metadata).id, metadata=refs[-1], capture=capture)

    def resource(self, url: str, data: bytes, mime: str, now: datetime) -> RecordRef:
        """Write something that was not fetched."""
        fields = (
            ("WARC-Type", "resource"),
            ("WARC-Date", warcfields.date_text(now)),
            ("WARC-Target-URI", url),
            ("WARC-Warcinfo-ID", warcfields.bracketed(self._warcinfo)),
        )
        with self._all_or_nothing():
            return self._write(warcdraft.draft(self._new_id(), fields, mime, warcdraft.held(data)))

    def seal(self) -> Path:
        """Finish the file; where it lies now."""
        os.fsync(self._out.fd)
        settle(self._path)
        self._out.close()
        return self._path

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        start = self._out.size
        try:
            yield
            self._out.flush()
        except BaseException:
            self._out.cut(start)
            raise

    def _write(self, draft: Draft, packed: int | None = None) -> RecordRef:
        start = self._out.size
        header = b"WARC/1.1\r\n" + warcfields.lines_of(draft.fields) + b"\r\n"
        self._writer.out = _Member(self._out, None if packed is None else len(header) + packed)
        with draft.block.open() as stream:
            # Told that a record is a revisit, warcio drops its block; what it is stands in the header.
            self._writer.write_record(ArcWarcRecord("warc", "response", _Header(header), stream, None, None, draft.block.length))
        return RecordRef(key=self._key, offset=start, length=self._out.size - start)


def _head(exchange: Exchange) -> Head | None:
    if exchange.response is None:
        return None
    with exchange.response.open() as block:
        return answer_head(block)


def _packed(head: Head | None) -> int | None:
    """Where the part of an answer begins that is compressed already: to deflate 14 KB of gzip takes 0.14 ms and gains nothing."""
    coded = head is not None and any(coding != "identity" for coding in head.tokens("content-encoding"))
    return head.length if head is not None and coded else None


def settle(path: Path) -> None:
    """Give the file ``<path>.open`` its name and make the name durable; the content must be durable already."""
    if path.exists():
        raise FileExistsError(f"{path} is there already")
    path.with_name(path.name + OPEN).rename(path)
    sync_folder(path.parent)
