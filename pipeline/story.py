"""A story's beginning: from what people gave us to a story definition and its first leads.

Contract: pure.  Words and dates of the story come from the seeds alone; a seed that names no URL still widens them.  Every candidate for a
broken URL is a lead of its own, in order of likelihood; a related title without a URL is a lead too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from archive.kinds import Found
from archive.records import Lead, Seed, Story
from pipeline.relevance import story_words
from pipeline.seeds import SeedReading


def seed_leads(seed: Seed, reading: SeedReading | None) -> list[Lead]:
    """What a seed gives to fetch."""
    if seed.kind == "feed" and seed.url:
        return [Lead(url=seed.url, found=Found.FEED_LINK, parent=seed.id, evidence="a feed that was given")]
    leads = [] if seed.url is None else [_row_lead(seed)]
    if reading is None:
        return leads
    broken = [
        Lead(
            url=url,
            found=Found.SEED_URL,
            title=reading.headline,
            parent=seed.id,
            evidence=f"candidate {rank + 1} of {len(reading.url_candidates)} for the URL in the text",
            confidence=1.0 / (rank + 1),
            seed=seed.id,
            rank=rank,
        )
        for rank, url in enumerate(reading.url_candidates)
    ]
    return [*leads, *broken, *(_title_lead(seed, title) for title in reading.related_leads)]


def _title_lead(seed: Seed, title: str) -> Lead:
    return Lead(url=None, found=Found.RELATED, hop=1, title=title, parent=seed.id, evidence="related line")


def _row_lead(seed: Seed) -> Lead:
    found = Found.SEED_ROW if seed.kind == "row" else Found.GIVEN
    return Lead(url=seed.url, found=found, title=seed.title, parent=seed.id, evidence=f"given in {seed.source}")


def define(slug: str, seeds: Sequence[Seed], readings: Iterable[SeedReading], keys: Sequence[str], now: datetime) -> Story:
    """The first version of a story."""
    readings = list(readings)
    titles = [title for title in [*(reading.headline for reading in readings), *(seed.title for seed in seeds)] if title]
    texts = ["\n".join([reading.headline or "", *reading.body]) for reading in readings]
    dates = sorted(_dates(seeds, readings))
    return Story(
        slug=slug,
        version=1,
        created=now,
        title=titles[0] if titles else slug,
        words=story_words([*texts, *(seed.title for seed in seeds if seed.title)]),
        earliest=dates[0] if dates else None,
        latest=dates[-1] if dates else None,
        seeds=tuple(keys),
    )


def extend(story: Story, addition: Story) -> Story:
    """A story with the seeds of another definition added: version raised, window widened, words joined."""
    ends = [day for day in (story.earliest, addition.earliest, story.latest, addition.latest) if day]
    return replace(
        story,
        version=story.version + 1,
        words=tuple(dict.fromkeys((*story.words, *addition.words))),
        earliest=min(ends, default=None),
        latest=max(ends, default=None),
        seeds=tuple(dict.fromkeys((*story.seeds, *addition.seeds))),
    )


def _dates(seeds: Iterable[Seed], readings: Iterable[SeedReading]) -> Iterable[datetime]:
    for text in [*(seed.published for seed in seeds), *(reading.published for reading in readings)]:
        try:
            day = datetime.fromisoformat(text) if text else None
        except ValueError:
            continue  # a date that is no date narrows nothing
        if day is not None:
            yield day if day.tzinfo else day.replace(tzinfo=UTC)
