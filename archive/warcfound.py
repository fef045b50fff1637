"""A record of a stranger's file as an index reads it.

Contract: ``Found`` has the header and the block of a record that a scan gave, hashes the block while it is read where the header states no
digest, and knows the record's length as the public indexers count it: that of its gzip member, or in a file that is not compressed that of
header and block, without the two line ends after them.  Old writers put one line end or three where the standard asks for two (§4), and
what they wrote can be read: such a record is whole too.
"""

import hashlib
import io
from functools import cached_property, partial
from typing import IO, TYPE_CHECKING

from archive.content import Block, Content
from archive.gzipmembers import MAGIC, Member, OpenAt, Tape
from archive.warcfields import WarcError, only, read, sole, unbracketed
from archive.warcscan import Scanned, line_ends

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE = 64 * 1024
_LINE_ENDS = 4  # bytes after a block


def is_plain(open_at: OpenAt) -> bool:
    """Whether a file is not compressed."""
    with open_at(0) as stream:
        return stream.read(1) != MAGIC[:1]


class Found:
    """A record as an event reads it."""

    def __init__(self, scanned: Scanned, open_at: OpenAt, *, plain: bool) -> None:
        self._scanned = scanned
        self._open_at = open_at
        self._plain = plain
        self.offset = scanned.offset
        self.id = scanned.id
        self.type = scanned.type
        self.fields = scanned.fields
        self.concurrent_to = frozenset(map(unbracketed, scanned.all("WARC-Concurrent-To")))

    @cached_property
    def length(self) -> int:
        """0 for a record that is not whole; known when the next record was read."""
        if self._scanned.length:
            return self._scanned.length - _LINE_ENDS if self._plain else self._scanned.length
        return 0 if self._scanned.block.missing else _loose_length(partial(later, self._open_at, self.offset), plain=self._plain)

    @cached_property
    def block(self) -> IO[bytes]:
        """To be read at most once, while the record is the current one."""
        return io.BufferedReader(self._watched)

    @cached_property
    def _watched(self) -> "_Watched":
        return _Watched(self._scanned.block, hashed=not self._scanned.first("WARC-Block-Digest"))

    def sole(self, name: str) -> str | None:
        """The value of a field that may stand only once."""
        return only(self._scanned.held, name)

    def text(self, name: str) -> str:
        """The id or URL in a field that must be there, without brackets."""
        value = unbracketed(self.sole(name) or "")
        if not value:
            raise WarcError(f"no {name}")
        return value

    def block_digest(self) -> str:
        """The digest of the block that the header states, or else of what is there."""
        stated = self.sole("WARC-Block-Digest")
        if stated:
            return stated
        while self.block.read(_PIECE):
            pass
        return f"sha256:{self._watched.hash.hexdigest()}"


class _Watched(io.RawIOBase):
    """A block that is hashed while it is read."""

    def __init__(self, block: io.RawIOBase, *, hashed: bool) -> None:
        self._block = block
        self._hashed = hashed
        self.hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        data = self._block.read(len(view)) or b""
        if self._hashed:
            self.hash.update(data)
        view[: len(data)] = data
        return len(data)


def later(open_at: OpenAt, start: int, offset: int) -> IO[bytes]:
    """Open a file at ``offset`` behind ``start``."""
    return open_at(start + offset)


def _loose_length(open_at: OpenAt, *, plain: bool) -> int:
    """The length of the record that begins a file, when its block is whole and nothing but line ends, however many, follow it; else 0.

    Old writers put one or three where the standard asks for two, and what they wrote can be read.
    """
    tape = Tape(open_at)
    try:
        member = None if plain else Member(tape)
        content = Content(tape.take if member is None else member.take)
        fields = read((content.header() or b"").partition(b"\n")[2])
        block = Block(content, int(sole(fields, "Content-Length") or 0))
        block.drain()
        end = content.position
        line_ends(content)
        if block.missing or not (content.at_end() or (plain and content.begins(b"WARC/"))):
            return 0
        return end if member is None else member.length
    except (WarcError, ValueError):
        return 0
    finally:
        tape.close()
