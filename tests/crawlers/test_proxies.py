"""Through a proxy that a request names: what goes over the wire, what is kept, and what is refused."""

import base64
import gzip
import socket
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from scrapy import Request
from support.certificates import Authority
from support.crawling import CONTACT, Crawl, archived, crawl, now, session_for
from support.wireproxy import WANTED, WireProxy
from support.wireserver import WireServer, page

from archive.kinds import Phase
from archive.records import Exchange, Failure
from archive.settings import Settings
from crawlers.address import Endpoint
from crawlers.errors import FetchFailed
from crawlers.proxies import Proxy, Route, connect_request
from crawlers.robots import RobotsRefusal
from crawlers.sink import open_sink

PROXY = "http://proxy.example:3128"
WITH_SECRET = "http://desk:s%3Acret@proxy.example:3128"
SECRET = base64.b64encode(b"desk:s:cret").decode()
HTTP, HTTPS = "http://paper.example/a", "https://paper.example/a"


def through(url: str, proxy: str = PROXY) -> Request:
    return Request(url, meta={"proxy": proxy})


def rules(server: WireServer, proxy: WireProxy) -> str:
    """The proxy's name leads to the proxy, every other name to the server."""
    return f"proxy.example:3128=127.0.0.1:{proxy.port},{server.connect_to}"


def by_proxy(result: Crawl) -> list[Exchange]:
    return [exchange for exchange in result.sink.exchanges if exchange.proxy]


def failed(result: Crawl) -> tuple[Exchange, Failure]:
    """The only exchange through the proxy, which has no answer."""
    (exchange,) = by_proxy(result)
    ((_, error),) = result.errors
    assert exchange.failure is not None
    assert exchange.response is None
    assert isinstance(error, (FetchFailed, RobotsRefusal))
    assert error.failure == exchange.failure
    return exchange, exchange.failure


async def test_http_is_asked_for_in_absolute_form() -> None:
    """The record holds what the proxy read and what it sent, and names it; the address is the proxy's."""
    async with WireServer({HTTP: page(b"<p>by proxy"), "/a": page()}) as server, WireProxy(server.port) as proxy:
        result = await crawl(session_for(connect_to=rules(server, proxy)), through(HTTP))

    (exchange,) = result.pages
    assert exchange.request.startswith(b"GET http://paper.example/a HTTP/1.1\r\nHost: paper.example\r\n")
    assert b"".join(kept.request for kept in by_proxy(result)) == bytes(proxy.received)
    assert b"".join(kept.response.read() for kept in by_proxy(result) if kept.response) == bytes(proxy.sent)
    assert (exchange.proxy, exchange.ip, exchange.protocols) == ("proxy.example:3128", "127.0.0.1", ("http/1.1",))
    assert result.responses[0].body == b"<p>by proxy"


async def test_https_goes_through_a_tunnel(authority: Authority) -> None:
    """The record holds what the site read and sent inside TLS, with the site's certificate; CONNECT is in no block."""
    async with (
        WireServer({"/a": page(b"<p>by tunnel")}, tls=authority.server_context("paper.example")) as server,
        WireProxy(server.port) as proxy,
    ):
        result = await crawl(session_for(connect_to=rules(server, proxy), ca_file=authority.ca_file), through(HTTPS))

    (exchange,), (served,) = result.pages, server.served("/a")
    assert exchange.response is not None
    assert proxy.heads == [b"CONNECT paper.example:443 HTTP/1.1\r\nHost: paper.example:443\r\n\r\n"]
    assert (exchange.request, exchange.response.read()) == (served.request, bytes(served.response))
    assert exchange.request.startswith(b"GET /a HTTP/1.1\r\n")
    assert (exchange.proxy, exchange.protocols) == ("proxy.example:3128", ("http/1.1", "tls/1.3"))
    assert exchange.certificate is not None
    assert x509.load_der_x509_certificate(exchange.certificate).subject.rfc4514_string() == "CN=paper.example"
    assert list(by_proxy(result)[0].phases) == ["dns", "connect", "tls", "sent", "head", "body"]


