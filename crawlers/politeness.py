"""When a domain may be asked: one request at a time, a delay between two, and back-off when it asks for patience.

Contract: every request gets the download slot of its registered domain, so that one at a time is under way to ``www.`` and ``m.`` together,
and the domain is ours among all workers (``crawlers.leasing``).  The delay is kept where the request goes out (``crawlers.pace``,
``crawlers.handler``), not by Scrapy's slots: they count from the moment at which a request is taken from the queue, and empty the queue at
the same pace when the crawl is stopped.  An answer of 429 or 503 holds the whole domain, by its Retry-After or else by ``delay * 2 ** n``
after the n-th such answer in a row, and its request is tried again at most ``TRIES`` times; then the answer goes on
to the spider.  A domain that wants more than ``PATIENCE`` is closed for that time: its answer goes on at once and
every other request to it, also one that waits in the slot already, ends in ``Throttled`` without being sent.  What was withdrawn from the
archive is not asked for at all (``NotSent``).
Scrapy itself has no Retry-After and no back-off (capture.md §4).
"""

import logging
import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from archive.kinds import Deed, Verdict
from crawlers.domains import slot_of
from crawlers.refusals import NotSent
from crawlers.session import KEPT, CaptureSession

logger = logging.getLogger(__name__)

TRIES: Final = 3
PATIENCE: Final = 120.0  # seconds
LONGEST_CRAWL_DELAY: Final = 300.0  # a longer one is as good as a refusal; the log says that it was cut
LONGEST_HELD: Final = 86400.0  # seconds of a Retry-After that other workers are told of
# A slot without any delay starts all that wait in it at once, whatever its concurrency: Scrapy 2.19 counts a transfer
# only when its task runs (core/downloader, _process_queue).
SLOT_DELAY: Final = 0.001
_THROTTLED: Final = "copytrail_throttled"  # meta: how often this request was put off
_NOT_NOW = (429, 503)


class Throttled(IgnoreRequest):
    """The domain has asked to be left alone for longer than the crawl can wait."""

    def __init__(self, domain: str, until: datetime) -> None:
        """Say who and how long."""
        super().__init__(f"{domain} asked to be left alone until {until.isoformat(timespec='seconds')}")
        self.domain = domain
        self.until = until


def closed_until(session: CaptureSession, url: str) -> datetime | None:
    """Until when the URL's domain wants to be left alone; None when it may be asked."""
    until = session.closed.get(slot_of(url))
    return until if until is not None and session.clock() < until else None


def check_open(session: CaptureSession, url: str) -> None:
    """Throttled when the URL's domain wants to be left alone."""
    until = closed_until(session, url)
    if until is not None:
        raise Throttled(slot_of(url), until)


def retry_after(response: Response, now: datetime) -> float | None:
    """Seconds that Retry-After asks for (RFC 9110 §10.2.3); None without one that can be read.

    A date is held against the server's own Date, so that a wrong clock on either side does no harm.
    """
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return float(value)
    wanted = _date(value)
    sent = _date((response.headers.get("Date") or b"").decode("latin-1"))
    return max(0.0, (wanted - (sent or now)).total_seconds()) if wanted else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else None


class PolitenessMiddleware:
    """Scrapy's slots, keyed and held by domain."""

    def __init__(self, crawler: Crawler) -> None:
        """Work on the session's pace."""
        self._crawler = crawler
        self._session = CaptureSession.of(crawler)
        self._delay = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._strikes: dict[str, int] = {}  # answers that asked for patience, in a row
        # Before the slot's next request, which is sent before any middleware sees this answer.
        crawler.signals.connect(self._downloaded, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Name the slot and have the domain; a redirect or a retry comes with the slot, and the record, of the request before it."""
        domain = slot_of(request.url)
        request.meta["download_slot"] = domain
        self._crawler.engine.downloader.per_slot_settings.setdefault(domain, {"delay": SLOT_DELAY})
        request.meta.pop(KEPT, None)
        if why := await self._session.barred(request.url):
            raise NotSent(Verdict.REFUSED_SCOPE, why)
        check_open(self._session, request.url)
        if self._session.leases is not None:
            await self._session.leases.hold(domain)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Try again what was put off, after the wait."""
        put_off = request.meta.get(_THROTTLED, 0)
        if response.status not in _NOT_NOW or put_off >= TRIES or closed_until(self._session, request.url):
            return response
        logger.info("%s answered %d: try %d of %d follows", request.url, response.status, put_off + 1, TRIES)
        return request.replace(meta={**request.meta, _THROTTLED: put_off + 1}, dont_filter=True)

    def _downloaded(self, response: Response, request: Request) -> None:
        """Back off when the answer says so."""
        domain = slot_of(request.url)
        if response.status not in _NOT_NOW:
            self._strikes.pop(domain, None)
            return
        self._strikes[domain] = self._strikes.get(domain, 0) + 1
        asked = retry_after(response, self._session.clock())
        wait, why = (asked, "Retry-After") if asked is not None else (self._back_off(domain), "back-off")
        why = f"{why} (answer {response.status})"
        if wait > PATIENCE:
            self._close(request.url, wait, why)
        else:
            self._hold(request.url, wait, why)

    def _hold(self, url: str, seconds: float, why: str) -> None:
        """Send nothing to the URL's domain for some seconds; a longer hold that is on already stays."""
        self._session.pace.hold(slot_of(url), seconds)
        now = self._session.clock()
        self._session.log.note(Deed.DELAYED, url, now, seconds=seconds, until=now + timedelta(seconds=seconds), why=why)
        logger.info("%s is left alone for %.1f s", slot_of(url), seconds)

    def slow_down(self, url: str, delay: float, record: str | None) -> None:
        """Keep a Crawl-delay that is longer than our own."""
        pace, domain = self._session.pace, slot_of(url)
        wanted = min(delay, LONGEST_CRAWL_DELAY)
        if wanted <= pace.delay(domain, self._delay):
            return
        if delay > wanted:
            logger.warning("%s asks for %g s between requests; %g s are kept", domain, delay, wanted)
        pace.slow_down(domain, wanted)
        pace.hold(domain, wanted)  # from the answer that asks for it
        self._session.log.note(
            Deed.DELAYED, url, self._session.clock(), seconds=wanted, robots=record, why=f"Crawl-delay of {delay:g} s between two requests"
        )

    def _back_off(self, domain: str) -> float:
        return self._delay * 2.0 ** min(self._strikes[domain], 10)

    def _close(self, url: str, wait: float, why: str) -> None:
        now = self._session.clock()
        until = now + timedelta(seconds=min(wait, timedelta(days=365).total_seconds()))
        self._session.closed[slot_of(url)] = until
        self._session.pace.hold(slot_of(url), min(wait, LONGEST_HELD))  # for the worker that comes after us
        self._session.log.note(Deed.DELAYED, url, now, seconds=wait, until=until, why=why)
        logger.warning("%s asked to be left alone for %g s: nothing more is sent to it until %s", slot_of(url), wait, until)
