"""The proof that a mended URL is right: the page behind it, held against the seed.

``confirms(reading, document)`` accepts a page only when all that can be compared agrees (coverage.md §6): the title, the date in the
page's path, and enough of the seed's sentences.  Every figure is kept, also of a refusal.  A slug is no proof and never looked at: outlets
freeze it at the first headline, so "gunman" in the URL and "Gunmen" in the headline belong together.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from rapidfuzz import fuzz

from archive.records import Document
from archive.urls import host, registered_domain
from pipeline.broken import candidates
from pipeline.datelines import day
from pipeline.seeds import SeedReading
from pipeline.worksheet import folded

__all__ = ["Confirmation", "candidates", "confirms"]

TITLE = 90.0  # rapidfuzz ratio: 98 to 99 for the same title, 56 and less for others (coverage.md §6)
SHARED = 0.6  # of the seed's sentences, word for word in the page
SHARED_ALONE = 0.8  # the same when the seed has no headline to compare
_FEWEST = 3  # sentences: fewer prove nothing
_SHORTEST = 5  # words of a sentence that counts: "He laughed." stands in many pages
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|\n+")
_WORD = re.compile(r"\w+")
_SITE = re.compile(r"\s+[|–—·-]\s+")
_PATH_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?([0-2]\d|3[01])(?=\D|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Whether a page is the seed's original, and by which figures; None where seed or page has nothing to compare."""

    accepted: bool
    title_ratio: float | None
    shared: float | None
    date_agrees: bool | None
    reason: str


def confirms(reading: SeedReading, document: Document) -> Confirmation:
    """Hold ``document`` against the seed."""
    title = _title_ratio(reading.headline, document.title)
    shared = _shared(reading.body, document.text)
    dated = _date_agrees(reading, document.url)
    doubt = "; ".join(_doubts(reading, document.url, title, shared, agrees=dated))
    said = [
        f"title ratio {title:.0f}" if title is not None else "no title to compare",
        f"{shared or 0:.0%} of the sentences",
        "date in the path agrees" if dated else "no date to compare",
    ]
    return Confirmation(accepted=not doubt, title_ratio=title, shared=shared, date_agrees=dated, reason=doubt or ", ".join(said))


def _doubts(reading: SeedReading, url: str, title: float | None, shared: float | None, *, agrees: bool | None) -> Iterator[str]:
    """What speaks against the page."""
    needed = SHARED if title is not None else SHARED_ALONE
    if not _same_outlet(reading, url):
        yield f"another outlet than {reading.outlet_domain}"
    if title is not None and title < TITLE:
        yield f"title ratio {title:.0f}, needed {TITLE:.0f}"
    if agrees is False:
        yield "the date in the path is not the seed's"
    if shared is None:
        yield "the seed has too few sentences to compare"
    elif shared < needed:
        yield f"{shared:.0%} of the sentences, needed {needed:.0%}"


def _title_ratio(headline: str | None, title: str | None) -> float | None:
    """How alike the titles are, the page's with and without the outlet's name; a page without a title is unlike any."""
    if headline is None:
        return None
    forms = [title, *_SITE.split(title)] if title else [""]
    return max(fuzz.ratio(folded(headline), folded(form)) for form in forms)


def _shared(body: tuple[str, ...], text: str) -> float | None:
    """The share of the seed's sentences that stand in the page word for word; signs and case do not count."""
    page = f" {_words(text)} "
    every = (_words(sentence) for paragraph in body for sentence in _SENTENCE.split(paragraph))
    sentences = [sentence for sentence in every if len(sentence.split()) >= _SHORTEST]
    if len(sentences) < _FEWEST:
        return None
    return sum(f" {sentence} " in page for sentence in sentences) / len(sentences)


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _date_agrees(reading: SeedReading, url: str) -> bool | None:
    """Whether the date in the path is the seed's date, or day and month of a dateline that states no year."""
    match = _PATH_DATE.search(urlsplit(url).path)
    if match is None:
        return None
    if reading.published:
        return "-".join(match.groups()) == reading.published
    stated = reading.dateline.date if reading.dateline else None
    filed = day(f"{stated} {match[1]}") if stated else None
    return None if filed is None else "-".join(match.groups()) == filed


def _same_outlet(reading: SeedReading, url: str) -> bool:
    known = {registered_domain(host(candidate)) for candidate in reading.url_candidates}
    return not known or registered_domain(host(url)) in known
