"""Invented stories told by several outlets, for measuring how well articles are put together: ``stories(Noise(), seed)``.

Contract: each article is a :class:`Told` with its story's number; the same noise and seed give the same articles, in order of
publication. What a story is made of stands in ``generated.yaml``. An article tells some of the facts, each in one of several wordings, in
an order of its own; some are rewrites of an earlier article, updates that correct a figure, or short notes. What makes it hard is in
:class:`Noise`: people, towns and firms are drawn from small pools, so that stories share them; kinds of events come again elsewhere in
the same week; paragraphs of background are the same in all stories of a kind, or about one person, or one region.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from archive.kinds import PageKind
from archive.records import Document, Quality

BEGUN = datetime(2026, 3, 1, 6, tzinfo=UTC)
_SYLLABLES = (
    "bar",
    "cor",
    "del",
    "fen",
    "gal",
    "hul",
    "jor",
    "kam",
    "lin",
    "mor",
    "nes",
    "ost",
    "pel",
    "quar",
    "ros",
    "sil",
    "tor",
    "ulm",
    "ver",
    "wyn",
    "xan",
    "yor",
    "zel",
    "ard",
    "bek",
    "cul",
    "dro",
    "eft",
)
_SHORT_NAMES = 8000  # after so many names of two and three syllables the next ones have one more: there are 20,412 of the first
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PERSON = (
    "{name}, {age}, has been in public life since {year} and was born in {town}.",
    "{name} grew up in {town}, studied law and entered politics or business in {year}.",
    "Born in {town}, {name} is known for early meetings and long letters.",
)
_REGION = (
    "{region} has 1.{digit} million inhabitants and lives from farming, timber and its harbour at {town}.",
    "The economy of {region}, of which {town} is the largest town, grew by {digit} percent last year.",
    "In {region} summers are dry; the road to {town} was widened in {year}.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How hard the stories are to tell apart."""

    stories: int = 70
    articles: tuple[int, int] = (2, 9)  # of a story
    days: int = 30  # over which they begin
    towns: int = 14
    people: int = 40
    firms: int = 20
    told: float = 0.7  # share of the facts that an article tells
    background: float = 0.5  # chance of each paragraph of background
    rewrites: float = 0.2  # of articles, from an earlier one of the story
    notes: float = 0.15  # of articles that are two sentences
    wrong: float = 0.1  # of articles that give a figure otherwise
    undated: float = 0.1
    latest: float = 5.0  # days after the first at which articles still come


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One article and the number of its story."""

    story: int
    document: Document


def stories(noise: Noise, seed: int) -> list[Told]:
    """All articles in order of publication."""
    draw = random.Random(seed)  # noqa: S311 -- reproducible, not secret
    world = _World(noise, draw)
    found = [told for number in range(noise.stories) for told in _story(number, noise, world, draw)]
    return [told for _, told in sorted(found, key=lambda entry: entry[0])]


@dataclass(frozen=True, slots=True)
class _Event:
    """What happened, as the newsrooms know it."""

    number: int
    kind: str
    slots: dict[str, str]
    begun: datetime
    background: tuple[str, ...]


class _World:
    """The pools from which events draw."""

    def __init__(self, noise: Noise, draw: random.Random) -> None:
        names = _names(draw)
        self.towns = [next(names) for _ in range(noise.towns)]
        self.regions = [f"{next(names)}mark" for _ in range(max(1, noise.towns // 3))]
        self.people = [f"{next(names)} {next(names)}" for _ in range(noise.people)]
        self.firms = [f"{next(names)} {draw.choice(['Group', 'Works', 'Lines', 'Foods'])}" for _ in range(noise.firms)]
        self.bodies = [f"{next(names)} {draw.choice(['Institute', 'Union', 'Trust', 'Board'])}" for _ in range(noise.firms)]
        self.region_of = {town: draw.choice(self.regions) for town in self.towns}


def _names(draw: random.Random) -> Iterator[str]:
    seen: set[str] = set()
    while True:
        longer = len(seen) > _SHORT_NAMES
        name = "".join(draw.sample(_SYLLABLES, draw.choice((2, 2, 3)) + longer)).capitalize()
        if name not in seen:
            seen.add(name)
            yield name


def _event(number: int, noise: Noise, world: _World, draw: random.Random) -> _Event:
    town = draw.choice(world.towns)
    region = world.region_of[town]
    begun = BEGUN + timedelta(days=draw.uniform(0, noise.days))
    chief, second = draw.sample(world.people, 2)
    figures = {"n": str(draw.randint(3, 60)), "m": str(draw.randint(4, 90)), "sum": str(draw.randint(5, 900))}
    slots = {"town": town, "region": region, "chief": chief, "second": second, "day": _DAYS[begun.weekday()]}
    slots |= {"firm": draw.choice(world.firms), "body": draw.choice(world.bodies)} | figures
    more = {"year": str(draw.randint(1985, 2019)), "digit": str(draw.randint(1, 9)), "age": str(draw.randint(35, 70))}
    lives = [draw.choice(_PERSON).format(name=name, **more, **slots) for name in (chief, second)]
    return _Event(number, draw.choice(sorted(_kinds())), slots, begun, (*lives, draw.choice(_REGION).format(**more, **slots)))


def _story(number: int, noise: Noise, world: _World, draw: random.Random) -> Iterator[tuple[datetime, Told]]:
    event = _event(number, noise, world, draw)
    bodies: list[list[str]] = []
    for copy in range(draw.randint(*noise.articles)):
        time = event.begun + timedelta(days=min(draw.expovariate(1.2), noise.latest) if copy else 0)
        rewritten = bool(bodies) and draw.random() < noise.rewrites
        body = _rewritten(draw.choice(bodies), draw) if rewritten else _body(event, noise, draw)
        bodies.append(body)
        dated = draw.random() >= noise.undated
        title = draw.choice(_kinds()[event.kind]["titles"][0]).format(**event.slots)
        yield time, Told(story=number, document=_document(f"s{number:03}-{copy}", title, body, time if dated else None))


def _body(event: _Event, noise: Noise, draw: random.Random) -> list[str]:
    kind = _kinds()[event.kind]
    slots = dict(event.slots)
    if draw.random() < noise.wrong:
        slots[draw.choice(("n", "m", "sum"))] = str(draw.randint(3, 900))
    lead, *rest = kind["facts"]
    note = draw.random() < noise.notes
    facts = [lead, *draw.sample(rest, 1 if note else max(2, round(noise.told * len(rest))))]
    body = [draw.choice(wordings).format(**slots) for wordings in facts]
    if note:
        return body
    return body + [line for line in (*event.background, *kind["common"]) if draw.random() < noise.background]


def _rewritten(body: Sequence[str], draw: random.Random) -> list[str]:
    """An article made from another one: some sentences gone, the others in another order, none new."""
    lead, *rest = body
    kept = [line for line in rest if draw.random() < 0.75]
    draw.shuffle(kept)
    return [lead, *kept]


def _document(identifier: str, title: str, body: Iterable[str], time: datetime | None) -> Document:
    published = None if time is None else time.isoformat(timespec="minutes")
    return Document(
        capture=identifier,
        url=f"http://paper.example/{identifier}",
        extractor="generated",
        quality=Quality(kind=PageKind.ARTICLE),
        title=title,
        published=published,
        text="\n".join(body),
    )


@cache
def _kinds() -> dict[str, dict[str, Any]]:
    kinds: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return kinds
