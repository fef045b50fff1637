"""From a credit to the feeds of the outlet that it names: "With inputs from AP" leads to AP's feeds, when somebody knows them.

Contract: pure.  ``named_feeds`` reads the setting; ``credited`` gives a lead for each feed of each outlet that a credit of the document
names as words of its own; a short name counts as it is written ("AP" is not "ap").  Which of its articles is meant, the feed's entries have
to say: a credit alone names an outlet, not an article (coverage.md §6, rank 4).
"""

import re
from collections.abc import Mapping, Sequence

from archive.kinds import Found
from archive.records import Document, Lead
from archive.urls import clean
from pipeline.coverage import SURENESS

_SHORT = 4  # letters up to which a name is compared as it is written


def named_feeds(setting: str) -> dict[str, tuple[str, ...]]:
    """Outlets and their feeds from ``Reuters=https://…, AP=https://…``; ValueError for what is neither."""
    found: dict[str, tuple[str, ...]] = {}
    for part in filter(None, map(str.strip, setting.split(","))):
        name, sign, url = part.partition("=")
        if not sign or not name.strip():
            raise ValueError(f"{part!r} is not OUTLET=URL")
        found[name.strip()] = (*found.get(name.strip(), ()), clean(url))
    return found


def credited(document: Document, feeds: Mapping[str, Sequence[str]], hop: int) -> list[Lead]:
    """The feeds of the outlets that the document's credits name."""
    return [
        Lead(
            url=url,
            found=Found.CREDIT,
            hop=hop,
            parent=document.url,
            evidence=f"{credit} (a feed of {outlet})",
            confidence=SURENESS[Found.CREDIT],
        )
        for outlet, urls in feeds.items()
        for credit in document.credits
        if _names(credit, outlet)
        for url in urls
    ]


def _names(credit: str, outlet: str) -> bool:
    if len(outlet) <= _SHORT:
        return re.search(rf"(?<!\w){re.escape(outlet)}(?!\w)", credit) is not None
    return re.search(rf"(?<!\w){re.escape(outlet.casefold())}(?!\w)", credit.casefold()) is not None
