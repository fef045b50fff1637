"""The download handler: limits, signals, what it refuses, and what happens when the archive fails."""

import gzip
from typing import Any

import pytest
from scrapy import Request, signals
from scrapy.exceptions import IgnoreRequest, NotSupported, StopDownload
from scrapy.http import HtmlResponse, Response
from support.crawling import CONTACT, Crawl, ListSink, Visitor, crawl, session_for
from support.shapes import HTML
from support.wireserver import CLOSE, Pause, Reply, WireServer, page

from archive.kinds import Found, Truncation
from archive.records import Exchange, Lead
from archive.spool import Spool
from crawlers.errors import FetchFailed, KeepFailed
from crawlers.session import Kept, kept_by

URL = "http://paper.example/a"


async def fetch(reply: Reply | list[Reply], wanted: Request | str = URL, *, scrapy: dict[str, Any] | None = None, **settings: Any) -> Crawl:
    async with WireServer({"/a": reply}) as server:
        return await crawl(session_for(connect_to=server.connect_to, **settings), wanted, **(scrapy or {}))


async def test_the_request_is_ours() -> None:
    """Host, User-Agent and framing cannot be forged by a spider; the rest goes out in its order, after the customary four."""
    forged = {
        "X-Last": "1",
        "Host": "other.example",
        "User-Agent": "Mozilla/5.0",
        "Connection": "close",
        "If-None-Match": '"x"',
        "Accept": "*/*",
    }
    result = await fetch(page(), Request("http://PAPER.example:80/a?b c#d", headers=forged, meta={"verbatim_url": True}))

    (exchange,) = result.pages
    lines = exchange.request.split(b"\r\n")
    assert (exchange.url, exchange.conditional) == ("http://paper.example/a?b%20c", True)
    assert lines[0] == b"GET /a?b%20c HTTP/1.1"
    assert lines[1] == b"Host: paper.example"
    assert lines[2].startswith(b"User-Agent: copytrail/")
    assert lines[2].endswith(b" (+%b)" % CONTACT.encode())
    assert lines[3:] == [b"Accept: */*", b"Accept-Language: en", b"Accept-Encoding: gzip", b"X-Last: 1", b'If-None-Match: "x"', b"", b""]


async def test_a_body_is_sent_with_its_length() -> None:
    """The length is counted, whatever the spider says about it."""
    result = await fetch(page(), Request(URL, method="POST", body=b"a=1", headers={"Content-Length": "99"}))

    head, _, body = result.pages[0].request.partition(b"\r\n\r\n")
    assert body == b"a=1"
    assert b"\r\nContent-Length: 3" in head
    assert b"99" not in head


@pytest.mark.parametrize(
    "request_",
    [
        Request(URL, headers={"X-A": "b\r\nHost: evil.example"}),
        Request("http://user:secret@paper.example/a"),
    ],
    ids=["line break in a header", "credentials in the URL"],
)
async def test_what_cannot_be_archived_truly_is_not_sent(request_: Request) -> None:
    """A smuggled header and a URL that would put a secret into the archive end before anything is sent."""
    result = await fetch(page(), request_)

    assert result.pages == []
    assert [type(error) for _, error in result.errors] == [NotSupported]


