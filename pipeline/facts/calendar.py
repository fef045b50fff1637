"""Dates in running text, as far as they are stated.

``dates(text, published)`` gives each date with its place: a month's day ("March 7", "7. März 2024"), a month of a year, a date in figures,
a day of the week or "yesterday" (a day of the calendar when the day of publication is known).  Years that stand alone are for
``pipeline.facts.numerals``, which knows what else a number of four digits can be.  Words: ``rules/calendar.yaml``, ``rules/dates.yaml``.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from pipeline.dates import iso
from pipeline.lexicon import alternatives, words

_MONTHS = tuple(name.casefold() for name in calendar.month_name[1:])
_DAYS = tuple(name.casefold() for name in calendar.day_name)
_RELATIVE = {"today": 0, "yesterday": -1, "tomorrow": 1}
_WORD = re.compile(r"[^\W\d_]+")
_YEAR = r"(?P<y>(?:1[5-9]|20)\d\d)(?!\d|[.,:]\d)"
_FIGURES = re.compile(
    r"(?<![\w.])(?:(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)|(?P<d2>\d{1,2})\.\s?(?P<m2>\d{1,2})\.\s?(?P<y2>(?:19|20)\d\d))(?![\w])"
)


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it is known; ``weekday`` 0 is Monday."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None

    @property
    def value(self) -> str:
        """ISO 8601, with -- for a year that is not stated; the name of a day of the week of no known week."""
        if self.month is None:
            return str(self.year) if self.year else _DAYS[self.weekday or 0].capitalize()
        head = f"{self.year:04}" if self.year else "-"
        return f"{head}-{self.month:02}" + (f"-{self.day:02}" if self.day else "")

    def agrees(self, other: "Day") -> bool | None:
        """Whether two dates can be one; None where they have no part in common."""
        parts = [(self.year, other.year), (self.month, other.month), (self.day, other.day)]
        known = [(mine, its) for mine, its in parts if mine is not None and its is not None]
        if not known and (self.weekday is None or other.weekday is None):
            return None
        if known:
            return all(mine == its for mine, its in known)
        return self.weekday == other.weekday


def dates(text: str, published: str | None = None) -> list[Day]:
    """The dates of a text, in order and apart."""
    base = _base(published)
    found: list[Day] = []
    for day in sorted([*_figures(text), *_named(text), *_weekdays(text, base)], key=lambda day: (day.start, -day.end)):
        if not found or day.start >= found[-1].end:
            found.append(day)
    return found


def _base(published: str | None) -> date | None:
    exact = iso(published) if published else None
    return date.fromisoformat(exact[:10]) if exact else None


def _figures(text: str) -> Iterator[Day]:
    for match in _FIGURES.finditer(text):
        year, month, day = (int(match[name] or match[f"{name}2"]) for name in ("y", "m", "d"))
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield Day(*match.span(), year, month, day)


def _named(text: str) -> Iterator[Day]:
    for form in _forms():
        for match in form.finditer(text):
            parts = match.groupdict()
            month = _months().get(match["m"].casefold())
            day = int(parts.get("d") or 0)
            if month and day <= 31 and (match["m"][0].isupper() or not match["m"].isascii() or day):
                yield Day(*match.span(), int(parts["y"]) if parts.get("y") else None, month, day or None)


def _weekdays(text: str, base: date | None) -> Iterator[Day]:
    before = ""
    for match in _WORD.finditer(text):
        word = match[0].casefold()
        if word in _relative() and base:
            yield _of(match.span(), base + timedelta(days=_relative()[word]))
        elif (weekday := _weekday_numbers().get(word)) is not None and before not in words("calendar", "other_week"):
            yield _of(match.span(), base - timedelta(days=(base.weekday() - weekday) % 7)) if base else Day(*match.span(), weekday=weekday)
        before = word


def _of(span: tuple[int, int], day: date) -> Day:
    return Day(*span, day.year, day.month, day.day, day.weekday())


@cache
def _months() -> dict[str, int]:
    return {name: number for number, key in reversed([*enumerate(_MONTHS, 1)]) for name in words("dates", key)}


@cache
def _weekday_numbers() -> dict[str, int]:
    return {name: number for number, key in enumerate(_DAYS) for name in words("calendar", key)}


@cache
def _relative() -> dict[str, int]:
    return {name: days for key, days in _RELATIVE.items() for name in words("calendar", key)}


@cache
def _forms() -> tuple[re.Pattern[str], ...]:
    month, between = r"(?P<m>[^\W\d_]{3,12})\b\.?", rf"(?:\s(?:{alternatives('calendar', 'between')})\.?)?"
    day = rf"(?<![\w.,:$€£-])(?P<d>\d{{1,2}})(?:{alternatives('calendar', 'ordinals')})?"
    return (
        re.compile(rf"{day}{between}\s{month}(?:{between},?\s{_YEAR})?"),
        re.compile(rf"\b{month}\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\w%]|[.,:]\d)(?:,?\s{_YEAR})?"),
        re.compile(rf"\b{month}{between},?\s{_YEAR}"),
    )
