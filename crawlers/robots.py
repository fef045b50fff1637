"""No request without the permission of robots.txt (RFC 9309).

Contract: before a request goes on, the robots.txt of its origin has been fetched through the same handler, archived,
and read; what is not allowed ends in ``RobotsRefusal`` with the reason and the record that proves it, and what is
allowed carries that record's id (``meta["copytrail_robots"]``) into its own exchange.  ``dont_obey_robotstxt`` has no
effect.  Crawl-delay becomes the slot's delay.

Scrapy's own middleware lets disallowed requests through when several wait for the same file (8 of 10, measured;
capture.md §4): they share one Deferred. Here all that wait share one task, and none cancels it for the others.
"""

import asyncio
import logging
from typing import Final, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from archive.kinds import Deed, Found
from archive.records import Failure
from crawlers.errors import FetchFailed
from crawlers.messages import FOUND, ROBOTS_RECORD, TRUNCATED, target_of
from crawlers.politeness import PolitenessMiddleware
from crawlers.refusals import NotSent
from crawlers.requestlog import VIA
from crawlers.rules import SIZE_LIMIT, Rules, origin_of, rules_of, unreachable
from crawlers.session import CaptureSession, kept_by

logger = logging.getLogger(__name__)

REDIRECTS: Final = 5  # §2.3.1.2
_PERMIT: Final = "copytrail_permit"  # meta of our own requests for robots.txt: an object that nobody else holds


class RobotsRefusal(IgnoreRequest):
    """robots.txt, or its absence, forbids the request."""

    def __init__(self, rules: Rules, line: str | None = None) -> None:
        """Carry the reason, the line that forbids it, and the record that proves it."""
        super().__init__(rules.reason)
        self.reason = rules.reason
        self.rule = f"{rules.reason}: {line}" if line else rules.reason
        self.record = rules.record
        self.failure: Failure | None = rules.failure
        self.again = not rules.reachable  # no answer, or one that is none, forbids for now alone


class RobotsMiddleware:
    """Asks robots.txt first."""

    def __init__(self, crawler: Crawler) -> None:
        """Keep the answers in the crawl's session."""
        self._crawler = crawler
        self._session = CaptureSession.of(crawler)
        self._permit = object()
        self._under_way: dict[str, asyncio.Task[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request go on, or refuse it."""
        if request.meta.get(_PERMIT) is self._permit or not request.url.startswith(("http:", "https:")):
            return
        rules = await self._rules(origin_of(request.url), request.meta.get("proxy"))
        if not rules.allows(request.url):
            self._crawler.stats.inc_value("copytrail/robots_refused")
            raise RobotsRefusal(rules, rules.line_against(request.url) if rules.reachable else None)
        request.meta[ROBOTS_RECORD] = rules.record
        if rules.crawl_delay:
            self._slow_down(request.url, rules)

    async def _rules(self, origin: str, proxy: str | None) -> Rules:
        """The rules of an origin; all that ask at the same time wait for one fetch, which goes the way of the first of them."""
        known = self._session.robots.get(origin, self._session.clock())
        if known is not None:
            return known
        task = self._under_way.get(origin)
        if task is None:
            task = asyncio.ensure_future(self._fetch(origin, proxy))
            self._under_way[origin] = task
            task.add_done_callback(lambda _: self._under_way.pop(origin, None))
        return await asyncio.shield(task)

    async def _fetch(self, origin: str, proxy: str | None) -> Rules:
        now = self._session.clock()
        asked: list[Request] = []
        try:
            rules = await self._ask(origin, proxy, asked)
        except NotSent:
            raise  # the crawl is stopped, or another worker has the domain: nobody was asked, so nothing is known
        except FetchFailed as error:
            rules = unreachable(origin, now, str(error), failure=error.failure, record=error.kept.record)
        except Exception as error:  # noqa: BLE001 -- whatever goes wrong here, its meaning is that nothing may be fetched
            kept = kept_by(asked[-1].meta) if asked else None  # what came may be in the archive all the same
            rules = unreachable(origin, now, str(error) or type(error).__name__, record=kept.record if kept else None)
        self._session.robots.put(rules)
        why = "read" if rules.reachable and rules.text else rules.reason
        self._session.log.note(
            Deed.ROBOTS, f"{origin}/robots.txt", rules.fetched, status=rules.status, record=rules.record, until=rules.until, why=why
        )
        if not rules.reachable:
            logger.warning("%s: %s", origin, rules.reason)
        return rules

    async def _ask(self, origin: str, proxy: str | None, asked: list[Request]) -> Rules:
        """Ask for the file, and go where it has moved; each request that is made stands in ``asked``."""
        response = await self._download(f"{origin}/robots.txt", proxy, asked)
        for _ in range(REDIRECTS):
            target = target_of(response)
            if target is None:
                break
            response = await self._download(target, proxy, asked, via=response.url)
        kept = kept_by(response.meta)
        record = kept.record if kept else None
        now = self._session.clock()
        if TRUNCATED in response.flags and len(response.body) < SIZE_LIMIT:
            return unreachable(origin, now, "the answer was cut short", record=record)  # the line that forbids may be missing
        return rules_of(origin, now, status=response.status, body=response.body, record=record)

    async def _download(self, url: str, proxy: str | None, asked: list[Request], via: str | None = None) -> Response:
        meta = {VIA: via, _PERMIT: self._permit, FOUND: Found.ROBOTS, "dont_redirect": True, "proxy": proxy}
        asked.append(Request(url, meta=meta, callback=NO_CALLBACK, dont_filter=True))
        return await self._crawler.engine.download_async(asked[-1])

    def _slow_down(self, url: str, rules: Rules) -> None:
        politeness = self._crawler.get_downloader_middleware(PolitenessMiddleware)
        assert politeness is not None, "the add-on enables both"
        politeness.slow_down(url, rules.crawl_delay or 0.0, rules.record)
