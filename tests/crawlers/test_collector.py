"""The garbage collector while a crawl runs, and what a capture leaves to it."""

import gc
import weakref
from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

import pytest
from scrapy.http import Response
from support.crawling import Visitor, crawl, now, session_for
from support.wireserver import WireServer, page

from archive.framing import Chunks
from archive.http import ResponseParser
from crawlers import collector

URL = "http://paper.example/a"


@pytest.fixture
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_crawls_within_each_other_leave_it_as_it_was() -> None:
    """The thresholds change with the first, come back with the last, and nothing stays frozen."""
    before, frozen = gc.get_threshold(), gc.get_freeze_count()

    collector.ease()
    collector.ease()
    collector.restore()
    between = gc.get_threshold()
    held = gc.get_freeze_count()
    collector.restore()

    assert between == (collector.YOUNG, *before[1:])
    assert held > frozen
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


async def test_a_crawl_gives_it_back() -> None:
    """It is eased while the pages come, and as before when the crawl is over."""
    before = gc.get_threshold()
    seen: list[tuple[int, int, int]] = []

    def looking() -> datetime:
        seen.append(gc.get_threshold())
        return now()

    async with WireServer({"/a": page(b"<p>The dam holds.</p>")}) as server:
        await crawl(session_for(looking, connect_to=server.connect_to), URL)

    assert (collector.YOUNG, *before[1:]) in seen
    assert gc.get_threshold() == before


def decoders() -> int:
    """How many are in memory."""
    return sum(isinstance(item, Chunks) for item in gc.get_objects())


@pytest.mark.usefixtures("_no_collector")
@pytest.mark.parametrize("head", [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"])
def test_a_parser_leaves_nothing_to_the_collector(head: bytes) -> None:
    """It goes out of memory with the last that refers to it."""
    before = decoders()
    parser = ResponseParser("GET")
    parser.feed(b"HTTP/1.1 200 OK\r\n" + head)

    del parser

    assert decoders() == before


class Forgetful(Visitor):
    """Keeps weak references alone."""

    gone: ClassVar[list[weakref.ref[Response]]] = []

    def answered(self, response: Response) -> None:
        """Would keep the response if it were asked to."""
        self.gone.append(weakref.ref(response))


@pytest.mark.usefixtures("_no_collector")
async def test_no_body_waits_for_the_collector() -> None:
    """Pages go out of memory as soon as the spider has done with them, however seldom the collector comes."""
    Forgetful.gone.clear()
    async with WireServer({f"/{number}": page(b"<p>The dam holds.</p>") for number in range(20)}) as server:
        session = session_for(connect_to=server.connect_to)
        await crawl(session, *(f"http://paper.example/{number}" for number in range(20)), spider=Forgetful)

    assert [response() for response in Forgetful.gone] == [None] * 20
