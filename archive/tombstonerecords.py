"""What takes the place of erased records in a WARC file: records of ours that say so, as long as the bytes that they replace.

Contract: ``filled`` gives ``length`` bytes of whole records, as gzip members of their own or plain, so that every other record keeps its
offset.  Each is a ``metadata`` record of ``application/warc-fields`` with the withdrawal's id and, of each record that stood there, id,
type and block digest: no address and no words.  What is left is filled with fields called ``copytrail-padding``, in a member as stored
blocks (RFC 1951 §3.2.4), because a reader that finds no content in 16 KiB of a member may take that for its end; a member too short for
that is filled by a comment in its head (RFC 1952 §2.3.1).  The same place and withdrawal give the same bytes, so that an erasure that was
cut off is done again without harm.  CannotFit when there is not even room for the id of the withdrawal.
"""

import hashlib
import struct
import uuid
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.withdrawals import Place

LONGEST = 256 * 1024  # bytes of one record; a longer stretch gets several, which any reader can hold in memory
MARK = "copytrail-withdrawal"
_STORED = 0xFFFF  # bytes of one stored block
_LINE = 1000  # bytes of padding on a line
_PAD = b"copytrail-padding: "
_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # no name, no time, no system
_COMMENT = b"\x1f\x8b\x08\x10\x00\x00\x00\x00\x00\xff"  # FLG.FCOMMENT
_LINE_ENDS = b"\r\n\r\n"
_FRAME = 18  # bytes of head, checksum and length of a member


class CannotFit(ValueError):
    """Records so short that nothing can be said in their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tomb:
    """By which withdrawal, and when."""

    withdrawal: str
    time: datetime


def filled(place: Place, tomb: Tomb, *, plain: bool) -> Iterator[bytes]:
    """Records of exactly ``place.length`` bytes, where plain but for the line ends behind the last; the first names what stood there."""
    offset, left = place.offset, place.length + (len(_LINE_ENDS) if plain else 0)
    records: Sequence[tuple[str, str, str]] = place.records
    while left:
        length = left if left <= 2 * LONGEST else LONGEST
        record = (_record if plain else _member)(length, tomb, f"{place.key}:{offset}", records)
        offset, left, records = offset + length, left - length, ()
        yield record if left or not plain else record.removesuffix(_LINE_ENDS)


def _member(length: int, tomb: Tomb, where: str, records: Sequence[tuple[str, str, str]]) -> bytes:
    blocks = -(-(length - _FRAME) // (_STORED + 5))
    size = length - _FRAME - 5 * blocks
    try:
        text = _record(size, tomb, where, records)
    except CannotFit:
        return _small_member(length, tomb, where, records)
    pieces = [text[start : start + _STORED] for start in range(0, size, _STORED)]
    pieces += [b""] * (blocks - len(pieces))  # where the last block is as long as its five bytes
    deflated = b"".join(
        struct.pack("<BHH", number == blocks - 1, len(piece), len(piece) ^ _STORED) + piece for number, piece in enumerate(pieces)
    )
    return _HEAD + deflated + _checksum(text)


def _small_member(length: int, tomb: Tomb, where: str, records: Sequence[tuple[str, str, str]]) -> bytes:
    """A member whose record is compressed, with a comment as long as what is left."""
    for named in (records, ()):
        text = _text(_fields(tomb, named), tomb, where)
        compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        deflated = compressor.compress(text) + compressor.flush()
        left = length - _FRAME - len(deflated)
        if left == 0:
            return _HEAD + deflated + _checksum(text)
        if left > 0:
            return _COMMENT + b"-" * (left - 1) + b"\x00" + deflated + _checksum(text)
    raise CannotFit(f"{where}: {length} bytes are too few for a tombstone")


def _checksum(text: bytes) -> bytes:
    return struct.pack("<LL", zlib.crc32(text), len(text))


def _record(length: int, tomb: Tomb, where: str, records: Sequence[tuple[str, str, str]]) -> bytes:
    """A record of exactly that many bytes."""
    for named in (records, ()):
        block = _fields(tomb, named)
        left = length - len(_text(block + _padding(len(_PAD) + 2), tomb, where)) + len(_PAD) + 2
        for size in range(left, left - 20, -1):  # the digits of Content-Length are a part of the length
            if size < len(_PAD) + 2:
                break
            text = _text(block + _padding(size), tomb, where, spaces=0)
            if 0 <= length - len(text) <= 1:
                return _text(block + _padding(size), tomb, where, spaces=length - len(text))
    raise CannotFit(f"{where}: {length} bytes are too few for a tombstone")


def _padding(size: int) -> bytes:
    """Fields of that many bytes, at least one."""
    full = len(_PAD) + _LINE + 2
    lines = max(1, size // full)
    dots = size - lines * (len(_PAD) + 2)
    each = dots // lines
    return b"".join(_PAD + b"." * (each + (dots - each * lines if number == 0 else 0)) + b"\r\n" for number in range(lines))


def _fields(tomb: Tomb, records: Sequence[tuple[str, str, str]]) -> bytes:
    lines = [f"{MARK}: {tomb.withdrawal}", *(f"copytrail-erased: {kind} {name} {digest}" for name, kind, digest in records)]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _text(block: bytes, tomb: Tomb, where: str, *, spaces: int = 0) -> bytes:
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{tomb.withdrawal} {where}").urn
    header = (
        "WARC/1.1\r\n"
        "WARC-Type: metadata\r\n"
        f"WARC-Record-ID: <{name}>\r\n"
        f"WARC-Date: {tomb.time:%Y-%m-%dT%H:%M:%SZ}\r\n"
        f"WARC-Block-Digest: sha256:{hashlib.sha256(block).hexdigest()}\r\n"
        "Content-Type: application/warc-fields\r\n"
        f"Content-Length:{' ' * spaces} {len(block)}\r\n\r\n"
    )
    return header.encode() + block + _LINE_ENDS
