"""The one line that gives a Scrapy project our capture, robots and back-off: ``ADDONS = {"crawlers.addon.Copytrail": 100}``.

Contract: what keeps a crawl honest and safe (handler, robots, delay, user agent, no cookies, no remote control, no
telnet, verified certificates) is set above every project, spider and command line; what is only a good choice is set
below them.  A crawl that may not start ends in ``CrawlRefused`` before its first request: no contact, a setting that
cannot be read, or HTTPCACHE_ENABLED, which answers from its cache while a capture would record the answer as fetched
now (capture.md §0).

A door that has made a ``CaptureSession`` puts it into the settings and owns it.  When none has, the add-on is the
door: it reads the environment and ``copytrail.toml``, opens the archive and closes it after the crawl.  Proxies of
the environment are left aside.
"""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from archive.settings import SettingsError, load
from crawlers.session import SESSION, BadSettings, CaptureSession, CrawlRefused, terms
from crawlers.sink import open_sink, session_on

_ABOVE_ALL: Final = 50  # Scrapy's highest is cmdline, 40

HANDLER: Final = "crawlers.handler.CaptureHandler"
POLITENESS: Final = "crawlers.politeness.PolitenessMiddleware"
ROBOTS: Final = "crawlers.robots.RobotsMiddleware"
DECISIONS: Final = "crawlers.decisions.DecisionsMiddleware"

_MUST: Final[dict[str, Any]] = {
    "AUTOTHROTTLE_ENABLED": False,  # it shortens a slot's delay again, also one that robots.txt asks for
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "COOKIES_ENABLED": False,
    "DOWNLOAD_DELAY_JITTER": 0,  # the delay is a promise, not a mean
    "DOWNLOAD_SLOTS": {},  # no exceptions from it
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "HTTPPROXY_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,  # it executes the Python that is posted to it
    "ROBOTSTXT_OBEY": False,  # ours replaces it
    "TELNETCONSOLE_ENABLED": False,
}
_GOOD: Final[dict[str, Any]] = {
    "CONCURRENT_ITEMS": 4,  # the default of 100 costs 13 % of the CPU time (capture.md §5)
    "RETRY_HTTP_CODES": [500, 502, 504, 522, 524, 408],  # 429 and 503 are the politeness middleware's
    "RETRY_TIMES": 1,
}


class Copytrail:
    """The add-on."""

    def __init__(self, crawler: Crawler) -> None:
        """For one crawl."""
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Set up the crawl, or refuse it."""
        if settings.getbool("HTTPCACHE_ENABLED"):
            raise CrawlRefused("turn HTTPCACHE_ENABLED off: its cache would answer, and the archive would say that the site did")
        session = session_of(self._crawler)
        agreed = terms(session.settings)
        for name, value in _GOOD.items():
            settings.set(name, value, priority="addon")
        must = {
            "USER_AGENT": agreed.user_agent,
            "DOWNLOAD_DELAY": max(session.settings.delay, settings.getfloat("DOWNLOAD_DELAY")),
            "DOWNLOAD_MAXSIZE": session.settings.body_limit,
            "DOWNLOAD_TIMEOUT": session.settings.timeout,
        }
        for name, value in {**_MUST, **must}.items():
            settings.set(name, value, priority=_ABOVE_ALL)
        _set_components(settings)
        # Its TRACE records alone took a quarter of the CPU time (capture.md §5).
        logging.getLogger("charset_normalizer").setLevel(logging.WARNING)


def _set_components(settings: BaseSettings) -> None:
    # Other schemes would be fetches without a record.
    handlers = {"http": HANDLER, "https": HANDLER, "file": None, "ftp": None, "s3": None, "data": None}
    settings.set("DOWNLOAD_HANDLERS", handlers, priority=_ABOVE_ALL)
    ours = {POLITENESS: 95, ROBOTS: 100, DECISIONS: 103}
    settings.set("DOWNLOADER_MIDDLEWARES", {**settings.getdict("DOWNLOADER_MIDDLEWARES"), **ours}, priority=_ABOVE_ALL)
    headers = {"Accept-Encoding": "gzip", **settings.getdict("DEFAULT_REQUEST_HEADERS")}  # every WARC reader can undo gzip
    settings.set("DEFAULT_REQUEST_HEADERS", headers, priority=_ABOVE_ALL)


def session_of(crawler: Crawler) -> CaptureSession:
    """The session of a crawl, also for a spider, which Scrapy makes before the add-ons; opened here when no door has made one."""
    if SESSION not in crawler.settings:
        crawler.settings.set(SESSION, _own_session(crawler), priority=_ABOVE_ALL)
    return CaptureSession.of(crawler)


def _own_session(crawler: Crawler) -> CaptureSession:
    try:
        settings = load(os.environ, folder=Path.cwd()).settings
    except SettingsError as error:
        raise BadSettings(str(error)) from None
    terms(settings)  # nothing is opened for a crawl that may not start
    sink = open_sink(settings, clock=_now)
    crawler.signals.connect(sink.close, signals.engine_stopped, weak=False)
    return session_on(sink, settings, clock=_now)


def _now() -> datetime:
    return datetime.now(UTC)
