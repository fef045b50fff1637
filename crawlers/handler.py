"""Scrapy's download handler for http and https: every exchange is in the archive before anybody sees its answer.

Contract: whatever happens on the wire, robots.txt, redirects, retries and failures included, is handed to the
session's sink first, and ``request.meta["copytrail"]`` then says where it lies (``Kept``).  A response, also a cut
one (flag ``truncated``), goes on to the spider; a fetch without a response raises one of Scrapy's exceptions
(``crawlers.errors``).  It goes out when its domain may be asked (``crawlers.pace``, ``crawlers.leasing``) and not at all
once the crawl is being stopped: then what waits is handed back (``Stopped``), and what is on the wire has ``LAST_MOMENT``
seconds more.  A request that met a dead kept connection is sent again once, and both exchanges are kept.
When the sink fails the crawl stops, with the reason ``archive_failed``.

``headers_received`` and ``bytes_received`` are sent and StopDownload is honoured; the bytes are those of the wire,
chunk framing included.  A spider sees the first 32 MiB of a longer body (flag ``truncated``); the archive has it
whole.  ``request.meta["proxy"]`` names a proxy (``crawlers.proxies``).
"""

import asyncio
import logging
import re
import sys
from contextlib import suppress
from dataclasses import replace
from typing import Any

from scrapy import Request, signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured, NotSupported, StopDownload
from scrapy.http import Headers, Response
from scrapy.utils.asyncio import is_asyncio_available
from twisted.python.failure import Failure as TwistedFailure

from archive.http import Head
from archive.records import Exchange
from crawlers import collector
from crawlers.domains import slot_of
from crawlers.errors import KeepFailed, error_of
from crawlers.failures import STALE
from crawlers.messages import Body, body_of, count_try, draft_of, response_of, with_decoded
from crawlers.politeness import check_open
from crawlers.proxies import Proxy
from crawlers.refusals import Stopped
from crawlers.requestlog import via_of
from crawlers.session import KEPT, CaptureSession, Kept, terms
from crawlers.wire import Limits, Wire

LAST_MOMENT = 5.0  # seconds for what is on the wire when the crawl is stopped: Prefect kills after 30, and sealing takes some
_LOOK = 0.1  # seconds between two looks whether the crawl is being stopped
logger = logging.getLogger(__name__)


