"""A month lived through: recrawls whenever something is due, by the clock's ticks, and what came of it.

Contract: ``live`` calls what ``copytrail recrawl`` and the deployments call, on a clock that is moved; each run's outcomes are held against
what it knew, and alarms are looked for after each run as a deployment does.  Idle ticks are skipped: nothing can be due in them, because
what the archive knows does not change between two runs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from support.badweb import serving
from support.doors import CONTACT
from support.monthnews import CLOSED, SEED, START, Newsroom

from archive.kinds import AlarmKind, Change, Verdict
from archive.records import Alarm
from archive.settings import Settings
from archive.tries import tries
from archive.vault import Archive, open_archive
from copytrail.newsroom import MovableClock
from crawlers.layouts import breaks_of
from crawlers.run import run_story
from crawlers.stories import CONTENTS_GAP, add_seeds, announcements, story_named
from crawlers.watch import plan
from flows.lookout import look_out
from pipeline.waiting import Wait, next_try, wait_of

STORY = "ferry"
DAYS = 33  # the last article is a day and a half younger than the first, and is seen for the last time when it is thirty days old
DELAY = 0.01  # seconds
_SILENT = frozenset({Change.NONE, Change.COSMETIC, Change.SUSPECTED})
UNREAD, OUTAGE, SILENCE, WALL = (
    ("layout_break", "isle.example"),
    ("losses_rising", "east.example"),
    ("silent_feed", "http://www.west.example/feed"),
    ("walls_rising", "north.example"),
)
Ticks = Callable[[timedelta], timedelta]  # from one tick to the next, by the time since the start


@dataclass
class Lived:
    """What the month gave."""

    events: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    raised: list[Alarm] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # outcomes that do not add up, trouble
    verdicts: dict[str, dict[Verdict, int]] = field(default_factory=dict)  # by URL
    runs: int = 0
    fetches: int = 0  # of articles
    closed: int = 0  # requests for what robots.txt closes
    too_fast: list[float] = field(default_factory=list)  # gaps between two requests to a domain that were shorter than the delay


def live(
    folder: Path, ticks: Ticks, articles: int, spread: timedelta, batches: int, tell: Callable[[datetime, Lived], None] = lambda *_: None
) -> tuple[Newsroom, Lived]:
    """Live through the month in an archive in ``folder``; ``tell`` hears after each run."""
    clock, lived = MovableClock(START), Lived()
    newsroom = Newsroom(articles, spread, batches, clock)
    (folder / "seed.txt").write_text(SEED, encoding="utf-8")
    settings = Settings(store=str(folder / "archive"), contact=CONTACT, delay=DELAY)
    with serving(newsroom), open_archive(settings) as archive:
        settings = replace(settings, connect_to=newsroom.connect_to)
        add_seeds(archive, STORY, [str(folder / "seed.txt"), *newsroom.feeds], clock())
        _run(archive, settings, clock, lived, "")
        while clock.move(to=_next(archive, newsroom, clock(), ticks)) <= START + timedelta(days=DAYS):
            _run(archive, settings, clock, lived, "due")
            tell(clock(), lived)
        lived.events = {member.url: _events(archive, member.url) for member in story_named(archive, STORY).members}
    _count(newsroom, lived)
    return newsroom, lived


def _next(archive: Archive, newsroom: Newsroom, now: datetime, ticks: Ticks) -> datetime:
    """The first tick at which something is due."""
    story = story_named(archive, STORY)
    dues = [due.time for due in plan(archive, story.members, announcements(archive, story), now).values()]
    dues += [next_try(ended, now).time for ended in tries(archive.catalogue, STORY).values() if wait_of(ended) is Wait.TRIED]
    looks = [capture.time + CONTENTS_GAP for url in newsroom.feeds if (capture := archive.catalogue.latest(url))]
    first = min(time for time in [*dues, *looks] if time is not None)
    time = now + ticks(now - START)
    while time < first:
        time += ticks(time - START)
    return time


def _run(archive: Archive, settings: Settings, clock: MovableClock, lived: Lived, recrawl: str) -> None:
    report = run_story(archive, settings, story=STORY, recrawl=recrawl, clock=clock)
    outcomes = archive.catalogue.outcomes_of(STORY, report.run)
    lived.runs += 1
    if report.trouble or len({item.url for item in outcomes}) != len(outcomes) or sum(report.tallies.values()) != len(outcomes):
        lived.problems.append(f"{clock()}: {report.trouble}, {report.tallies}, {len(outcomes)} outcomes")
    for item in outcomes:
        counts = lived.verdicts.setdefault(item.url, {})
        counts[item.verdict] = counts.get(item.verdict, 0) + 1
    breaks = breaks_of(archive, outcomes, clock())
    raised = look_out(archive, settings, clock(), layout_breaks=breaks).raised
    lived.raised += [alarm for alarm in raised if alarm.kind is not AlarmKind.STORE_FILLING]  # this machine's disk is its own affair


def _events(archive: Archive, url: str) -> list[tuple[str, ...]]:
    """What each version brought, typography left out."""
    told = (item for item in archive.catalogue.revisions_of(url) if item.change not in _SILENT)
    return [tuple(sorted({str(event.kind) for event in item.events} - {"cosmetic"})) for item in told]


def _count(newsroom: Newsroom, lived: Lived) -> None:
    articles = {(item.url.split("/")[2], item.path) for item in newsroom.articles}
    lived.fetches = sum((item.host, item.path) in articles for item in newsroom.log)
    lived.closed = sum(item.path == CLOSED for item in newsroom.log)
    for host in {item.host for item in newsroom.log}:
        times = [item.time for item in newsroom.log if item.host == host]
        lived.too_fast += [after - before for before, after in pairwise(times) if after - before < DELAY]
