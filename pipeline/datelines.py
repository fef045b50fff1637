"""Dates and datelines as newspapers print them.

``date_line(text)`` reads a line that is a date and nothing else ("Published: Tue, 26 March 2024, 10:30 GMT"); ``dateline(text)`` reads
the place, date and agency before the first sentence of a report ("KYIV, March 26 (Reuters) - ").  A date without a year gives no ISO
date, and 3/4/2024 gives none either, because nobody can tell which is the month.  Words: ``rules/dates.yaml``.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from pipeline.dates import iso
from pipeline.lexicon import words

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DAY, _YEAR = r"(?P<d{0}>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?", r"(?P<y{0}>(?:19|20)\d\d)"
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d{2}(?::\d{2}(?:\.\d+)?)?(?!\d)|[+-]\d\d:?\d\d\b|\b\d{1,2}(?=\s?[ap]\.?m\b)", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d")
_TOWN_WORDS = 3  # of a town with no agency after it: four words in capitals are a kicker


@dataclass(frozen=True, slots=True, kw_only=True)
class DateLine:
    """A line that is a date: the day if it is stated in full, and whether it speaks of a later version."""

    day: str | None
    later: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """Where, when and by which agency a report was filed, each as the text gives it: no year is added to "26 March"."""

    place: str | None = None
    date: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A dateline with the number of characters that it takes from the paragraph."""

    dateline: Dateline
    length: int


def day(text: str) -> str | None:
    """The ISO date of a date in words or figures; None when it is not one whole date."""
    if match := _date().fullmatch(text.strip(" .,")):
        return _calendar(match)
    exact = iso(text)
    return exact[:10] if exact else None


def date_line(text: str, strangers: int = 0) -> DateLine | None:
    """What a line says that is a date and nothing else, save for at most so many words ("Ferrydale, 3 March 2024"); None for any other."""
    match = _date().search(text) if len(text) <= 160 and _NUMBER.search(text) else None
    if match is None:
        return None
    rest = _TIME.sub(" ", _date().sub(" ", text)).casefold()
    said = set(_WORDS.findall(rest))
    later = said & set(words("dates", "later"))
    if _NUMBER.search(rest) or len(said - later - _around()) > strangers:
        return None
    return DateLine(day=_calendar(match), later=bool(later))


def dateline(text: str) -> Filed | None:
    """The dateline with which a paragraph begins; None when it begins with its first sentence."""
    match = _filed().match(text)
    if match is None or not _opens_sentence(text[match.end() : match.end() + 2]):
        return None
    place, when, agency = match["place"].strip(), match["date"] or match["on"], match["agency"] or match["slashed"]
    after = text[match.end("place") : match.end("place") + 1]
    if when and not _shouted(place) and after not in {",", "."}:
        return None  # "On 26 March (…)" is a sentence
    if place and after == "." and not when:
        place += after  # "SPRINGFIELD, Ill. (AP)"
    if not _credible(place, when, agency, match["sign"] or match["mark"] or match["dash"]):
        return None
    return Filed(dateline=Dateline(place=place or None, date=when, agency=agency), length=match.end())


def _credible(place: str, when: str | None, agency: str | None, sign: str | None) -> bool:
    known = agency is not None and any(part.strip().casefold() in words("metadata", "agencies") for part in re.split(r"[/,&]", agency))
    if not place:
        return known and sign is not None
    if place.casefold() in words("dates", "not_places") or not _like_place(place):
        return False
    if agency is not None:
        return (known or place.isupper() or when is not None) and (sign is not None or (known and when is not None))
    town, _, _ = place.partition(",")
    return len(town.split()) <= _TOWN_WORDS and (when is not None or _shouted(place))


def _like_place(place: str) -> bool:
    small = words("dates", "in_places")
    parts = re.split(r"[\s,/]+", place)
    return len(parts) <= 7 and all(part.strip("[]().")[:1].isupper() or part.casefold() in small for part in parts if part)


