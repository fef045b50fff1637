"""The loop that all three doors run: fetch, seal, read, find new leads; again until nothing is left or the limits are reached.

Contract: :meth:`Rounds.run` yields the leads to fetch and, at the end of each round, the outcomes of that round.  A round ends only
when its WARC is sealed and in the store, so that what is read next is read from the archive.  When :meth:`Rounds.close` has
returned, every URL that the run knew has its outcome, in the store and in the catalogue; it may be called after a kill signal too.

What the pages need to be shown, where it is wanted, comes when all articles are in: an article is never over budget for a picture.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from archive.judgements import ruled_out
from archive.kinds import Found, Verdict
from archive.records import Capture, Lead, Member, Outcome, Story
from archive.stories import RunLog, save_story
from archive.tries import times_ended
from archive.urls import host
from archive.vault import Archive
from crawlers.answers import from_archive
from crawlers.ledger import Fetched, Ledger
from crawlers.reading import Reader, Understood
from crawlers.requisites import DEPTH, Requisites
from crawlers.session import Sink
from crawlers.sharing import Place, Sharing
from pipeline.coverage import Shown
from pipeline.losses import Balance, balance
from pipeline.scope import barren, is_found
from pipeline.waiting import is_wordless

STOPPED = (Verdict.OVER_BUDGET, "the run was stopped before this was fetched")
TOO_DEEP = (Verdict.REFUSED_SCOPE, f"more than {DEPTH} style sheets lie between it and its page")
ELSEWHERE = (Verdict.THROTTLED, "another worker has its domain")
FETCHED = (Verdict.DUPLICATE, "another worker has fetched it meanwhile")  # and says whether it is to be asked for again
NOT_NEEDED = (Verdict.DUPLICATE, "another reading of the broken URL is confirmed")


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
    requisites: Requisites | None = None  # None: pages alone
    sharing: Sharing | None = None  # None: no other worker can be there
    notes: list[Lead] = field(default_factory=list)  # for the run's log, at the end of the round
    tallies: dict[Verdict, int] = field(default_factory=dict)
    balance: Balance | None = None  # of the whole run, when it is closed
    _ended: list[str] = field(default_factory=list)  # the URL of each outcome
    _confirmed: set[str] = field(default_factory=set)  # seeds whose original is found
    _ending: asyncio.Future[Understood] | None = None  # the end of a round, while it is under way
    patience: int = 0  # pages in a row without a new member after which no more leads are followed; 0: no limit
    _barren: int = 0  # of those, so far
    _later: list[Lead] = field(default_factory=list)  # leads for the rounds to come: no round takes more than ``patience``
    _spare: list[Lead] = field(default_factory=list)  # further candidates of broken URLs
    _ahead: Sequence[Lead] = ()  # of this round, handed on or not: Scrapy takes no more than it has room for
    _shown: list[Shown] = field(default_factory=list)  # the pages of this run
    _left: dict[str, Capture] = field(default_factory=dict)  # by URL, what a killed run had fetched of this round's leads
    _closed: bool = False

    async def run(self, first_leads: Callable[[], Sequence[Lead]]) -> AsyncIterator[Lead | Outcome]:
        """Yield leads to fetch and outcomes, round by round; ``first_leads`` decides on those of the first."""
        if self.sharing is not None:  # before that is decided: what another worker ends meanwhile is then seen by one or the other
            await self.sharing.begin()
        first = first_leads()
        self._confirmed.update(member.seed for member in (self.story.members if self.story else ()) if member.seed)
        self._spare += [lead for lead in first if lead.seed in self._confirmed]
        batch = self._portion(self._hold_back([lead for lead in first if lead.seed not in self._confirmed]))
        if self.sharing is not None:
            await self.sharing.note(first)
        self._left = await asyncio.to_thread(self._left_behind, batch)
        while batch:
            async for lead in self._fetch(batch):
                yield lead
            understood = await self._end_round()
            for outcome in understood.outcomes:
                yield outcome
            batch = await asyncio.to_thread(self._next, understood)
            if self.sharing is not None:
                batch += await self.sharing.again(wait=not batch)
        if self.requisites is not None:
            async for thing in self._run_requisites(self.requisites):
                yield thing
        for outcome in await self.close():
            yield outcome

    async def _fetch(self, batch: Sequence[Lead]) -> AsyncIterator[Lead]:
        """Yield the leads that the run does not know and whose domains it has, and end when all are answered."""
        self._ahead = batch
        for lead in batch:
            if lead.url is None or self.ledger.knows(lead.url):
                continue
            place = Place.OURS if self.sharing is None else await self.sharing.place(lead, batch)
            if place is Place.DONE:
                self._turn_away([lead], FETCHED)
            elif place is Place.OURS and self.ledger.expect(lead):
                if lead.url in self._left:
                    self.ledger.settle(from_archive(lead, self._left[lead.url]))
                else:
                    yield lead
        await self.ledger.quiet()

    def _left_behind(self, leads: Sequence[Lead]) -> dict[str, Capture]:
        """What a run that was killed had fetched of leads that no run has ended: it is in the archive, and nobody has read it."""
        if self.story is None:
            return {}
        catalogue, ended = self.archive.catalogue, times_ended(self.archive.catalogue, self.story.slug)
        newest = {url: catalogue.latest(url) for lead in leads if (url := lead.url) is not None and url not in ended}
        whole = {url: item for url, item in newest.items() if item is not None and item.status == 200 and item.truncated is None}
        return {url: item for url, item in whole.items() if item.time >= self.story.created and catalogue.document(item.id) is None}

    async def _run_requisites(self, requisites: Requisites) -> AsyncIterator[Lead | Outcome]:
        """The rounds of what the run's pages need, then of what that needs."""
        found = await asyncio.to_thread(self._first_requisites, requisites)
        for _ in range(DEPTH):
            batch = interleave(await asyncio.to_thread(requisites.wanted, found))
            if not batch:
                return
            if self.sharing is not None:
                await self.sharing.note(batch)
            async for lead in self._fetch(batch):
                yield lead
            understood = await self._end_round()
            for outcome in understood.outcomes:
                yield outcome
            found = understood.requisites
        self._turn_away(await asyncio.to_thread(requisites.wanted, found), TOO_DEEP)

    def _first_requisites(self, requisites: Requisites) -> list[Lead]:
        found = requisites.first(self.story, self._shown)
        self.notes += requisites.unknown(found)
        return found

    async def close(self) -> list[Outcome]:
        """End the run: what is still open gets its outcome, everything is sealed and logged. A second call does nothing."""
        if self._closed:
            return []
        self._closed = True
        if self._ending is not None and not self._ending.done():
            await self._ending  # a round was being read when the run was cut off
        self._turn_away(self.ledger.unfinished(), known=True)
        self._turn_away(self.sharing.elsewhere if self.sharing is not None else (), ELSEWHERE)
        spare, self._spare = [*self._spare, *self._later], []
        self._turn_away([*self._ahead, *spare])
        last = await self._end_round()
        more = self.requisites.wanted(last.requisites) if self.requisites else []
        self._turn_away([*last.leads, *more])
        ended = [*last.outcomes, *(await self._end_round()).outcomes]
        self.balance = balance(self.ledger.known(), self._ended)
        return ended

    def _turn_away(self, leads: Iterable[Lead], why: tuple[Verdict, str] = STOPPED, *, known: bool = False) -> None:
        """Settle leads that are not fetched in this run any more."""
        for lead in leads:
            if lead.url is None or not (known or self.ledger.expect(lead)):
                continue
            refused = why if lead.seed is None or lead.seed not in self._confirmed else NOT_NEEDED
            self.ledger.settle(Fetched(lead=lead, time=self.clock(), refused=refused, again=refused is FETCHED))

    async def _end_round(self) -> Understood:
        """Seal, read, record; a run that is cut off meanwhile does not cut this off, because the batch has left the ledger."""
        self._ending = asyncio.ensure_future(self._read_round())
        return await asyncio.shield(self._ending)

    async def _read_round(self) -> Understood:
        await self.sink.seal()
        understood = await asyncio.to_thread(self.reader.read, self.ledger.take())
        understood.outcomes = self._left_open(understood)
        understood.leads += self._sitemaps(understood)
        self._shown += understood.shown if self.requisites else []
        await asyncio.to_thread(self._record, understood)
        if self.sharing is not None:  # others may see now what is done, and have their turn
            await self.sharing.leases.release()
        return understood

    def _left_open(self, understood: Understood) -> list[Outcome]:
        """The outcomes, those of pages without a word left open: nobody can say yet whether they belong."""
        if self.story is None:
            return understood.outcomes
        known = {member.url for member in (*self.story.members, *understood.members)}
        wordless = {document.capture for document in understood.documents if is_wordless(document)}
        return [replace(item, again=True) if item.capture in wordless and item.url not in known else item for item in understood.outcomes]

    def _record(self, understood: Understood) -> None:
        """Write what the round gave: members into the story, leads and outcomes into the run's log."""
        for outcome in understood.outcomes:
            self.tallies[outcome.verdict] = self.tallies.get(outcome.verdict, 0) + 1
            self._ended.append(outcome.url)
        known = {member.url for member in self.story.members} if self.story else set()
        self._barren = barren(understood.outcomes, {item.url for item in understood.members} - known, self._barren)
        self._confirmed.update(item.seed for item in understood.members if item.seed)
        if self.story is not None and (fresh := self._admitted(self.story, understood.members)):
            grown = replace(self.story, version=self.story.version + 1, members=(*self.story.members, *fresh))
            self.story = save_story(
                self.archive, grown, lambda newest: replace(newest, members=(*newest.members, *_fresh(newest, fresh))), self.clock()
            )
        needed = self.requisites.unknown(understood.requisites) if self.requisites else []
        self.log.write([*self.notes, *understood.leads, *needed], understood.outcomes)
        self.notes = []

    def _admitted(self, story: Story, members: Iterable[Member]) -> tuple[Member, ...]:
        """Those of the members that are new and of which nobody has said that they do not belong."""
        fresh = _fresh(story, members)
        out = ruled_out(self.archive.store, story.slug) if fresh else frozenset()
        return tuple(member for member in fresh if member.url not in out)

    def _next(self, understood: Understood) -> list[Lead]:
        """The leads of the next round: the new ones, and the next candidate of each unconfirmed URL."""
        found = [lead for lead in understood.leads if lead.url and not self.ledger.knows(lead.url)]
        fresh = [lead for lead in found if self.story is None or not self.archive.catalogue.is_settled(self.story.slug, lead)]
        tried, self._spare = self._spare, []
        waiting = [lead for lead in tried if lead.seed not in self._confirmed]
        self._spare = [lead for lead in tried if lead.seed in self._confirmed]
        return self._portion(interleave([*self._hold_back(waiting), *fresh]))

    def _portion(self, leads: Sequence[Lead]) -> list[Lead]:
        """The leads of one round: all that were named and all lists, of the rest the likeliest, and none when too many gave nothing."""
        leads, self._later = [*leads, *self._later], []
        found, others = list(filter(is_found, leads)), [lead for lead in leads if not is_found(lead)]
        if self.patience and self._barren >= self.patience:
            why = f"{self._barren} pages in a row gave no new member; the limit is {self.patience} (discover_patience)"
            self._turn_away(found, (Verdict.OVER_BUDGET, why))
            return others
        if not self.patience or len(found) <= self.patience:
            return leads
        likely = sorted(found, key=lambda lead: -lead.confidence)
        self._later = likely[self.patience :]
        return interleave([*others, *likely[: self.patience]])

    def _sitemaps(self, understood: Understood) -> list[Lead]:
        """The sitemaps that robots.txt of the members' hosts announces, each as far away as its nearest member."""
        hops = {outcome.url: outcome.lead.hop for outcome in understood.outcomes}
        members = sorted((member.url for member in understood.members), key=lambda url: hops.get(url, 0), reverse=True)
        nearest = {host(url): url for url in members}
        return [
            Lead(url=url, found=Found.SITEMAP_LINK, hop=hops.get(member, 0), parent=member, evidence="announced by robots.txt")
            for member in nearest.values()
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
