"""The run's limits, held against every request before it goes out.

Contract: a request that carries a lead is let through or ends in :class:`OutOfScope` with verdict and reason, before anybody is asked for
robots.txt.  When robots.txt has let it through it is asked about once more and counted in one step, so that the limits hold exactly and
what is refused costs no budget.  A request without a lead, such as robots.txt, is not counted.  The decision is
``pipeline.scope.refusal``.
"""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from archive.kinds import Found
from archive.records import Lead
from crawlers.domains import slot_of
from crawlers.ledger import Ledger
from crawlers.refusals import NotSent
from crawlers.session import CaptureSession
from pipeline.scope import Scope, Spent, refusal


class OutOfScope(NotSent):
    """A request that the run's limits forbid."""


class BudgetMiddleware:
    """Asks ``pipeline.scope`` about every lead."""

    def __init__(self, ledger: Ledger, session: CaptureSession) -> None:
        """Count on ``ledger``; the limits are the session's."""
        settings = session.settings
        self._ledger = ledger
        self._clock = session.clock
        self._started = session.clock()
        self._scope = Scope(
            max_hops=settings.max_hops,
            max_hosts=settings.max_hosts,
            max_pages=settings.max_pages,
            max_host_pages=settings.max_host_pages,
            max_bytes=settings.max_bytes,
            max_seconds=settings.max_seconds,
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it for the crawl's spider, which owns the ledger."""
        ledger: Ledger = crawler.spider.ledger  # type: ignore[union-attr]
        return cls(ledger, CaptureSession.of(crawler))

    def process_request(self, request: Request) -> None:
        """Let a lead through and count it, or say why not."""
        lead: Lead | None = request.meta.get("lead")
        if lead is None or request.meta.get("retry_times"):
            return
        host = slot_of(request.url)
        ledger = self._ledger
        spent = Spent(
            hosts=ledger.hosts,
            pages=ledger.pages,
            requisites=ledger.requisites,
            bytes=ledger.bytes,
            seconds=(self._clock() - self._started).total_seconds(),
        )
        refused = refusal(lead, host, self._scope, spent)
        if refused is not None:
            raise OutOfScope(*refused)


class CountMiddleware(BudgetMiddleware):
    """Asks again and counts the pages, their hosts and the requisites that are really asked for; stands behind robots.txt."""

    def process_request(self, request: Request) -> None:
        """Let a lead through and count it once, however often it is tried."""
        super().process_request(request)
        lead: Lead | None = request.meta.get("lead")
        if lead is None or request.meta.get("retry_times"):
            return
        if lead.found is Found.REQUISITE:
            self._ledger.requisites += 1
        else:
            self._ledger.hosts[slot_of(request.url)] += 1
            self._ledger.pages += 1
