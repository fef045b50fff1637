"""Every record of a WARC file of strangers, however broken, with what is wrong in its form.

Contract: ``scan`` gives each record with its header read and its block open; a caller reads as much of the block as it likes, and when it
asks for the next record the rest is passed over, ``length`` is settled and the faults of the record's end are reported.  Faults go to
``report``: the rule they break (``archive/verify_rules.py``), the offset of the record or gzip member, and words.  Nothing is raised for
what the bytes say.  Memory stays within some 600 KiB: a header beyond 256 KiB is a fault and is not read.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive import gzipmembers
from archive.content import HEADER_LIMIT, Block, Content
from archive.gzipmembers import End, Member, OpenAt, Tape
from archive.warcfields import Fields, unbracketed

Report = Callable[[str, int, str], None]  # rule, offset, message

MOST_BROKEN = 100  # broken places after which a file is given up: each search may read all that is left of it
_VERSION = re.compile(rb"WARC/(\d{1,3}\.\d{1,3})\r?\n")
_KNOWN_VERSIONS = ("1.0", "1.1")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_LENGTH = re.compile(r"[0-9]{1,18}")
_END = b"\r\n\r\n"
_NEXT = re.compile(rb"\nWARC/\d\.\d\r?\n")


@dataclass(slots=True, kw_only=True)
class Scanned:
    """One record as it was found; ``length`` is that of the whole record in the file, compressed or not, and 0 when it is not whole."""

    offset: int
    version: str
    fields: Fields
    block: Block
    length: int = 0

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field."""
        wanted = name.lower()
        return tuple(value for field, value in self.fields if field.lower() == wanted)

    def first(self, name: str) -> str | None:
        """The first value of a field."""
        return next(iter(self.all(name)), None)

    @property
    def id(self) -> str | None:
        """WARC-Record-ID without its brackets."""
        return unbracketed(self.first("WARC-Record-ID") or "") or None

    @property
    def type(self) -> str:
        """WARC-Type; empty when there is none."""
        return (self.first("WARC-Type") or "").lower()

    @property
    def target(self) -> str | None:
        """WARC-Target-URI without brackets."""
        return unbracketed(self.first("WARC-Target-URI") or "") or None


def scan(open_at: OpenAt, report: Report) -> Iterator[Scanned]:
    """The records of a file, compressed record by record or not at all."""
    tape = Tape(open_at)
    try:
        head = tape.peek()
        if not head:
            report("file-empty", 0, "the file holds no record")
        elif head.startswith(gzipmembers.MAGIC[:1]):
            yield from _scan_members(tape, report)
        else:
            yield from _scan_plain(tape, report)
    finally:
        tape.close()


def _scan_members(tape: Tape, report: Report) -> Iterator[Scanned]:
    member, broken = gzipmembers.first(tape), 0
    while member is not None:
        yield from _scan_member(member, report)
        if broken == MOST_BROKEN:
            report("file-given-up", member.offset, f"{MOST_BROKEN} broken places before this one: nothing from here on was checked")
            return
        following = gzipmembers.following(tape, member)
        broken += member.end is not End.WHOLE
        _report_end(member, report, "" if following is None else f"; the next record that can be read is at {following.offset}")
        member = following


def _report_end(member: Member, report: Report, then: str) -> None:
    if member.end is End.CUT:
        report("gzip-cut", member.offset, "the file ends within a gzip member")
    elif member.end is End.BROKEN:
        report("gzip-broken", member.offset, f"a gzip member cannot be read: {member.problem}{then}")
    elif member.end is End.JUNK:
        report("gzip-junk", member.offset, f"what stands here is no gzip member{then}")


def _scan_member(member: Member, report: Report) -> Iterator[Scanned]:
    def fault(rule: str, message: str) -> None:
        report(rule, member.offset, message)

    content, number = Content(member.take), 0
    while not content.at_end():
        record = _read(content, member.offset, fault)
        if record is None:
            return
        number += 1
        if number == 2:
            fault("member-many", "one gzip member holds more than one record, and no index can point at the second")
        yield record
        record.block.drain()
        if member.end in {End.BROKEN, End.CUT}:
            return  # why the record is not whole will be said of the member
        if not _ends_well(content, record, fault):
            return
        record.length = member.length if content.at_end() and number == 1 else 0
    if number == 0 and member.end is End.WHOLE:
        fault("record-missing", "a gzip member with nothing in it")


