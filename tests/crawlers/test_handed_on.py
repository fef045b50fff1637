"""What a spider is handed of a body that came under a content coding."""

import gzip

import brotli
import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response
from support.crawling import crawl, session_for
from support.shapes import HTML
from support.wireserver import Reply, WireServer, page

URL = "http://paper.example/a"
GZIP = gzip.compress(HTML, mtime=0)


async def handed_on(reply: Reply, *, method: str = "GET", compression: bool = True) -> Response:
    """The response that reaches the spider."""
    async with WireServer({"/a": reply}) as server:
        session = session_for(connect_to=server.connect_to)
        result = await crawl(session, Request(URL, method=method), COMPRESSION_ENABLED=compression)
    (response,) = result.responses
    return response


@pytest.mark.parametrize(
    ("coding", "body"),
    [(b"gzip", GZIP), (b"br", brotli.compress(HTML)), (b"gzip, br", brotli.compress(GZIP)), (b"identity", HTML)],
    ids=["gzip", "br", "both", "none"],
)
async def test_codings_are_undone(coding: bytes, body: bytes) -> None:
    """The spider gets the page as an HtmlResponse, and no header that speaks of a coding any more."""
    response = await handed_on(page(body, b"Content-Encoding: %b\r\n" % coding))

    assert isinstance(response, HtmlResponse)
    assert (response.body, response.headers.get("Content-Encoding"), response.flags) == (HTML, None, [])


async def test_a_project_may_want_bodies_as_they_came() -> None:
    """With COMPRESSION_ENABLED off the coding is the spider's own affair."""
    response = await handed_on(page(GZIP, b"Content-Encoding: gzip\r\n"), compression=False)

    assert (response.body, response.headers.get("Content-Encoding")) == (GZIP, b"gzip")


async def test_an_answer_to_head_keeps_what_it_says_of_the_body() -> None:
    """There is nothing to undo, and the header speaks of what GET would bring."""
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 999\r\n\r\n"
    response = await handed_on((head,), method="HEAD")

    assert (response.body, response.headers.get("Content-Encoding")) == (b"", b"gzip")


async def test_an_unknown_coding_is_left_alone() -> None:
    """What nobody can undo goes on as it came, and says so in its header."""
    response = await handed_on(page(b"xyz", b"Content-Encoding: rot13\r\n"))

    assert (response.body, response.headers.get("Content-Encoding")) == (b"xyz", b"rot13")
