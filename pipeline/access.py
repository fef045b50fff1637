"""What the page says of its use: whether all of it can be read without paying, and what crawlers are asked.

``paywall(head)`` gives candidates whose value is what the place says, in its own words; ``is_paid`` reads one.  Places in order: JSON-LD
and microdata ``isAccessibleForFree`` of the article, the same of its parts (``hasPart`` with a ``cssSelector``), meta elements, and the
barrier itself in the markup.  A metered article is a paid one: what a reader may see depends on who asks.

``robots(head)`` gives the directives that hold for this crawler: meta elements and ``X-Robots-Tag`` headers for all robots or for
"copytrail"; those for another robot by name are not ours.  They are recorded (``noarchive``, ``noai``, ``unavailable_after`` …), not acted
on here: whether a page may be fetched is robots.txt's to say (RFC 9309).
"""

import re
from collections.abc import Iterator, Sequence

from archive.records import Candidate
from pipeline import jsonld
from pipeline.lexicon import words
from pipeline.statements import LONGEST, MOST, Head, metas_named

_ROBOT = "copytrail"
_KEY = "isAccessibleForFree"
_TIERS = ("article:content_tier", "content_tier", "article_content_tier", "ispremium", "is_premium")
_OF_ANOTHER = re.compile(r"\s*([\w-]+)\s*:")
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_NOARCHIVE = re.compile(r"(?<![\w-])noarchive(?![\w-])", re.IGNORECASE)
_LIKELY = frozenset({"div", "section", "aside"})


def paywall(head: Head) -> Iterator[Candidate]:
    """What each place says about the price of reading."""
    parts = []
    for place, node in head.articles:
        if (said := _flag(node.get(_KEY.lower()))) is not None:
            yield Candidate(field="paywall", value=said, place=f"{place}:{_KEY}")
        parts += [(place, part) for part in jsonld.listed(node.get("haspart"))[:MOST] if isinstance(part, dict)]
    for place, part in parts:
        if (said := _flag(part.get(_KEY))) is not None:
            selector = jsonld.text(part.get("cssSelector"))
            yield Candidate(field="paywall", value=said, place=f"{place}:hasPart {selector or ''}".strip()[: MOST * 8])
    yield from (one for one in metas_named(head, "paywall", (_KEY.lower(), *_TIERS)) if is_paid(one) is not None)
    yield from _barriers(head)


def is_paid(candidate: Candidate) -> bool | None:
    """Whether a candidate of ``paywall`` says that reading all takes a payment or an account; None when it says nothing clear."""
    said = candidate.value.casefold()
    if candidate.place.partition(":")[2].casefold().startswith(("isaccessibleforfree", "haspart")):
        return {"true": False, "false": True}.get(said)
    if candidate.place.startswith("markup:"):
        return True
    return True if said in words("metadata", "paid_tiers") else False if said in words("metadata", "free_tiers") else None


def _flag(value: object) -> str | None:
    value = value[0] if isinstance(value, list) and value else value
    said = str(value).strip().casefold() if isinstance(value, bool | str) and len(str(value)) <= LONGEST else ""
    said = said.rpartition("/")[2]  # "http://schema.org/False"
    return said if said in {"true", "false"} else None


def _barriers(head: Head) -> Iterator[Candidate]:
    """The first barrier in the markup."""
    for element, classes in head.classed:
        alike = "barrier" in classes or "paywall" in classes or "locked" in classes
        for name in classes.split() if alike and element.tag in _LIKELY else ():
            if name.casefold() in words("metadata", "barriers"):
                yield Candidate(field="paywall", value="barrier", place=f"markup:{name}")
                return


def robots(head: Head) -> Iterator[Candidate]:
    """The directives for all robots and for this one."""
    yield from metas_named(head, "robots", ("robots", _ROBOT))
    for value in head.robots[:MOST]:
        named = _OF_ANOTHER.match(value)
        ours = named is None or named[1].lower() in _WITH_VALUE or named[1].lower() == _ROBOT
        if ours and len(value) <= LONGEST:
            yield Candidate(field="robots", value=value, place="header:x-robots-tag")
    for value in head.metas.get("tdm-reservation", ()):
        yield Candidate(field="robots", value=f"tdm-reservation: {value}", place="meta:tdm-reservation")


def is_noarchive(found: Sequence[Candidate]) -> bool:
    """Whether one of the directives asks for no copy."""
    return any(_NOARCHIVE.search(one.value) for one in found)