async def test_a_tunnel_is_kept_open(authority: Authority) -> None:
    """Several pages of one site go through one tunnel."""
    async with WireServer({"/a": page()}, tls=authority.server_context("paper.example")) as server, WireProxy(server.port) as proxy:
        wanted = [through(HTTPS) for _ in range(3)]
        result = await crawl(session_for(connect_to=rules(server, proxy), ca_file=authority.ca_file), *wanted)

    assert [exchange.status for exchange in result.pages] == [200] * 3
    assert len(proxy.heads) == 1


async def test_the_tunnel_proves_nothing_about_the_site(authority: Authority) -> None:
    """A certificate for another name is refused behind a proxy too."""
    names = "paper.example", "other.example"
    async with (
        WireServer({"/a": page()}, tls=authority.server_context(names[0])) as server,
        WireServer({"/a": page()}, tls=authority.server_context(names[1])) as other,
        WireProxy(other.port) as proxy,
    ):
        result = await crawl(session_for(connect_to=rules(server, proxy), ca_file=authority.ca_file), through(HTTPS))

    _, failure = failed(result)
    assert (failure.phase, failure.kind) == (Phase.TLS, "certificate")
    assert other.log == []


@pytest.mark.parametrize("url", [HTTP, HTTPS], ids=["http", "https"])
async def test_a_proxys_password_reaches_no_archive(url: str, authority: Authority, tmp_path: Path) -> None:
    """Credentials stand in CONNECT alone, also for plain http, and CONNECT is not archived: no byte of the store holds them."""
    tls = authority.server_context("paper.example") if url == HTTPS else None
    sink = open_sink(Settings(store=str(tmp_path), contact=CONTACT), clock=now)
    async with WireServer({"/a": page()}, tls=tls) as server, WireProxy(server.port, authorization=f"Basic {SECRET}") as proxy:
        session = session_for(connect_to=rules(server, proxy), ca_file=authority.ca_file, sink=sink)
        result = await crawl(session, through(url, WITH_SECRET))
        await sink.close()

    port = Endpoint.of(url).port
    head = f"CONNECT paper.example:{port} HTTP/1.1\r\nHost: paper.example:{port}\r\nProxy-Authorization: Basic {SECRET}\r\n\r\n"
    assert proxy.heads == [head.encode()]
    assert [response.status for response in result.responses] == [200]
    assert sorted(archived(tmp_path)["request"]) == sorted(served.request for served in server.log)
    kept = _everything(tmp_path)
    assert b"copytrail-proxy: proxy.example:3128\r\n" in kept
    assert b"CONNECT" not in kept
    assert not [secret for secret in (SECRET, "s:cret", "s%3Acret") if secret.encode() in kept]


def _everything(folder: Path) -> bytes:
    return b"".join(gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes() for path in folder.rglob("*") if path.is_file())


ANSWERS = [
    pytest.param(WANTED, "proxy_auth", "answered CONNECT paper.example:443 with 407 Proxy Authentication Required", id="407"),
    pytest.param(
        b"HTTP/1.1 502 Bad Gateway\r\n\r\nno", "proxy_refused", "answered CONNECT paper.example:443 with 502 Bad Gateway", id="502"
    ),
    pytest.param(b"HTTP/1.0 403\r\n\r\n", "proxy_refused", "answered CONNECT paper.example:443 with 403", id="403"),
    pytest.param(b"", "proxy_broken", "closed after CONNECT paper.example:443", id="closed"),
    pytest.param(b"220 mail.example\r\n", "proxy_broken", "gave no HTTP answer after CONNECT paper.example:443", id="no http"),
    pytest.param(b"HTTP/1.1 200 OK\r\n", "proxy_broken", "gave no HTTP answer after CONNECT paper.example:443", id="half a head"),
]


