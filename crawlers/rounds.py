"""The loop that all three doors run: fetch, seal, read, find new leads; again until nothing is left or the limits are reached.

Contract: :meth:`Rounds.run` yields the leads to fetch and, at the end of each round, the outcomes of that round.  A round ends only
when its WARC is sealed and in the store, so that what is read next is read from the archive.  When :meth:`Rounds.close` has
returned, every URL that the run knew has its outcome, in the store and in the catalogue; it may be called after a kill signal too.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from archive.records import Found, Lead, Member, Outcome, Story, Verdict
from archive.stories import RunLog, save_story
from archive.urls import host
from archive.vault import Archive
from crawlers.ledger import Fetched, Ledger
from crawlers.reading import Reader, Understood
from crawlers.session import Sink


@dataclass(slots=True, kw_only=True)
class Rounds:
    """One run's loop."""

    archive: Archive
    sink: Sink
    ledger: Ledger
    reader: Reader
    log: RunLog
    story: Story | None
    clock: Callable[[], datetime]
    sitemaps: Callable[[str], Sequence[str]]  # what robots.txt of a URL's origin announces
    tallies: dict[Verdict, int] = field(default_factory=dict)
    _confirmed: set[str] = field(default_factory=set)  # seeds whose original is found
    _spare: list[Lead] = field(default_factory=list)  # further candidates of broken URLs
    _closed: bool = False

    async def run(self, first: Sequence[Lead]) -> AsyncIterator[Lead | Outcome]:
        """Yield leads to fetch and outcomes, round by round."""
        batch = self._hold_back(first)
        while batch:
            for lead in batch:
                if lead.url is not None and self.ledger.expect(lead):
                    yield lead
            await self.ledger.quiet()
            understood = await self._end_round()
            for outcome in understood.outcomes:
                yield outcome
            batch = self._next(understood)
        for outcome in await self.close():
            yield outcome

    async def close(self) -> list[Outcome]:
        """End the run: what is still open gets its outcome, everything is sealed and logged. A second call does nothing."""
        if self._closed:
            return []
        self._closed = True
        stop = (Verdict.OVER_BUDGET, "the run was stopped before this was fetched")
        for lead in self.ledger.unfinished():
            self.ledger.settle(Fetched(lead=lead, time=self.clock(), refused=stop))
        for lead in self._spare:
            if lead.url is not None and self.ledger.expect(lead):
                self.ledger.settle(
                    Fetched(lead=lead, time=self.clock(), refused=(Verdict.DUPLICATE, "another reading of the broken URL is confirmed"))
                )
        self._spare.clear()
        last = await self._end_round()
        for lead in last.leads:
            if lead.url is not None and self.ledger.expect(lead):
                self.ledger.settle(Fetched(lead=lead, time=self.clock(), refused=stop))
        return [*last.outcomes, *(await self._end_round()).outcomes]

    async def _end_round(self) -> Understood:
        await self.sink.seal()
        understood = await asyncio.to_thread(self.reader.read, self.ledger.take())
        await asyncio.to_thread(self._record, understood)
        return understood

    def _record(self, understood: Understood) -> None:
        """Write what the round gave: members into the story, leads and outcomes into the run's log."""
        for outcome in understood.outcomes:
            self.tallies[outcome.verdict] = self.tallies.get(outcome.verdict, 0) + 1
        self._confirmed.update(item.seed for item in understood.members if item.seed)
        if self.story is not None and (fresh := _fresh(self.story, understood.members)):
            grown = replace(self.story, version=self.story.version + 1, members=(*self.story.members, *fresh))
            self.story = save_story(
                self.archive, grown, lambda newest: replace(newest, members=(*newest.members, *_fresh(newest, fresh))), self.clock()
            )
        self.log.write(understood.leads, understood.outcomes)

    def _next(self, understood: Understood) -> list[Lead]:
        """The leads of the next round: new ones, sitemaps of the members' hosts, and the next candidate of each unconfirmed URL."""
        found = [lead for lead in (*understood.leads, *self._sitemaps(understood.members)) if lead.url and not self.ledger.knows(lead.url)]
        fresh = [lead for lead in found if self.story is None or not self.archive.catalogue.is_settled(self.story.slug, lead)]
        tried, self._spare = self._spare, []
        waiting = [lead for lead in tried if lead.seed not in self._confirmed]
        self._spare = [lead for lead in tried if lead.seed in self._confirmed]
        return interleave([*self._hold_back(waiting), *fresh])

    def _sitemaps(self, members: Iterable[Member]) -> list[Lead]:
        origins = {host(member.url): member.url for member in members}
        return [
            Lead(url=url, found=Found.SITEMAP_LINK, hop=0, parent=member, evidence="announced by robots.txt")
            for member in origins.values()
            for url in self.sitemaps(member)
        ]

    def _hold_back(self, leads: Sequence[Lead]) -> list[Lead]:
        """Of several candidates for one seed's URL only the likeliest goes out; the others wait until it has failed."""
        best: dict[str, Lead] = {}
        for lead in leads:
            if lead.seed is not None and (lead.seed not in best or lead.rank < best[lead.seed].rank):
                best[lead.seed] = lead
        go = [lead for lead in leads if lead.seed is None or best[lead.seed] is lead]
        self._spare += [lead for lead in leads if lead.seed is not None and best[lead.seed] is not lead]
        return go


def _fresh(story: Story, members: Iterable[Member]) -> tuple[Member, ...]:
    known = {member.url for member in story.members}
    unique = {member.url: member for member in members if member.url not in known}
    return tuple(unique.values())


def interleave(leads: Sequence[Lead]) -> list[Lead]:
    """The leads in turns over their hosts, so that one host's delay does not hold up the others."""
    queues: dict[str, list[Lead]] = {}
    for lead in leads:
        queues.setdefault(host(lead.url or ""), []).append(lead)
    turns = max((len(queue) for queue in queues.values()), default=0)
    return [queue[turn] for turn in range(turns) for queue in queues.values() if turn < len(queue)]
