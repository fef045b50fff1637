"""Gzip members of a file of strangers, one after another, whole or not.

Contract: ``Member`` reads the member that begins where the tape stands, piece by piece, and never raises for what the bytes say;
``following`` passes over what was not read of it, settles how it ended (``end``) and gives the member after it.  After a broken member
that is the next one that holds a WARC record, so that one flipped bit hides one record and not the rest of the file.  Nothing is
decompressed further than it is read; memory stays within some 200 KiB.

Both readers of records stand on it: ``archive/warcstream.py`` for those who trust nothing but whole records, and stop at the first fault,
``archive/warcscan.py`` for those who want to know every fault.
"""

import zlib
from collections.abc import Callable
from enum import StrEnum
from typing import IO, Protocol

OpenAt = Callable[[int], IO[bytes]]  # a new stream over a file from a byte offset on

MAGIC = b"\x1f\x8b\x08"
PIECE = 64 * 1024
_TAKEN = 16 * 1024
BOMB = 1024 * 1024 * 1024  # bytes that may come out of any member
_BOMB_RATIO = 500  # beyond them; deflate cannot do more than 1032, text does some 5
_PROBE = 4 * 1024
MOST_TRIED = 100_000  # places that look like a member, in a search behind broken ones; random bytes have one in 16 MiB
_RECORD = b"WARC/"


class End(StrEnum):
    """How a member ended."""

    OPEN = "open"
    WHOLE = "whole"
    CUT = "cut"
    BROKEN = "broken"
    BOMB = "bomb"  # more comes out of it than anybody would archive, and it was left
    JUNK = "junk"  # what begins here is no gzip member at all


OPEN, WHOLE = End.OPEN, End.WHOLE  # asked for many times a record; Python 3.11 takes 0.2 µs to find a member of an enumeration


class Source(Protocol):
    """What a member is read from."""

    @property
    def position(self) -> int:
        """Bytes taken and not given back."""

    def take(self) -> bytes:
        """The next bytes; none at the end."""

    def give_back(self, data: bytes) -> None:
        """Put bytes back that were taken last."""


class Tape:
    """A file read forwards; what a member did not use is read again by the next."""

    def __init__(self, open_at: OpenAt, position: int = 0) -> None:
        self._open_at = open_at
        self._stream = open_at(position)
        self._held = b""
        self._at = 0  # how much of it was taken
        self.position = position
        self.tried = 0  # places where a member was looked for

    def take(self) -> bytes:
        """The next bytes, few enough that giving most of them back costs little; none at the end of the file."""
        if self._at == len(self._held):
            self._held, self._at = self._stream.read(PIECE), 0
        data = self._held[self._at : self._at + _TAKEN]
        length = len(data)
        self._at += length
        self.position += length
        return data

    def give_back(self, data: bytes) -> None:
        """Put bytes back that were taken last."""
        length = len(data)
        if length <= self._at:
            self._at -= length
        else:
            self._held, self._at = data + self._held[self._at :], 0
        self.position -= length

    def peek(self) -> bytes:
        """Some of the next bytes, at least three unless the file ends before."""
        if len(self._held) - self._at >= len(MAGIC):
            return self._held[self._at : self._at + len(MAGIC)]
        data = self.take()
        while len(data) < len(MAGIC) and (more := self.take()):
            data += more
        self.give_back(data)
        return data

    def seek(self, offset: int) -> None:
        """Go on at another place."""
        self.close()
        self._stream, self._held, self._at, self.position = self._open_at(offset), b"", 0, offset

    def close(self) -> None:
        """Give the stream back."""
        self._stream.close()


class Member:
    """The member that begins where the tape stands, as far as it can be read; ``length`` is that of a whole one in the file."""

    __slots__ = ("_inflate", "_input", "_piece", "_tape", "end", "length", "offset", "problem", "produced")

    def __init__(self, tape: Source, piece: int = PIECE) -> None:
        self.offset = tape.position
        self.end = OPEN
        self.problem = ""
        self.length = 0
        self.produced = 0
        self._tape = tape
        self._piece = piece
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS + 16)
        self._input = b""

    def take(self) -> bytes:
        """The next bytes of the content, at most ``piece``; none at its end."""
        while self.end is OPEN:
            try:
                data = self._inflate.decompress(self._input, self._piece)
            except zlib.error as error:
                self.end, self.problem = End.BROKEN, str(error)
                return b""
            if self._inflate.eof:
                self._input = b""
                self._tape.give_back(self._inflate.unused_data)
                self.end, self.length = WHOLE, self._tape.position - self.offset
            else:
                self._input = self._inflate.unconsumed_tail
                if not data:
                    self._feed()
            if data:
                self.produced += len(data)
                return data
        return b""

    def _feed(self) -> None:
        """Bring more of the file, unless the member is a bomb or the file ends."""
        if self.produced > BOMB and self.produced > _BOMB_RATIO * (self._tape.position - self.offset):
            self.end, self.problem = End.BOMB, f"more than {self.produced} bytes come out of {self._tape.position - self.offset}"
            return
        self._input = self._tape.take()
        if not self._input:
            self.end, self.problem = End.CUT, "the file ends within it"


def first(tape: Tape) -> Member | None:
    """The member that begins where the tape stands; None at the end of the file."""
    head = tape.peek()
    if not head:
        return None
    member = Member(tape)
    # A file may be cut within the mark of its last member.
    member.end = OPEN if head.startswith(MAGIC) or MAGIC.startswith(head) else End.JUNK
    return member


def following(tape: Tape, member: Member) -> Member | None:
    """The member after this one; None when the file holds no more of them."""
    while member.end is OPEN:
        member.take()
    if member.end is WHOLE:
        return first(tape)
    start = _search(tape, member.offset + 1)
    if start is None:
        return None
    if member.end is End.CUT:
        member.end, member.problem = End.BROKEN, "its data runs on into the next"
    tape.seek(start)
    return Member(tape)


def _search(tape: Tape, start: int) -> int | None:
    """Where the next member that holds a record begins, at ``start`` or after it."""
    tape.seek(start)
    window, base = b"", start
    while True:
        data = tape.take()
        window += data
        at = window.find(MAGIC)
        while at >= 0 and (len(window) - at >= _PROBE or not data):
            tape.tried += 1
            if tape.tried > MOST_TRIED:
                return None
            if _begins_record(window[at : at + _PROBE]):
                return base + at
            at = window.find(MAGIC, at + 1)
        if not data:
            return None
        kept = at if at >= 0 else max(0, len(window) - len(MAGIC) + 1)
        window, base = window[kept:], base + kept


def _begins_record(data: bytes) -> bool:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(data, len(_RECORD)) == _RECORD
    except zlib.error:
        return False
