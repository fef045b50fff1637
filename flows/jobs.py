"""The jobs, as plain functions: collect, recrawl, watch, publish, audit, compact, reprocess.

Contract: each takes a :class:`Desk` and returns a report (``flows/reports.py``).  No workflow engine is needed or known here.  StoreError
and CatalogueError say that the archive cannot be reached, StoryError that there is no such story.  Doing a job again does what was left
undone: truth is in the archive, never in an engine's memory.
"""

import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from archive import manifest
from archive.codec import CodecError
from archive.compact import Merged
from archive.compact import compact as merge
from archive.custody import Act
from archive.findings import Severity
from archive.manifest import Finding
from archive.publish import publish as publish_tables
from archive.settings import Settings
from archive.signing import KeyProblem
from archive.store import Store, StoreError
from archive.tries import tries
from archive.trust import Trust
from archive.vault import Archive, open_archive
from archive.verify_signed import verify_signed
from crawlers.layouts import breaks_of
from crawlers.relating import refresh
from crawlers.reprocess import by_outlet
from crawlers.reprocess import reprocess as read_again
from crawlers.stories import due_leads, run_id, story_named
from crawlers.turn import turn
from flows import child, environment
from flows.lookout import Seen, look_out
from flows.reports import ORDERLY, Audited, Compacted, Crawled, Recrawled, Reprocessed, Tabled
from pipeline.textpool import TextPool
from pipeline.waiting import Wait, wait_of

