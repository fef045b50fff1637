"""WARC records as they lie in a file: one gzip member each, or not compressed at all, read in order, never trusted.

Contract: ``records`` gives every record of a ``.warc.gz``, or of a ``plain`` file, with its offset; a record's block must be read before
the next one is asked for, what is left of it is then passed over and checked.  Anything that is not a whole record, one gzip member with a
right checksum, well-formed fields, a block of exactly Content-Length bytes and the two empty lines, is a ``WarcError`` that names the
offset.  Memory stays within some 100 KiB whatever the bytes say: nothing is decompressed further than it is read.

warcio reads files too, but lets a truncated member pass (warcio#138), bounds no line and raises what its parts raise; recovery and
verification need to know exactly where a whole record ends.
"""

import io
import re
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from archive import warcfields
from archive.warcfields import Fields, WarcError, placed

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEADER_LIMIT = 256 * 1024
LINE_ENDS = b"\r\n\r\n"  # after a block (WARC 1.1 §4)
_PIECE = 64 * 1024
_VERSION = re.compile(rb"WARC/1\.[01]\r?\n")
_LENGTH = re.compile("[0-9]{1,18}")
_REPEATABLE = {"warc-concurrent-to", "warc-protocol"}


class _Source:
    """A stream of compressed bytes that takes back what the end of a member did not use."""

    def __init__(self, stream: IO[bytes], offset: int) -> None:
        self._stream = stream
        self._returned = b""
        self._read = offset

    @property
    def offset(self) -> int:
        return self._read - len(self._returned)

    def take(self) -> bytes:
        data, self._returned = self._returned, b""
        if not data:
            data = self._stream.read(_PIECE)
            self._read += len(data)
        return data

    def give_back(self, data: bytes) -> None:
        self._returned = data + self._returned

    def at_end(self) -> bool:
        self.give_back(self.take())
        return not self._returned


class _Member(io.RawIOBase):
    """The content of one gzip member; at its end the source stands at the first byte after it."""

    def __init__(self, source: _Source) -> None:
        self._source = source
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS + 16)
        self._input = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        data = b""
        while not data and not self._inflate.eof:
            data = self._step(len(view))
        view[: len(data)] = data
        return len(data)

    def _step(self, limit: int) -> bytes:
        try:
            data = self._inflate.decompress(self._input, limit)
        except zlib.error as error:
            raise WarcError(f"no gzip member: {error}") from error
        self._input = self._inflate.unconsumed_tail
        if self._inflate.eof:
            self._source.give_back(self._inflate.unused_data)
        elif not data:
            self._input = self._source.take()
            if not self._input:
                raise WarcError("cut short")
        return data


class _Plain(io.RawIOBase):
    """What is left of a file that is not compressed; a reader over it gives back what it took too much."""

    def __init__(self, source: _Source) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        data = self._source.take()
        self._source.give_back(data[len(view) :])
        data = data[: len(view)]
        view[: len(data)] = data
        return len(data)


class _Block(io.RawIOBase):
    """The next ``length`` bytes of a stream, and not one more."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        self._stream = stream
        self.left = length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        data = self._stream.read(min(len(view), self.left))
        if not data and self.left:
            raise WarcError(f"{self.left} bytes of the block are missing")
        self.left -= len(data)
        view[: len(data)] = data
        return len(data)


class Record:
    """One record; its block can be read once, while the record is the current one."""

    __slots__ = ("_content", "_length", "_plain", "_source", "block", "content_length", "date", "fields", "id", "offset", "type")

    def __init__(self, offset: int, source: _Source, *, plain: bool = False) -> None:
        """Read the header of the record that begins where ``source`` stands; that is ``offset``."""
        self.offset = offset
        self._source = source
        self._plain = plain
        self._length: int | None = None
        self._content = io.BufferedReader(_Plain(source), _PIECE) if plain else io.BufferedReader(_Member(source))
        self.fields = _header(self._content)
        self.type = self._needed("WARC-Type").lower()
        self.id = warcfields.unbracketed(self._needed("WARC-Record-ID"))
        self.date = warcfields.date(self._needed("WARC-Date"))
        length = self._needed("Content-Length")
        if not _LENGTH.fullmatch(length):
            raise WarcError(f"no length: {length[:40]!r}")
        self.content_length = int(length)
        self.block: IO[bytes] = io.BufferedReader(_Block(self._content, self.content_length))

    @property
    def length(self) -> int:
        """The bytes of the record's gzip member, or of header and block; asking passes over the rest of the block and checks its end."""
        if self._length is None:
            while self.block.read(_PIECE):
                pass
            if self._content.read(len(LINE_ENDS) + (not self._plain)) != LINE_ENDS:
                raise WarcError("what follows the block is not the end of the record")
            if self._plain:
                self._source.give_back(self._content.peek())
            self._length = self._source.offset - self.offset - (len(LINE_ENDS) if self._plain else 0)
        return self._length

    @property
    def target(self) -> str | None:
        """WARC-Target-URI."""
        value = self.sole("WARC-Target-URI")
        return warcfields.unbracketed(value) if value is not None else None

    def sole(self, name: str) -> str | None:
        """The value of a field."""
        return warcfields.sole(self.fields, name)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may repeat."""
        return tuple(value for field, value in self.fields if field.lower() == name.lower())

    def _needed(self, name: str) -> str:
        value = self.sole(name)
        if not value:
            raise WarcError(f"no {name}")
        return value


def records(stream: IO[bytes], offset: int = 0, *, plain: bool = False) -> Iterator[Record]:
    """The records of ``stream`` from where it stands, which is ``offset`` in the file; each is found whole before the next is given."""
    source = _Source(stream, offset)
    while not source.at_end():
        offset = source.offset
        with placed(f"offset {offset}"):
            record = Record(offset, source, plain=plain)
        yield record
        with placed(f"offset {offset}"):
            _ = record.length


def _header(stream: IO[bytes]) -> Fields:
    if not _VERSION.fullmatch(stream.readline(32)):
        raise WarcError("not a WARC/1.0 or WARC/1.1 record")
    lines = bytearray()
    while (line := stream.readline(HEADER_LIMIT)) not in (b"\r\n", b"\n"):
        lines += line
        if not line:
            raise WarcError("header without an end")
        if len(lines) > HEADER_LIMIT:
            raise WarcError(f"header longer than {HEADER_LIMIT} bytes")
    fields = warcfields.read(bytes(lines))
    for name in {name.lower() for name, _ in fields} - _REPEATABLE:
        warcfields.sole(fields, name)
    return fields
