"""What the archive holds is what went over the wire, byte for byte, for every shape of answer."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import Response
from support.certificates import Authority
from support.crawling import CONTACT, Crawl, archived, crawl, now, session_for
from support.shapes import SHAPES, Shape
from support.wireserver import CLOSE, NOT_FOUND, Served, WireServer

from archive.records import Exchange
from archive.settings import Settings
from crawlers.errors import FetchFailed
from crawlers.session import Sink, kept_by
from crawlers.sink import open_sink

PATH = "/a%20b?q=1&r"
CASES = [pytest.param(scheme, shape, id=f"{scheme}-{shape.name}") for scheme in ("http", "https") for shape in SHAPES]


@dataclass
class Captured:
    """What one shape gave: in the archive, at the server, and at the spider."""

    exchange: Exchange
    served: Served
    request: Request | None
    outcome: Response | BaseException


HOSTS = {shape.name: f"{shape.name}.example" for shape in SHAPES}


async def visit(scheme: str, authority: Authority, sink: Sink | None = None) -> tuple[Crawl, WireServer]:
    """Fetch every shape in one crawl, each from a host of its own."""
    replies = {f"{HOSTS[shape.name]} {PATH}": shape.reply for shape in SHAPES}
    tls = authority.server_context(*HOSTS.values()) if scheme == "https" else None
    async with WireServer({**replies, "/robots.txt": (*NOT_FOUND, CLOSE)}, tls=tls) as server:
        session = session_for(connect_to=server.connect_to, ca_file=authority.ca_file, sink=sink)
        requests = [_request(f"{scheme}://{HOSTS[shape.name]}{PATH}#part", shape) for shape in SHAPES]
        return await crawl(session, *requests), server


async def capture(scheme: str, authority: Authority) -> Mapping[str, Captured]:
    result, server = await visit(scheme, authority)
    outcomes: dict[str, tuple[Request | None, Response | BaseException]] = {}
    outcomes |= {response.url: (response.request, response) for response in result.responses}
    outcomes |= {request.url: (request, error) for request, error in result.errors}
    return {
        name: Captured(
            next(exchange for exchange in result.pages if exchange.url == f"{scheme}://{host}{PATH}"),
            next(served for served in server.served(PATH) if served.host == host),
            *outcomes[f"{scheme}://{host}{PATH}#part"],
        )
        for name, host in HOSTS.items()
    }


def _request(url: str, shape: Shape) -> Request:
    return Request(url, method=shape.method, body=shape.sent, headers=dict(shape.headers), meta={"dont_redirect": True})


@pytest.fixture(scope="module")
def captured(authority: Authority) -> Mapping[str, Mapping[str, Captured]]:
    return {scheme: asyncio.run(capture(scheme, authority)) for scheme in ("http", "https")}


@pytest.mark.parametrize(("scheme", "shape"), CASES)
def test_every_byte_of_both_directions_is_kept(scheme: str, shape: Shape, captured: Mapping[str, Mapping[str, Captured]]) -> None:
    """The exchange holds the request that the server read and everything that the server sent, each part in its place."""
    case = captured[scheme][shape.name]

    response = case.exchange.response.read() if case.exchange.response else b""
    assert case.exchange.request == case.served.request
    assert b"".join(case.exchange.interim) == shape.interim
    assert case.exchange.trailing == shape.trailing
    assert shape.interim + response + shape.trailing == bytes(case.served.response)


@pytest.mark.parametrize(("scheme", "shape"), CASES)
def test_each_shape_is_understood(scheme: str, shape: Shape, captured: Mapping[str, Mapping[str, Captured]]) -> None:
    """Status, framing, truncation and failure are recorded, and the spider gets the decoded body or a Scrapy exception."""
    case = captured[scheme][shape.name]

    exchange, outcome = case.exchange, case.outcome
    assert (exchange.status, exchange.truncated, exchange.chunked) == (shape.status, shape.truncated, shape.chunked)
    assert (exchange.failure.kind if exchange.failure else None) == shape.failure
    if isinstance(outcome, Response):
        assert (outcome.status, outcome.body) == (shape.status, shape.body)
        assert ("truncated" in outcome.flags) == (shape.truncated is not None)
    elif shape.undecodable:
        assert case.request is not None
        assert kept_by(case.request.meta) is not None
    else:
        assert isinstance(outcome, FetchFailed)
        assert shape.status is None
        assert case.request is not None
        assert kept_by(case.request.meta) is outcome.kept


def test_the_warc_gives_every_byte_back(authority: Authority, tmp_path: Path) -> None:
    """Read back from the store, each request and each message is what went over the wire, whatever it looked like."""

    async def archive() -> WireServer:
        sink = open_sink(Settings(store=str(tmp_path), contact=CONTACT), clock=now)
        try:
            return (await visit("http", authority, sink))[1]
        finally:
            await sink.close()

    server = asyncio.run(archive())

    blocks = archived(tmp_path)
    assert sorted(blocks["request"]) == sorted(served.request for served in server.log)
    messages = Counter(message(served) for served in server.served(PATH) if message(served))
    full, heads = ([block for block in blocks[kind] if b"404 Not Found" not in block] for kind in ("response", "revisit"))
    assert not Counter(full) - messages
    repeated = list((messages - Counter(full)).elements())  # the same payload again: a revisit holds its head
    assert len(heads) == len(repeated)
    assert all(any(item.startswith(head) for item in repeated) for head in heads)


def message(served: Served) -> bytes:
    """What a server sent without what came before and after the message; empty where there is none."""
    shape = next(shape for shape in SHAPES if HOSTS[shape.name] == served.host)
    return shape.message(served.response)


def test_the_table_covers_what_servers_do() -> None:
    """The table holds every shape once, and no fewer than it did."""
    assert len({shape.name for shape in SHAPES}) == len(SHAPES) >= 92


def test_a_tls_connection_is_described(captured: Mapping[str, Mapping[str, Captured]]) -> None:
    """Protocol tokens, the cipher suite's IANA name and the leaf certificate stand in the exchange; plain http has none of them."""
    secure, plain = captured["https"]["plain"].exchange, captured["http"]["plain"].exchange

    assert secure.protocols == ("http/1.1", "tls/1.3")
    assert secure.cipher is not None
    assert secure.cipher.startswith("TLS_")
    assert secure.certificate is not None
    assert set(secure.phases) == {"dns", "connect", "tls", "sent", "head", "body"}
    assert list(secure.phases.values()) == sorted(secure.phases.values())
    assert (plain.protocols, plain.cipher, plain.certificate) == (("http/1.1",), None, None)
    assert plain.ip == secure.ip == "127.0.0.1"


def test_an_old_version_is_named(captured: Mapping[str, Mapping[str, Captured]]) -> None:
    """An HTTP/1.0 answer is recorded as one, and Scrapy's response says so."""
    case = captured["http"]["http-1.0"]

    assert case.exchange.protocols == ("http/1.0",)
    assert isinstance(case.outcome, Response)
    assert case.outcome.protocol == "HTTP/1.0"
