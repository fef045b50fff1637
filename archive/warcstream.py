"""WARC records as they lie in a file: one gzip member each, or not compressed at all, read in order, never trusted.

Contract: ``records`` gives every record of a ``.warc.gz``, or of a ``plain`` file, with its offset; a record's block must be read before
the next one is asked for, what is left of it is then passed over and checked.  Anything that is not a whole record, one gzip member with a
right checksum, well-formed fields, a block of exactly Content-Length bytes and the two empty lines, is a ``WarcError`` that names the
offset.  Memory stays within some 600 KiB whatever the bytes say: nothing is decompressed further than it is read.

warcio reads files too, but lets a truncated member pass (warcio#138), bounds no line and raises what its parts raise; recovery and
verification need to know exactly where a whole record ends.
"""

import io
import re
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING

from archive import warcfields
from archive.content import HEADER_LIMIT, Block, Content
from archive.gzipmembers import End, Member, Tape
from archive.warcfields import Fields, WarcError, placed

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LINE_ENDS = b"\r\n\r\n"  # after a block (WARC 1.1 §4)
_PIECE = 64 * 1024
_VERSION = re.compile(rb"WARC/1\.[01]\r?\n")
_LENGTH = re.compile("[0-9]{1,18}")
_REPEATABLE = {"warc-concurrent-to", "warc-protocol"}


class _Whole(Block):
    """A block that is there to its last byte, or a WarcError."""

    def __init__(self, content: Content, length: int, why: Callable[[str], WarcError]) -> None:
        super().__init__(content, length)
        self._why = why

    def readinto(self, buffer: "WriteableBuffer") -> int:
        count = super().readinto(buffer)
        if not count and self.missing:
            raise self._why(f"{self.missing} bytes of the block are missing")
        return count


class Record:
    """One record; its block can be read once, while the record is the current one."""

    __slots__ = ("_by_name", "_content", "_length", "_member", "_tape", "block", "content_length", "date", "fields", "id", "offset", "type")

    def __init__(self, tape: Tape, *, plain: bool = False) -> None:
        """Read the header of the record that begins where ``tape`` stands."""
        self.offset = tape.position
        self._tape = tape
        self._member = None if plain else Member(tape)
        self._length: int | None = None
        self._content = Content(tape.take if self._member is None else self._member.take)
        self.fields = self._header()
        self._by_name = warcfields.by_name(self.fields)
        for name in self._by_name.keys() - _REPEATABLE:
            warcfields.only(self._by_name, name)
        self.type = self._needed("WARC-Type").lower()
        self.id = warcfields.unbracketed(self._needed("WARC-Record-ID"))
        self.date = warcfields.date(self._needed("WARC-Date"))
        length = self._needed("Content-Length")
        if not _LENGTH.fullmatch(length):
            raise WarcError(f"no length: {length[:40]!r}")
        self.content_length = int(length)
        self.block: IO[bytes] = io.BufferedReader(_Whole(self._content, self.content_length, self._why))

    @property
    def length(self) -> int:
        """The bytes of the record's gzip member, or of header and block; asking passes over the rest of the block and checks its end."""
        if self._length is None:
            while self.block.read(_PIECE):
                pass
            length = self._content.position
            if not self._content.begins(LINE_ENDS):
                raise self._why("what follows the block is not the end of the record")
            self._content.read(len(LINE_ENDS))
            if self._member is None:
                self._tape.give_back(self._content.rest())
            elif not self._content.at_end() or self._member.end is not End.WHOLE:
                raise self._why("what follows the block is not the end of the record")
            self._length = length if self._member is None else self._member.length
        return self._length

    @property
    def target(self) -> str | None:
        """WARC-Target-URI."""
        value = self.sole("WARC-Target-URI")
        return warcfields.unbracketed(value) if value is not None else None

    def sole(self, name: str) -> str | None:
        """The value of a field."""
        return warcfields.only(self._by_name, name)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may repeat."""
        return tuple(self._by_name.get(name.lower(), ()))

    def _header(self) -> Fields:
        header = self._content.header() if self._content.begins(b"WARC/") else b""
        if header is None:
            raise self._why(f"header without an end, or longer than {HEADER_LIMIT} bytes")
        version, _, lines = header.partition(b"\n")
        if not _VERSION.fullmatch(version + b"\n"):
            raise self._why("not a WARC/1.0 or WARC/1.1 record")
        return warcfields.read(lines)

    def _why(self, otherwise: str) -> WarcError:
        """What is wrong with the gzip member, if anything is."""
        if self._member is None or self._member.end in {End.OPEN, End.WHOLE}:
            return WarcError(otherwise)
        return WarcError("cut short" if self._member.end is End.CUT else f"no gzip member: {self._member.problem}")

    def _needed(self, name: str) -> str:
        value = self.sole(name)
        if not value:
            raise WarcError(f"no {name}")
        return value


def records(stream: IO[bytes], offset: int = 0, *, plain: bool = False) -> Iterator[Record]:
    """The records of ``stream`` from where it stands, which is ``offset`` in the file; each is found whole before the next is given."""
    tape = Tape(lambda _: stream, offset)
    while tape.peek():
        with placed(f"offset {tape.position}"):
            record = Record(tape, plain=plain)
        yield record
        with placed(f"offset {record.offset}"):
            _ = record.length
