"""Residue: the lines that a web page's machinery leaves in a scraped article, and what they say.

``clean(text, title=…, context=…)`` reads a text line by line and parts the article's own paragraphs from the rest.  Every offset counts
characters of the text that was given, and nothing is lost:

* each character of the text is in a passage's span, in a ``Removal`` or is white space (spans of removals may lie inside a passage);
* a passage's words are the text of its span, without the removals that lie in it, with the insertions that lie in it put in.

The rules are data (``rules/residue.yaml``), and none names an outlet or a person: they go by position, shape and short word lists.
``context`` says how much may be believed.  A SEED is raw text in which the headline, the date line and stray markup must be found first.
A PAGE is the text of an extractor that has the title and the metadata from elsewhere: there markup is text, the title is given, and
datelines are read but left where they stand, because they belong to the printed article.
"""

import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from archive.records import Removal
from pipeline.addresses import read_addresses
from pipeline.datelines import Dateline, dateline, day
from pipeline.headlines import known_headline, read_headline
from pipeline.lines import apply_rules, cut_runs
from pipeline.repair import Repaired, repair, untouched
from pipeline.repeats import cut_repeats
from pipeline.rulebook import rulebook
from pipeline.worksheet import Cut, Sheet


class Context(StrEnum):
    """Where a text comes from, and with it which rules hold."""

    SEED = "seed"
    PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One paragraph of the article; ``text`` is repaired, the offsets point into the text before cleaning."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """Characters that repair put into a passage before the character at ``at``: the space that a stray tag swallowed."""

    text: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What ``clean`` made of a text."""

    blocks: tuple[Passage, ...] = ()
    removed: tuple[Removal, ...] = ()
    inserted: tuple[Insertion, ...] = ()
    headline: str | None = None
    published: str | None = None  # ISO 8601 date; only when the text states the year
    dateline: Dateline | None = None
    caption: str | None = None
    credits: tuple[str, ...] = ()  # people and agencies that the text credits with itself, as written
    rights: str | None = None
    outlet: str | None = None  # only when the text states it
    related: tuple[str, ...] = ()  # titles of "Related article" lines
    original: tuple[str, ...] = ()  # URLs that the text gives as its own, as written, perhaps broken
    links: tuple[str, ...] = ()  # other URLs that stand on a line of their own
    repeated: int = 0  # paragraphs removed because they stand in the text before


def clean(text: str, *, title: str | None = None, context: Context = Context.PAGE, on: date | None = None) -> Cleaned:
    """Part the article in ``text`` from its residue, by the rules of the day of its capture, or by all where that is not known."""
    seed = context is Context.SEED
    repaired = repair(text) if seed else untouched(text)
    sheet = Sheet(repaired.text)
    if seed:
        read_addresses(sheet)
    cut_runs(sheet, ends=seed)
    apply_rules(sheet, rulebook().on(on), ends=seed)
    headline = title
    if title:
        known_headline(sheet, title)
    elif seed:
        headline = read_headline(sheet)
    filed = _read_dateline(sheet, cut=seed)
    repeated = cut_repeats(sheet, lines_alone=not seed)
    return _cleaned(text, repaired, sheet, headline, filed, repeated)


def _read_dateline(sheet: Sheet, *, cut: bool) -> Dateline | None:
    """The dateline of the first or, after a standfirst, of the second paragraph."""
    for line in sheet.remaining()[:2]:
        if filed := dateline(sheet.left(line)):
            if cut:
                sheet.cut(line, "dateline", end=line.start + filed.length)
            return filed.dateline
    return None


def _cleaned(text: str, repaired: Repaired, sheet: Sheet, headline: str | None, filed: Dateline | None, repeated: int) -> Cleaned:
    blocks = tuple(_passages(sheet, repaired))
    removed, inserted = _accounts(text, repaired, sheet.cuts, blocks)
    found = {name: tuple(dict.fromkeys(values)) for name, values in sheet.found.items()}
    stated = day(filed.date) if filed and filed.date else None
    return Cleaned(
        blocks=blocks,
        removed=removed,
        inserted=inserted,
        headline=headline,
        published=next(iter((*found.get("published", ()), *found.get("later", ()))), stated),
        dateline=filed,
        caption=next(iter(found.get("caption", ())), None),
        credits=found.get("credits", ()),
        rights=next(iter(found.get("rights", ())), None),
        outlet=next(iter(found.get("outlet", ())), None),
        related=found.get("related", ()),
        original=found.get("original", ()),
        links=found.get("links", ()),
        repeated=repeated,
    )


def _passages(sheet: Sheet, repaired: Repaired) -> Iterator[Passage]:
    for line in sheet.remaining():
        start, end = repaired.raw(line.start, line.end)
        yield Passage(text=sheet.left(line), start=start, end=end)


def _accounts(
    text: str, repaired: Repaired, cuts: list[Cut], blocks: tuple[Passage, ...]
) -> tuple[tuple[Removal, ...], tuple[Insertion, ...]]:
    """All that went out of the text, and all that came in, in order; an edit inside a cut is part of the cut."""
    spans = sorted((*repaired.raw(cut.start, cut.end), cut.rule) for cut in cuts)
    places = [(start, end) for start, end, _ in spans]
    edits = [edit for edit in repaired.edits if not _within(edit.start, places)]
    spans += [(edit.start, edit.end, edit.rule) for edit in edits]
    removed = tuple(Removal(text=text[start:end], start=start, end=end, rule=rule) for start, end, rule in sorted(spans))
    passages = [(block.start, block.end) for block in blocks]
    return removed, tuple(Insertion(text=edit.text, at=edit.start) for edit in edits if edit.text and _within(edit.start, passages))


def _within(at: int, spans: list[tuple[int, int]]) -> bool:
    """Whether the character at ``at`` lies in one of the spans, which are in order and do not overlap."""
    number = bisect_right(spans, (at, sys.maxsize)) - 1
    return number >= 0 and spans[number][0] <= at < spans[number][1]