def _scan_plain(tape: Tape, report: Report) -> Iterator[Scanned]:
    content, broken = Content(tape.take), 0
    while not content.at_end():
        start = content.position

        def fault(rule: str, message: str, offset: int = start) -> None:
            report(rule, offset, message)

        record = _read(content, start, fault)
        whole = False
        if record is not None:
            yield record
            record.block.drain()
            whole = _ends_well(content, record, fault)
        if record is not None and whole:
            record.length = content.position - start
            continue
        broken += 1
        if broken > MOST_BROKEN:
            fault("file-given-up", f"{MOST_BROKEN} broken places before this one: nothing from here on was checked")
            return
        content = _resumed(tape, start + 1)


def _resumed(tape: Tape, start: int) -> Content:
    """The content from the next place on that looks like a record; at the end of the file when there is none."""
    tape.seek(start)
    window, base = b"", start
    while data := tape.take():
        window += data
        match = _NEXT.search(window)
        if match:
            tape.seek(base + match.start() + 1)
            break
        kept = max(0, len(window) - 16)
        window, base = window[kept:], base + kept
    return Content(tape.take, tape.position)


def _read(content: Content, offset: int, fault: Callable[[str, str], None]) -> Scanned | None:
    """The record that begins where the content stands; None when none does."""
    if not content.begins(b"WARC/"):
        fault("record-version", "what stands here does not begin with WARC/ and a version")
        return None
    header = content.header()
    if header is None:
        fault("header-open", f"no empty line ends the header within {HEADER_LIMIT} bytes")
        return None
    version = _VERSION.match(header)
    name = version[1].decode() if version else "?"
    if name not in _KNOWN_VERSIONS:
        fault("record-version", f"version {name}: known are {', '.join(_KNOWN_VERSIONS)}")
    fields = _fields(header.split(b"\n")[1:-1], fault)
    record = Scanned(offset=offset, version=name, fields=fields, block=Block(content, None))
    stated = record.first("Content-Length") or ""
    if _LENGTH.fullmatch(stated):
        record.block = Block(content, int(stated))
    return record


def _fields(lines: list[bytes], fault: Callable[[str, str], None]) -> Fields:
    found: list[tuple[str, str]] = []
    if any(not line.endswith(b"\r") for line in lines):
        fault("header-line-end", "a line of the header ends in LF without CR")
    for line in lines:
        text = _text(line.removesuffix(b"\r"), fault)
        name, colon, value = text.partition(":")
        if text[:1] in (" ", "\t") and found:
            fault("header-folded", f"{found[-1][0]} goes on over a second line")
            found[-1] = (found[-1][0], f"{found[-1][1]} {text.strip()}")
        elif not colon or not _NAME.fullmatch(name):
            fault("header-field", f"not a named field: {text[:80]!r}")
        else:
            if _CONTROL.search(value):
                fault("header-control", f"a control character in {name}: {value[:80]!r}")
            found.append((name, value.strip(" \t")))
    return tuple(found)


def _text(line: bytes, fault: Callable[[str, str], None]) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        fault("header-encoding", f"not UTF-8: {line[:80]!r}")
        return line.decode("latin-1")


def _ends_well(content: Content, record: Scanned, fault: Callable[[str, str], None]) -> bool:
    """Whether the block is whole and followed by the two line ends of §4."""
    if record.block.missing:
        fault("block-short", f"Content-Length promises {record.block.missing} bytes more than there are")
        return False
    if record.block.seen and not _LENGTH.fullmatch(record.first("Content-Length") or ""):
        return False  # where the block ends is not known
    if content.begins(_END):
        content.read(len(_END))
        return True
    after = content.read(40)
    fault("record-end", f"no two line ends follow the {record.block.seen} bytes of the block, but {after!r}")
    return False
