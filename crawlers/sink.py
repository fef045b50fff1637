"""Where captured exchanges go: an archive's deposit, behind one thread of its own.

Contract: :meth:`ArchiveSink.keep` returns when the exchange's records are written and flushed, without ever blocking the event loop (gzip
and disk happen in the thread); exchanges are written in the order of the calls.  Opening a sink first finishes what a killed process
left behind, and says so in the log.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib.metadata import version
from typing import Any, Generic, TypeVar
from uuid import uuid4

from archive.deposit import Deposit
from archive.erasing import resume_erasures
from archive.leases import Leases
from archive.records import Capture, Exchange, RecordRef, RequestEvent
from archive.requestlog import save_events
from archive.resume import resume
from archive.settings import Settings
from archive.store import StoreError
from archive.vault import Archive, open_archive
from crawlers.barrier import Barrier
from crawlers.leasing import Leaseholder
from crawlers.pace import Pace
from crawlers.requestlog import RequestLog
from crawlers.session import CaptureSession, Kept
from crawlers.stories import run_id
from crawlers.turn import turn
from crawlers.useragent import PRODUCT, user_agent

# The settings that shape a crawl, by name: none is added by itself, so that no secret is ever written down.
SHAPING = (
    "delay",
    "timeout",
    "body_limit",
    "max_hops",
    "max_hosts",
    "max_host_pages",
    "max_pages",
    "max_bytes",
    "max_seconds",
    "requisites",
    "refetch_days",
)
RUN = f"{PRODUCT}-run"
_EVENTS = 5000  # of the request log that wait in memory at most
_MOMENT = 0.005  # seconds; with 500 pages a second it took a seventh off the CPU time of a page
T = TypeVar("T")
logger = logging.getLogger(__name__)


class ArchiveSink:
    """Keeps exchanges in an archive."""

    def __init__(self, archive: Archive, deposit: Deposit, resources: ExitStack | None = None) -> None:
        """Write through ``deposit``; ``resources`` are closed with the sink."""
        self.archive = archive
        self._deposit = deposit
        self._resources = resources or ExitStack()
        self.log = RequestLog()
        self.leases: Leaseholder | None = None
        self._run = run_id(deposit.clock())
        self._part = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="warc")
        self._waiting: list[_Job[Any]] = []
        self._busy = False

    async def keep(self, exchange: Exchange) -> Kept:
        """Write one exchange; where its records lie."""
        if len(self.log) >= _EVENTS:
            await self._save_log()
        return await self._in_thread(partial(self._keep, exchange), exchange)

    def _keep(self, exchange: Exchange) -> Kept:
        written = self._deposit.keep(exchange)
        self._deposit.rotate()
        return Kept(capture=written.capture, record=written.id, ref=written.capture.ref if written.capture else written.metadata)

    async def keep_resource(self, url: str, data: bytes, mime: str) -> RecordRef:
        """Write something that was not fetched; where its record lies."""
        return await self._in_thread(partial(self._deposit.keep_resource, url, data, mime))

    def tell(self, facts: Mapping[str, str]) -> None:
        """Say more in the warcinfo record of the files that are not begun yet."""
        self._deposit.info = {**self._deposit.info, **facts}
        self._run = facts.get(RUN, self._run)

    async def seal(self) -> list[Capture]:
        """Bring everything written so far into the store and the catalogue, and the log of the requests into the store."""
        captures = await self._in_thread(self._deposit.seal)
        await self._save_log()
        return captures

    async def _save_log(self) -> None:
        events = self.log.take()
        if not events:
            return
        try:
            self._part = await self._in_thread(partial(self._save, events))
        except BaseException:
            self.log.put_back(events)
            raise

    async def _save_end_of_log(self) -> None:
        """What could not be stored while the run went on was an error then; now it is missing, as after a kill."""
        try:
            await self._save_log()
        except StoreError as error:
            logger.warning("the end of the run's request log could not be stored: %s", error)

    def _save(self, events: Sequence[RequestEvent]) -> int:
        return save_events(self.archive, self._run, self._part + 1, events, self._deposit.clock())

    async def close(self) -> None:
        """Seal, and give everything back; what cannot be sealed waits for the next start."""
        try:
            await self._in_thread(self._deposit.seal)
            await self._save_end_of_log()
        finally:
            if self.leases is not None:
                await self.leases.release()
            self._thread.shutdown()
            self._resources.close()

    def _in_thread(self, work: Callable[[], T], exchange: Exchange | None = None) -> asyncio.Future[T]:
        """What ``work`` gives, done after everything that was asked for before, also when nobody waits for it any more.

        What comes within a moment, or while the thread is busy, goes to it together: a way there and back costs as much as a record.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future(), exchange)
        self._waiting.append(job)
        if not self._busy:
            self._busy = True
            loop.call_later(_MOMENT, self._hand_over, loop)
        return job.future

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        jobs, self._waiting = self._waiting, []
        self._busy = bool(jobs)
        try:
            if jobs:
                self._thread.submit(self._work_off, jobs, loop)
        except RuntimeError as error:  # the sink was closed
            self._busy = False
            for job in jobs:
                job.fail(error)
                job.settle()

    def _work_off(self, jobs: "list[_Job[Any]]", loop: asyncio.AbstractEventLoop) -> None:
        """Runs in the thread."""
        with suppress(Exception):  # each of them asks again by itself, and says what is wrong
            self._deposit.expect([job.exchange for job in jobs if job.exchange is not None])
        for job in jobs:
            job.do()
        loop.call_soon_threadsafe(self._settle, jobs, loop)

    def _settle(self, jobs: "list[_Job[Any]]", loop: asyncio.AbstractEventLoop) -> None:
        self._hand_over(loop)
        for job in jobs:
            job.settle()


