"""What a seed says: the reading of a scraped text, or of a row of a table, before anything is fetched.

``read_seed(seed)`` is pure and never fails: what a text does not state is None or empty.  Offsets count characters of ``seed.text``;
``passages``, ``removed`` and ``inserted`` keep the promise of ``pipeline.residue``: nothing of the text is lost.  What a table or a person
states beside the text (title, date, URL) goes before what the text says.  ``row(reading)`` is the reading as ``copytrail read --json``
prints it.
"""

from dataclasses import asdict, dataclass
from typing import Any

from archive.records import Removal, Seed
from archive.urls import host, registered_domain
from pipeline.broken import candidates, known_words
from pipeline.datelines import Dateline, day
from pipeline.residue import Cleaned, Context, Insertion, Passage, clean


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedReading:
    """A seed, read.  ``original_url`` is the likeliest of ``url_candidates``; only a fetched page can confirm it (``pipeline.mend``)."""

    id: str
    headline: str | None = None
    outlet: str | None = None
    outlet_domain: str | None = None
    published: str | None = None  # ISO 8601 date
    dateline: Dateline | None = None
    caption: str | None = None
    credits: tuple[str, ...] = ()
    rights: str | None = None
    related_leads: tuple[str, ...] = ()
    original_url: str | None = None
    url_candidates: tuple[str, ...] = ()
    links: tuple[str, ...] = ()  # URLs on lines of their own that are not the seed's
    body: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()  # the body with its offsets
    repeated_paragraphs: int = 0
    removed: tuple[Removal, ...] = ()
    inserted: tuple[Insertion, ...] = ()


def read_seed(seed: Seed) -> SeedReading:
    """Read ``seed``."""
    cleaned = clean(seed.text, title=seed.title, context=Context.SEED) if seed.text else Cleaned(headline=seed.title)
    urls = _urls(seed, cleaned)
    return SeedReading(
        id=seed.id,
        headline=cleaned.headline,
        outlet=cleaned.outlet,
        outlet_domain=registered_domain(host(urls[0])) if urls else None,
        published=(day(seed.published) if seed.published else None) or cleaned.published,
        dateline=cleaned.dateline,
        caption=cleaned.caption,
        credits=cleaned.credits,
        rights=cleaned.rights,
        related_leads=cleaned.related,
        original_url=urls[0] if urls else None,
        url_candidates=urls,
        links=cleaned.links,
        body=tuple(block.text for block in cleaned.blocks),
        passages=cleaned.blocks,
        repeated_paragraphs=cleaned.repeated,
        removed=cleaned.removed,
        inserted=cleaned.inserted,
    )


def _urls(seed: Seed, cleaned: Cleaned) -> tuple[str, ...]:
    """Where the seed's original may be, the likeliest first; the words of the text tell how a broken URL was cut."""
    words = known_words([cleaned.headline or "", *(block.text for block in cleaned.blocks)])
    written = ([seed.url] if seed.url else []) + list(cleaned.original)
    return tuple(dict.fromkeys(url for broken in written for url in candidates(broken, words)))


def row(reading: SeedReading) -> dict[str, Any]:
    """The reading as one JSON row."""
    return {
        "id": reading.id,
        "headline": reading.headline,
        "outlet": reading.outlet,
        "outlet_domain": reading.outlet_domain,
        "published": reading.published,
        "dateline": asdict(reading.dateline) if reading.dateline else None,
        "caption": reading.caption,
        "credits": list(reading.credits),
        "rights": reading.rights,
        "related_leads": list(reading.related_leads),
        "original_url": reading.original_url,
        "body": list(reading.body),
        "repeated_paragraphs": reading.repeated_paragraphs,
        "removed": [asdict(removal) for removal in reading.removed],
    }
