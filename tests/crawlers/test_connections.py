"""Connections: kept, found dead, spoiled, refused, never made."""

import socket
import ssl

import pytest
import scrapy.exceptions
from scrapy import Request
from scrapy.settings.default_settings import RETRY_EXCEPTIONS
from scrapy.utils.misc import load_object
from support.certificates import Authority
from support.crawling import Crawl, crawl, session_for
from support.wireserver import CLOSE, RESET, Pause, WireServer, page

from archive.kinds import Phase
from archive.records import Failure, RecordRef
from crawlers.errors import FetchFailed, error_of
from crawlers.robots import RobotsRefusal
from crawlers.session import Kept
from crawlers.tls import iana_name


def sole_failure(result: Crawl) -> Failure:
    """Why the only exchange has no answer: the one for robots.txt, after which nothing else is asked for."""
    (exchange,) = result.sink.exchanges
    ((_, error),) = result.errors
    assert exchange.response is None
    assert exchange.failure is not None
    assert isinstance(error, RobotsRefusal)
    assert error.failure == exchange.failure
    return exchange.failure


async def test_one_connection_serves_a_whole_visit() -> None:
    """robots.txt and the pages of one host go over the same connection."""
    async with WireServer({f"/{number}": page() for number in range(3)}) as server:
        await crawl(session_for(connect_to=server.connect_to), *(f"http://paper.example/{number}" for number in range(3)))

    assert [served.connection for served in server.log] == [1, 1, 1, 1]


async def test_two_hosts_never_share_a_connection() -> None:
    """A kept connection is used for its own host only, also where both lead to the same server."""
    async with WireServer({"/": page()}) as server:
        await crawl(session_for(connect_to=server.connect_to), "http://one.example/", "http://two.example/")

    assert {served.host for served in server.log if served.connection == server.log[0].connection} == {server.log[0].host}


async def test_a_request_that_meets_a_dead_connection_is_sent_again() -> None:
    """Nobody has answered it, so it is sent once more on a new connection, and both exchanges are in the archive."""
    async with WireServer({"/": [(CLOSE,), page()]}) as server:
        result = await crawl(session_for(connect_to=server.connect_to), "http://paper.example/")

    first, second = result.pages
    assert [exchange.attempt for exchange in result.pages] == [1, 2]
    assert first.failure is not None
    assert (first.failure.kind, first.response, second.status) == ("stale_connection", None, 200)
    assert [served.request for served in server.served("/")] == [first.request, second.request]
    assert [response.status for response in result.responses] == [200]


async def test_a_post_is_not_sent_again() -> None:
    """What may have had an effect is repeated by nobody but the spider."""
    async with WireServer({"/": [(RESET,), page()]}) as server:
        result = await crawl(session_for(connect_to=server.connect_to), Request("http://paper.example/", method="POST", body=b"a"))

    ((_, error),) = result.errors
    assert len(server.served("/")) == 1
    assert isinstance(error, FetchFailed)
    assert error.failure.kind == "stale_connection"


async def test_bytes_that_nobody_asked_for_do_not_become_an_answer() -> None:
    """What a server sends late spoils the connection: the next page is asked for on a new one, and gets its own answer."""
    late = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"
    async with WireServer({"/a": (*page(), Pause(0.05), late), "/b": page(b"right")}) as server:
        result = await crawl(session_for(connect_to=server.connect_to, delay=0.15), "http://paper.example/a", "http://paper.example/b")

    (second,) = result.sink.of("http://paper.example/b")
    assert second.response is not None
    assert second.response.read().endswith(b"right")
    assert server.served("/b")[0].connection != server.served("/a")[0].connection


async def test_a_private_address_is_not_connected_to() -> None:
    """Without COPYTRAIL_CONNECT_TO a URL that leads to loopback is refused before any byte is sent, and that is written down."""
    async with WireServer({"/": page()}) as server:
        result = await crawl(session_for(), f"http://127.0.0.1:{server.port}/")

    assert server.connections == 0
    assert sole_failure(result).phase is Phase.POLICY
    assert result.sink.exchanges[0].request == b""


