"""A part of the archive as one WARC file, each record's gzip member copied byte for byte.

Contract: ``copy`` writes a warcinfo record of its own that says what was pulled, then for each WARC file of the store its warcinfo record
and every capture in the plan with the records of its event.  It yields each capture with the place where its record lies now.  Where the
catalogue knows how long the events are, they are copied as ranges of bytes, and of each no more is decompressed than the header of its
first record, which must be the one that the catalogue promises; ranges that lie near each other are read in one request.  The events of
other writers are looked for (``archive/pullnear.py``); records of a file that is not compressed become gzip members.  Memory does not grow
with the plan.  The same plan gives the same bytes: the warcinfo record is dated by the newest capture, not by a clock.  PullError when the
store does not hold what the catalogue says.
"""

import re
import uuid
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import IO, NamedTuple, Protocol

from archive import warcdraft, warcfields
from archive.content import HEADER_LIMIT
from archive.gzipmembers import MAGIC
from archive.packed import Packed
from archive.pullnear import NEAR, near
from archive.pullplan import Plan, Planned, PullError
from archive.records import Capture, RecordRef
from archive.spool import Spool
from archive.store import Store
from archive.warcfields import date_text
from archive.warcfound import Found, is_plain
from archive.warcscan import scan

_PIECE = 256 * 1024
_HEADER = 2048  # bytes that most headers fit in, compressed or not
_ID = re.compile(rb"\r\nwarc-record-id:[ \t]*<?([^>\r\n]*)", re.IGNORECASE)
_CONCURRENT = re.compile(rb"\r\nwarc-concurrent-to:", re.IGNORECASE)
_FORMAT = (
    ("format", "WARC File Format 1.1"),
    ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
)


class Output(Protocol):
    """Where a pull writes to."""

    def write(self, data: bytes | memoryview, /) -> object:
        """Take all of ``data``."""


@dataclass(slots=True, kw_only=True)
class Copied:
    """How many records were written."""

    records: int = 0


class Placed(NamedTuple):
    """A capture that was copied, and where its record lies now."""

    planned: Planned
    ref: RecordRef
    event_length: int

    def capture(self) -> Capture:
        """The capture as the new file holds it."""
        return self.planned.at(self.ref, self.event_length)


class _Counted:
    """An output that knows its length."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self.length = 0

    def write(self, data: bytes | memoryview) -> None:
        self._out.write(data)
        self.length += len(data)


def copy(store: Store, plan: Plan, out: Output, info: Mapping[str, str], name: str, copied: Copied) -> Iterator[Placed]:
    """Write the plan to ``out``; each capture with its place there, in a file that an index calls ``name``."""
    counted = _Counted(out)
    counted.write(_warcinfo(plan, info))
    copied.records += 1
    for key in plan.files():
        file = _File(store=store, key=key, plain=is_plain(partial(store.open, key)), name=name, out=counted, copied=copied)
        file.copy_warcinfo()
        yield from file.events(plan) if plan.knows_events(key) and not file.plain else file.neighbours(plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A WARC of the store that is copied from."""

    store: Store
    key: str
    plain: bool
    name: str
    out: _Counted
    copied: Copied

    def open_at(self, offset: int) -> IO[bytes]:
        return self.store.open(self.key, offset)

    def copy_warcinfo(self) -> None:
        """Copy the first record when it is the file's warcinfo."""
        records = scan(self.open_at, lambda *_: None)
        record = next((Found(scanned, self.open_at, plain=self.plain) for scanned in records), None)
        next(records, None)  # now the length of the first is known
        if record is not None and record.type == "warcinfo" and record.offset == 0 and record.length:
            self._record(0, record.length)

    def events(self, plan: Plan) -> Iterator[Placed]:
        """Copy events whose ends are known."""
        for start, end in plan.runs(self.key, NEAR):
            with self.store.open(self.key, start, end - start + len(MAGIC)) as stream:
                run = _Run(stream, start, self.key)
                for item in plan.in_file(self.key, start, end):
                    run.skip_to(item.offset)
                    self.copied.records += run.records_of(item)
                    begin = self.out.length
                    run.copy(item.event, self.out)
                    yield Placed(item, RecordRef(key=self.name, offset=begin, length=item.length), item.event)

    def neighbours(self, plan: Plan) -> Iterator[Placed]:
        """Copy captures and what is found beside them."""
        for found in near(self.open_at, self.key, plan.in_file(self.key), plain=self.plain):
            begin = self.out.length
            self._record(found.offset, found.length)
            if found.capture is not None:
                yield Placed(found.capture, RecordRef(key=self.name, offset=begin, length=self.out.length - begin), 0)

    def _record(self, offset: int, length: int) -> None:
        stream = self.store.open(self.key, offset, length)
        with Packed(stream) if self.plain else stream as record:
            while data := record.read(_PIECE):
                self.out.write(data)
        self.copied.records += 1


