"""Content codings are undone, and hostile ones do no harm."""

import gzip
import importlib
import io
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.codings import decoded
from archive.http import parse_head

MIB = 1024 * 1024
# They come with Scrapy, as for the module under test; zstd is Python's own from 3.14 on.
brotli = importlib.import_module("brotli")
zstd = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")


def raw_deflate(data: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(data) + deflate.flush()


CODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "X-GZIP": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": partial(brotli.compress, quality=5),
    "zstd": zstd.compress,
    "identity": bytes,
}


def undone(coding: str, body: bytes, limit: int = 10 * MIB) -> tuple[bytes, str | None]:
    stream = io.BytesIO(f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n".encode() + body)
    return decoded(parse_head(stream), stream, limit)


@pytest.mark.parametrize("coding", CODERS)
@given(data=st.binary(min_size=1), repeat=st.sampled_from([1, 1, 5000]))
def test_what_was_coded_is_decoded(coding: str, data: bytes, repeat: int) -> None:
    """Every coding, long and short, gives back what was put in."""
    assert undone(coding, CODERS[coding](data * repeat)) == (data * repeat, None)


@pytest.mark.parametrize("coding", CODERS)
@given(data=st.binary(min_size=1, max_size=3000), cut=st.integers(0, 3000))
def test_a_coding_cut_short_gives_what_there_is(coding: str, data: bytes, cut: int) -> None:
    """What could be decoded before the cut is given, never anything else, and the cut is told."""
    coded = CODERS[coding](data)[:cut]

    body, problem = undone(coding, coded)

    assert data.startswith(body)
    assert problem is not None or body == data or not coded or coding == "identity"


@pytest.mark.parametrize("coding", CODERS)
@given(noise=st.binary(max_size=500))
def test_noise_is_told_not_raised(coding: str, noise: bytes) -> None:
    """Bytes that do not follow the coding are a problem, never an exception."""
    body, problem = undone(coding, noise)

    assert isinstance(body, bytes)
    assert problem is None or problem.startswith(coding.lower())


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "br, gzip"])
def test_a_bomb_is_cut_at_the_limit(coding: str) -> None:
    """A hundred MiB packed small give the limit and no more, in bounded memory."""
    bomb = bytes(100 * MIB)
    for name in coding.split(", "):
        bomb = CODERS[name](bomb)

    tracemalloc.start()
    body, problem = undone(coding, bomb, limit=MIB)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (len(body), problem) == (MIB, f"longer than {MIB} bytes")
    assert peak < 6 * MIB


def test_codings_are_undone_from_the_outside() -> None:
    """The last coding named was applied last (RFC 9110 §8.4), the transfer coding after it."""
    body = gzip.compress(brotli.compress(zlib.compress(b"hello")))
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    stream = io.BytesIO(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\ncontent-encoding: br\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + chunks
    )

    assert decoded(parse_head(stream), stream, MIB) == (b"hello", None)


def test_an_unknown_coding_leaves_the_bytes() -> None:
    """Servers name codings that are none: the bytes stay, and the name is told."""
    assert undone("utf-8", b"hello") == (b"hello", "unknown coding: utf-8")


def test_many_codings_are_not_undone() -> None:
    """No honest server codes five times."""
    assert undone("gzip, gzip, gzip, gzip, gzip", b"hello") == (b"hello", "5 codings one upon another")


def test_gzip_members_follow_one_another() -> None:
    """Gzip members one after another are one body; what is no member after them is passed over, as browsers do."""
    assert undone("gzip", gzip.compress(b"one ") + gzip.compress(b"two")) == (b"one two", None)
    assert undone("gzip", gzip.compress(b"one") + b"\x00\x00 padding") == (b"one", None)


def test_a_member_may_begin_between_two_reads() -> None:
    """A gzip member whose mark is split by a piece's border is read as well."""
    first, second = gzip.compress(b"one "), gzip.compress(b"two")
    cut = len(first) + 1
    pieces = (first + second)[:cut], (first + second)[cut:]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"

    class Slow(io.BytesIO):
        """Gives the bytes as a network does: a few at a time."""

        def read(self, size: int | None = -1) -> bytes:
            return super().read(1)

    stream = Slow(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)

    assert decoded(parse_head(stream), stream, MIB) == (b"one two", None)


def test_an_empty_body_needs_no_coding() -> None:
    """The answer to HEAD, or 304, names the coding of what it does not carry."""
    assert undone("gzip", b"") == (b"", None)


def test_a_missing_decoder_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a decoder is not installed the bytes stay as they are, and that is told."""
    monkeypatch.setitem(sys.modules, "brotli", None)

    assert undone("br", b"coded") == (b"coded", "no decoder installed for br")


def test_broken_chunks_are_told() -> None:
    """A body whose chunks break is given up to the break."""
    stream = io.BytesIO(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")

    assert decoded(parse_head(stream), stream, MIB) == (b"hello", "no chunk size: b'zz'")
