"""Discovery inside this process: what may be coverage of a story, from the archive, from fetched lists and from back ends.

Contract: no article is fetched, and the story is not changed.  ``discover`` gives the candidates that are no members yet, each URL once,
the surest first, with everything else that speaks for it; ``add`` puts candidates into the story's frontier, where the next crawl finds
them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.records import Lead
from archive.settings import Settings
from archive.stories import RunLog
from archive.urls import surt
from archive.vault import Archive
from crawlers.run import Report, run_spider, system_clock
from crawlers.spiders.discover import DiscoverSpider
from crawlers.stories import run_id, story_named


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A URL that may be coverage."""

    lead: Lead  # the surest
    also: tuple[Lead, ...] = ()
    state: str = "new"  # or "waiting" in the frontier, or "known": a run has ended it


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What a discovery gave."""

    report: Report
    candidates: tuple[Candidate, ...] = ()
    notes: tuple[str, ...] = ()


def discover(
    archive: Archive,
    settings: Settings,
    *,
    story: str,
    clock: Callable[[], datetime] = system_clock,
    watch: Callable[[str], None] = lambda _: None,
) -> Discovered:
    """Look for coverage of a story; StoryError when there is no story of this name, BadSettings for a back end that cannot be asked."""
    story_named(archive, story)
    report, spider = run_spider(DiscoverSpider, archive, settings, {"story": story}, clock=clock, watch=watch)
    if not isinstance(spider, DiscoverSpider):
        return Discovered(report=report)
    leads = [*spider.found.candidates, *spider.candidates]
    return Discovered(report=report, candidates=tuple(_candidates(archive, story, leads)), notes=spider.found.notes)


def add(archive: Archive, story: str, candidates: Sequence[Candidate], now: datetime) -> int:
    """Put candidates into the story's frontier; how many were not there yet."""
    fresh = [item.lead for item in candidates if item.state == "new"]
    RunLog(archive, story, run_id(now), now).write(fresh, [])
    return len(fresh)


def _candidates(archive: Archive, story: str, leads: Sequence[Lead]) -> list[Candidate]:
    members = {surt(member.url) for member in story_named(archive, story).members}
    found: dict[str, list[Lead]] = {}
    for lead in sorted(leads, key=lambda lead: (lead.refused is not None, -lead.confidence, lead.url or "")):
        if lead.url is not None and surt(lead.url) not in members:
            found.setdefault(lead.url, []).append(lead)
    return [Candidate(lead=first, also=tuple(rest), state=_state(archive, story, first)) for first, *rest in found.values()]


def _state(archive: Archive, story: str, lead: Lead) -> str:
    if archive.catalogue.is_settled(story, lead):
        return "known"
    return "waiting" if archive.catalogue.has_lead(story, lead) else "new"
