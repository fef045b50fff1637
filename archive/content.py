"""Bytes that come in pieces, read as the header and the block of a record.

Contract: ``Content`` never holds more than a header's limit and one piece; a header beyond ``HEADER_LIMIT`` bytes is none.  ``Block`` is
a stream over the next bytes of a content, which ends where Content-Length says or where the bytes do; ``missing`` tells the difference.
"""

import io
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEADER_LIMIT = 256 * 1024
_PIECE = 64 * 1024
_BLANK = re.compile(rb"\n\r*\n")  # CR CR LF is what a transfer as text made of CR LF


class Content:
    """Bytes that come in pieces, read as headers and blocks; ``position`` counts those that were read."""

    __slots__ = ("_at", "_held", "_take", "blank", "position")

    def __init__(self, take: Callable[[], bytes], position: int = 0) -> None:
        self._take = take
        self._held = b""
        self._at = 0  # how much of it was read
        self.blank = b""  # the empty line that ended the last header
        self.position = position

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes; none at the end."""
        if self._at == len(self._held):
            self._held, self._at = self._take(), 0
        data = self._held[self._at : self._at + size] if self._at or size < len(self._held) else self._held
        length = len(data)
        self._at += length
        self.position += length
        return data

    def rest(self) -> bytes:
        """What was taken beyond what was read, for whoever reads on."""
        data, self._held, self._at = self._held[self._at :], b"", 0
        return data

    def at_end(self) -> bool:
        """Whether nothing is left."""
        if self._at == len(self._held):
            self._held, self._at = self._take(), 0
        return not self._held

    def begins(self, text: bytes) -> bool:
        """Whether ``text`` comes next; nothing is read over."""
        while not (found := self._held.startswith(text, self._at)) and len(self._held) - self._at < len(text) and self._more():
            pass
        return found

    def header(self) -> bytes | None:
        """All up to the first empty line, which is passed over; None when there is none in reach."""
        searched = 0
        while True:
            match = _BLANK.search(self._held, self._at + searched, self._at + HEADER_LIMIT)
            if match:
                self.blank = match[0][1:]
                found = self._held[self._at : match.start() + 1]
                self.position += match.end() - self._at
                self._at = match.end()
                return found
            length = len(self._held) - self._at
            searched = max(0, length - 2)
            if length > HEADER_LIMIT or not self._more():
                return None

    def _more(self) -> bool:
        """Hold another piece, behind what is not read yet."""
        more = self._take()
        if more:
            self._held, self._at = self._held[self._at :] + more, 0
        return bool(more)


class Block(io.RawIOBase):
    """The block of a record: ``length`` bytes of the content, or all that is left where no length is stated."""

    def __init__(self, content: Content, length: int | None) -> None:
        self._content = content
        self.length = length  # None where the header states none
        self.seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        data = self._next(len(view))
        view[: len(data)] = data
        return len(data)

    def piece(self) -> bytes:
        """The next bytes, as many as came together; none at the end."""
        return self._next(_PIECE)

    def pieces(self) -> Iterator[bytes]:
        """What was not read yet, in the pieces in which it comes."""
        while data := self._next(_PIECE):
            yield data

    def _next(self, size: int) -> bytes:
        left = size if self.length is None else min(size, self.length - self.seen)
        data = self._content.read(left) if left else b""
        self.seen += len(data)
        return data

    def drain(self) -> None:
        """Pass over what was not read."""
        while self.seen != self.length and self._next(_PIECE):
            pass

    @property
    def missing(self) -> int:
        """Bytes that Content-Length promises and the file does not hold, once the block was read."""
        return 0 if self.length is None else self.length - self.seen
