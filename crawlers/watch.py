"""What the archive knows of an article's visits, as the schedule asks for it.

Contract: reads the catalogue, and of a story's feeds and sitemaps the newest capture; changes nothing.  A visit of which no capture came is
not known here: such an article stays due.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from archive.kinds import Change
from archive.records import Capture, Lead, Member
from archive.textfacts import TextFacts, facts_of
from archive.tries import tries
from archive.urls import host, registered_domain
from archive.vault import Archive
from archive.warcread import WarcError
from pipeline.edits import READABLE
from pipeline.feeds import FeedError, is_sitemap, parse_feed, parse_sitemap
from pipeline.hazard import GENERAL, Prior, learned
from pipeline.schedule import WATCHED, Due, Finding, Signal, Visit, Watched, next_visit, publication, wanted
from pipeline.versions import GONE, absence
from pipeline.waiting import Wait, next_try, wait_of

_EDITED = frozenset({Change.EDIT, Change.HEADLINE, Change.CORRECTION, Change.RESTORED})

Announced = Mapping[str, tuple[Signal, ...]]


def plan(archive: Archive, members: Sequence[Member], announced: Announced, now: datetime) -> dict[str, Due]:
    """When each article is to be visited next, and why; what one outlet's articles taught counts for its others."""
    known = watched(archive, members, announced)
    priors = learned_priors(known)
    return {
        url: next_visit(replace(article, prior=priors.get(registered_domain(host(url)), GENERAL)), now) for url, article in known.items()
    }


def most_wanted(archive: Archive, members: Sequence[Member], announced: Announced, now: datetime) -> list[tuple[str, Due]]:
    """The members that are due, the most valuable visit first."""
    return wanted(plan(archive, members, announced, now).items(), now)


def untold(archive: Archive, story: str, now: datetime) -> list[tuple[Lead, Due]]:
    """What was asked for, gave no article and is to be asked for again now, that which promises most first."""
    known = tries(archive.catalogue, story)
    waiting = {lead.url or "": lead for lead in archive.catalogue.waiting(story)} if known else {}
    dues = [(url, next_try(ended, now)) for url, ended in known.items() if url in waiting and wait_of(ended) is Wait.TRIED]
    return [(waiting[url], due) for url, due in wanted(dues, now)]


def learned_priors(known: Mapping[str, Watched]) -> dict[str, Prior]:
    """What each outlet's articles that were watched to their end tell of how it edits, by registered domain."""
    ended: defaultdict[str, list[int]] = defaultdict(list)
    for url, article in known.items():
        if article.visits and article.visits[-1].time - article.first_seen >= WATCHED:
            ended[registered_domain(host(url))].append(sum(visit.finding is Finding.EDITED for visit in article.visits))
    return {outlet: learned(len(edits), sum(map(bool, edits)), sum(edits)) for outlet, edits in ended.items()}


def watched(archive: Archive, members: Sequence[Member], announced: Announced) -> dict[str, Watched]:
    """Each article's visits with what each found; the time of publication is that of its first text."""
    captures: dict[str, list[Capture]] = {}
    for capture in archive.catalogue.captures_of_each([member.url for member in members]):
        captures.setdefault(capture.url, []).append(capture)
    facts = facts_of(archive.catalogue, (item.id for items in captures.values() for item in items))
    return {member.url: _watched(archive, member, captures.get(member.url, []), facts, announced.get(member.url, ())) for member in members}


def _watched(
    archive: Archive, member: Member, captures: Sequence[Capture], facts: Mapping[str, TextFacts], signals: tuple[Signal, ...]
) -> Watched:
    if not captures:
        return Watched(first_seen=member.since, signals=signals)
    edited = {item.after for item in archive.catalogue.revisions_of(member.url) if item.change in _EDITED}
    texts = (facts[item.id] for item in captures if item.id in facts)
    first = next((text for text in texts if text.kind in READABLE), None)
    return Watched(
        first_seen=captures[0].time,
        published=publication(first.published if first else None),
        modified=publication(first.modified if first else None),
        visits=tuple(_visits(captures, facts, edited)),
        signals=signals,
    )


def _visits(captures: Iterable[Capture], facts: Mapping[str, TextFacts], edited: Container[str]) -> Iterator[Visit]:
    """What each visit found.  An article that never was read cannot be gone by a teaser or a redirect; a 404 says so of any."""
    seen = False
    for capture in captures:
        kind = facts[capture.id].kind if capture.id in facts else None
        # A revisit stands for a text that is known already, if not for an error page.
        shown = kind in READABLE or (capture.kind == "revisit" and capture.status in {200, 304} and kind is None)
        away = absence(capture, kind)
        seen = seen or shown
        if away is not None and (seen or capture.status in GONE):
            yield Visit(time=capture.time, finding=Finding.GONE)
        elif capture.id in edited:
            yield Visit(time=capture.time, finding=Finding.EDITED)
        else:
            yield Visit(time=capture.time, finding=Finding.SAME if shown else Finding.NOTHING)


def announced(archive: Archive, contents: Iterable[Lead]) -> Announced:
    """What the newest captures of feeds and sitemaps say was modified, and when."""
    told: defaultdict[str, list[Signal]] = defaultdict(list)
    for lead in contents:
        capture = archive.catalogue.latest(lead.url or "")
        if capture is None or capture.status not in {200, 304}:
            continue
        try:
            page = archive.page(capture)
            sitemap = is_sitemap(page.body)
            entries = parse_sitemap(page.body, capture.url).entries if sitemap else parse_feed(page.body, capture.url)
        except (WarcError, FeedError):
            continue  # the run that fetched it said so in its outcome
        source = "its sitemap" if sitemap else "its feed"
        for entry in entries:
            if entry.modified is not None and entry.modified <= capture.time:
                told[entry.url].append(Signal(seen=capture.time, source=source, modified=entry.modified))
    return {url: tuple(signals) for url, signals in told.items()}
