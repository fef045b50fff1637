"""Where captured exchanges go: an archive's deposit, behind one thread of its own.

Contract: :meth:`ArchiveSink.keep` returns when the exchange's records are written and flushed, without ever blocking the event loop (gzip
and disk happen in the thread); exchanges are written in the order of the calls.  Opening a sink first finishes what a killed process
left behind, and says so in the log.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from importlib.metadata import version

from archive.deposit import Deposit
from archive.records import Capture, Exchange
from archive.settings import Settings
from archive.vault import Archive, open_archive
from crawlers.session import Kept
from crawlers.turn import turn
from crawlers.useragent import PRODUCT, user_agent

LIMITS = ("max_hops", "max_hosts", "max_pages", "max_bytes", "max_seconds", "body_limit")
logger = logging.getLogger(__name__)


class ArchiveSink:
    """Keeps exchanges in an archive."""

    def __init__(self, archive: Archive, deposit: Deposit, resources: ExitStack | None = None) -> None:
        """Write through ``deposit``; ``resources`` are closed with the sink."""
        self.archive = archive
        self._deposit = deposit
        self._resources = resources or ExitStack()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="warc")

    async def keep(self, exchange: Exchange) -> Kept:
        """Write one exchange; where its records lie."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._keep, exchange)

    def _keep(self, exchange: Exchange) -> Kept:
        written = self._deposit.keep(exchange)
        self._deposit.rotate()
        return Kept(capture=written.capture, record=written.id, ref=written.capture.ref if written.capture else written.metadata)

    async def seal(self) -> list[Capture]:
        """Bring everything written so far into the store and the catalogue."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._deposit.seal)

    async def close(self) -> None:
        """Seal, and give everything back; what cannot be sealed waits for the next start."""
        try:
            await self.seal()
        finally:
            self._thread.shutdown()
            self._resources.close()


def warc_info(settings: Settings, *, simulated: bool) -> dict[str, str]:
    """What the warcinfo record of every file says about this crawl."""
    contact = settings.contact or ""
    return {
        "software": f"{PRODUCT}/{version(PRODUCT)}",
        "operator": contact,
        "http-header-from": contact,
        "http-header-user-agent": user_agent(contact),
        "robots": "classic",
        "clock": "simulated" if simulated else "system",
        "description": f"delay {settings.delay:g} s a domain; limits: "
        + ", ".join(f"{name} {getattr(settings, name):g}" for name in LIMITS),
    }


def sink_for(
    archive: Archive, settings: Settings, *, clock: Callable[[], datetime], simulated: bool, resources: ExitStack | None = None
) -> ArchiveSink:
    """A sink into an open archive; ``resources`` are what closing the sink has to close."""
    deposit = archive.deposit(clock=clock, info=warc_info(settings, simulated=simulated))
    for item in deposit.recover():
        logger.warning("recovered %s: %d records kept, %d bytes of a torn tail cut", item.path.name, item.kept_records, item.cut_bytes)
    deposit.deliver()
    return ArchiveSink(archive, deposit, resources)


def open_sink(settings: Settings, *, clock: Callable[[], datetime]) -> ArchiveSink:
    """Open the archive that the settings name, and a sink into it; closing the sink closes both."""
    resources = ExitStack()
    resources.enter_context(turn(settings.folder))
    archive = resources.enter_context(open_archive(settings))
    return sink_for(archive, settings, clock=clock, simulated=False, resources=resources)
