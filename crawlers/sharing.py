"""Several workers on one story: which of a run's leads this one may fetch, which another has, and which another has fetched meanwhile.

Contract: a domain is taken when its first lead of a round comes up.  When the fencing number of its lease tells that somebody else has had
it since our run began to decide, its leads are looked at: one that another run has asked for or settled since then is ``DONE``, because a
lease is given back only after its outcomes are written.  What was asked for before that, by whomever, is no reason to stay away from what a
person or the schedule asks for now.  What another worker has is kept in ``elsewhere`` and comes up again.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from archive.catalogue import Catalogue
from archive.records import Lead
from archive.tries import newest, times_ended
from crawlers.domains import slot_of
from crawlers.leasing import Elsewhere, Leaseholder
from crawlers.pace import seconds
from crawlers.politeness import PATIENCE
from pipeline.waiting import is_visit

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
    _before: dict[str, str | None] = field(default_factory=dict)  # without a story: the newest capture of what is visited
    _ended: Mapping[str, int] = field(default_factory=dict)  # how many runs of the story had ended each URL when ours began
    _settled: set[str] = field(default_factory=set)  # what was settled when we decided on it, and is visited all the same
    _fences: dict[str, int] = field(default_factory=dict)  # the number under which nobody else can have had the domain since
    _looked: set[str] = field(default_factory=set)  # domains whose leads are looked at, because somebody else had them
    _done: set[str] = field(default_factory=set)

    async def begin(self) -> None:
        """Note how things stand, before it is decided what to fetch."""
        self._fences = await asyncio.to_thread(self.leases.fences)
        if self.story is not None:
            self._ended = await asyncio.to_thread(times_ended, self.catalogue, self.story)

    async def note(self, leads: Sequence[Lead]) -> None:
        """Note which of these leads are visits of what has been settled before; before any is fetched."""
        await asyncio.to_thread(self._note, leads)

    def _note(self, leads: Sequence[Lead]) -> None:
        if self.story is None:
            self._before |= {lead.url or "": self._newest(lead) for lead in leads}
        else:
            self._settled |= {lead.url or "" for lead in leads if self._is_settled(lead)}

    async def place(self, lead: Lead, batch: Sequence[Lead]) -> Place:
        """Whose ``lead`` of ``batch`` is, now; its domain is ours from now on if it can be."""
        domain = slot_of(lead.url or "")
        try:
            fence = await self.leases.hold(domain)
        except Elsewhere:
            self.elsewhere.append(lead)
            return Place.ELSEWHERE
        before, self._fences[domain] = self._fences.get(domain, 0), fence
        if fence > before + 1 or (domain in self._looked and fence > before):
            self._looked.add(domain)
            here = [item for item in batch if item.url is not None and slot_of(item.url) == domain]
            self._done |= await asyncio.to_thread(self._done_of, here)
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

    def _done_of(self, leads: Sequence[Lead]) -> set[str]:
        """Those of some leads that another run has dealt with since ours began."""
        if self.story is None:
            return {lead.url or "" for lead in leads if self._newest(lead) != self._before.get(lead.url or "")}
        settled = {lead.url or "" for lead in leads if lead.url not in self._settled and self._is_settled(lead)}
        known = newest(self.catalogue, self.story, [lead.url or "" for lead in leads])
        return settled | {url for url, (count, last) in known.items() if count > self._ended.get(url, 0) and is_visit(last)}

    def _newest(self, lead: Lead) -> str | None:
        capture = self.catalogue.latest(lead.url or "")
        return capture.id if capture is not None else None

    def _is_settled(self, lead: Lead) -> bool:
        return self.story is not None and self.catalogue.is_settled(self.story, lead)
