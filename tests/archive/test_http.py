"""The HTTP/1 message parser, on what servers send and on what nobody should."""

import hashlib
import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archive.http import HEAD_LIMIT, BadFraming, BadHead, Problem, ResponseParser, entity, parse_head

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "responses.yaml").read_text())

wires = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([case["wire"].encode("latin-1") for case in CASES]),
    st.tuples(st.sampled_from([case["wire"].encode("latin-1") for case in CASES]), st.integers(0, 200), st.binary(max_size=8)).map(
        lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]
    ),
)


def parsed(wire: bytes, method: str = "GET", cuts: tuple[int, ...] = ()) -> ResponseParser:
    parser = ResponseParser(method)
    for start, end in pairwise((0, *sorted(cut for cut in cuts if cut < len(wire)), len(wire))):
        parser.feed(wire[start:end])
    parser.finish()
    return parser


def told(parser: ResponseParser) -> dict[str, Any]:
    """Everything that a parser tells."""
    return {
        "state": parser.state,
        "head": parser.head,
        "interim": b"".join(parser.interim),
        "trailing": parser.trailing,
        "response": parser.response.read(),
        "payload": (parser.payload_digest, parser.payload_length),
        "problem": parser.problem,
        "complete": parser.complete,
        "keep_alive": parser.keep_alive,
        "chunked": parser.chunked,
    }


def digest(payload: str | None) -> str | None:
    return None if payload is None else f"sha256:{hashlib.sha256(payload.encode('latin-1')).hexdigest()}"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_response_is_understood(case: dict[str, Any]) -> None:
    """Each case of the table is read as the table says."""
    parser = parsed(case["wire"].encode("latin-1"), case.get("method", "GET"))

    assert (parser.head.status if parser.head else None) == case.get("status")
    assert b"".join(parser.interim).decode("latin-1") == case.get("interim", "")
    assert parser.trailing.decode("latin-1") == case.get("trailing", "")
    assert parser.problem == (Problem(case["problem"]) if "problem" in case else None)
    assert (parser.keep_alive, parser.chunked) == (case.get("keep_alive", False), case.get("chunked", False))
    if parser.head:
        assert parser.payload_digest == digest(case.get("payload", ""))
        assert parser.payload_length == len(case.get("payload") or "")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_segments_do_not_matter(case: dict[str, Any]) -> None:
    """A response is the same whether the network brings it at once or byte by byte."""
    wire, method = case["wire"].encode("latin-1"), case.get("method", "GET")

    whole = told(parsed(wire, method))

    # A connection is given up at the first byte that cannot be HTTP, or a chunk: later bytes then count as trailing.
    if whole["problem"] != Problem.BAD_CHUNK:
        assert told(parsed(wire, method, tuple(range(len(wire))))) == whole