async def ask(proxy: WireProxy, server: WireServer, authority: Authority, *wanted: Request, **scrapy: Any) -> Crawl:
    async with server, proxy:
        return await crawl(session_for(connect_to=rules(server, proxy), ca_file=authority.ca_file), *wanted, **scrapy)


@pytest.mark.parametrize(("refusal", "kind", "message"), ANSWERS)
async def test_a_tunnel_that_is_not_opened(refusal: bytes, kind: str, message: str, authority: Authority) -> None:
    """The failure names the proxy and what it said; nothing was sent to the site, and the proxy's words are no answer of it."""
    server = WireServer({"/a": page()}, tls=authority.server_context("paper.example"))
    result = await ask(WireProxy(0, refusal=refusal), server, authority, through(HTTPS))

    exchange, failure = failed(result)
    assert (failure.phase, failure.kind, failure.message) == (Phase.CONNECT, kind, f"proxy proxy.example:3128: {message}")
    assert (exchange.request, exchange.trailing, exchange.proxy) == (b"", refusal, "proxy.example:3128")
    assert server.served("/a") == []


async def test_bytes_before_ours_spoil_a_tunnel(authority: Authority) -> None:
    """A proxy that talks into the tunnel before the client has spoken is not believed."""
    async with WireServer({}, tls=authority.server_context("paper.example")) as server, WireProxy(server.port, early=b"\x16\x03") as proxy:
        result = await crawl(session_for(connect_to=rules(server, proxy), ca_file=authority.ca_file), through(HTTPS))

    exchange, failure = failed(result)
    assert failure.kind == "proxy_broken"
    assert exchange.trailing.endswith(b"\r\n\r\n\x16\x03")


async def test_a_407_is_never_the_sites_answer() -> None:
    """A proxy that forwards answers 407 in its own name: what it said is kept beside the failure, and there is no response."""
    async with WireServer({}) as server, WireProxy(server.port, refusal=WANTED) as proxy:
        result = await crawl(session_for(connect_to=rules(server, proxy)), through(HTTP), RETRY_ENABLED=True)

    exchange, failure = failed(result)
    assert (failure.kind, exchange.trailing, exchange.status) == ("proxy_auth", WANTED, None)
    assert exchange.request.startswith(b"GET http://paper.example/")
    assert len(proxy.heads) == 1


