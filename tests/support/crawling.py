"""A crawl inside the test, with the add-on, no reactor, and a sink that keeps the exchanges in a list."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from archive.records import Exchange, RecordRef
from archive.settings import Settings
from archive.warcstream import records
from crawlers.session import SESSION, CaptureSession, Kept, Sink

CONTACT = "desk@copytrail.example"


class ListSink:
    """Keeps exchanges in the order in which they ended."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.closed = False

    async def keep(self, exchange: Exchange) -> Kept:
        self.exchanges.append(exchange)
        number = len(self.exchanges)
        return Kept(capture=None, record=f"urn:uuid:{number:08x}", ref=RecordRef(key="list", offset=number, length=1))

    async def seal(self) -> None:
        """A list is always whole."""

    async def close(self) -> None:
        self.closed = True

    def of(self, url: str) -> list[Exchange]:
        return [exchange for exchange in self.exchanges if exchange.url == url]


@dataclass
class Crawl:
    """What a crawl gave."""

    session: CaptureSession
    sink: ListSink  # empty when the session keeps its exchanges elsewhere
    responses: list[Response] = field(default_factory=list)
    errors: list[tuple[Request, BaseException]] = field(default_factory=list)
    stats: Mapping[str, Any] = field(default_factory=dict)

    @property
    def pages(self) -> list[Exchange]:
        """The exchanges that were not about robots.txt."""
        return [exchange for exchange in self.sink.exchanges if not exchange.url.endswith("/robots.txt")]


class Visitor(Spider):
    """Fetches the given requests and collects what came back."""

    name = "visitor"
    custom_settings = {"HTTPERROR_ALLOW_ALL": True, "LOG_ENABLED": False}  # noqa: RUF012 -- Scrapy's name and type

    def __init__(self, requests: Sequence[Request], crawl: Crawl) -> None:
        super().__init__()
        self._requests = requests
        self._crawl = crawl

    async def start(self) -> AsyncIterator[Any]:
        for request in self._requests:
            yield request.replace(callback=self.answered, errback=self.failed, dont_filter=True)

    def answered(self, response: Response) -> None:
        self._crawl.responses.append(response)

    def failed(self, failure: TwistedFailure) -> None:
        assert failure.value is not None
        self._crawl.errors.append((failure.request, failure.value))  # type: ignore[attr-defined]


def now() -> datetime:
    return datetime.now(UTC)


def session_for(clock: Callable[[], datetime] = now, sink: Sink | None = None, **settings: Any) -> CaptureSession:
    """A session without any delay, with the settings of the test."""
    told = replace(Settings(contact=CONTACT, delay=0.0, timeout=5.0), **settings)
    return CaptureSession(settings=told, clock=clock, sink=sink or ListSink())


async def crawl(session: CaptureSession, *wanted: Request | str, spider: type[Visitor] = Visitor, **scrapy: Any) -> Crawl:
    """Fetch, with ``scrapy`` as the project's settings."""
    result = Crawl(session, session.sink if isinstance(session.sink, ListSink) else ListSink())
    settings = {
        "ADDONS": {"crawlers.addon.Copytrail": 100},
        "TWISTED_REACTOR_ENABLED": False,
        "RETRY_ENABLED": False,
        **scrapy,
        SESSION: session,
    }
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler(spider)
    await runner.crawl(crawler, [item if isinstance(item, Request) else Request(item) for item in wanted], result)
    result.stats = crawler.stats.get_stats()
    return result


def archived(store: Path) -> dict[str, list[bytes]]:
    """The blocks in the WARC files of a store, by type of record."""
    blocks: dict[str, list[bytes]] = {}
    for path in sorted(store.glob("warc/**/*.warc.gz")):
        with path.open("rb") as stream:
            for record in records(stream):
                blocks.setdefault(record.type, []).append(record.block.read())
    return blocks
