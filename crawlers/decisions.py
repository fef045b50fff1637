"""Notes in the request log what the middlewares have decided: a downloader middleware that stands behind robots.txt.

Contract: whatever ends in IgnoreRequest is one ``refused``, with the rule and the robots.txt on which it rests; the target of a redirect
that may be asked for is one ``redirect``.
"""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from archive.kinds import Deed
from crawlers.messages import ROBOTS_RECORD
from crawlers.requestlog import via_of
from crawlers.session import CaptureSession


class DecisionsMiddleware:
    """Sees what was let through, and what was not."""

    def __init__(self, session: CaptureSession) -> None:
        """Note in the session's log."""
        self._log = session.log
        self._clock = session.clock

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(CaptureSession.of(crawler))

    def process_request(self, request: Request) -> None:
        """Note the target of a redirect that may be asked for."""
        via = via_of(request.meta)
        if via is not None:
            self._log.note(Deed.REDIRECT, request.url, self._clock(), robots=request.meta.get(ROBOTS_RECORD), via=via)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note what was not sent."""
        if not isinstance(exception, IgnoreRequest):
            return
        robots = getattr(exception, "record", None) or request.meta.get(ROBOTS_RECORD)
        why = getattr(exception, "rule", None) or str(exception)
        until = getattr(exception, "until", None)
        self._log.note(Deed.REFUSED, request.url, self._clock(), robots=robots, why=why, until=until, via=via_of(request.meta))
