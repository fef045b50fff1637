"""Who may ask a registered domain now: leases in the catalogue, for workers that share nothing else.

Contract: at most one holder has a domain at a time.  A lease ends by :meth:`Leases.release`, or by itself ``seconds`` after it was taken or
renewed last, however its holder ended.  Each change of hands raises the fencing number; what a holder says under an old number is refused
(False) and changes nothing.  With the domain goes the wait that it is owed still: from the last request, or because the site asked for
patience.  Every call is one statement, so that it holds on SQLite and on PostgreSQL alike, and every time is the database's: workers need
no common clock, only differences travel.  CatalogueError when the database cannot be had.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from archive.catalogue import Catalogue
from archive.catalogue_tables import leases

LEASE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A domain that is ours."""

    domain: str
    fence: int
    wait: float  # seconds until the domain may be asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A domain that somebody else has."""

    domain: str
    holder: str
    left: float  # seconds until it is free, unless it is renewed


class Leases:
    """The lease table, as one holder sees it."""

    def __init__(self, catalogue: Catalogue, holder: str, seconds: float = LEASE_SECONDS) -> None:
        """``holder`` is a name that no other worker, and no other run, has."""
        self._catalogue = catalogue
        self.holder = holder
        self.seconds = seconds

    def take(self, domain: str) -> Lease | Held:
        """Take a domain that is free, or keep one that is ours."""
        now = self._catalogue.clock
        insert = self._catalogue.insert(leases)
        fresh = insert.values(domain=domain, holder=self.holder, fence=1, until=now + self.seconds, ready=0.0)
        ours = leases.c.holder == self.holder
        still = sa.and_(ours, leases.c.until > now)
        taken = fresh.on_conflict_do_update(
            index_elements=["domain"],
            set_={"holder": self.holder, "until": now + self.seconds, "fence": leases.c.fence + sa.case((still, 0), else_=1)},
            where=sa.or_(ours, leases.c.until <= now),
        )
        row = self._catalogue.change(taken.returning(leases.c.fence, leases.c.ready - now))
        if row is not None:
            return Lease(domain=domain, fence=row[0], wait=max(0.0, row[1]))
        return next(iter(self.elsewhere([domain])), None) or self.take(domain)  # it was given back between the two statements

    def elsewhere(self, domains: Iterable[str]) -> list[Held]:
        """Those of some domains that somebody else has."""
        now = self._catalogue.clock
        query = sa.select(leases.c.domain, leases.c.holder, leases.c.until - now).where(
            leases.c.domain.in_(list(domains)), leases.c.holder != self.holder, leases.c.until > now
        )
        return [Held(domain=row[0], holder=row[1], left=row[2]) for row in self._catalogue.read(query)]

    def fences(self) -> dict[str, int]:
        """The fencing number under which each domain was last let go; of one that somebody has, the number before."""
        had = sa.case((leases.c.until > self._catalogue.clock, 1), else_=0)
        return {row[0]: row[1] for row in self._catalogue.read(sa.select(leases.c.domain, leases.c.fence - had))}

    def renew(self, domain: str, fence: int, wait: float) -> bool:
        """Keep a domain for another stretch, and note that nobody may ask it for ``wait`` seconds; False when it is not ours any more."""
        return self._say(domain, fence, wait, self.seconds)

    def release(self, domain: str, fence: int, wait: float) -> bool:
        """Give a domain back, with the wait that it is owed; False when it was not ours any more."""
        return self._say(domain, fence, wait, 0.0)

    def _say(self, domain: str, fence: int, wait: float, seconds: float) -> bool:
        now = self._catalogue.clock
        mine = sa.and_(leases.c.domain == domain, leases.c.holder == self.holder, leases.c.fence == fence, leases.c.until > now)
        later = sa.case((leases.c.ready > now + wait, leases.c.ready), else_=now + wait)
        update = sa.update(leases).where(mine).values(until=now + seconds, ready=later)
        return self._catalogue.change(update.returning(leases.c.domain)) is not None