class _Run:
    """A part of a file, read forwards in large pieces."""

    def __init__(self, stream: IO[bytes], position: int, key: str) -> None:
        self._stream = stream
        self._key = key
        self._held = memoryview(b"")
        self.position = position

    def _more(self) -> bool:
        """Whether there was more to read."""
        data = self._stream.read(_PIECE)
        self._held = memoryview(bytes(self._held) + data if self._held else data)
        return bool(data)

    def _peek(self, size: int) -> memoryview:
        """The next bytes: ``size`` of them unless the part ends before."""
        while len(self._held) < size and self._more():
            pass
        return self._held[:size]

    def skip_to(self, offset: int) -> None:
        """Pass over what is not wanted."""
        if offset < self.position:
            raise PullError(f"{self._key}: the event at {offset} begins within the one before it")
        self._pass(offset - self.position, None)

    def copy(self, length: int, out: Output) -> None:
        """Copy an event; it must end where a gzip member begins, or the file ends."""
        self._pass(length, out)
        if self._peek(len(MAGIC)) not in (b"", MAGIC):
            raise PullError(f"{self._key}: no event ends at {self.position}")

    def _pass(self, length: int, out: Output | None) -> None:
        left = length
        while left and (self._held or self._more()):
            data = self._held[:left]
            if out is not None:
                out.write(data)
            self._held = self._held[len(data) :]
            left -= len(data)
        self.position += length - left
        if left:
            raise PullError(f"{self._key}: the file ends {left} bytes before the event does")

    def records_of(self, item: Planned) -> int:
        """How many records the event has that begins here, which must be that of the capture."""
        header = self._header(_HEADER) or self._header(HEADER_LIMIT)
        found = _ID.search(header)
        if found is None or found[1] != item.id.encode():
            held = found[1].decode("latin-1") if found else "nothing"
            raise PullError(f"{self._key}: offset {item.offset} holds {held}, not {item.id}")
        return 1 + len(_CONCURRENT.findall(header))

    def _header(self, size: int) -> bytes:
        """The header of the record that begins here; empty when its end is not in reach."""
        try:
            text = zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(self._peek(size), size)
        except zlib.error:
            return b""
        end = text.find(b"\r\n\r\n")
        return text[: end + 2] if text.startswith(b"WARC/") and end >= 0 else b""


def _warcinfo(plan: Plan, info: Mapping[str, str]) -> bytes:
    """The first record, as one gzip member: what was pulled, from which state of the archive.

    It has no WARC-Filename, so that the bytes do not depend on what the file is called.
    """
    block = Spool(warcfields.written((*_FORMAT, *info.items())))
    fields = (("WARC-Type", "warcinfo"), ("WARC-Date", date_text(plan.newest())))
    draft = warcdraft.draft(uuid.uuid5(uuid.NAMESPACE_URL, block.digest).urn, fields, "application/warc-fields", block)
    record = b"WARC/1.1\r\n" + warcfields.written(draft.fields) + b"\r\n" + block.read() + b"\r\n\r\n"
    member = zlib.compressobj(wbits=zlib.MAX_WBITS + 16)
    return member.compress(record) + member.flush()
