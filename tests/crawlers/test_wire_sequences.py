"""Several requests after each other, in a real archive: kept connections, second tries, redirects; every byte is there."""

from collections import Counter
from pathlib import Path
from typing import Any

from scrapy import Request
from support.crawling import CONTACT, Crawl, archived, crawl, now, session_for
from support.shapes import INTERIM
from support.wireserver import CLOSE, Reply, WireServer, page

from archive.settings import Settings
from crawlers.sink import open_sink

SITE = "http://paper.example"
CHUNKED: Reply = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3;x=1\r\none\r\n0\r\nX-Sum: 3\r\n\r\n")


async def archive(folder: Path, replies: dict[str, Reply | list[Reply]], *wanted: Request | str, **scrapy: Any) -> tuple[Crawl, WireServer]:
    sink = open_sink(Settings(store=str(folder), contact=CONTACT), clock=now)
    async with WireServer(replies) as server:
        try:
            return await crawl(session_for(connect_to=server.connect_to, sink=sink), *wanted, **scrapy), server
        finally:
            await sink.close()


def assert_all_kept(folder: Path, server: WireServer, *interim: bytes) -> None:
    """Requests and final messages in the archive are those of the server's log; no payload of these tests is sent twice."""
    blocks = archived(folder)
    sent = [bytes(served.response) for served in server.log if served.response]
    messages = [next((wire.removeprefix(head) for head in interim if wire.startswith(head)), wire) for wire in sent]
    assert Counter(blocks["request"]) == Counter(served.request for served in server.log)
    assert Counter(blocks["response"]) == Counter(messages)


async def test_one_kept_connection_carries_every_kind_of_answer(tmp_path: Path) -> None:
    """Chunked, coded, empty and interim answers follow each other over one connection, and none takes a byte of another."""
    kinds: dict[str, Reply | list[Reply]] = {
        "/chunked": CHUNKED,
        "/none": (b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",),
        "/hints": (*INTERIM, *page(b"after hints")),
        "/same": (b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 99\r\n\r\n',),
        "/posted": (INTERIM[0], *page(b"taken")),
        "/head": (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",),
        "/last": page(b"the last"),
    }
    wanted = [
        Request(SITE + path, method={"/posted": "POST", "/head": "HEAD"}.get(path, "GET"), body=b"a" if path == "/posted" else None)
        for path in kinds
    ]
    wanted[4].headers["Expect"] = "100-continue"
    result, server = await archive(tmp_path, kinds, *wanted)

    assert server.paths == ["/robots.txt", *kinds]
    assert server.connections == 1
    assert [response.status for response in result.responses] == [200, 204, 200, 304, 200, 200, 200]
    assert_all_kept(tmp_path, server, b"".join(INTERIM), INTERIM[0])


async def test_each_try_is_kept(tmp_path: Path) -> None:
    """An answer that Scrapy asks for again, and one that asked for patience, are records beside the answer that came at last."""
    oops, busy = page(b"oops", status=b"500 Oops"), page(b"busy", b"Retry-After: 0\r\n", status=b"503 Busy")
    result, server = await archive(tmp_path, {"/": [oops, busy, page(b"at last")]}, f"{SITE}/", RETRY_ENABLED=True)

    assert [response.body for response in result.responses] == [b"at last"]
    assert len(server.served("/")) == 3
    assert_all_kept(tmp_path, server)


async def test_a_request_that_is_sent_again_is_kept_twice(tmp_path: Path) -> None:
    """The one that met a dead connection has a request record without an answer, and a metadata record that says so."""
    _, server = await archive(tmp_path, {"/": [(CLOSE,), page(b"on a new connection")]}, f"{SITE}/")

    tries = [block for block in archived(tmp_path)["metadata"] if b"copytrail-found: robots" not in block]
    assert len(server.served("/")) == 2
    assert_all_kept(tmp_path, server)
    assert b"copytrail-attempt: 1\r\n" in tries[0]
    assert b"copytrail-failure-kind: stale_connection\r\n" in tries[0]
    assert b"copytrail-attempt: 2\r\n" in tries[1]


async def test_each_step_of_a_redirect_is_kept_with_its_cookies(tmp_path: Path) -> None:
    """Set-Cookie fields stand as they were sent, the Cookie that a project sends stands in the request, and via names the step before."""
    first = (b"HTTP/1.1 302 Found\r\nset-cookie: a=1\r\nLocation: /b\r\nSET-COOKIE: b=2; Secure\r\nContent-Length: 5\r\n\r\nmoved",)
    second = (b"HTTP/1.1 307 \r\nLocation: /c\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",)
    wanted = Request(f"{SITE}/a", headers={"Cookie": "consent=no"})
    result, server = await archive(tmp_path, {"/a": first, "/b": second, "/c": page(b"here")}, wanted)

    blocks = archived(tmp_path)
    assert [response.url for response in result.responses] == [f"{SITE}/c"]
    assert server.paths == ["/robots.txt", "/a", "/b", "/c"]
    assert_all_kept(tmp_path, server)
    assert b"\r\nCookie: consent=no\r\n" in blocks["request"][1]
    assert f"via: {SITE}/b\r\n".encode() in blocks["metadata"][-1]