AFTER = 300.0  # seconds that a crawl whose time is up may take to seal, read and upload what it has
RETRY = timedelta(hours=6)  # between two tries of what was beyond a budget or in another worker's hands
_LEVEL = re.compile(r"\] (DEBUG|INFO|WARNING|ERROR|CRITICAL): ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where a job is done: with which settings, in which folder and environment, by which clock, and who hears of it."""

    settings: Settings
    home: Path
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    log: Callable[[int, str], None]  # level, line


def collect(desk: Desk, story: str) -> Crawled:
    """Fetch what waits in a story's frontier."""
    return crawl(desk, story)


def recrawl(
    desk: Desk, story: str | None = None, *, everything: bool = False, visit: Callable[[str, str], Crawled] | None = None
) -> Recrawled:
    """Visit the articles again that are due, or ``everything``, of one story or of all; ``visit`` is :func:`crawl` in other clothes."""
    visit = visit or (lambda slug, which: crawl(desk, slug, which))
    stories = _to_visit(desk, story, everything=everything)
    crawls = tuple(visit(slug, "all" if everything else "due") for slug in stories)
    return Recrawled(crawls=crawls, seen=_look_out(desk, crawls=crawls) if crawls else Seen())


def watch(desk: Desk, story: str | None = None, *, visit: Callable[[str, str], Crawled] | None = None) -> Recrawled:
    """What :func:`recrawl` does and what it leaves: look for alarms first, visit what is due, take up what waits in the frontiers.

    It looks before it visits, because afterwards nobody could tell that for hours nothing had been.
    """
    visit = visit or (lambda slug, which: crawl(desk, slug, which))
    before = _look_out(desk)
    due = _to_visit(desk, story, everything=False)
    crawls = [visit(slug, "due") for slug in due]
    crawls += [visit(slug, "") for slug in _left_over(desk, story)]
    after = _look_out(desk, crawls=crawls) if crawls else Seen(standing=before.standing)
    return Recrawled(
        crawls=tuple(crawls), seen=Seen(standing=after.standing, raised=before.raised + after.raised, over=before.over + after.over)
    )


def _left_over(desk: Desk, story: str | None) -> list[str]:
    """The stories in whose frontier something waits that no run has come to, or that was left to the next one a while ago.

    What was asked for and gave no article is due by its own schedule, and what was refused waits for a wider run.
    """
    with open_archive(desk.settings, everything=True) as archive:
        stories = archive.catalogue.slugs() if story is None else [story_named(archive, story).slug]
        return [slug for slug in stories if _is_left(archive, slug, desk.clock() - RETRY)]


def _is_left(archive: Archive, slug: str, before: datetime) -> bool:
    known = tries(archive.catalogue, slug)
    waits = [known.get(lead.url or "", ()) for lead in archive.catalogue.waiting(slug)]
    return any(not ended or (wait_of(ended) is Wait.LEFT and ended[-1].time < before) for ended in waits)


def _look_out(desk: Desk, *, thorough: bool = False, crawls: Iterable[Crawled] = ()) -> Seen:
    breaks = [alarm for item in crawls for alarm in item.breaks]
    with open_archive(desk.settings, everything=True) as archive:
        seen = look_out(archive, desk.settings, desk.clock(), thorough=thorough, layout_breaks=breaks)
    for alarm in (*seen.raised, *seen.over):
        desk.log(logging.INFO if alarm.over else logging.WARNING, f"{alarm.kind} {alarm.about}: {alarm.message}")
    return seen


def _to_visit(desk: Desk, story: str | None, *, everything: bool) -> list[str]:
    """The stories of which an article is to be visited."""
    with open_archive(desk.settings, everything=True) as archive:
        stories = [story_named(archive, slug) for slug in (archive.catalogue.slugs() if story is None else [story])]
        return [item.slug for item in stories if due_leads(archive, item, desk.clock(), everything=everything)]


def publish(desk: Desk) -> Tabled:
    """Write what is not there yet of the tables that researchers read."""
    added: Counter[str] = Counter()
    problems: dict[str, str] = {}
    with open_archive(desk.settings, everything=True) as archive:
        for _ in refresh(archive):
            pass  # quotations and relations of texts that have changed since they were shown last
        for unit in publish_tables(archive, desk.clock()):
            added.update(unit.rows)
            if unit.problem is not None:
                problems[unit.source] = unit.problem
                desk.log(logging.WARNING, f"{unit.source}: {unit.problem}")
    return Tabled(added=added, problems=problems)


def compact(desk: Desk) -> Compacted:
    """Put the small tables and indexes of past days together, and look how full the store is."""
    files: list[Merged] = []
    with open_archive(desk.settings, everything=True) as archive:
        for item in merge(archive, desk.clock()):
            files.append(item)
            if item.problem is not None:
                desk.log(logging.WARNING, f"{item.key}: {item.problem}")
    return Compacted(files=tuple(files), seen=_look_out(desk, thorough=True))


def reprocess(desk: Desk, story: str | None = None, *, dry: bool = False) -> Reprocessed:
    """Read again what an earlier extractor has read; ``dry`` keeps nothing."""
    with open_archive(desk.settings, everything=True) as archive, TextPool() as pool:
        named = story_named(archive, story) if story is not None else None
        return Reprocessed(outlets=tuple(by_outlet(read_again(archive, pool, named, dry=dry))), dry=dry)


def audit(desk: Desk) -> Audited:
    """Read every object that a manifest names and compare it with what was written; check the signatures of the manifests."""
    with open_archive(desk.settings, everything=True) as archive:
        findings = []
        for item in chain(manifest.check(archive.store), _signatures(archive.store)):
            desk.log(logging.ERROR, f"{item.key}: {item.problem}")
            findings.append(item)
        audited = Audited(objects=_vouched(archive.store), findings=tuple(findings))
        _record(desk, archive, audited)
        return audited


def _signatures(store: Store) -> Iterator[Finding]:
    """What is wrong with the signatures and time stamps, whoever may have made them."""
    for item in verify_signed(store, Trust()):
        if item.severity is Severity.ERROR:
            yield Finding(key=item.file, problem=item.message)


def _record(desk: Desk, archive: Archive, audited: Audited) -> None:
    """Leave word in the archive that it was audited; a chain that is damaged is not added to, so that the damage stays as it was found."""
    if any(item.key.startswith("manifests/") for item in audited.findings):
        return
    try:
        counts = {"objects": audited.objects, "findings": len(audited.findings)}
        archive.record(Act.VERIFIED, "the objects that the manifests name", desk.clock(), counts=counts)
    except (KeyProblem, StoreError) as error:
        desk.log(logging.WARNING, f"no custody record could be written: {error}")


def _vouched(store: Store) -> int:
    """How many objects the manifests name."""
    count = 0
    for writer in manifest.writers(store):
        with suppress(CodecError):  # a damaged link is one of the findings
            for link in manifest.read_chain(store, writer):
                count += len(link.objects)
    return count


def crawl(desk: Desk, story: str, recrawl: str = "") -> Crawled:
    """One crawl of one story, in a process of its own: Twisted's reactor starts once a process, and a crawl that dies harms nobody else."""
    with open_archive(desk.settings, everything=True) as archive:
        story_named(archive, story)
        _reach(archive.store)
    run = run_id(desk.clock())
    with turn(desk.settings.folder, lambda text: desk.log(logging.INFO, text)):
        pass  # our turn is waited for here, where no time limit runs; the crawl takes it itself
    ended = _scrapy(desk, {"story": story, "recrawl": recrawl, "run": run})
    with open_archive(desk.settings, everything=True) as archive:
        outcomes = archive.catalogue.outcomes_of(story, run)
        if not outcomes and ended.code != 0:
            _reach(archive.store)
        breaks = breaks_of(archive, outcomes, desk.clock())
    return Crawled(story=story, outcomes=tuple(outcomes), trouble=_trouble(ended, any_outcome=bool(outcomes)), breaks=breaks)


def _scrapy(desk: Desk, given: Mapping[str, str]) -> child.Ended:
    arguments = [word for name, value in given.items() for word in ("-a", f"{name}={value}")]
    return child.run(
        [sys.executable, "-m", "scrapy", "crawl", "story", *arguments],
        folder=desk.home,
        environ=environment.of_crawl(desk.environ, desk.settings),
        on_line=lambda line: desk.log(level_of(line), line),
        timeout=desk.settings.max_seconds + AFTER,
    )


def _reach(store: Store) -> None:
    """Touch the store, because a StoreError now is better than a web fetched in vain."""
    next(iter(store.keys("manifests/")), None)


def _trouble(ended: child.Ended, *, any_outcome: bool) -> str | None:
    if ended.timed_out:
        return "stopped, because its time was up"
    if ended.code in ORDERLY and (any_outcome or ended.code == 0):
        return None
    return f"the crawl ended with code {ended.code}: {' / '.join(ended.tail[-3:])}"


def level_of(line: str) -> int:
    """The level of a line of Scrapy's log; a line without one, such as a traceback's, is of level INFO."""
    match = _LEVEL.search(line)
    return logging.getLevelNamesMapping()[match[1]] if match else logging.INFO
