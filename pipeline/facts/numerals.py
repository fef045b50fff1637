"""Numbers in running text: their values, how exact they are said to be, and what they measure.

``amounts(text, numbers, apart)`` gives each number of a text in the order of the text, those that begin in a range of ``apart`` (dates)
left out.  A value stands in its measure's own unit: "two days" is 48, measure "duration", of "h".  ``low`` and ``high`` are what the words
allow: "at least 139" has no high, "dozens" is 20 to 199.  Measures besides those of ``rules/units.yaml``: count, age, year, decade, clock,
pair (a score or a range, compared as written), ordinal and label (a number that is part of a name: "Flight 182").  A number of more
than 15 digits is none.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from pipeline.facts.figures import Numbers, Phrase, unit
from pipeline.sentences import Range

_MOST_DIGITS = 15
_LONGEST_PHRASE = 4
_NEAR = 0.9  # "nearly 140" is 126 and more
_ABOUT = 0.1
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+")
_CLOCK = re.compile(r"(?<![\w.,:])(?P<h>\d{1,2})(?:(?P<s>[:.h])(?P<m>[0-5]\d))?\s?(?P<half>[ap]\.?m\b\.?|uhr\b)?(?![\w:]|[.,]\d)", re.IGNORECASE)
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


def amounts(text: str, numbers: Numbers, apart: Sequence[Range] = (), found: Sequence[Token] | None = None) -> list[Amount]:
    """The numbers of a text."""
    read = tokens(text, numbers) if found is None else found
    shaped = list(_shaped(text, apart))
    taken = sorted([*apart, *(match.span() for match in _ADDRESS.finditer(text)), *((one.start, one.end) for one in shaped)])
    starts = [start for start, _ in taken]
    listed, at = shaped, 0
    while at < len(read):
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
            hour = int(match["h"]) % 12 + 12 * (match["half"] or "").casefold().startswith("p") if _twelve(match["half"]) else int(match["h"])
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
        phrase = _phrase(read, at, size)
        if phrase is not None and phrase in numbers.vague:
            low, high = numbers.vague[phrase]
            vague = Amount(start=read[at].start, end=read[at + size - 1].end, value=low, low=low, high=high, operator="~", grain=high,
                written=" ".join(phrase))  # fmt: skip
            return vague, at + size
    if spelled := _article(read, at, numbers):
        return spelled, at + 2
    value, grain, after = _value(read, at, numbers)
    if value is None:
        return None, after
    amount = Amount(start=read[at].start, end=read[after - 1].end, value=value, low=value, high=value, grain=grain)
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


def _value(read: Sequence[Token], at: int, numbers: Numbers) -> tuple[float | None, float, int]:
    """The value of figures and words from a token on, the worth of its last digit, and the token behind."""
    total, part, grain, place = 0.0, None, 1.0, at
    while place < len(read):
        token = read[place]
        phrase = place > at and token.text == "-"
        word, size = _word(read, place + phrase, numbers)
        if phrase and (word is None or read[place - 1].figure):
            break
        place += phrase
        token = read[place]
        if token.figure and part is None and total == 0:
            if sum(map(str.isdigit, token.text)) > _MOST_DIGITS:
                return None, 1.0, place + 1
            part, grain = _figure(token.text, numbers)
            place += 1
        elif (scale := numbers.scales.get(token.text)) is not None and place + 1 <= len(read) and _scales(read, place, part, numbers):
            grain = grain * scale if part is not None else scale
            part = (1.0 if part is None else part) * scale
            if scale > 100:
                total, part = total + part, None
            place += 1
        elif word is not None and (part is None or _adds(part, word)) and not (place == at and _no_number(read, place, word, numbers)):
            part = word if part is None else part + word
            grain = 1.0
            place += size
        elif token.text in numbers.lists["joins"] and place > at and not read[place - 1].figure and _joins(read, place, part, total, numbers):
            place += 1
        else:
            break
    if place == at:
        return None, 1.0, at + 1
    value = total + (part or 0.0)
    if half := _half(read, place):
        scale = numbers.scales.get(read[place + half].text, 1.0) if place + half < len(read) else 1.0
        place += half + (scale > 1)
        return (value + 0.5) * scale, scale / 10, place
    return value, _grain(value, grain), place


def _half(read: Sequence[Token], place: int) -> int:
    """How many tokens "and a half" takes."""
    return 3 if [token.text for token in read[place : place + 3]] == ["and", "a", "half"] else 0


def _word(read: Sequence[Token], at: int, numbers: Numbers) -> tuple[float | None, int]:
    """The value of a word for a number, and how many tokens it takes."""
    for size in (3, 2, 1):
        phrase = _phrase(read, at, size)
        if phrase is not None and phrase in numbers.words:
            return numbers.words[phrase], size + (1 if size > 1 and read[at + 1].text == "-" else 0)
    return (_glued(read[at].text, numbers), 1) if at < len(read) and numbers.lists["glue"] else (None, 1)


def _phrase(read: Sequence[Token], at: int, size: int) -> Phrase | None:
    """So many words from a token on; a hyphen between two is no word."""
    found: list[str] = []
    while at < len(read) and len(found) < size:
        if read[at].text != "-" or not found:
            found.append(read[at].text)
        at += 1
    return tuple(found) if len(found) == size else None


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
    return part >= 20 and word < part and ((part % 100 == 0 and word < 100) or (part % 10 == 0 and word < 10) or (part % 100 in {60, 80} and word < 20))


def _no_number(read: Sequence[Token], place: int, word: float, numbers: Numbers) -> bool:
    """A word for one beside a word that makes it a pronoun or an article."""
    if word != 1:
        return False
    beside = {read[near].text for near in (place - 1, place + 1) if 0 <= near < len(read)}
    return bool(beside & numbers.lists["not_one"]) or read[place].text in numbers.lists["not_one"]


def _joins(read: Sequence[Token], place: int, part: float | None, total: float, numbers: Numbers) -> bool:
    """Whether "and" goes on with the number: "one hundred and five", "treinta y dos", not "twenty and five others"."""
    following, _ = _word(read, place + 1, numbers) if place + 1 < len(read) else (None, 1)
    whole = part if part is not None else total
    return following is not None and whole is not None and (_adds(whole, following) if "and" not in numbers.lists["joins"] else whole >= 100 and whole % 100 == 0 and following < 100)


def _figure(written: str, numbers: Numbers) -> tuple[float, float]:
    whole, _, rest = written.partition(numbers.decimal)
    digits = "".join(char for char in whole if char.isdigit())
    return float(f"{digits}.{rest or 0}"), 10.0 ** -len(rest)


def _grain(value: float, grain: float) -> float:
    """What the last digit that is not a closing zero is worth."""
    while grain < 1e15 and value and math.isclose(value / (grain * 10), round(value / (grain * 10)), abs_tol=1e-9):
        grain *= 10
    return grain


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
        phrase = _phrase(read, hyphen, size)
        if phrase is not None and (found := unit(phrase)) and (size > 1 or not _hundred(phrase, read, at)):
            return _in(amount, found.measure, found.of, found.factor, read[hyphen + size - 1].end), hyphen + size
    return replace(amount, measure=_kind(amount, read, at, after, numbers)), after


def _hundred(phrase: Phrase, read: Sequence[Token], at: int) -> bool:
    """"An" and the like after a number in words are units only after figures."""
    return phrase[0] in {"an", "second"} and not read[at].figure


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
        phrase = _phrase(read, hyphen, size)
        joined = " ".join(phrase or ())
        if joined and (joined in numbers.lists["age"] or joined.replace(" ", "-", 1) in numbers.lists["age"]) and not (size == 1 and unit((joined,))):
            words = end = 0
            while words < size:
                words += read[hyphen + end].text != "-"
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
    year = figure.figure and after == at + 1 and len(figure.text) == 4 and figure.text.isdecimal() and 1500 <= amount.value < 2100
    if year and suffix == "s":
        return "decade"
    if suffix in {"st", "nd", "rd", "th"}:
        return "ordinal"
    if year and not (behind is not None and (behind.text in numbers.roles or behind.text in {"people", "persons"})) and not _before(read, at, numbers):
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
        phrase = _phrase(read, after, size)
        if not name and phrase is not None and phrase in numbers.after:
            name = numbers.after[phrase]
    if amount.measure in {"year", "decade", "ordinal", "label", "age"} or not name:
        return amount
    value = amount.value
    low, high = {
        ">=": (value, math.inf), ">": (value, math.inf), "<=": (0.0, value), "<": (0.0, value),
        "~": (value * (1 - _ABOUT), value * (1 + _ABOUT)), "near": (value * _NEAR, value),
    }[name]  # fmt: skip
    return replace(amount, start=start, low=low, high=high, operator="~" if name == "near" else name)