async def test_a_name_that_leads_nowhere() -> None:
    """A host that the resolver does not know is a failure in phase dns, with nothing sent."""
    result = await crawl(session_for(connect_to="*:*=nowhere.invalid:80"), "http://paper.example/")

    assert sole_failure(result).phase is Phase.DNS
    assert result.sink.exchanges[0].request == b""


async def test_a_port_that_nobody_listens_on() -> None:
    """A refused connection is a failure in phase connect."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    result = await crawl(session_for(connect_to=f"*:*=127.0.0.1:{port}"), "http://paper.example/")

    failure = sole_failure(result)
    assert (failure.phase, failure.kind) == (Phase.CONNECT, "refused")


@pytest.mark.parametrize(("trusted", "name"), [(False, "paper.example"), (True, "other.example")], ids=["unknown authority", "wrong name"])
async def test_a_certificate_that_proves_nothing(authority: Authority, *, trusted: bool, name: str) -> None:
    """An unknown authority or a wrong name ends the fetch in phase tls; it is not tried again."""
    async with WireServer({"/": page()}, tls=authority.server_context(name)) as server:
        ca_file = authority.ca_file if trusted else None
        result = await crawl(session_for(connect_to=server.connect_to, ca_file=ca_file), "https://paper.example/", RETRY_ENABLED=True)

    failure = sole_failure(result)
    assert (failure.phase, failure.kind) == (Phase.TLS, "certificate")
    assert server.log == []


async def test_a_server_that_speaks_no_tls() -> None:
    """A plain server behind an https URL is a failed handshake, not a crash."""
    async with WireServer({}) as server:
        result = await crawl(session_for(connect_to=server.connect_to, timeout=0.4), "https://paper.example/")

    assert sole_failure(result).phase is Phase.TLS


@pytest.mark.parametrize(
    ("phase", "kind", "scrapys", "again"),
    [
        (Phase.DNS, "not_found", "CannotResolveHostError", True),
        (Phase.DNS, "bad_name", "DownloadCancelledError", False),
        (Phase.POLICY, "private_address", "DownloadCancelledError", False),
        (Phase.CONNECT, "refused", "DownloadConnectionRefusedError", True),
        (Phase.CONNECT, "unreachable", "DownloadFailedError", True),
        (Phase.TLS, "certificate", "DownloadCancelledError", False),
        (Phase.TLS, "handshake", "DownloadFailedError", True),
        (Phase.HEAD, "timeout", "DownloadTimeoutError", True),
        (Phase.HEAD, "no_answer", "DownloadFailedError", True),
    ],
)
def test_scrapy_understands_each_failure(phase: Phase, kind: str, scrapys: str, *, again: bool) -> None:
    """Each failure is of a Scrapy type, and RetryMiddleware tries again only what may end differently."""
    kept = Kept(capture=None, record="urn:uuid:1", ref=RecordRef(key="k", offset=0, length=1))

    error = error_of(Failure(phase=phase, kind=kind, message="why"), kept)

    assert isinstance(error, getattr(scrapy.exceptions, scrapys))
    assert isinstance(error, tuple(load_object(str(name)) for name in RETRY_EXCEPTIONS if name is not OSError)) is again
    assert (error.kept, str(error)) == (kept, f"{phase}: {kind}: why")


def test_every_suite_that_we_offer_has_its_iana_name() -> None:
    """WARC-Cipher-Suite takes IANA's names; none of the suites of a client context keeps OpenSSL's."""
    names = {iana_name(suite["name"]) for suite in ssl.create_default_context().get_ciphers()}

    assert names
    assert all(name.startswith("TLS_") and "-" not in name for name in names)
    assert iana_name("ECDHE-RSA-AES128-GCM-SHA256") == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert iana_name("ECDHE-ECDSA-CHACHA20-POLY1305") == "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
    assert iana_name("ECDHE-RSA-AES256-SHA384") == "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"
