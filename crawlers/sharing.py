"""Several workers on one story: which of a run's leads this one may fetch, which another has, and which another has fetched meanwhile.

Contract: a domain is taken when its first lead of a round comes up, and looked at then: a lead that another run has ended since ours began
is ``DONE``, because a lease is given back only after its outcomes are written.  A visit of what was known before is done when its newest
capture is another one than when our run decided on it; what was captured before that, by whomever, is no reason to stay away from what a
person or the schedule asks for now.  What another worker has is kept in ``elsewhere`` and comes up again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from archive.catalogue import Catalogue
from archive.records import Lead
from crawlers.domains import slot_of
from crawlers.leasing import Elsewhere, Leaseholder
from crawlers.pace import seconds
from crawlers.politeness import PATIENCE

_LOOK: Final = 1.0  # seconds between two looks whether another worker has let a domain go


class Place(Enum):
    """Whose a lead is."""

    OURS = "ours"
    ELSEWHERE = "elsewhere"
    DONE = "done"


@dataclass(slots=True, kw_only=True)
class Sharing:
    """One run's share."""

    leases: Leaseholder
    catalogue: Catalogue
    story: str | None  # its name; None: no frontier is shared
    elsewhere: list[Lead] = field(default_factory=list)
    _before: dict[str, str | None] = field(default_factory=dict)  # the newest capture of what is visited again, when that was decided
    _fences: dict[str, int] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)

    async def begin(self, leads: Sequence[Lead]) -> None:
        """Note which of these leads are visits of what has been settled before, and what is known of each; before any is fetched."""
        self._before |= await asyncio.to_thread(
            lambda: {lead.url or "": self._newest(lead) for lead in leads if self.story is None or self._is_settled(lead)}
        )

    async def place(self, lead: Lead, batch: Sequence[Lead]) -> Place:
        """Whose ``lead`` of ``batch`` is, now; its domain is ours from now on if it can be."""
        domain = slot_of(lead.url or "")
        try:
            fence = await self.leases.hold(domain)
        except Elsewhere:
            self.elsewhere.append(lead)
            return Place.ELSEWHERE
        if self._fences.get(domain) != fence:
            self._fences[domain] = fence
            here = [item for item in batch if item.url is not None and slot_of(item.url) == domain]
            self._done |= await asyncio.to_thread(lambda: {item.url or "" for item in here if self._is_done(item)})
        return Place.DONE if lead.url in self._done else Place.OURS

    async def again(self, *, wait: bool) -> list[Lead]:
        """What was elsewhere and is to be tried again; with ``wait``, when one of its domains is free.

        Nothing when none is let go of within ``PATIENCE``: then it stays elsewhere.
        """
        given_up = seconds() + PATIENCE
        domains = {slot_of(lead.url or "") for lead in self.elsewhere}
        while wait and domains and len(await self.leases.elsewhere(domains)) == len(domains):
            if seconds() > given_up:
                return []
            await asyncio.sleep(_LOOK)
        leads, self.elsewhere = self.elsewhere, []
        return leads

    def _is_done(self, lead: Lead) -> bool:
        if lead.url in self._before:
            return self._newest(lead) != self._before[lead.url]
        return self._is_settled(lead)

    def _newest(self, lead: Lead) -> str | None:
        capture = self.catalogue.latest(lead.url or "")
        return capture.id if capture is not None else None

    def _is_settled(self, lead: Lead) -> bool:
        return self.story is not None and self.catalogue.is_settled(self.story, lead)