class CaptureHandler(BaseDownloadHandler):
    """The wire, as Scrapy sees it."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        """Read the crawl's session."""
        if not is_asyncio_available():
            raise NotConfigured("copytrail needs asyncio: leave TWISTED_REACTOR at its default, or set TWISTED_REACTOR_ENABLED to False")
        super().__init__(crawler)
        self._session = CaptureSession.of(crawler)
        agreed = terms(self._session.settings)
        self._user_agent = agreed.user_agent
        self._closing: asyncio.Future[None] | None = None
        self._delay = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._undo = crawler.settings.getbool("COMPRESSION_ENABLED")
        self._seconds, self._size = crawler.settings.getfloat("DOWNLOAD_TIMEOUT"), crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._ending = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self._wire = Wire(rules=agreed.connect_to, trust=agreed.trust)
        collector.ease()

    async def download_request(self, request: Request) -> Response:
        """Fetch, archive, and only then answer."""
        if self._closing is not None:
            raise KeepFailed("the archive takes nothing more, and the crawl is stopping")
        await self._turn(request)
        watcher = _Watcher(self.crawler, request)
        proxy = _proxy_of(request)
        draft = draft_of(request, self._user_agent, self._session.clock(), proxy)
        exchange, body, kept = await self._hold(request, draft, watcher, proxy)
        # RFC 9110 §9.2.2: only what may be repeated without harm is sent again unasked.
        if exchange.failure is not None and exchange.failure.kind == STALE and request.method in ("GET", "HEAD"):
            await self._turn(request)  # the server may have read the first
            again = replace(draft, attempt=draft.attempt + 1, started=self._session.clock())
            exchange, body, kept = await self._hold(request, again, watcher, proxy)
        if body is None:
            assert exchange.failure is not None
            raise error_of(exchange.failure, kept)
        return watcher.finish(response_of(exchange, request, body))

    async def close(self) -> None:
        """Close the connections that are kept open."""
        collector.restore()
        if self._watch is not None:
            self._watch.cancel()
        await self._wire.close()

    async def _turn(self, request: Request) -> None:
        """Wait until the domain may be asked, by us; Stopped, Throttled or Elsewhere when that is not to be."""
        session, domain = self._session, slot_of(request.url)
        if self._watch is None:
            self._watch = asyncio.ensure_future(self._watch_for_end())
        while True:
            if self._ending.is_set():
                raise Stopped
            check_open(session, request.url)
            if session.leases is not None:
                await session.leases.hold(domain)
            wait = session.pace.wait(domain)
            if not wait:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), wait)

    async def _watch_for_end(self) -> None:
        """See the crawl being stopped, while requests wait for their turn: they go back, and what is on the wire gets a last moment."""
        while not self._is_ending():  # noqa: ASYNC110 -- nobody who ends a crawl would set an event
            await asyncio.sleep(_LOOK)
        self._ending.set()
        self._wire.hurry(LAST_MOMENT)

    def _is_ending(self) -> bool:
        engine = self.crawler.engine
        slot = engine._slot  # noqa: SLF001 -- Scrapy tells nobody that it is closing before all downloads are done
        return not engine.running or slot is None or slot.closing is not None

    async def _hold(
        self, request: Request, draft: Exchange, watcher: "_Watcher", proxy: Proxy | None
    ) -> tuple[Exchange, Body | None, Kept]:
        """Hold a conversation and have it written down; a crawl that cannot do that must not go on fetching."""
        domain, limits = slot_of(request.url), self._limits(request)
        delay = self._session.pace.delay(domain, self._delay)
        try:
            await self._wait_from_now(domain, delay)
            exchange = await self._wire.exchange(draft, limits, watcher, proxy)
            await self._wait_from_now(domain, delay - _since_head(exchange))
            body = None if exchange.response is None else body_of(exchange, limits.body, undo=self._undo)
            kept = await self._session.sink.keep(exchange if body is None else with_decoded(exchange, body))
        except Exception as error:
            logger.critical("The exchange with %s could not be archived, so the crawl stops: %s", draft.url, error)
            self._stop_crawl()
            raise KeepFailed(f"{draft.url}: {error}") from error
        self._session.log.requested(exchange, kept.record, via_of(request.meta))
        request.meta[KEPT] = kept
        request.meta["download_latency"] = exchange.phases.get("head", 0.0) / 1000
        count_try(request, exchange)
        return exchange, body, kept

    async def _wait_from_now(self, domain: str, wait: float) -> None:
        """Leave the domain alone for some seconds, and let other workers know where that matters."""
        self._session.pace.hold(domain, wait)
        if self._session.leases is not None:
            await self._session.leases.tell(domain)

    def _stop_crawl(self) -> None:
        """Close the spider from outside: closing waits for all downloads, so this one must not wait for it."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="archive_failed"))

    def _limits(self, request: Request) -> Limits:
        return Limits(
            seconds=request.meta.get("download_timeout", self._seconds),
            body=request.meta.get("download_maxsize", self._size) or sys.maxsize,  # Scrapy's 0 is no limit
        )


def _since_head(exchange: Exchange) -> float:
    """Seconds from the beginning of the answer to the end of the exchange; 0 without an answer."""
    phases = exchange.phases
    return (max(phases.values()) - phases["head"]) / 1000 if "head" in phases else 0.0


def _proxy_of(request: Request) -> Proxy | None:
    """The proxy that a request is to go through."""
    named = request.meta.get("proxy")
    try:
        return Proxy.of(named) if named else None
    except ValueError as error:
        raise NotSupported(str(error)) from None


class _Watcher:
    """Sends Scrapy's signals about one download, and remembers who stopped it."""

    def __init__(self, crawler: Crawler, request: Request) -> None:
        self._crawler = crawler
        self._request = request
        self._stop: StopDownload | None = None

    def head(self, head: Head) -> bool:
        length = head.first("content-length") or ""
        known = int(length) if re.fullmatch(r"[0-9]{1,18}", length) else None  # int() raises for thousands of digits
        return self._send(signals.headers_received, headers=Headers(head.fields), body_length=known)

    def body(self, data: bytes) -> bool:
        return self._send(signals.bytes_received, data=data)

    def finish(self, response: Response) -> Response:
        """The response, or the StopDownload that carries it to the errback."""
        if self._stop is None:
            return response
        response.flags.append("download_stopped")
        if self._stop.fail:
            self._stop.response = response
            raise self._stop
        return response

    def _send(self, signal: object, **values: Any) -> bool:
        answers = self._crawler.signals.send_catch_log(signal, request=self._request, spider=self._crawler.spider, **values)
        for _, answer in answers:
            if isinstance(answer, TwistedFailure) and isinstance(answer.value, StopDownload):
                self._stop = answer.value
        return self._stop is not None