async def test_how_a_url_was_found_is_recorded() -> None:
    """A lead's own words go into the exchange; a redirect that Scrapy follows is where its target was found."""
    moved = (b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",)
    lead = Lead(url=URL, found=Found.RELATED, parent="http://paper.example/", hop=1)
    async with WireServer({"/a": moved, "/b": page()}) as server:
        result = await crawl(session_for(connect_to=server.connect_to), Request(URL, meta={"lead": lead}))

    first, second = result.pages
    assert (first.found, first.via, first.hop) == (Found.RELATED, "http://paper.example/", 1)
    assert (second.url, second.via, second.attempt) == ("http://paper.example/b", URL, 1)
    assert result.sink.exchanges[0].found is Found.ROBOTS


async def test_a_retry_counts_on() -> None:
    """Each try is an exchange of its own, numbered."""
    result = await fetch([page(status=b"500 Oops"), page()], scrapy={"RETRY_ENABLED": True})

    assert [(exchange.status, exchange.attempt) for exchange in result.pages] == [(500, 1), (200, 2)]


async def test_a_coded_body_becomes_the_proper_response() -> None:
    """What is handed to Scrapy coded reaches the spider decoded, as an HtmlResponse with the charset of its head."""
    packed = gzip.compress(HTML)
    result = await fetch(page(packed, b"Content-Encoding: gzip\r\n"))

    (response,) = result.responses
    assert isinstance(response, HtmlResponse)
    assert response.css("title::text").get() == "T"
    assert str(response.ip_address) == "127.0.0.1"
    assert (response.protocol, response.flags) == ("HTTP/1.1", [])


async def test_a_body_over_the_limit_is_cut_and_marked() -> None:
    """The wire is left once the limit is passed; what came is kept and handed on with the flag."""
    size = 8 * 1024 * 1024
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    result = await fetch((head, *[b"x" * 65536] * (size // 65536)), body_limit=100_000)

    (exchange,), (response,) = result.pages, result.responses
    assert exchange.response is not None
    assert (exchange.truncated, exchange.failure and exchange.failure.kind) == (Truncation.LENGTH, "body_limit")
    assert 100_000 < exchange.response.length < 2_000_000
    assert response.flags == ["truncated"]
    assert response.body == exchange.response.read()[exchange.head_length :]


async def test_a_bomb_does_not_reach_the_spider() -> None:
    """A small body that unpacks beyond the limit is archived whole and ends in the errback."""
    packed = gzip.compress(b"\0" * 20_000_000)
    result = await fetch(page(packed, b"Content-Encoding: gzip\r\n"), body_limit=1_000_000)

    (exchange,), ((_, error),) = result.pages, result.errors
    assert (exchange.truncated, exchange.payload_length) == (None, len(packed))
    assert isinstance(error, IgnoreRequest)


@pytest.mark.parametrize(
    ("reply", "truncated"),
    [
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\npart", Pause(9)), Truncation.TIME),
        ((b"HTTP/1.1 200 OK\r\nContent-", Pause(9)), None),
        ((Pause(9),), None),
    ],
    ids=["in the body", "in the head", "before the head"],
)
async def test_an_answer_that_takes_too_long(reply: Reply, truncated: Truncation | None) -> None:
    """The time limit ends an exchange wherever it stands; a body that had begun is handed on, cut."""
    result = await fetch(reply, timeout=0.8)

    (exchange,) = result.pages
    assert exchange.failure is not None
    assert (exchange.failure.kind, exchange.truncated) == ("timeout", truncated)
    assert exchange.request.startswith(b"GET /a ")
    if truncated:
        assert [response.body for response in result.responses] == [b"part"]
    else:
        assert [type(error).__name__ for _, error in result.errors] == ["TooSlow"]


async def stopping(signal: object, *, fail: bool) -> Crawl:
    """Fetch with a receiver that stops the download of the page."""

    def stop(request: Request, **_: Any) -> None:
        if not request.url.endswith("/robots.txt"):
            raise StopDownload(fail=fail)

    class Stopper(Visitor):
        @classmethod
        def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> "Stopper":
            crawler.signals.connect(stop, signal, weak=False)
            return super().from_crawler(crawler, *args, **kwargs)

    body = (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\npart", Pause(0.05), b"more", Pause(9))
    async with WireServer({"/a": body}) as server:
        return await crawl(session_for(connect_to=server.connect_to), URL, spider=Stopper)


@pytest.mark.parametrize("signal", [signals.headers_received, signals.bytes_received], ids=["headers", "bytes"])
async def test_a_receiver_may_stop_a_download(signal: object) -> None:
    """StopDownload is honoured, and what had come is in the archive, marked as cut."""
    result = await stopping(signal, fail=False)

    (exchange,), (response,) = result.pages, result.responses
    assert (exchange.truncated, exchange.failure and exchange.failure.kind) == (Truncation.UNSPECIFIED, "stopped")
    assert response.body == b"part"
    assert set(response.flags) == {"truncated", "download_stopped"}


async def test_a_stopped_download_may_count_as_failed() -> None:
    """With ``fail`` the errback gets StopDownload, and the response with it."""
    result = await stopping(signals.headers_received, fail=True)

    ((_, error),) = result.errors
    assert isinstance(error, StopDownload)
    assert isinstance(error.response, Response)
    assert error.response.body == b"part"


async def test_the_record_is_written_before_the_spider_sees_the_answer() -> None:
    """The answer carries where it lies, and the page's exchange names the record of its robots.txt."""
    result = await fetch(page())

    (response,) = result.responses
    assert isinstance(response.meta["copytrail"], Kept)
    assert response.meta["copytrail"].record == "urn:uuid:00000002"
    assert result.pages[0].robots == "urn:uuid:00000001"
    assert response.meta["download_latency"] > 0


class FullSink(ListSink):
    """An archive whose disk is full when the first page comes."""

    async def keep(self, exchange: Exchange) -> Kept:
        if not exchange.url.endswith("/robots.txt"):
            raise OSError(28, "No space left on device")
        return await super().keep(exchange)


async def test_a_crawl_that_cannot_archive_stops() -> None:
    """Nothing more is fetched, nothing is handed to the spider, and the reason is said."""
    async with WireServer({f"/{number}": page() for number in range(9)}) as server:
        session = session_for(connect_to=server.connect_to, delay=0.05, sink=FullSink())
        result = await crawl(session, *(f"http://paper.example/{number}" for number in range(9)), RETRY_ENABLED=True)

    assert result.responses == []
    assert all(isinstance(error, KeepFailed) for _, error in result.errors)
    assert "No space left" in str(result.errors[0][1])
    assert result.stats["finish_reason"] == "archive_failed"
    assert len(server.log) < 10


async def test_a_disk_without_room_for_a_long_body_stops_the_crawl(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is our trouble and not the server's: it must not be archived as a connection that broke."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Spool, "_spill", full)
    result = await fetch(page(b"x" * 2_000_000))

    assert result.pages == []
    assert [type(error) for _, error in result.errors] == [KeepFailed]
    assert result.stats["finish_reason"] == "archive_failed"


async def test_a_redirect_that_is_refused_leads_to_no_record() -> None:
    """A request that never went out does not carry the record of the one that led to it."""
    moved = (b"HTTP/1.1 302 Found\r\nLocation: /secret\r\nContent-Length: 0\r\n\r\n",)
    async with WireServer({"/robots.txt": page(b"User-agent: *\nDisallow: /secret\n"), "/a": moved}) as server:
        result = await crawl(session_for(connect_to=server.connect_to), URL)

    ((request, _),) = result.errors
    assert request.url.endswith("/secret")
    assert kept_by(request.meta) is None


async def test_a_connection_is_closed_when_the_server_says_so() -> None:
    """``Connection: close`` is kept: the next page comes over a new connection."""
    closing = page(head=b"Connection: close\r\n")
    async with WireServer({"/a": (*closing, CLOSE), "/b": page()}) as server:
        result = await crawl(session_for(connect_to=server.connect_to), URL, "http://paper.example/b")

    assert server.served("/b")[0].connection != server.served("/a")[0].connection
    assert [exchange.attempt for exchange in result.pages] == [1, 1]


async def test_a_failed_page_carries_where_it_is_written_down() -> None:
    """An errback finds the failure and the record, also through the request's meta."""
    result = await fetch([(b"nonsense\r\n\r\n", CLOSE)])

    ((request, error),) = result.errors
    assert isinstance(error, FetchFailed)
    assert error.failure.kind == "bad_head"
    assert request.meta["copytrail"] is error.kept
