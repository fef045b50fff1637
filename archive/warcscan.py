"""Every record of a WARC file of strangers, however broken, with what is wrong in its form.

Contract: ``scan`` gives each record with its header read and its block open; a caller reads as much of the block as it likes, and when it
asks for the next record the rest is passed over, ``length`` is settled and the faults of the record's end are reported.  Faults go to
``report``: the rule they break (``archive/verify_rules.py``), the offset of the record or gzip member, and words.  Nothing is raised for
what the bytes say.  Memory stays within some 600 KiB: a header beyond 256 KiB is a fault and is not read.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from archive import gzipmembers
from archive.content import HEADER_LIMIT, Block, Content
from archive.gzipmembers import WHOLE, End, Member, OpenAt, Tape
from archive.heads import media_type
from archive.remembered import remembered
from archive.warcfields import Fields, by_name, lowered, unbracketed

Report = Callable[[str, int, str], None]  # rule, offset, message

MOST_BROKEN = 100  # broken places after which a file is given up: each search may read all that is left of it
_VERSION = re.compile(rb"WARC/(\d{1,3}\.\d{1,3})\r*")
_FIRST_LINES = {b"WARC/1.0\r": "1.0", b"WARC/1.1\r": "1.1"}
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_NAME = re.compile(_WORD)
# No part of it gives back what it took: a hostile line costs no more time than it is long.
_LINE = re.compile(rf"^({_WORD}+):[ \t]*+([^\x00-\x08\x0a-\x1f\x7f]*+)\r\n", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")
_LENGTH = re.compile(r"[0-9]{1,18}")
_END = b"\r\n\r\n"
_MOST_LINE_ENDS = 64
EMPTY_LINES = "empty lines stand here, before the version of the next record"  # what alone hides no record
_BAD_ENDS = (End.BROKEN, End.CUT, End.BOMB)
_NEXT = re.compile(rb"\nWARC/\d\.\d\r*\n")


media = remembered(media_type)


class Scanned:
    """One record as it was found; ``length`` is that of the whole record in the file, compressed or not, and 0 when it is not whole."""

    __slots__ = ("block", "compressed", "fields", "header", "held", "id", "length", "media", "offset", "target", "type", "version")

    def __init__(self, offset: int, version: str, header: bytes, fields: Fields) -> None:
        self.offset = offset
        self.version = version
        self.header = header  # its bytes, from the version to the last field
        self.fields = fields
        self.length = 0
        self.compressed = False
        self.block: Block
        self.held = by_name(fields)
        self.id = unbracketed(self.first("WARC-Record-ID") or "") or None  # without its brackets
        self.type = (self.first("WARC-Type") or "").lower()  # empty when there is none
        self.media = media(self.first("Content-Type") or "")  # of the block
        self.target = unbracketed(self.first("WARC-Target-URI") or "") or None  # without brackets

    def all(self, name: str) -> Sequence[str]:
        """Every value of a field."""
        return self.held.get(lowered(name), ())

    def first(self, name: str) -> str | None:
        """The first value of a field."""
        values = self.held.get(lowered(name))
        return values[0] if values else None


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
        if tape.tried > gzipmembers.MOST_TRIED:
            report("file-given-up", member.offset, "so much looks like a gzip member and is none that the rest was not searched")
        if member.end is not WHOLE:
            broken += 1
            _report_end(member, report, "" if following is None else f"; the next record that can be read is at {following.offset}")
        member = following


def _report_end(member: Member, report: Report, then: str) -> None:
    if member.end is End.BOMB:
        report("gzip-bomb", member.offset, f"a gzip member was not read to its end: {member.problem}{then}")
    elif member.end is End.CUT:
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
        record.compressed = True
        yield record
        record.block.drain()
        if member.end in _BAD_ENDS:
            return  # why the record is not whole will be said of the member
        if not _ends_well(content, record, fault):
            return
        record.length = member.length if content.at_end() and number == 1 else 0
    if number == 0 and member.end is WHOLE:
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
            end = content.position
            whole = _ends_well(content, record, fault)
            if whole:
                record.length = content.position - start
                at = content.position
                if line_ends(content):
                    report("record-version", at, EMPTY_LINES)
            elif not record.block.missing and (next_one := _behind_line_ends(tape, end)) is not None:
                content, whole = next_one, True
        if whole:
            continue
        broken += 1
        if broken > MOST_BROKEN:
            fault("file-given-up", f"{MOST_BROKEN} broken places before this one: nothing from here on was checked")
            return
        content = _resumed(tape, start + 1)


def line_ends(content: Content) -> int:
    """How many bytes of line ends, within reason, were passed over."""
    count = 0
    while count < _MOST_LINE_ENDS and (content.begins(b"\r") or content.begins(b"\n")):
        content.read(1)
        count += 1
    return count


def _behind_line_ends(tape: Tape, end: int) -> Content | None:
    """The content from the next record on, when nothing but line ends stands between it and the end of a block."""
    tape.seek(end)
    content = Content(tape.take, end)
    line_ends(content)
    return content if content.at_end() or content.begins(b"WARC/") else None


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
    line, _, lines = header.partition(b"\n")
    version = _FIRST_LINES.get(line) or _odd_version(line, fault)
    if content.blank != b"\r\n" or not line.endswith(b"\r"):
        fault("header-line-end", "the version or the empty line does not end in CRLF")
    record = Scanned(offset, version, header, named_fields(lines, fault))
    stated = record.first("Content-Length") or ""
    record.block = Block(content, int(stated) if _LENGTH.fullmatch(stated) else None)
    return record


def _odd_version(line: bytes, fault: Callable[[str, str], None]) -> str:
    found = _VERSION.fullmatch(line)
    version = found[1].decode() if found else "?"
    if version not in _FIRST_LINES.values():
        fault("record-version", f"version {version}: known are {', '.join(_FIRST_LINES.values())}")
    return version


def named_fields(lines: bytes, fault: Callable[[str, str], None]) -> Fields:
    """The fields in some lines, folded ones too (§4); empty lines are passed over."""
    text = _text(lines, fault)
    found = _LINE.findall(text)
    if len(found) != text.count("\n") or not text.endswith("\n"):
        return _odd_fields(lines, text, fault)
    if " \r" in text or "\t\r" in text:
        return tuple([(name, value.rstrip(" \t")) for name, value in found])
    return tuple(found)


def _odd_fields(lines: bytes, text: str, fault: Callable[[str, str], None]) -> Fields:
    if lines.count(b"\n") != lines.count(b"\r\n"):
        fault("header-line-end", "a line of the header ends in LF without CR")
    if _CONTROL.search(text):
        fault("header-control", f"a control character: {next(filter(_CONTROL.search, text.splitlines(keepends=True)))[:80]!r}")
    found: list[tuple[str, list[str]]] = []
    folded: list[str] = []
    strange: list[str] = []
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        if colon and _NAME.fullmatch(name):
            found.append((name, [value.strip(" \t\r")]))
        elif line[:1] in (" ", "\t") and found:
            folded.append(found[-1][0])
            found[-1][1].append(line.strip())
        elif line not in ("", "\r"):
            strange.append(line)
    if folded:
        fault("header-folded", f"{folded[0]} goes on over a second line{_more(folded)}")
    if strange:
        fault("header-field", f"not a named field: {strange[0][:80]!r}{_more(strange)}")
    return tuple([(name, " ".join(parts)) for name, parts in found])


def _more(lines: list[str]) -> str:
    return f", and {len(lines) - 1} more lines" if lines[1:] else ""


def _text(lines: bytes, fault: Callable[[str, str], None]) -> str:
    try:
        return lines.decode()
    except UnicodeDecodeError as error:
        fault("header-encoding", f"not UTF-8: {lines[error.start : error.start + 80]!r}")
        return lines.decode("latin-1")


def _ends_well(content: Content, record: Scanned, fault: Callable[[str, str], None]) -> bool:
    """Whether the block is whole and followed by the two line ends of §4."""
    if record.block.missing:
        fault("block-short", f"Content-Length promises {record.block.missing} bytes more than there are")
        return False
    if record.block.seen and record.block.length is None:
        return False  # where the block ends is not known
    if content.begins(_END):
        content.read(len(_END))
        return True
    after = content.read(40)
    fault("record-end", f"no two line ends follow the {record.block.seen} bytes of the block, but {after!r}")
    return False
