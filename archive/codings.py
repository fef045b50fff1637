"""Content codings undone: gzip, deflate, br and zstd, never beyond a limit.

Contract: ``decoded`` gives at most ``limit`` bytes of a message's representation and what was wrong, if anything was: a coding that is not
known (the bytes are left as they are), data that is broken or cut short (what could be decoded is given), a limit that cut.  It never
raises for what a server sent, and holds no more than the limit and some pieces of 64 KiB in memory, however small a bomb is packed.
"""

import hashlib
import importlib
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, Protocol

from archive.heads import Head
from archive.http import PIECE, BadFraming, entity

_MOST_CODINGS = 4  # more than any honest server applies
_ZSTD_WINDOW_LOG = 23  # RFC 9659: 8 MiB is the most that a sender may ask a reader to hold


class BadCoding(ValueError):
    """Data that does not follow the coding that the head announced, or a coding that nobody here can undo."""


class _Decoder(Protocol):
    """One coding: ``step`` takes data, or nothing to ask for more of what it holds, and gives some 64 KiB at most."""

    error: type[Exception]

    def step(self, data: bytes) -> bytes: ...

    @property
    def hungry(self) -> bool: ...

    @property
    def done(self) -> bool: ...


def decoded(head: Head, stream: IO[bytes], limit: int) -> tuple[bytes, str | None]:
    """The body of the message whose head was just read from ``stream``, with transfer and content codings undone."""
    body = bytearray()
    problem = None
    try:
        pieces, problem = undone(head, entity(head, stream))
        for piece in pieces:
            body += piece
            if len(body) > limit:
                return bytes(body[:limit]), f"longer than {limit} bytes"
    except (BadCoding, BadFraming) as error:
        problem = str(error)
    return bytes(body), problem


def decoded_digest(head: Head, stream: IO[bytes], limit: int) -> tuple[str, int] | None:
    """Labelled digest and length of the body with every coding undone; None where that cannot be done whole within ``limit`` bytes."""
    digest, length = hashlib.sha256(), 0
    try:
        pieces, problem = undone(head, entity(head, stream))
        for piece in pieces:
            digest.update(piece)
            length += len(piece)
            if length > limit:
                return None
    except (BadCoding, BadFraming):
        return None
    return None if problem else (f"sha256:{digest.hexdigest()}", length)


def undone(head: Head, pieces: Iterator[bytes]) -> tuple[Iterator[bytes], str | None]:
    """The pieces behind every coding that can be undone, outermost first."""
    applied = [*head.tokens("content-encoding"), *head.tokens("transfer-encoding")]
    codings = [coding for coding in reversed(applied) if coding not in ("identity", "chunked")]
    if len(codings) > _MOST_CODINGS:
        return pieces, f"{len(codings)} codings one upon another"
    for coding in codings:
        make = _DECODERS.get(coding)
        if make is None:
            return pieces, f"unknown coding: {coding[:40]}"
        try:
            pieces = _steps(make(), pieces, coding)
        except ImportError:
            return pieces, f"no decoder installed for {coding}"
    return pieces, None


def _steps(decoder: _Decoder, pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The decoded pieces; an empty body needs no coding, bytes after the end of the data are passed over, as browsers do."""
    fed = False
    for piece in pieces:
        data, fed = piece, True
        while True:
            try:
                out = decoder.step(data)
            except decoder.error as error:
                raise BadCoding(f"{name}: {error}") from error
            data = b""
            if out:
                yield out
            if decoder.hungry:
                break
    if fed and not decoder.done:
        raise BadCoding(f"{name}: cut short")


class _Zlib:
    """Gzip, with any number of members one after another, or one zlib or raw deflate stream."""

    error: type[Exception] = zlib.error

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._inflate = zlib.decompressobj(wbits)
        self._input = b""
        self._full = False

    def step(self, data: bytes) -> bytes:
        self._input += data
        if self._inflate.eof:
            if self._wbits <= zlib.MAX_WBITS or not self._input.startswith(b"\x1f\x8b"):
                self._input = b"\x1f" if self._input == b"\x1f" else b""  # half of the next member's mark may be here
                self._full = False
                return b""
            self._inflate = zlib.decompressobj(self._wbits)
        out = self._inflate.decompress(self._input, PIECE)
        self._input = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        self._full = len(out) == PIECE
        return out

    @property
    def hungry(self) -> bool:
        return not self._full and len(self._input) < 2

    @property
    def done(self) -> bool:
        return self._inflate.eof


class _Deflate:
    """What servers call deflate: zlib as RFC 9110 §8.4.1.2 says, or raw as many send it; the first byte of zlib tells."""

    error: type[Exception] = zlib.error

    def __init__(self) -> None:
        self._zlib: _Zlib | None = None

    def step(self, data: bytes) -> bytes:
        if self._zlib is None:
            self._zlib = _Zlib(zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS)
        return self._zlib.step(data)

    @property
    def hungry(self) -> bool:
        return self._zlib is None or self._zlib.hungry

    @property
    def done(self) -> bool:
        return self._zlib is not None and self._zlib.done


class _Brotli:
    """Br, by the brotli package that Scrapy brings."""

    def __init__(self) -> None:
        module: Any = importlib.import_module("brotli")
        self.error: type[Exception] = module.error
        self._decoder = module.Decompressor()
        self._more = False

    def step(self, data: bytes) -> bytes:
        out = b"" if self.done else bytes(self._decoder.process(data, output_buffer_limit=PIECE))
        self._more = bool(out)
        return out

    @property
    def hungry(self) -> bool:
        # It accepts more data while it still holds output (measured, brotli 1.2.1): only an empty step says that it holds none.
        return self.done or (not self._more and bool(self._decoder.can_accept_more_data()))

    @property
    def done(self) -> bool:
        return bool(self._decoder.is_finished())


class _Zstd:
    """Zstandard, one frame, by Python 3.14 or the backport that Scrapy brings."""

    def __init__(self) -> None:
        module: Any
        try:
            module = importlib.import_module("compression.zstd")
        except ImportError:
            module = importlib.import_module("backports.zstd")
        self.error: type[Exception] = module.ZstdError
        self._decoder = module.ZstdDecompressor(options={module.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})

    def step(self, data: bytes) -> bytes:
        return b"" if self.done else bytes(self._decoder.decompress(data, max_length=PIECE))

    @property
    def hungry(self) -> bool:
        return self.done or bool(self._decoder.needs_input)

    @property
    def done(self) -> bool:
        return bool(self._decoder.eof)


def _gzip() -> _Decoder:
    return _Zlib(zlib.MAX_WBITS + 16)


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}
