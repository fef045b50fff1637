"""Which sitemaps of an index are worth a look for a story: those of its months and the news first, and never more than a few.

Contract: pure.  The protocol lets an index list 50,000 sitemaps and forbids one to list another; outlets keep one for each month since
1996, and nest them.  So at most ``CHILDREN`` of one index are followed, ``DEPTH`` indexes deep; ``told`` says in the outcome what that cut.
A sitemap whose name has another month than the story's comes after all that name none.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from archive.kinds import Found
from archive.records import Lead, Story
from pipeline.coverage import SURENESS, WINDOW

CHILDREN = 50
DEPTH = 3
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_/.]?(0[1-9]|1[0-2])(?!\d{3})")
_NEWS = re.compile(r"news|latest|recent|today", re.IGNORECASE)


def leads_of_index(children: Sequence[str], lead: Lead, source: str, story: Story | None) -> list[Lead]:
    """The sitemaps to follow of those that the index ``source`` lists, which was found by ``lead``, the likeliest first."""
    if lead.depth >= DEPTH:
        return []
    months = frozenset(_months(story)) if story else frozenset()
    chosen = sorted(children, key=lambda url: _place(url, months))[:CHILDREN]
    return [
        Lead(
            url=url,
            found=Found.SITEMAP_LINK,
            hop=lead.hop,
            parent=source,
            evidence="listed in a sitemap index",
            confidence=SURENESS[Found.SITEMAP_LINK],
            depth=lead.depth + 1,
        )
        for url in chosen
    ]


def told(children: Sequence[str], chosen: Sequence[Lead]) -> str:
    """The beginning of an outcome's reason: how many sitemaps an index lists, and how many were followed when a limit cut."""
    if len(chosen) == len(children):
        return f"{len(children)} sitemaps, "
    why = f"{CHILDREN} of one index" if chosen else f"{DEPTH} indexes deep"
    return f"{len(children)} sitemaps of which {len(chosen)} are followed (the limit is {why}), "


def _place(url: str, months: frozenset[tuple[str, str]]) -> int:
    """0 for a sitemap of the story's months, 1 for the news, 2 for one that names no month, 3 for another month's."""
    named = {(match[1], match[2]) for match in _MONTH.finditer(url)}
    if named & months:
        return 0
    if _NEWS.search(url.rsplit("/", 1)[-1]):
        return 1
    return 3 if named else 2


def _months(story: Story) -> Iterator[tuple[str, str]]:
    first, last = story.earliest or story.latest, story.latest or story.earliest
    if first is None or last is None:
        return
    day, end = first - WINDOW, last + WINDOW
    while (day.year, day.month) <= (end.year, end.month):
        yield f"{day:%Y}", f"{day:%m}"
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
