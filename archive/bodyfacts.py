"""The body of an HTTP message against its head: framing (RFC 9112 §6), content coding (RFC 9110 §8.4) and digests, in one pass.

Contract: ``Body.read`` takes the pieces of a body once and keeps none of them, at most a mebibyte for a moment; it never raises for what
they say.  A coded body is decoded as it passes, unless it turns out to be a bomb, and what comes out is forgotten but for ``start``.
Decoding pages costs more than all else that verification does, so a ``Budget`` lets it decode much and not everything: beyond it a gzip
body's beginning is decoded, and the length at its end must be possible; ``begun`` tells.  What is wrong with a body is found to its cause,
whatever the budget.
"""

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

from archive.codings import BadCoding, undone
from archive.framing import CHUNKED, CLOSE, LENGTH, NO_BODY, Chunks, framing
from archive.heads import Head
from archive.labelled import Digests

_BOMB, _BOMB_RATIO = 256 * 1024, 100  # more than so many bytes, and so many from each that came: no page is like that
_CODED_BY = ("content-encoding", "transfer-encoding")
_FRAMED_BY = frozenset((b"content-length", b"transfer-encoding"))
_PARTIAL = 206
_HELD = 1024 * 1024
_BEGINNING = 4096  # bytes that are decoded of a body that is only begun, from at most four times as many
_MOST_FROM_ONE = 1032  # bytes that deflate can make of one
_START = 1024  # bytes by which a format is known


class Budget:
    """How much may be decoded: in any case so much that a small archive is decoded in full, then a part of what is read."""

    LEAST, SHARE = 32 * 1024 * 1024, 0.2

    def __init__(self, *, thorough: bool = False) -> None:
        self._left = float("inf") if thorough else float(self.LEAST)

    def earn(self, read: int) -> bool:
        """So many coded bytes were read; whether they may be decoded."""
        self._left += read * self.SHARE
        return self._left > 0

    def spend(self, decoded: int) -> None:
        """So many bytes were decoded."""
        self._left -= decoded


class Body:
    """A body as it comes: hashed with and without its transfer coding, decoded as its head says.

    ``behind`` counts the bytes after the last chunk; ``coding`` says what is wrong with the content coding: a rule and words.
    """

    def __init__(self, head: Head, status: int | None, algorithms: set[str], *, request: bool) -> None:
        self._head = head
        self._partial = status == _PARTIAL
        # A request without a length has no body (RFC 9112 §6.3).
        self._frame = NO_BODY if request and _FRAMED_BY.isdisjoint(head.held) else framing(head, "GET")
        self._codings = [token for name in _CODED_BY for token in head.tokens(name) if token not in ("identity", "chunked")]
        self.chunks = Chunks() if self._frame.end is CHUNKED else None
        self.entity = Digests(algorithms)
        self.framed = Digests(algorithms) if self.chunks else self.entity
        self.behind = 0
        self.coding: tuple[str, str] | None = None
        self.start = b""
        self.begun = False

    def read(self, pieces: Iterable[bytes], budget: Budget) -> None:
        """Read the body to its end."""
        entity = self._entity(pieces) if self.chunks is None else self._unchunked(pieces, self.chunks)
        if self._codings and not self._partial:  # a part of something coded begins anywhere in it
            if self._codings in (["gzip"], ["x-gzip"]):
                entity = self._begin(entity, budget)
            if not self.begun:
                budget.spend(self._decode(entity))
        for data in entity:
            self.start = self.start or data[:_START]
        if self.coding is not None or self._partial:
            self.start = b""  # this is not how the payload begins

    def _entity(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for data in pieces:
            self.entity.update(data)
            yield data

    def _unchunked(self, pieces: Iterable[bytes], chunks: Chunks) -> Iterator[bytes]:
        for data in pieces:
            self.framed.update(data)
            payload, used = chunks.take(data)
            if chunks.done:
                self.behind += len(data) - used
            self.entity.update(payload)
            if payload:
                yield payload

    def _begin(self, entity: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
        """Look whether a gzip body can be what it says; the body again, when it has to be decoded."""
        pieces, length = [], 0
        for data in entity:
            pieces.append(data)
            length += len(data)
            if length > _HELD:
                break
        if budget.earn(length) or not 0 < length <= _HELD:
            return chain(pieces, entity)
        held = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        inflate = zlib.decompressobj(zlib.MAX_WBITS + 16)
        try:
            made = inflate.decompress(held[: 4 * _BEGINNING], _BEGINNING)
        except zlib.error:
            made = b""
        self.begun = len(made) == _BEGINNING and len(made) <= int.from_bytes(held[-4:], "little") <= _MOST_FROM_ONE * length
        self.start = made[:_START]
        return iter(()) if self.begun else iter(pieces)

    def _decode(self, entity: Iterator[bytes]) -> int:
        """Decode the body, as far as that is sensible; how many bytes came out."""
        produced = 0
        pieces, problem = undone(self._head, entity)
        if problem:
            self.coding = "http-coding-unknown", problem
            return produced
        try:
            for data in pieces:
                self.start = self.start or data[:_START]
                produced += len(data)
                if produced > _BOMB and produced > _BOMB_RATIO * self.entity.length:
                    self.coding = "http-coding-limit", f"the body was not decoded beyond {produced} bytes from {self.entity.length}"
                    break
        except BadCoding as error:
            self.coding = "http-coding", f"the body is not what its head says: {error}"
        return produced

    @property
    def conflict(self) -> str | None:
        """What the head says of the body's end and takes back."""
        if self._frame.conflict:
            return "the Content-Length fields disagree or mean nothing"
        return "both Transfer-Encoding and Content-Length" if self.chunks and self._head.first("content-length") is not None else None

    def wrong_end(self) -> tuple[str, str] | None:
        """The rule that the body breaks where it ends, and words."""
        if self.chunks is not None:
            if self.chunks.done:
                return ("http-long", f"{self.behind} bytes follow the last chunk") if self.behind else None
            why = self.chunks.broken or "the last chunk is missing"
            return "http-chunks", f"the head says chunked, the body is not, and nothing marks it as truncated: {why}"
        length = promised = self.entity.length
        if self._frame.end is not CLOSE:
            promised = self._frame.length
        if length > promised:
            return "http-long", f"{length - promised} bytes follow the end of the message"
        if length < promised:
            return "http-short", f"the body has {length} bytes, its Content-Length says {promised}, and nothing marks it as truncated"
        return None

    def is_whole(self) -> bool:
        """Whether the head says where the body ends, and it ends there."""
        return self.chunks.done if self.chunks is not None else self._frame.end is LENGTH and self.entity.length == self._frame.length
