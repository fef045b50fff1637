"""A crawl inside this process, for the doors that are not ``scrapy crawl``: the same spider, session and rounds.

Contract: :func:`run_story` returns when the run is closed, also after Ctrl-C; it installs no reactor, so that several runs may follow one
another in one process (capture.md §4).  A cancelled crawl is stopped and awaited: without that it would go on unseen.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.http import Response
from scrapy.settings import Settings as ScrapySettings

from archive.kinds import Verdict
from archive.settings import Settings
from archive.vault import Archive
from crawlers import settings as project
from crawlers.session import SESSION, CaptureSession
from crawlers.sink import session_on, sink_for
from crawlers.spiders.base import ArchivingSpider
from crawlers.spiders.story import StorySpider
from crawlers.turn import turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a run ended."""

    run: str | None
    tallies: Mapping[Verdict, int]
    exit_code: int
    trouble: str | None = None
    stopped: bool = False  # by Ctrl-C, before the crawl came to its own end


def system_clock() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


def run_story(
    archive: Archive,
    settings: Settings,
    *,
    story: str,
    recrawl: str = "",
    clock: Callable[[], datetime] = system_clock,
    watch: Callable[[str], None] = lambda _: None,
) -> Report:
    """Crawl what waits in a story's frontier or, with ``recrawl`` "due" or "all", visit its members again.

    ``watch`` is told each URL that has been answered.
    """
    return run_spider(StorySpider, archive, settings, {"story": story, "recrawl": recrawl}, clock=clock, watch=watch)[0]


def run_spider(
    kind: type[ArchivingSpider],
    archive: Archive,
    settings: Settings,
    arguments: Mapping[str, str],
    *,
    clock: Callable[[], datetime] = system_clock,
    watch: Callable[[str], None] = lambda _: None,
) -> tuple[Report, Spider | None]:
    """Run one spider to its end; it is given back with what it left in its fields."""
    with turn(settings.folder):
        return asyncio.run(_run(kind, archive, settings, arguments, clock, watch))


async def _run(
    kind: type[ArchivingSpider],
    archive: Archive,
    settings: Settings,
    arguments: Mapping[str, str],
    clock: Callable[[], datetime],
    watch: Callable[[str], None],
) -> tuple[Report, Spider | None]:
    task = asyncio.current_task()
    if task is not None and threading.current_thread() is threading.main_thread():
        # A time limit or a shutdown asks with SIGTERM, and is owed the same end as Ctrl-C.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    simulated = clock is not system_clock
    sink = sink_for(archive, settings, clock=clock, simulated=simulated)
    try:
        session = session_on(sink, settings, clock=clock, simulated=simulated)
        runner = AsyncCrawlerRunner(_scrapy_settings(session))
        crawler = runner.create_crawler(kind)
        crawler.signals.connect(_Watcher(watch).answered, signal=signals.response_received, weak=False)
        stopped = not await _finish(runner, crawler, arguments)
        return _report(crawler, stopped=stopped), crawler.spider
    finally:
        await sink.close()


@dataclass(frozen=True, slots=True)
class _Watcher:
    """Takes Scrapy's signal apart for somebody who knows nothing of Scrapy."""

    watch: Callable[[str], None]

    def answered(self, response: Response) -> None:
        self.watch(response.url)


def _scrapy_settings(session: CaptureSession) -> ScrapySettings:
    settings = ScrapySettings()
    settings.setmodule(project, priority="project")
    settings.set("TWISTED_REACTOR_ENABLED", value=False, priority="cmdline")
    settings.set(SESSION, session, priority="cmdline")
    return settings


async def _finish(runner: AsyncCrawlerRunner, crawler: Crawler, arguments: Mapping[str, str]) -> bool:
    """Whether the crawl came to its own end."""
    task = runner.crawl(crawler, **arguments)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await runner.stop()
        with suppress(asyncio.CancelledError):
            await task
        return False
    return True


def _report(crawler: Crawler, *, stopped: bool) -> Report:
    spider = crawler.spider
    if not isinstance(spider, ArchivingSpider):
        return Report(run=None, tallies={}, exit_code=4, trouble="the crawl did not start", stopped=stopped)
    rounds = spider.rounds
    return Report(
        run=rounds.reader.run if rounds else None,
        tallies=dict(rounds.tallies) if rounds else {},
        exit_code=3 if stopped and spider.trouble is None else spider.exit_code(),
        trouble=spider.trouble,
        stopped=stopped,
    )