async def test_a_proxy_that_is_not_there() -> None:
    """A refused connection and an unknown name are the proxy's failures, and say so."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    async with WireServer({}) as server:
        for target, phase in ((f"127.0.0.1:{port}", Phase.CONNECT), ("nowhere.invalid:3128", Phase.DNS)):
            rule = f"proxy.example:3128={target},{server.connect_to}"
            _, failure = failed(await crawl(session_for(connect_to=rule), through(HTTP)))
            assert failure.phase is phase
            assert failure.message.startswith("proxy proxy.example:3128: ")


async def test_a_silent_proxy_takes_no_longer_than_a_silent_site(authority: Authority) -> None:
    """The time limit of an exchange covers the tunnel."""
    async with WireServer({}, tls=authority.server_context("paper.example")) as server:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            rule = f"proxy.example:3128=127.0.0.1:{silent.getsockname()[1]},{server.connect_to}"
            _, failure = failed(await crawl(session_for(connect_to=rule, ca_file=authority.ca_file, timeout=0.8), through(HTTPS)))

    assert (failure.phase, failure.kind) == (Phase.CONNECT, "timeout")


async def test_a_proxy_at_a_private_address_needs_a_rule() -> None:
    """A proxy is reached like any server: an inner address that COPYTRAIL_CONNECT_TO does not name is refused."""
    async with WireServer({}) as server, WireProxy(server.port) as proxy:
        wanted = through("http://paper.example/a", f"http://127.0.0.1:{proxy.port}")
        result = await crawl(session_for(connect_to=f"paper.example:80={server.connect_to.partition('=')[2]}"), wanted)

    _, failure = failed(result)
    assert (failure.phase, failure.kind) == (Phase.POLICY, "private_address")
    assert proxy.heads == []


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.9", "[::1]", "localhost", "desk.localhost", "169.254.169.254"])
async def test_a_private_target_is_refused_behind_a_proxy_too(host: str) -> None:
    """A proxy must not be a way into its own network: a site named by an inner address is never asked for."""
    async with WireServer({}) as server, WireProxy(server.port) as proxy:
        result = await crawl(session_for(connect_to=rules(server, proxy)), through(f"http://{host}/a"))

    _, failure = failed(result)
    assert (failure.phase, failure.kind) == (Phase.POLICY, "private_address")
    assert proxy.heads == []


async def test_robots_txt_goes_the_way_of_the_page() -> None:
    """A request through a proxy leaves no trace at the site without it."""
    async with WireServer({"/a": page()}) as direct, WireServer({"/a": page()}) as server, WireProxy(server.port) as proxy:
        result = await crawl(session_for(connect_to=rules(direct, proxy)), through(HTTP))

    assert [exchange.proxy for exchange in result.sink.exchanges] == ["proxy.example:3128"] * 2
    assert direct.connections == 0


async def test_each_way_has_connections_of_its_own() -> None:
    """A kept connection to the site is not used for the proxy, nor the other way round."""
    async with WireServer({"/a": page(), HTTP: page()}) as server, WireProxy(server.port) as proxy:
        result = await crawl(session_for(connect_to=rules(server, proxy)), HTTP, through(HTTP), HTTP, through(HTTP))

    assert sorted(str(exchange.proxy) for exchange in result.pages) == ["None", "None", "proxy.example:3128", "proxy.example:3128"]
    assert (server.connections, len(proxy.heads)) == (2, 1)


@pytest.mark.parametrize(
    "named",
    [
        "https://desk:s3cret@proxy.example",
        "socks5://desk:s3cret@proxy.example:1080",
        "proxy.example:3128",
        "http://desk:s3cret@:3128",
        "http://desk:s3cret@proxy.example:port",
        "http://desk:s3cret@proxy.example:3128/path",
        "http://desk:s3cret%0d%0aX-A:b@proxy.example",
        "http://de%3Ask:s3cret@proxy.example",
    ],
)
async def test_what_is_no_proxy_is_refused_without_its_password(named: str) -> None:
    """Other schemes, paths and forged fields end before the page is asked for, and the message repeats no secret."""
    with pytest.raises(ValueError, match="proxy") as caught:
        Proxy.of(named)
    async with WireServer({"/a": page()}) as server:
        result = await crawl(session_for(connect_to=server.connect_to), through(HTTP, named))

    ((_, error),) = result.errors
    assert result.pages == []
    assert str(caught.value) in str(error)
    assert "s3cret" not in str(error)


def test_a_proxy_is_read_from_its_url() -> None:
    """Host, port and credentials; the password is not shown by repr."""
    proxy = Proxy.of("http://desk:s%3Acret@[2001:db8::7]")

    assert (proxy.place, proxy.authorization) == ("[2001:db8::7]:80", f"Basic {SECRET}")
    assert SECRET not in repr(proxy)
    assert connect_request(Endpoint.of("https://[2001:db8::1]/"), proxy).startswith(b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("url", "named", "tunnelled"), [(HTTP, PROXY, False), (HTTPS, PROXY, True), (HTTP, WITH_SECRET, True), (HTTPS, WITH_SECRET, True)]
)
def test_only_plain_http_without_credentials_is_forwarded(url: str, named: str, *, tunnelled: bool) -> None:
    """Everything else goes through a tunnel."""
    route = Route(endpoint=Endpoint.of(url), proxy=Proxy.of(named))

    assert (route.tunnelled, route.forwarded) == (tunnelled, not tunnelled)
