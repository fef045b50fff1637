"""A record of a file that is not compressed, as the gzip member that it would be in ours.

Contract: reading gives one member (RFC 1952) that holds the bytes of a stream, which is a record's header and block, and the two line ends
after them.  The same bytes give the same member, with one version of zlib; memory stays within some 600 KiB.
"""

import io
import zlib
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE = 64 * 1024
_LINE_ENDS = b"\r\n\r\n"


class Packed(io.RawIOBase):
    """The member; closing it closes the stream."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._deflate = zlib.compressobj(wbits=zlib.MAX_WBITS + 16)
        self._held = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        while not self._held and not self._ended:
            piece = self._stream.read(_PIECE)
            self._ended = not piece
            self._held = self._deflate.compress(piece or _LINE_ENDS) + (self._deflate.flush() if self._ended else b"")
        data, self._held = self._held[: len(view)], self._held[len(view) :]
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
