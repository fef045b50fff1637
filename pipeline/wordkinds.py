"""Which words of a sentence tell a quantity, and which a date or a time of day.

Contract: pure.  ``kinds(text, ranges)`` gives for each word of a passage FIGURE, UNIT, DATE, QUALIFIER, SMALL or None: a number in figures
or words; the unit behind it; a day, month, year or time of day; a word such as "about", which belongs to a number where one stands beside
it; a function word, which says nothing by itself.  Words are looked at with their neighbours: "2011" after "in" is a year, "6" before
"heures" and after "vers" a time, "May" beside a number a month.  The words are data: ``rules/figures.yaml``, ``rules/days.yaml``,
``rules/dates.yaml``.
"""

import re
from collections.abc import Sequence
from enum import Enum
from functools import cache

from pipeline.lexicon import words
from pipeline.sentences import Range

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_PLAIN = frozenset({"mai", "maj", "май", "мая", "маю", "мае"})  # short, and nothing but months
_DOUBTFUL = frozenset({"march", "mars", "mart", "marts", "août", "august", "listopad"})  # other words or names too
_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY = re.compile(r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º)?")
_CLOCK = re.compile(r"(?:[01]?\d|2[0-3])[:.][0-5]\d(?:[:.][0-5]\d)?")
_CURRENCY = frozenset("$€£¥₽₴%‰")
_NEAR = 2  # words from a month to its year


class Kind(Enum):
    """What a word tells."""

    FIGURE = "figure"
    UNIT = "unit"
    DATE = "date"
    QUALIFIER = "qualifier"
    SMALL = "small"


def kinds(text: str, ranges: Sequence[Range]) -> list[Kind | None]:
    """The kind of each word."""
    said = [text[start:end].casefold() for start, end in ranges]
    months = [_is_month(said, number, text[ranges[number][0]].isupper()) for number in range(len(said))]
    found: list[Kind | None] = []
    for number, word in enumerate(said):
        if _is_date(said, number, months) and not _is_money(text, ranges[number]):
            found.append(Kind.DATE)
        elif word[0].isdigit() or word in _words("figures", "numbers"):
            found.append(Kind.FIGURE)
        elif number and word in _words("figures", "units") and found[-1] in {Kind.FIGURE, Kind.UNIT}:
            found.append(Kind.UNIT)
        elif word in _words("figures", "qualifiers"):
            found.append(Kind.QUALIFIER)
        else:
            found.append(Kind.SMALL if word in _small() else None)
    return found


def _is_money(text: str, word: Range) -> bool:
    return text[word[0] - 1 : word[0]] in _CURRENCY if word[0] else False


def _is_month(said: Sequence[str], number: int, capital: bool) -> bool:  # noqa: FBT001 -- of the word, not a switch
    word = said[number]
    if word not in _months():
        return False
    if word in _PLAIN or (len(word) > 3 and word not in _DOUBTFUL):  # "May", "dec", "set"
        return True
    beside = said[max(number - 1, 0) : number + 2]
    return any(other[0].isdigit() for other in beside) or (capital and number > 0 and said[number - 1] in _words("days", "before"))


def _is_date(said: Sequence[str], number: int, months: Sequence[bool]) -> bool:
    word = said[number]
    before, after = said[number - 1] if number else "", said[number + 1] if number + 1 < len(said) else ""
    if months[number] or word in _words("days", "days"):
        return True
    if word in _words("days", "parts"):
        return before in _words("days", "days") or after in _words("days", "days")
    if word in _words("days", "oclock"):
        return bool(before) and before[0].isdigit() and _is_time(said, number - 1, before, word)
    if not word[0].isdigit():
        return False
    if _YEAR.fullmatch(word):
        dated = any(months[max(number - _NEAR, 0) : number + _NEAR + 1])
        return dated or (before in _words("days", "before") and after not in _words("figures", "units"))
    beside = any(months[max(number - 1, 0) : number + 2]) or (after in {"of", "de"} and any(months[number + 2 : number + 3]))
    return (beside and bool(_DAY.fullmatch(word))) or _is_time(said, number, word, after)


def _is_time(said: Sequence[str], number: int, word: str, after: str) -> bool:
    """Whether a number is a time of day."""
    if ":" in word and _CLOCK.fullmatch(word):
        return True
    at = number > 0 and said[number - 1] in _words("days", "at")
    if after in {"am", "pm", "uhr"} or (after in {"a", "p", "o"} and said[number + 2 : number + 3] in (["m"], ["clock"])):
        return True
    return at and (after in _words("days", "hours") or bool(_CLOCK.fullmatch(word)))


@cache
def _months() -> frozenset[str]:
    return frozenset(word for month in _MONTHS for word in words("dates", month)) | _words("days", "months")


@cache
def _words(name: str, key: str) -> frozenset[str]:
    return frozenset(words(name, key))


@cache
def _small() -> frozenset[str]:
    """Function words: short ones of all languages that no negation is among."""
    return _words("figures", "small")
