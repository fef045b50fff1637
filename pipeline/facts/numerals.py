"""Tokens of running text, and the values of the numbers among them, in figures and words.

``tokens(text, numbers)`` gives numbers in figures, words and signs; ``value(read, at, numbers)`` what the number that begins at a token is
worth.  A number of more than 15 digits is none.  Linear in the text.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.facts.figures import Numbers, Phrase

_MOST_DIGITS = 15
_LONGEST_WORD = 60  # letters of a number that is written as one word


@dataclass(frozen=True, slots=True)
class Token:
    """A number in figures, a word, or one sign."""

    start: int
    end: int
    text: str  # case-folded
    figure: bool
    big: bool  # begins with a capital letter


def tokens(text: str, numbers: Numbers) -> list[Token]:
    """The tokens of a text."""
    return [
        Token(match.start(), match.end(), match[0].casefold(), match[0][0].isdecimal(), match[0][0].isupper())
        for match in _pattern(numbers.decimal, numbers.groups).finditer(text)
    ]


@cache
def _pattern(decimal: str, groups: str) -> re.Pattern[str]:
    mark, group = re.escape(decimal), f"[{re.escape(groups)}]"
    return re.compile(rf"\d{{1,3}}(?:{group}\d{{3}})+(?!\d)(?:{mark}\d+)?|\d+(?:{mark}\d+)?|[^\W\d_]+|[^\w\s]|_|\n")


def phrase(read: Sequence[Token], at: int, size: int) -> Phrase | None:
    """So many words from a token on; a hyphen between two is no word."""
    found: list[str] = []
    while at < len(read) and len(found) < size:
        if read[at].text != "-" or not found:
            found.append(read[at].text)
        at += 1
    return tuple(found) if len(found) == size else None


class _Sum:
    """The number that has been read so far: whole scales, what is added up since, and the worth of the last digit."""

    def __init__(self) -> None:
        self.total, self.part, self.grain = 0.0, None, 1.0  # type: float, float | None, float

    @property
    def value(self) -> float:
        """The number."""
        return self.total + (self.part or 0.0)

    def scale(self, factor: float) -> None:
        """Multiply by a scale word; from a thousand on nothing multiplies it again."""
        self.grain = self.grain * factor if self.part is not None else factor
        self.part = (1.0 if self.part is None else self.part) * factor
        if factor > 100:
            self.total, self.part = self.total + self.part, None

    def add(self, word: float) -> None:
        """Add a number word."""
        self.part, self.grain = (self.part or 0.0) + word, 1.0

    def takes(self, word: float) -> bool:
        """Whether a number word goes on with the number."""
        return self.part is None or _adds(self.part, word)


def value(read: Sequence[Token], at: int, numbers: Numbers) -> tuple[float | None, float, int]:
    """The value of figures and words from a token on, the worth of its last digit that is no rounding zero, and the token behind."""
    number, place = _Sum(), at
    if read[at].figure:
        if sum(map(str.isdigit, read[at].text)) > _MOST_DIGITS:
            return None, 1.0, at + 1
        number.part, number.grain = _figure(read[at].text, numbers)
        place += 1
    while size := _step(number, read, at, place, numbers):
        place += size
    if place == at:
        return None, 1.0, at + 1
    if half := _half(read, place):
        scale = numbers.scales.get(read[place + half].text, 1.0) if place + half < len(read) else 1.0
        return (number.value + 0.5) * scale, scale / 10, place + half + (scale > 1)
    return number.value, _grain(number.value, number.grain), place


def _step(number: _Sum, read: Sequence[Token], at: int, place: int, numbers: Numbers) -> int:
    """How many tokens go on with a number; 0 at its end."""
    hyphen = at < place < len(read) and read[place].text == "-" and not read[place - 1].figure
    here = place + hyphen
    if here >= len(read):
        return 0
    word, size = _word(read, here, numbers)
    scale = numbers.scales.get(read[here].text)
    if scale is not None and not hyphen and _scales(read, here, number.part, numbers):
        number.scale(scale)
        return 1
    if word is not None and number.takes(word) and not (here == at and _no_number(read, here, word, numbers)):
        number.add(word)
        return size + hyphen
    joins = read[here].text in numbers.lists["joins"] and here > at and not hyphen and not read[here - 1].figure
    return int(joins and _joins(read, here, number.value, numbers))


def _word(read: Sequence[Token], at: int, numbers: Numbers) -> tuple[float | None, int]:
    """The value of a word for a number, and how many tokens it takes."""
    for size in (3, 2, 1):
        listed = phrase(read, at, size)
        if listed is not None and listed in numbers.words:
            return numbers.words[listed], size + (1 if size > 1 and read[at + 1].text == "-" else 0)
    return (_glued(read[at].text, numbers), 1) if at < len(read) and numbers.lists["glue"] else (None, 1)


def _glued(word: str, numbers: Numbers) -> float | None:
    """A number that is written as one word ("zweihundertdreiundzwanzig")."""
    if len(word) > 60:
        return None
    if (value := numbers.words.get((word,))) is not None:
        return value
    for scale in ("tausend", "hundert"):
        head, found, tail = word.partition(scale)
        if found and scale in numbers.scales:
            first = _glued(head, numbers) if head else 1.0
            last = _glued(tail, numbers) if tail else 0.0
            return None if first is None or last is None else first * numbers.scales[scale] + last
    for glue in numbers.lists["glue"]:
        head, found, tail = word.partition(glue)
        ones, tens = numbers.words.get((head,)), numbers.words.get((tail,))
        if found and ones is not None and tens is not None and 0 < ones < 10 <= tens:
            return ones + tens
    return None


def _scales(read: Sequence[Token], place: int, part: float | None, numbers: Numbers) -> bool:
    """Whether a scale word multiplies here: after a number, or after an article or at once ("a hundred", "mille")."""
    return part is not None or place == 0 or read[place - 1].text in numbers.lists["article"] or not numbers.lists["article"] or (
        read[place].text in {"mille", "mil", "cent", "hundert", "tausend"})  # fmt: skip


def _adds(part: float, word: float) -> bool:
    if part < 20 or word >= part:
        return False
    return (part % 100 == 0 and word < 100) or (part % 10 == 0 and word < 10) or (part % 100 in {60, 80} and word < 20)


def _no_number(read: Sequence[Token], place: int, word: float, numbers: Numbers) -> bool:
    """A word for one beside a word that makes it a pronoun or an article."""
    if word != 1:
        return False
    beside = {read[near].text for near in (place - 1, place + 1) if 0 <= near < len(read)}
    return bool(beside & numbers.lists["not_one"]) or read[place].text in numbers.lists["not_one"]


def _joins(read: Sequence[Token], place: int, number: float, numbers: Numbers) -> bool:
    """Whether "and" goes on with the number: "one hundred and five", "treinta y dos", not "twenty and five others"."""
    following, _ = _word(read, place + 1, numbers) if place + 1 < len(read) else (None, 1)
    if following is None:
        return False
    if "and" in numbers.lists["joins"]:
        return number >= 100 and number % 100 == 0 and following < 100
    return _adds(number, following)


def _half(read: Sequence[Token], place: int) -> int:
    """How many tokens "and a half" takes."""
    return 3 if [token.text for token in read[place : place + 3]] == ["and", "a", "half"] else 0


def _figure(written: str, numbers: Numbers) -> tuple[float, float]:
    whole, _, rest = written.partition(numbers.decimal)
    digits = "".join(char for char in whole if char.isdigit())
    return float(f"{digits}.{rest or 0}"), 10.0 ** -len(rest)


def _grain(value: float, grain: float) -> float:
    """What the last digit that is not a closing zero is worth."""
    while grain < 1e15 and value and math.isclose(value / (grain * 10), round(value / (grain * 10)), abs_tol=1e-9):
        grain *= 10
    return grain
