"""A part of the archive as one WARC file, each record's gzip member copied byte for byte.

Contract: ``copy`` writes a warcinfo record of its own that says what was pulled, then for each WARC file of the store its warcinfo record
and the records of every capture in the plan: response or revisit, request, metadata, which our writer puts one behind another in that
order (``archive/warcdraft.py``).  It yields each capture with the place where its record lies now.  Nothing is decompressed but headers
and the small records whose end is not known; memory does not grow with the plan.  The same plan gives the same bytes: the warcinfo record
is dated by the newest capture, not by a clock.  PullError when the store does not hold what the catalogue says.
"""

import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from archive import warcdraft, warcfields
from archive.content import Content
from archive.gzipmembers import End, Member, Tape
from archive.pullplan import Plan
from archive.records import Capture, RecordRef
from archive.spool import Spool
from archive.store import Store
from archive.warcfields import Fields, WarcError, bracketed, date_text

_HEADER = 4096  # bytes that are decompressed at once: most headers fit, and most blocks need not be looked at
NEAR = 1024 * 1024  # bytes that are read over rather than asked for in a new request
_FORMAT = (
    ("format", "WARC File Format 1.1"),
    ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
)


class PullError(RuntimeError):
    """The store does not hold what the catalogue says; ``copytrail verify`` tells more."""


class Output(Protocol):
    """Where a pull writes to."""

    def write(self, data: bytes, /) -> object:
        """Take all of ``data``."""


@dataclass(slots=True, kw_only=True)
class Copied:
    """How many records were written."""

    records: int = 0


class _Recorder:
    """What a member is read from while it is copied: its bytes go out once they are wanted, and those of its neighbour never."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._held = b""
        self.out: Output | None = None

    @property
    def position(self) -> int:
        return self._tape.position

    def take(self) -> bytes:
        if self.out is not None:
            self.out.write(self._held)
            self._held = b""
        data = self._tape.take()
        self._held += data
        return data

    def give_back(self, data: bytes) -> None:
        self._tape.give_back(data)
        self._held = self._held[: len(self._held) - len(data)]

    def settle(self) -> None:
        """Write the last bytes, or leave the tape as it was when none were wanted."""
        if self.out is not None:
            self.out.write(self._held)
        else:
            self._tape.give_back(self._held)


class _Counted:
    """An output that knows its length."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self.length = 0

    def write(self, data: bytes) -> None:
        self._out.write(data)
        self.length += len(data)


def copy(store: Store, plan: Plan, out: Output, info: Mapping[str, str], name: str, copied: Copied) -> Iterator[Capture]:
    """Write the plan to ``out``; each capture with its place there, in a file that an index calls ``name``."""
    counted = _Counted(out)
    counted.write(_warcinfo(plan, info))
    copied.records += 1
    for key in plan.files():
        tape = Tape(partial(store.open, key))
        try:
            for capture in _copy_file(tape, key, plan, counted, copied):
                yield replace(capture, ref=replace(capture.ref, key=name))
        finally:
            tape.close()


def _copy_file(tape: Tape, key: str, plan: Plan, out: _Counted, copied: Copied) -> Iterator[Capture]:
    copied.records += _copy_record(tape, key, out, lambda fields: _value(fields, "WARC-Type") == "warcinfo")
    for capture in plan.in_file(key):
        _go(tape, capture.ref.offset)
        _expect(tape, key, capture)
        start = out.length
        _copy_bytes(tape, capture.ref, out)
        copied.records += 1
        while _copy_record(tape, key, out, partial(_belongs, capture.id)):
            copied.records += 1
        yield replace(capture, ref=replace(capture.ref, offset=start))


def _go(tape: Tape, offset: int) -> None:
    """Stand at ``offset``: over a short gap by reading, else by asking again."""
    if not 0 <= offset - tape.position <= NEAR:
        tape.seek(offset)
    while tape.position < offset and (data := tape.take()):
        if tape.position > offset:
            tape.give_back(data[offset - tape.position :])


def _expect(tape: Tape, key: str, capture: Capture) -> None:
    """The record that the catalogue promises begins here; the tape stays where it is."""
    found: list[str] = []

    def look(fields: Fields) -> bool:
        found.append(_value(fields, "WARC-Record-ID"))
        return False

    _copy_record(tape, key, _Counted(_Nothing()), look)
    if found != [bracketed(capture.id)]:
        raise PullError(f"{key}: offset {capture.ref.offset} holds {found[0] if found else 'nothing'}, not {capture.id}")


class _Nothing:
    """An output that forgets."""

    def write(self, data: bytes) -> None:
        """Forget."""


def _copy_bytes(tape: Tape, ref: RecordRef, out: _Counted) -> None:
    left = ref.length
    while left:
        data = tape.take()
        if not data:
            raise PullError(f"{ref.key}: the file ends {left} bytes before the record at {ref.offset} does")
        tape.give_back(data[left:])
        out.write(data[:left])
        left -= min(left, len(data))


def _copy_record(tape: Tape, key: str, out: _Counted, wanted: Callable[[Fields], bool]) -> bool:
    """Copy the record that begins here when its fields are wanted; else, and at the end of the file, nothing happens."""
    recorder = _Recorder(tape)
    member = Member(recorder, _HEADER)
    header = Content(member.take).header()
    try:
        if header is not None and wanted(warcfields.read(header.partition(b"\n")[2])):
            recorder.out = out
            while member.take():
                pass
            if member.end is not End.WHOLE:
                raise PullError(f"{key}: the record at {member.offset} is not whole")
        elif header is None and member.end in {End.BROKEN, End.CUT} and recorder.position > member.offset:
            raise PullError(f"{key}: no record can be read at {member.offset}")
    except WarcError as error:
        raise PullError(f"{key}: offset {member.offset}: {error}") from error
    recorder.settle()
    return recorder.out is not None


def _belongs(capture: str, fields: Fields) -> bool:
    """Whether a record is of the capture's event (WARC 1.1 §5.7)."""
    return ("warc-concurrent-to", bracketed(capture)) in ((name.lower(), value) for name, value in fields)


def _value(fields: Fields, name: str) -> str:
    return next((value for field, value in fields if field.lower() == name.lower()), "")


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
