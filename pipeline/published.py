"""When the article came out and when it was changed, by every place that says so.

``published(head)`` and ``modified(head)`` give candidates, the best first: JSON-LD, microdata, meta elements, the date in the address, then
what only a reader sees (htmldate, and the time element that names the same day).  A day gives way to a time of the same day: as exact as
the page is, in the zone that it states.  No date is after the capture or before the web (``pipeline.dates.plausible``).  The address goes
before htmldate because of 181 articles of November 2019 three state no date but have it there: htmldate took 2016 and 2017 for two of them.

The updates of a live blog have dates of their own, and none of them is the article's: there visible dates are not read, and
``coverageStartTime`` stands in for a date that is not stated.  ``conflicts`` names the statements that contradict each other.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from htmldate import find_date

from archive.records import Candidate
from pipeline.dates import instant, iso, plausible
from pipeline.statements import Head, metas_named, stated

# fmt: off
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "date", "dc.date.issued", "dcterms.created", "dc.date",
    "dcterms.date", "parsely-pub-date", "sailthru.date", "publish-date", "pubdate", "cxenseparse:recs:publishtime",
)
_MODIFIED = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "lastmod", "last-modified",
)
# fmt: on
_EXPIRES = ("article:expiration_time", "sailthru.expire_date")
_UNAVAILABLE = re.compile(r"unavailable_after:\s*((?:[a-z]+,\s*)?[^,]+)", re.IGNORECASE)
_CHANGED = re.compile(r"(?<![a-z])(?:updated|modified|dateModified)(?![a-z])")
_IN_PATH = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:([/-])(\d\d)\2(\d\d)|(\d\d)(\d\d))(?!\d)")
_DAY = len("2026-05-04")
_APART = timedelta(days=1)  # between statements that mean the same moment: their zones may differ


def published(head: Head) -> tuple[Candidate, ...]:
    """When the article came out."""
    keys = ("datePublished", "coverageStartTime") if head.live else ("datePublished",)
    said = _plausible(head, (*stated(head, "published", *keys), *metas_named(head, "published", _PUBLISHED)))
    shown = () if said or head.live else tuple(_visible(head))
    return _sharpened((*said, *_plausible(head, tuple(_in_address(head.url))), *shown))


def modified(head: Head) -> tuple[Candidate, ...]:
    """When it was last changed."""
    said = _plausible(head, (*stated(head, "modified", "dateModified"), *metas_named(head, "modified", _MODIFIED)))
    return _sharpened(said or (() if head.live else _plausible(head, tuple(_changed(head)))))


def _changed(head: Head) -> Iterator[Candidate]:
    """The time element that is marked as the change's, where it is the only one: teasers have theirs."""
    marks = ((element, f"{element.get('class') or ''} {element.get('itemprop') or ''}") for element in head.tree.iter("time"))
    found = [element.get("datetime") or "" for element, mark in marks if _CHANGED.search(mark)]
    if len(found) == 1:
        yield Candidate(field="modified", value=found[0], place="visible:time")


def expires(head: Head, robots: Sequence[Candidate]) -> Iterator[Candidate]:
    """From when the page is not to be shown; it may lie in the future.  The header of that name is about caches, not about articles."""
    for candidate in (*stated(head, "expires", "expires"), *metas_named(head, "expires", _EXPIRES)):
        if date := iso(candidate.value):
            yield Candidate(field="expires", value=date, place=candidate.place)
    for candidate in robots:
        found = _UNAVAILABLE.search(candidate.value)
        if found and (date := iso(found[1])):
            yield Candidate(field="expires", value=date, place=candidate.place)


def conflicts(head: Head, first: Sequence[Candidate], last: Sequence[Candidate]) -> Iterator[str]:
    """What speaks against the dates: places more than a day apart, a change before the beginning, a beginning after the capture."""
    if first:
        best = first[0]
        for kind in dict.fromkeys(_kind(other) for other in first[1:]):
            other = next(one for one in first if _kind(one) == kind)
            if kind != _kind(best) and _apart(best.value, other.value):
                yield f"published: {best.place} says {best.value}, {other.place} says {other.value}"
        if last and _apart(last[0].value, best.value) and instant(last[0].value) < instant(best.value):
            yield f"modified {last[0].value} is before published {best.value}"
    for candidate in stated(head, "published", "datePublished"):
        if (date := iso(candidate.value)) and not plausible(date, head.captured):
            yield f"published: {candidate.place} says {date}, captured {head.captured.date().isoformat()}"


def _apart(one: str, other: str) -> bool:
    """Whether two dates are more than a day apart; one without a time is all of its day."""
    (start, end), (begin, finish) = _span(one), _span(other)
    return max(start, begin) - min(end, finish) > _APART


def _span(date: str) -> tuple[datetime, datetime]:
    start = instant(date)
    return start, start + timedelta(days=1) if len(date) == _DAY else start


def _kind(candidate: Candidate) -> str:
    return candidate.place.partition(":")[0]


def _plausible(head: Head, found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    dates = ((one, iso(one.value)) for one in found)
    return tuple(Candidate(field=one.field, value=date, place=one.place) for one, date in dates if date and plausible(date, head.captured))


def _sharpened(found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The first candidate, or the first that gives a time to its day, before the others."""
    if not found or len(found[0].value) > _DAY:
        return found
    best = next((one for one in found if one.value.startswith(found[0].value) and len(one.value) > _DAY), found[0])
    return (best, *(one for one in found if one is not best))


def _visible(head: Head) -> Iterator[Candidate]:
    """The day that htmldate finds, with the time of a time element that names the same day.

    The extensive search is off: on the 39 of 308 pages that come this far it added two guesses from running text and took 28 times the CPU.
    """
    day = find_date(head.tree, original_date=True, extensive_search=False, max_date=head.captured.date().isoformat())
    if day is None:
        return
    for element in head.tree.iter("time"):
        date = iso(element.get("datetime") or "")
        if date and date.startswith(day) and len(date) > len(day):
            yield Candidate(field="published", value=date, place="visible:time")
            break
    yield Candidate(field="published", value=day, place="htmldate")


def _in_address(url: str) -> Iterator[Candidate]:
    try:
        path = urlsplit(url).path
    except ValueError:
        return
    if match := _IN_PATH.search(path):
        year, month, day = match[1], match[3] or match[5], match[4] or match[6]
        yield Candidate(field="published", value=f"{year}-{month}-{day}", place="url")