@given(wires, st.sampled_from(["GET", "HEAD"]), st.lists(st.integers(0, 300), max_size=5))
def test_no_byte_is_lost(wire: bytes, method: str, cuts: list[int]) -> None:
    """Whatever comes, in whatever segments: nothing is raised, and every byte stands in exactly one place."""
    parser = parsed(wire, method, tuple(cuts))

    assert b"".join(parser.interim) + parser.response.read() + parser.trailing == wire
    assert parser.state == "done"
    assert parser.head is not None or not parser.complete


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.lists(st.integers(0, 400), max_size=4))
def test_chunks_are_undone(pieces: list[bytes], cuts: list[int]) -> None:
    """The payload of chunks is what was put into them: live, and again from the archived block."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body

    parser = parsed(wire, cuts=tuple(cuts))
    block = io.BytesIO(parser.response.read())

    assert parser.complete
    assert parser.payload_digest == f"sha256:{hashlib.sha256(b''.join(pieces)).hexdigest()}"
    assert b"".join(entity(parse_head(block), block)) == b"".join(pieces)


def test_a_head_is_bounded() -> None:
    """A head that does not end is given up at the limit."""
    parser = ResponseParser("GET")
    parser.feed(b"HTTP/1.1 200 OK\r\n")
    while parser.state == "head":
        parser.feed(b"X-Filler: " + b"x" * 10_000 + b"\r\n")

    assert parser.problem is Problem.HEAD_TOO_LONG
    assert HEAD_LIMIT < len(parser.trailing) < HEAD_LIMIT + 20_000


@pytest.mark.parametrize("filler", [b"\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_what_comes_before_a_head_is_bounded(filler: bytes) -> None:
    """Interim heads and empty lines without end are given up at the same limit."""
    parser = ResponseParser("GET")
    fed = 0
    while parser.state == "head":
        parser.feed(filler * 1000)
        fed += len(filler) * 1000

    assert parser.problem is Problem.HEAD_TOO_LONG
    assert fed < HEAD_LIMIT + 2 * 1000 * len(filler)


def test_a_chunk_line_is_bounded() -> None:
    """A chunk extension without end is a broken chunk."""
    parser = ResponseParser("GET")
    parser.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;")
    while parser.state == "body":
        parser.feed(b"x" * 5000)

    assert parser.problem is Problem.BAD_CHUNK
    assert parser.response.length < 30_000


def test_a_long_body_goes_to_disk() -> None:
    """A body of 20 MB leaves the memory, and is all there."""
    parser = ResponseParser("GET")
    parser.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n")
    for _ in range(200):
        parser.feed(b"0123456789" * 10_000)

    assert parser.complete
    assert parser.response._file is not None
    with parser.response._file, parser.response.open() as stream:
        assert parse_head(stream).status == 200
        assert sum(map(len, iter(lambda: stream.read(65536), b""))) == 20_000_000


def test_fields_are_asked_for_as_they_repeat() -> None:
    """``first``, ``all`` and ``sole`` say which value is meant; a name means the same in any case."""
    head = parse_head(b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\nX:\r\nVia: 1\r\nvia: 1\r\nAccept: x,, Y \r\n\r\n")

    assert head.first("SET-COOKIE") == "a"
    assert head.all("set-cookie") == ("a", "b")
    assert (head.sole("via"), head.sole("x"), head.sole("none"), head.first("none")) == ("1", "", None, None)
    assert head.tokens("accept") == ("x", "y")
    with pytest.raises(ValueError, match="2 times"):
        head.sole("set-cookie")


def test_a_head_tells_its_first_line() -> None:
    """Version, status and reason are read as sent; a request line has none of them."""
    answer = parse_head(b"HTTP/1.0 404  Nicht gefunden: caf\xe9\r\n\r\n")
    request = parse_head(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nbody")

    assert (answer.version, answer.status, answer.reason) == ("1.0", 404, "Nicht gefunden: café")
    assert (request.version, request.status, request.reason, request.length) == (None, None, "", 27)


def test_a_folded_field_is_one_value() -> None:
    """A line that begins with a space continues the value before it; one without a colon is no field."""
    head = parse_head(b"HTTP/1.1 200 OK\r\n stray\r\nA: 1\r\n\t 2 \r\nnothing\r\nB:\r\n 3\r\n\r\n")

    assert head.fields == ((b"A", b"1 2"), (b"B", b"3"))


def test_a_stream_is_left_after_the_head() -> None:
    """The body can be read on; a head without an end goes as far as the block does."""
    stream = io.BytesIO(b"HTTP/1.1 200 OK\nA: b\n\nbody")

    assert parse_head(stream).length == 22
    assert stream.read() == b"body"
    assert parse_head(b"HTTP/1.1 304 Not Modified\r\nETag: x").first("etag") == "x"


@given(
    wires
    | st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"HTTP/1.1 200 OK", b" ", b"\t", b":", b"A", b"\xe9"]), max_size=30).map(b"".join)
)
def test_a_head_is_the_same_from_a_stream(wire: bytes) -> None:
    """Whether a block is held or streamed, its head is one."""
    assert parse_head(wire) == parse_head(io.BytesIO(wire))


def test_a_head_too_long_is_bad() -> None:
    """What is archived elsewhere may hold heads beyond all measure: they are refused, in one line or many."""
    for filler in (b"x" * HEAD_LIMIT, b"a: b\r\n" * HEAD_LIMIT):
        with pytest.raises(BadHead):
            parse_head(b"HTTP/1.1 200 OK\r\n" + filler + b"\r\n\r\n")


def test_broken_chunks_in_an_archived_block() -> None:
    """The payload is given up to the break, and then the break is told."""
    stream = io.BytesIO(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")
    pieces = entity(parse_head(stream), stream)

    assert next(pieces) == b"hello"
    with pytest.raises(BadFraming, match="zz"):
        next(pieces)
