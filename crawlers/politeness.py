"""When a domain may be asked: one request at a time, a delay between two, and back-off when it asks for patience.

Contract: every request gets the download slot of its registered domain, so that the delay holds for ``www.`` and
``m.`` together.  An answer of 429 or 503 delays the whole slot, by its Retry-After or else by ``delay * 2 ** n``
after the n-th such answer in a row, and its request is tried again at most ``TRIES`` times; then the answer goes on
to the spider.  A domain that wants more than ``PATIENCE`` is closed for that time: its answer goes on at once and
every other request to it, also one that waits in the slot already, ends in ``Throttled`` without being sent.

Scrapy has no Retry-After and no back-off (capture.md §4).  A slot holds its queue while ``lastseen + delay`` lies
ahead, so moving ``lastseen`` delays it without a private name.
"""

import logging
import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from time import monotonic
from typing import Final, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from archive.urls import registered_domain
from crawlers.session import KEPT, CaptureSession

logger = logging.getLogger(__name__)

TRIES: Final = 3
PATIENCE: Final = 120.0  # seconds
LONGEST_CRAWL_DELAY: Final = 300.0  # a longer one is as good as a refusal; the log says that it was cut
_THROTTLED: Final = "copytrail_throttled"  # meta: how often this request was put off
_NOT_NOW = (429, 503)


class Throttled(IgnoreRequest):
    """The domain has asked to be left alone for longer than the crawl can wait."""

    def __init__(self, domain: str, until: datetime) -> None:
        """Say who and how long."""
        super().__init__(f"{domain} asked to be left alone until {until.isoformat(timespec='seconds')}")
        self.domain = domain
        self.until = until


# Asked five times for each page of a few hosts: 0.02 ms each without the cache.
_domain = lru_cache(maxsize=1024)(registered_domain)


def slot_of(url: str) -> str:
    """The download slot of a URL."""
    return _domain(urlsplit(url).hostname or "")


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
        """Work on the slots of the crawl's downloader."""
        self._crawler = crawler
        self._session = CaptureSession.of(crawler)
        self._strikes: dict[str, int] = {}  # answers that asked for patience, in a row
        # Before the slot's next request, which is sent before any middleware sees this answer.
        crawler.signals.connect(self._downloaded, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Name the slot; a redirect or a retry comes with the slot, and the record, of the request before it."""
        request.meta["download_slot"] = slot_of(request.url)
        request.meta.pop(KEPT, None)
        check_open(self._session, request.url)

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
        wait = self._wait(domain, response)
        if wait > PATIENCE:
            self._close(domain, wait)
        else:
            self._hold(domain, wait)

    def _hold(self, domain: str, seconds: float) -> None:
        """Let the slot send nothing for some seconds; a longer hold that is on already stays."""
        slot = self._crawler.engine.downloader.slots[domain]
        slot.lastseen = max(slot.lastseen, monotonic() + seconds - slot.delay)
        logger.info("%s is left alone for %.1f s", domain, seconds)

    def slow_down(self, domain: str, delay: float) -> None:
        """Keep a Crawl-delay that is longer than our own, also for a slot that Scrapy makes anew after an idle minute."""
        downloader = self._crawler.engine.downloader
        known = downloader.per_slot_settings.setdefault(domain, {})
        wanted = min(delay, LONGEST_CRAWL_DELAY)
        if wanted <= known.get("delay", self._crawler.settings.getfloat("DOWNLOAD_DELAY")):
            return
        if delay > wanted:
            logger.warning("%s asks for %g s between requests; %g s are kept", domain, delay, wanted)
        known["delay"] = wanted
        if domain in downloader.slots:
            downloader.slots[domain].delay = wanted

    def _wait(self, domain: str, response: Response) -> float:
        asked = retry_after(response, self._session.clock())
        if asked is not None:
            return asked
        return self._crawler.settings.getfloat("DOWNLOAD_DELAY") * 2.0 ** min(self._strikes[domain], 10)

    def _close(self, domain: str, wait: float) -> None:
        until = self._session.clock() + timedelta(seconds=min(wait, timedelta(days=365).total_seconds()))
        self._session.closed[domain] = until
        logger.warning("%s asked to be left alone for %g s: nothing more is sent to it until %s", domain, wait, until)