@dataclass(slots=True)
class _Job(Generic[T]):
    """Something to do in the thread, and who waits for it."""

    work: Callable[[], T]
    future: asyncio.Future[T]
    exchange: Exchange | None
    answer: Callable[[], None] = lambda: None

    def do(self) -> None:
        """Runs in the thread."""
        try:
            self.answer = partial(self.future.set_result, self.work())
        except BaseException as error:  # noqa: BLE001 -- it is raised where somebody waits
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Let the error be the answer."""
        self.answer = partial(self.future.set_exception, error)

    def settle(self) -> None:
        """Give the answer to who waits; runs in the loop, as futures want it."""
        if not self.future.cancelled():
            self.answer()


def warc_info(settings: Settings, *, hostname: str, simulated: bool) -> dict[str, str]:
    """What the warcinfo record of every file says about this crawl: who, with what, on which machine, by which rules and limits."""
    contact = settings.contact or ""
    shaping = {f"{PRODUCT}-{name.replace('_', '-')}": _shown(getattr(settings, name)) for name in SHAPING}
    return {
        "software": f"{PRODUCT}/{version(PRODUCT)}",
        "operator": contact,
        "hostname": hostname,
        "http-header-from": contact,
        "http-header-user-agent": user_agent(contact),
        "robots": "classic",  # the standard's word for it
        f"{PRODUCT}-robots": "RFC 9309; where robots.txt answers 429 or 5xx or not at all, nothing is fetched",
        "clock": "simulated" if simulated else "system",
        **shaping,
    }


def run_info(story: str, run: str, *, requisites: bool) -> dict[str, str]:
    """What it says about one run of it."""
    return {
        "isPartOf": story,
        "description": f"Run {run} of story {story}",
        RUN: run,
        f"{PRODUCT}-requisites": _shown(requisites),
    }


def _shown(value: float) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value:.15g}"


def sink_for(
    archive: Archive, settings: Settings, *, clock: Callable[[], datetime], simulated: bool, resources: ExitStack | None = None
) -> ArchiveSink:
    """A sink into an open archive; ``resources`` are what closing the sink has to close."""
    deposit = archive.deposit(clock=clock, info=warc_info(settings, hostname=archive.writer, simulated=simulated))
    for item in resume(deposit):
        logger.warning("recovered %s: %s", item.name, item.outcome)
    for order in resume_erasures(archive, clock):
        logger.warning("finished the erasure %s: %s", order.id, order.reason)
    return ArchiveSink(archive, deposit, resources)


def session_on(sink: ArchiveSink, settings: Settings, *, clock: Callable[[], datetime], simulated: bool = False) -> CaptureSession:
    """A session whose exchanges and request log go to ``sink``, and whose domains are ours among the workers of its catalogue."""
    session = CaptureSession(
        settings=settings,
        clock=clock,
        sink=sink,
        simulated=simulated,
        log=sink.log,
        pace=Pace(),
        barred=Barrier(sink.archive.veil).why,
    )
    holder = f"{sink.archive.writer}-{uuid4().hex[:8]}"
    leases = Leases(sink.archive.catalogue, holder, settings.lease_seconds)
    sink.leases = Leaseholder(leases, session.pace, session.log, clock)
    return replace(session, leases=sink.leases)


def open_sink(settings: Settings, *, clock: Callable[[], datetime]) -> ArchiveSink:
    """Open the archive that the settings name, and a sink into it; closing the sink closes both."""
    resources = ExitStack()
    resources.enter_context(turn(settings.folder))
    archive = resources.enter_context(open_archive(settings, everything=True))
    return sink_for(archive, settings, clock=clock, simulated=False, resources=resources)
