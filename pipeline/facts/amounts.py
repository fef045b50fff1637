"""Numbers in running text: their values, how exact they are said to be, and what they measure.

``amounts(text, numbers, apart)`` gives each number of a text in the order of the text, those that begin in a range of ``apart`` (dates)
left out, ``MOST`` of them at most.

A value stands in its measure's own unit: "two days" is 48, measure "duration", of "h".  ``low`` and ``high`` are what the words
allow: "at least 139" has no high, "dozens" is 20 to 199.  Measures besides those of ``rules/units.yaml``: count, age, year, decade, clock,
pair (a score or a range, compared as written), ordinal and label (a number that is part of a name: "Flight 182").
"""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.facts.figures import Numbers, Phrase, unit
from pipeline.facts.numerals import Token, phrase, tokens, value
from pipeline.lexicon import words
from pipeline.sentences import Range

MOST = 1000  # numbers of one text; what stands behind is a table
_LONGEST_PHRASE = 4
_NEAR = 0.9  # "nearly 140" is 126 and more
_ABOUT = 0.1
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|(?<!\S)[^\s@]{1,64}@\S+")
_CLOCK = re.compile(
    r"(?<![\w.,:])(?P<h>\d{1,2})(?:(?P<s>[:.h])(?P<m>[0-5]\d))?\s?(?P<half>[ap]\.?m\b\.?|uhr\b)?(?![\w:]|[.,]\d)", re.IGNORECASE
)
_PAIR = re.compile(r"(?<![\w.,:–-])\d{1,4}\s?[-–:/]\s?\d{1,4}(?![\w–-]|[.,:]\d)")
_CURRENCY = frozenset("$€£¥₽₹")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number with what it says."""

    start: int
    end: int
    value: float
    low: float
    high: float
    operator: str = "="
    measure: str = "count"
    of: str = ""
    grain: float = 1.0  # of the last digit that is not a rounding zero, in the measure's unit
    written: str = ""  # of a pair, a clock, a label: what is compared

    @property
    def shown(self) -> str:
        """The value for a reader."""
        number = self.written or (str(int(self.value)) if self.value == int(self.value) else f"{self.value:.10g}")
        return f"{number} {self.of}".strip()


def amounts(text: str, numbers: Numbers, apart: Sequence[Range] = (), found: Sequence[Token] | None = None) -> list[Amount]:
    """The numbers of a text."""
    read = tokens(text, numbers) if found is None else found
    shaped = list(_shaped(text, apart))
    taken = sorted([*apart, *(match.span() for match in _ADDRESS.finditer(text)), *((one.start, one.end) for one in shaped)])
    starts = [start for start, _ in taken]
    listed, at = shaped, 0
    while at < len(read) and len(listed) < MOST:
        place = bisect_right(starts, read[at].start) - 1
        if place >= 0 and read[at].start < taken[place][1]:
            at += 1
            continue
        amount, after = _amount(read, at, numbers)
        if amount is not None:
            listed.append(amount)
        at = max(after, at + 1)
    return sorted(listed, key=lambda amount: amount.start)


def _shaped(text: str, apart: Sequence[Range]) -> Iterator[Amount]:
    """Times of day, scores and ranges."""
    begins = {start for start, _ in apart}
    for match in _CLOCK.finditer(text):
        if match["half"] or match["s"] == ":":
            hour = (
                int(match["h"]) % 12 + 12 * (match["half"] or "").casefold().startswith("p") if _twelve(match["half"]) else int(match["h"])
            )
            if hour < 24 and match.start() not in begins:
                written = f"{hour:02}:{match['m'] or '00'}"
                yield Amount(start=match.start(), end=match.end(), value=0, low=0, high=0, measure="clock", written=written)
    for match in _PAIR.finditer(text):
        if match.start() not in begins and ":" not in match[0]:
            written = re.sub(r"\s?[-–]\s?", "-", match[0])
            yield Amount(start=match.start(), end=match.end(), value=0, low=0, high=0, measure="pair", written=written)


def _twelve(half: str | None) -> bool:
    return (half or "")[:1].casefold() in {"a", "p"}


def _amount(read: Sequence[Token], at: int, numbers: Numbers) -> tuple[Amount | None, int]:
    """The number that begins at a token, and the token behind it."""
    for size in range(_LONGEST_PHRASE, 0, -1):
        listed = phrase(read, at, size)
        if listed is not None and listed in numbers.vague:
            low, high = numbers.vague[listed]
            vague = Amount(start=read[at].start, end=read[at + size - 1].end, value=low, low=low, high=high, operator="~", grain=high,
                written=" ".join(listed))  # fmt: skip
            return vague, at + size
    if spelled := _article(read, at, numbers):
        return spelled, at + 2
    worth, grain, after = value(read, at, numbers)
    if worth is None:
        return None, after
    amount = Amount(start=read[at].start, end=read[after - 1].end, value=worth, low=worth, high=worth, grain=grain)
    measured, after = _measured(amount, read, at, after, numbers)
    return (None if measured is None else _operated(measured, read, at, after, numbers)), after


def _article(read: Sequence[Token], at: int, numbers: Numbers) -> Amount | None:
    """A span of time with an article for its number: "did not sleep for a day"; "twice a day" is none."""
    if not at or at + 1 >= len(read) or read[at].text not in numbers.lists["article"] or read[at - 1].text not in numbers.lists["for"]:
        return None
    found = unit((read[at + 1].text,))
    if found is None or found.measure != "duration":
        return None
    return Amount(start=read[at].start, end=read[at + 1].end, value=found.factor, low=found.factor, high=found.factor, measure="duration",
        of=found.of, grain=found.factor)  # fmt: skip


def _measured(amount: Amount, read: Sequence[Token], at: int, after: int, numbers: Numbers) -> tuple[Amount | None, int]:
    """The number with what it measures; None for figures that are part of a word."""
    before = read[at - 1] if at else None
    if before is not None and before.text in _CURRENCY and before.end == amount.start and (found := unit((before.text,))):
        amount = replace(amount, start=before.start)
        return _in(amount, found.measure, found.of, found.factor, amount.end), after
    if read[at].figure and _stuck(read, at, after, numbers):
        return None, after
    age = _age(read, at, after, numbers)
    if age:
        return replace(amount, measure="age", of="years old", end=read[age - 1].end), age
    hyphen = after + (after < len(read) and read[after].text in {"-", "de"})
    hyphen += 2 * ([token.text for token in read[after : after + 2]] in (["d", "'"], ["d", "’"]))
    for size in (3, 2, 1):
        listed = phrase(read, hyphen, size)
        if listed is not None and (found := unit(listed)) and (size > 1 or not _doubtful(listed, read, at)):
            return _in(amount, found.measure, found.of, found.factor, read[hyphen + size - 1].end), hyphen + size
    return replace(amount, measure=_kind(amount, read, at, after, numbers)), after


def _doubtful(listed: Phrase, read: Sequence[Token], at: int) -> bool:
    """Whether a word is a unit only after figures, as in "20 an" and "5 second": behind a number in words it is none."""
    return listed[0] in {"an", "second"} and not read[at].figure


def _in(amount: Amount, measure: str, of: str, factor: float, end: int) -> Amount:
    value = round(amount.value * factor, 9)
    return replace(amount, measure=measure, of=of, value=value, low=value, high=value, grain=amount.grain * factor, end=end)


def _stuck(read: Sequence[Token], at: int, after: int, numbers: Numbers) -> bool:
    """Whether the figures stand in a word or a code ("a84636", "Su-27", "737-800"); a decade or an ordinal does not."""
    before, behind = (read[at - 1] if at else None), (read[after] if after < len(read) else None)
    if before is not None and before.end == read[at].start and (before.text[-1].isalnum() or before.text in {"-", "_", "#", "/"}):
        return True
    if behind is None or behind.start != read[after - 1].end or not behind.text[0].isalpha():
        return False
    return unit((behind.text,)) is None and behind.text not in numbers.scales and behind.text not in {"s", "st", "nd", "rd", "th"}


def _age(read: Sequence[Token], at: int, after: int, numbers: Numbers) -> int:
    """The token behind the words that make the number an age; 0 when it is none: "45-year-old", "aged 45", "Smith, 45,"."""
    hyphen = after + (after < len(read) and read[after].text == "-")
    for size in (3, 2, 1):
        listed = phrase(read, hyphen, size)
        joined = " ".join(listed or ())
        if (
            joined
            and (joined in numbers.lists["age"] or joined.replace(" ", "-", 1) in numbers.lists["age"])
            and not (size == 1 and unit((joined,)))
        ):
            counted = end = 0
            while counted < size:
                counted += read[hyphen + end].text != "-"
                end += 1
            return hyphen + end
    if at and read[at - 1].text in numbers.lists["age"]:
        return after
    commas = at > 1 and read[at - 1].text == "," and read[at - 2].big and after < len(read) and read[after].text in {",", "."}
    return after if commas and read[at].figure and len(read[at].text) <= 2 else 0


def _kind(amount: Amount, read: Sequence[Token], at: int, after: int, numbers: Numbers) -> str:
    """Year, decade, ordinal, label or count."""
    figure, behind = read[at], read[after] if after < len(read) else None
    suffix = behind.text if behind is not None and figure.figure and behind.start == figure.end else ""
    dated = at > 0 and read[at - 1].text in words("days", "before")
    year = figure.figure and after == at + 1 and len(figure.text) == 4 and figure.text.isdecimal()
    year = year and (1500 if dated else 1900) <= amount.value < 2100
    if year and suffix == "s":
        return "decade"
    if suffix in {"st", "nd", "rd", "th"}:
        return "ordinal"
    if (
        year
        and not (behind is not None and (behind.text in numbers.roles or behind.text in {"people", "persons"}))
        and not _before(read, at, numbers)
    ):
        return "year"
    if figure.figure and at and read[at - 1].big and not _opens(read, at - 1) and read[at - 1].text not in numbers.stop and after == at + 1:
        return "label"
    return "count"


def _opens(read: Sequence[Token], at: int) -> bool:
    """Whether a token opens its sentence, so that its capital says nothing."""
    return at == 0 or read[at - 1].text in {".", "!", "?", "\n", ":", "“", '"', "„", "«"}


def _before(read: Sequence[Token], at: int, numbers: Numbers) -> tuple[str, int] | None:
    for size in range(_LONGEST_PHRASE, 0, -1):
        if at >= size and (name := numbers.before.get(tuple(token.text for token in read[at - size : at]))):
            return name, size
    return None


def _operated(amount: Amount, read: Sequence[Token], at: int, after: int, numbers: Numbers) -> Amount:
    """The number with its operator and what that allows."""
    first = at - (at > 0 and read[at - 1].text in _CURRENCY)
    first -= first > 0 and read[first - 1].text in numbers.lists["article"]
    name, start = "", amount.start
    if before := _before(read, first, numbers) or _before(read, at, numbers):
        name, start = before[0], read[first - before[1]].start if _before(read, first, numbers) else read[at - before[1]].start
    for size in range(3, 0, -1):
        listed = phrase(read, after, size)
        if not name and listed is not None and listed in numbers.after:
            name = numbers.after[listed]
    if amount.measure in {"year", "decade", "ordinal", "label", "age"} or not name:
        return amount
    value = amount.value
    low, high = {
        ">=": (value, math.inf), ">": (value, math.inf), "<=": (0.0, value), "<": (0.0, value),
        "~": (value * (1 - _ABOUT), value * (1 + _ABOUT)), "near": (value * _NEAR, value),
    }[name]  # fmt: skip
    return replace(amount, start=start, low=low, high=high, operator="~" if name == "near" else name)
