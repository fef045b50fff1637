"""What the archive holds is what went over the wire, byte for byte, for every shape of answer."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from scrapy import Request
from scrapy.http import Response
from support.certificates import Authority
from support.crawling import crawl, session_for
from support.shapes import SHAPES, Shape
from support.wireserver import CLOSE, NOT_FOUND, Served, WireServer

from archive.records import Exchange
from crawlers.errors import FetchFailed
from crawlers.session import kept_by

PATH = "/a%20b?q=1&r"
CASES = [pytest.param(scheme, shape, id=f"{scheme}-{shape.name}") for scheme in ("http", "https") for shape in SHAPES]


@dataclass
class Captured:
    """What one shape gave: in the archive, at the server, and at the spider."""

    exchange: Exchange
    served: Served
    request: Request
    outcome: Response | BaseException


async def capture(scheme: str, authority: Authority) -> Mapping[str, Captured]:
    """Fetch every shape in one crawl, each from a host of its own."""
    hosts = {shape.name: f"{shape.name}.example" for shape in SHAPES}
    replies = {f"{hosts[shape.name]} {PATH}": shape.reply for shape in SHAPES}
    tls = authority.server_context(*hosts.values()) if scheme == "https" else None
    async with WireServer({**replies, "/robots.txt": (*NOT_FOUND, CLOSE)}, tls=tls) as server:
        session = session_for(connect_to=server.connect_to, ca_file=authority.ca_file)
        requests = [_request(f"{scheme}://{hosts[shape.name]}{PATH}#part", shape) for shape in SHAPES]
        result = await crawl(session, *requests)
    outcomes = {response.url: (response.request, response) for response in result.responses}
    outcomes |= {request.url: (request, error) for request, error in result.errors}
    return {
        name: Captured(
            next(exchange for exchange in result.pages if exchange.url == f"{scheme}://{host}{PATH}"),
            next(served for served in server.served(PATH) if served.host == host),
            *outcomes[f"{scheme}://{host}{PATH}#part"],
        )
        for name, host in hosts.items()
    }


def _request(url: str, shape: Shape) -> Request:
    return Request(url, method=shape.method, body=b"a=1" if shape.method == "POST" else None)


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
    else:
        assert isinstance(outcome, FetchFailed)
        assert shape.status is None
        assert kept_by(case.request.meta) is outcome.kept


def test_the_table_covers_what_servers_do() -> None:
    """The table holds at least the forty shapes of the reference, each name once."""
    assert len({shape.name for shape in SHAPES}) == len(SHAPES) >= 40


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