def _shouted(place: str) -> bool:
    """Whether the town is in capitals, as American papers print it; what follows a comma (a state, a country) need not be."""
    town, _, _ = place.partition(",")
    return town.isupper() and len(town) > 2 and not _NUMBER.search(town)


def _opens_sentence(following: str) -> bool:
    first = following[:1]
    return bool(first) and not first.islower() and not first.isspace() and (first.isalnum() or first in "\"'“‘«„[(¿¡—$€£")


def _calendar(match: re.Match[str]) -> str | None:
    parts = {name[0]: value for name, value in match.groupdict().items() if value}
    first, second = parts.get("d"), parts.get("n")
    if "m" in parts:
        month = _month(parts["m"])
    elif second and first and "s" in parts:
        month, first = (int(second), first) if int(first) > 12 else (int(first), second) if int(second) > 12 else (0, first)
    else:
        month = int(second or 0)
    try:
        return date(int(parts["y"]), month, int(first or 0)).isoformat()
    except ValueError:
        return None


@cache
def _month_numbers() -> dict[str, int]:
    return {name: number for number, key in reversed([*enumerate(_MONTHS, 1)]) for name in words("dates", key)}


def _month(name: str) -> int:
    return _month_numbers()[name.casefold().rstrip(".")]


@cache
def _around() -> frozenset[str]:
    return frozenset(_WORDS.findall(" ".join((*words("dates", "around"), *words("dates", "later")))))


@cache
def _month_names() -> str:
    names = sorted(_month_numbers(), key=len, reverse=True)
    return "|".join(map(re.escape, names))


@cache
def _date() -> re.Pattern[str]:
    """A whole date; groups d (day), m (month's name), n (month's number), s (slashes: order unknown), y (year), one set a form."""
    month, of = rf"(?P<m{{0}}>{_month_names()})\b\.?", r"(?:\s*(?:de|del|of|г)\.?)?"
    forms = (
        month + r"\s+" + _DAY + r"\s*,?\s+" + _YEAR,
        _DAY + of + r"[\s-]*" + month + of + r"\s*[,-]?\s*" + _YEAR,
        _YEAR + r"(?:[-/.]|年\s?)(?P<n{0}>\d{{1,2}})(?:[-/.]|月\s?)(?P<d{0}>\d{{1,2}})日?",
        r"(?P<d{0}>\d{{1,2}})\.\s?(?P<n{0}>\d{{1,2}})\.\s?" + _YEAR,
        r"(?P<d{0}>\d{{1,2}})(?P<s{0}>[/-])(?P<n{0}>\d{{1,2}})[/-]" + _YEAR,
    )
    return re.compile("(?<!\\d)(?:" + "|".join(form.format(number) for number, form in enumerate(forms)) + ")(?!\\d)", re.IGNORECASE)


@cache
def _filed() -> re.Pattern[str]:
    """Place, date and agency with a sign; place and date with a sign; place with a dash."""
    months = _month_names()
    when = rf"(?<!\w)(?:(?:{months})\b\.?\s+\d{{1,2}}|\d{{1,2}}\.?\s+(?:de\s+)?(?:{months})\b)(?:,?\s+(?:19|20)\d\d)?"
    dash, stop = "—|–|―|--|-(?=\\s)", "[:.](?=\\s)"
    return re.compile(
        r"(?P<place>[^()—–:;\"“”«!?\n]{0,60}?)(?:"
        rf"[,.]?\s*(?P<date>{when})?\.?\s*(?:\((?P<agency>[^()\n]{{2,40}})\)|/(?P<slashed>[^/\n]{{2,30}})/)\s*(?:(?P<sign>{dash}|{stop})\s*|(?=\w))"
        rf"|[,.]?\s*(?P<on>{when})\s*(?P<mark>{dash}|{stop})\s*"
        rf"|\s*(?P<dash>{dash})\s*)",
        re.IGNORECASE,
    )
