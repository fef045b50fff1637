"""How often runs of a story have ended its URLs, and how the newest ended: what a visit that may be repeated rests on.

Contract: reads the catalogue's outcomes and changes nothing; requisites are no part of it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from archive import codec
from archive.catalogue import Catalogue
from archive.catalogue_tables import leads, outcomes
from archive.records import Outcome


def tries(catalogue: Catalogue, story: str) -> Mapping[str, Sequence[Outcome]]:
    """The outcomes of everything that waits in a story's frontier, by URL, oldest first; a URL that no run has ended is not there."""
    waits = sa.and_(leads.c.story == outcomes.c.story, leads.c.key == outcomes.c.url, leads.c.waiting)
    query = sa.select(outcomes.c.body).join(leads, waits).where(outcomes.c.story == story).order_by(outcomes.c.time)
    found: defaultdict[str, list[Outcome]] = defaultdict(list)
    for row in catalogue.read(query):
        item = codec.read(Outcome, row.body)
        found[item.url].append(item)
    return found


def times_ended(catalogue: Catalogue, story: str) -> Mapping[str, int]:
    """How many runs of a story have ended each URL."""
    query = sa.select(outcomes.c.url, sa.func.count().label("times")).where(outcomes.c.story == story).group_by(outcomes.c.url)
    return {row.url: row.times for row in catalogue.read(query)}


def newest(catalogue: Catalogue, story: str, urls: Collection[str]) -> Mapping[str, tuple[int, Outcome]]:
    """How many runs have ended each of some URLs, and how the newest did."""
    query = sa.select(outcomes.c.url, outcomes.c.body).where(outcomes.c.story == story, outcomes.c.url.in_(urls)).order_by(outcomes.c.time)
    counts: defaultdict[str, int] = defaultdict(int)
    bodies: dict[str, str] = {}
    for url, body in catalogue.read(query):
        counts[url] += 1
        bodies[url] = body
    return {url: (counts[url], codec.read(Outcome, body)) for url, body in bodies.items()}
