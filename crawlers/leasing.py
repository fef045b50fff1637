"""The domains that this crawl has, among all workers of one catalogue (``archive/leases.py``).

Contract: nothing is sent to a domain without :meth:`Leaseholder.hold`, which gives way with ``Elsewhere`` when another worker has it.  What
is held is renewed at a third of its time; one that could not be renewed counts as lost when its time is over by our own clock, which is
never later than the database sees it.  With each renewal, and at once where the wait is long, the database hears how long the domain is
still to be left alone, so that whoever comes next keeps that, however we end.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.catalogue import CatalogueError
from archive.kinds import Deed, Verdict
from archive.leases import Held, Leases
from crawlers.pace import Pace, seconds
from crawlers.refusals import NotSent
from crawlers.requestlog import RequestLog

logger = logging.getLogger(__name__)


class Elsewhere(NotSent):
    """Another worker has the domain."""

    def __init__(self, held: Held) -> None:
        """Say who."""
        super().__init__(Verdict.THROTTLED, f"{held.domain} is visited by another worker, {held.holder}")


@dataclass(frozen=True, slots=True)
class _Ours:
    fence: int
    until: float


class Leaseholder:
    """One crawl's leases."""

    def __init__(self, leases: Leases, pace: Pace, log: RequestLog, clock: Callable[[], datetime]) -> None:
        """Hold none."""
        self._leases = leases
        self._pace = pace
        self._log = log
        self._clock = clock
        self._ours: dict[str, _Ours] = {}
        self._under_way: dict[str, asyncio.Task[int]] = {}
        self._renewal: asyncio.Task[None] | None = None

    async def hold(self, domain: str) -> int:
        """Have a domain; its fencing number.  Elsewhere when another worker has it, CatalogueError when nobody can say."""
        ours = self._ours.get(domain)
        if ours is not None and seconds() < ours.until:
            return ours.fence
        task = self._under_way.get(domain)
        if task is None:
            task = asyncio.ensure_future(self._take(domain))
            self._under_way[domain] = task
            task.add_done_callback(lambda _: self._under_way.pop(domain, None))
        return await asyncio.shield(task)

    async def tell(self, domain: str) -> None:
        """Note a long wait at once: who comes after a kill is to keep it, and the lease may not last as long."""
        ours = self._ours.get(domain)
        if ours is not None and self._pace.wait(domain) > self._leases.seconds / 3:
            await self._renew(domain, ours)

    def fences(self) -> dict[str, int]:
        """The number that each domain's lease has, or had before who has it now took it; in the database, so not on the loop."""
        return self._leases.fences()

    async def elsewhere(self, domains: Iterable[str]) -> set[str]:
        """Those of some domains that other workers have."""
        return {held.domain for held in await asyncio.to_thread(self._leases.elsewhere, set(domains))}

    async def release(self) -> None:
        """Give everything back; what the database does not hear of ends by itself."""
        if self._renewal is not None:
            self._renewal.cancel()
            with suppress(asyncio.CancelledError):
                await self._renewal
            self._renewal = None
        ours, self._ours = self._ours, {}
        try:
            for domain, lease in ours.items():
                await asyncio.to_thread(self._leases.release, domain, lease.fence, self._pace.wait(domain))
        except CatalogueError as error:
            logger.warning("domains could not be given back, and are free in %g s: %s", self._leases.seconds, error)

    async def _take(self, domain: str) -> int:
        asked = seconds()
        found = await asyncio.to_thread(self._leases.take, domain)
        if isinstance(found, Held):
            self._ours.pop(domain, None)
            raise Elsewhere(found)
        self._ours[domain] = _Ours(found.fence, asked + self._leases.seconds)
        if found.wait > self._pace.wait(domain):
            self._pace.hold(domain, found.wait)
            now = self._clock()
            until = now + timedelta(seconds=found.wait)
            self._log.note(Deed.DELAYED, f"http://{domain}/", now, seconds=found.wait, until=until, why="a visit before this one")
        if self._renewal is None:
            self._renewal = asyncio.ensure_future(self._keep())
        return found.fence

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._leases.seconds / 3)
            for domain, ours in list(self._ours.items()):
                await self._renew(domain, ours)

    async def _renew(self, domain: str, ours: _Ours) -> None:
        asked = seconds()
        try:
            kept = await asyncio.to_thread(self._leases.renew, domain, ours.fence, self._pace.wait(domain))
        except CatalogueError as error:
            logger.warning("the lease of %s could not be renewed: %s", domain, error)
            return
        if self._ours.get(domain) is not ours:
            return  # given back meanwhile
        if kept:
            self._ours[domain] = _Ours(ours.fence, asked + self._leases.seconds)
        else:
            del self._ours[domain]
            logger.warning("the lease of %s is lost", domain)
