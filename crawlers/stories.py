"""Stories as the doors handle them: started from seeds, found by name, their articles due or not.

Contract: what a person gave is stored before anything is fetched: each seed and the story's new version as objects, the leads in a run log.
A bad seed is a problem in the answer and costs no good one.  Giving the same seeds again changes nothing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from archive import codec
from archive.kinds import Found
from archive.layout import BadName, story_key
from archive.records import Capture, Lead, Seed, Story
from archive.stories import RunLog, read_seeds, save_seeds, save_story
from archive.urls import BadUrl, clean
from archive.vault import Archive
from crawlers.watch import Announced, announced, most_wanted, untold
from pipeline.seedfiles import Problem, load
from pipeline.seeds import SeedReading, read_seed
from pipeline.story import define, extend, seed_leads
from pipeline.validators import conditions
from pipeline.versions import readable

CONTENTS = frozenset({Found.FEED_LINK, Found.SITEMAP_LINK})
CONTENTS_GAP = timedelta(hours=1)  # between two looks at a feed or sitemap


class StoryError(ValueError):
    """A story that is not there, or a name that cannot be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What taking in seeds gave; no story when no seed could be read."""

    story: Story | None
    leads: tuple[Lead, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()  # what should be known of seeds that were taken


def run_id(now: datetime) -> str:
    """A name for a run that sorts by time and never comes twice."""
    return f"{now:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"


def said_yes(word: str) -> bool:
    """What a spider argument that is yes or no means; StoryError for any other word."""
    try:
        return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}[word.lower()]
    except KeyError:
        raise StoryError(f"expected yes or no, not {word!r}") from None


def slug_of(seeds: Sequence[str]) -> str:
    """A story's name after the first thing that was given for it."""
    stem = Path(seeds[0].rstrip("/")).stem if seeds else ""
    name = "".join(character if character.isalnum() and character.isascii() else "-" for character in stem.lower()).strip("-")
    return name or "story"


def story_named(archive: Archive, slug: str) -> Story:
    """The newest version of a story; StoryError when there is none of this name."""
    story = archive.catalogue.story(slug)
    if story is None:
        known = ", ".join(archive.catalogue.slugs()) or "none yet"
        raise StoryError(f"there is no story {slug!r}; stories here: {known}")
    return story


def add_seeds(archive: Archive, slug: str, sources: Sequence[str], now: datetime) -> Started:
    """Start a story from paths and URLs, or add them to it."""
    try:
        story_key(slug, 1)
    except BadName as error:
        raise StoryError(f"a story cannot be called {slug!r}: use letters, digits, '.', '_' and '-'") from error
    loaded = load(sources)
    if not loaded.seeds:
        return Started(story=None, problems=loaded.problems, notes=loaded.notes)
    seeds = _told_apart(archive, slug, loaded.seeds)
    key = save_seeds(archive, slug, seeds, now)
    readings = {seed.id: read_seed(seed) for seed in seeds if seed.text}
    story = _save(archive, define(slug, seeds, readings.values(), [key], now), now)
    leads = [lead for seed in seeds for lead in seed_leads(seed, readings.get(seed.id))]
    fresh = tuple(lead for lead in leads if not archive.catalogue.has_lead(slug, lead))
    RunLog(archive, slug, run_id(now), now).write(fresh, [])
    return Started(story=story, leads=fresh, problems=loaded.problems, notes=loaded.notes)


def _told_apart(archive: Archive, slug: str, seeds: Sequence[Seed]) -> list[Seed]:
    """The seeds, each under an id that no other seed of the story has: two files may have one name."""
    story = archive.catalogue.story(slug)
    known = {seed.id: seed for key in (story.seeds if story else ()) for seed in read_seeds(archive, key)}
    return [seed if known.get(seed.id, seed) == seed else replace(seed, id=f"{seed.id}~{_short(seed)}") for seed in seeds]


def _short(seed: Seed) -> str:
    return hashlib.sha256(codec.text_of(seed).encode()).hexdigest()[:8]


def _save(archive: Archive, story: Story, now: datetime) -> Story:
    known = archive.catalogue.story(story.slug)
    if known is None:
        return save_story(archive, story, lambda newest: extend(newest, story), now)
    grown = extend(known, story)
    if replace(grown, version=known.version) == known:
        return known
    return save_story(archive, grown, lambda newest: extend(newest, story), now)


def load_readings(archive: Archive, story: Story) -> list[SeedReading]:
    """What the story's text seeds say, read again from their objects."""
    return [read_seed(seed) for key in story.seeds for seed in read_seeds(archive, key) if seed.text]


def due_leads(archive: Archive, story: Story, now: datetime, *, everything: bool) -> list[Lead]:
    """What to visit now: feeds and sitemaps, which may list new members, then the members that are due, the most valuable first.

    Last what gave no article the last time: a page may be repaired, a wall may fall.  It is found as it was, and judged so.
    """
    leads = _contents(archive, story, now, everything=everything)
    if everything:
        return leads + [_visit(archive, story, member.url, "asked for") for member in story.members]
    for url, due in most_wanted(archive, story.members, announcements(archive, story), now):
        leads.append(_visit(archive, story, url, f"due since {due.time:%Y-%m-%dT%H:%M:%SZ}: {due.why}"))
    return leads + [lead for lead, _ in untold(archive, story.slug, now)]


def announcements(archive: Archive, story: Story) -> Announced:
    """What the feeds and sitemaps that feed a story say of its articles."""
    return announced(archive, archive.catalogue.leads_found(story.slug, CONTENTS))


def _visit(archive: Archive, story: Story, url: str, evidence: str) -> Lead:
    known = archive.catalogue.lead(story.slug, url)
    return Lead(url=url, found=Found.MEMBER, hop=known.hop if known else 0, parent=story.slug, evidence=evidence)


def _contents(archive: Archive, story: Story, now: datetime, *, everything: bool) -> list[Lead]:
    """The feeds and sitemaps from which the story has been fed, when their last answer is old enough."""
    leads = []
    for lead in archive.catalogue.leads_found(story.slug, CONTENTS):
        last = archive.catalogue.latest(lead.url or "")
        if last is not None and (everything or now - last.time >= CONTENTS_GAP):
            leads.append(lead)
    return leads


def conditions_for(archive: Archive, lead: Lead, now: datetime, refetch: timedelta) -> Mapping[str, str]:
    """What makes the request for a known URL conditional (``pipeline.validators``); nothing after a wall, whose 304 would say nothing."""
    catalogue, url = archive.catalogue, lead.url or ""
    captures = catalogue.captures_of(url)
    document = catalogue.document(captures[-1].id) if captures else None
    if document is not None and not readable(document):
        return {}
    return conditions(captures, catalogue.revisions_of(url), now, None if lead.found is Found.REQUISITE else refetch)


def bare_pages(archive: Archive, story: Story) -> list[Capture]:
    """The newest capture that shows it of each article for which nobody has looked what it needs to be shown."""
    bare = [member.url for member in story.members if not archive.catalogue.needed_by(member.url)]
    shown = ([capture for capture in archive.catalogue.captures_of(url) if capture.status == 200] for url in bare)
    return [captures[-1] for captures in shown if captures]


def given(urls: Sequence[str], source: str, found: Found) -> list[Lead]:
    """Leads for URLs that a person named; StoryError for one that cannot be fetched."""
    if not urls:
        raise StoryError(f"name a URL: scrapy crawl {source} -a url=URL")
    try:
        return [Lead(url=clean(url), found=found, parent=source, evidence="named by a person") for url in urls]
    except BadUrl as error:
        raise StoryError(str(error)) from error
