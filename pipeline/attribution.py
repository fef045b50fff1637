"""Where a sentence says whose words it gives.

Contract: pure.  ``sources(text, sentence, quoted)`` gives the ranges, in order, that name a source and the word that says so: "the port
director said", "according to the ministry", "sagte eine Sprecherin", each within one sentence of ``text`` and outside the quotations
``quoted``.  The words are data (``rules/attribution.yaml``); the shape is that of news prose: the source stands before the verb, or behind
it where a quotation or a comma stands before it.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from pipeline.lexicon import alternatives, words
from pipeline.sentences import Range, word_ranges

_MOST_WORDS = 500  # a longer sentence is no prose
_MOST_BEFORE = 8  # words of a source before its verb
_MOST_APPOSED = 14  # the same with an apposition: "Ada Quiroga, the regional governor,"
_MOST_BEHIND = 14
_HEARER = 4  # words behind "told"
_BREAK = re.compile(r"[,;:—–]")
_STOP = re.compile(r"[,;:—–]|\.(?=\s|\Z)|[!?]")


def sources(text: str, sentence: Range, quoted: Sequence[Range]) -> list[Range]:
    """Each source with its verb or phrase."""
    inner = [(max(start, sentence[0]), min(end, sentence[1])) for start, end in quoted if start < sentence[1] and end > sentence[0]]
    parts = list(_parts(sentence, inner))
    found: list[Range] = []
    for number, part in enumerate(parts):
        found += _named(text, part, after_quote=number > 0 or (part[0] > sentence[0]))
        found += _phrased(text, part)
    return sorted(found)


def _parts(sentence: Range, inner: Sequence[Range]) -> Iterator[Range]:
    """The sentence without its quotations."""
    at = sentence[0]
    for start, end in inner:
        if start > at:
            yield at, start
        at = end
    if at < sentence[1]:
        yield at, sentence[1]


def _named(text: str, part: Range, *, after_quote: bool) -> Iterator[Range]:
    """Sources of the verbs of saying in one part of a sentence."""
    ranges = word_ranges(text, *part)
    if len(ranges) > _MOST_WORDS:
        return
    for number, (start, end) in enumerate(ranges):
        word = text[start:end].casefold()
        if word not in _verbs():
            continue
        first, behind = _source(text, part, ranges[: number + 1], after_quote=after_quote)
        last = end
        if behind:
            last = _end(ranges, number, _MOST_BEHIND)
        elif word in words("attribution", "tells"):
            last = min(_end(ranges, number, _HEARER), _stop(text, end, part[1]))
        yield first, last


def _source(text: str, part: Range, ranges: Sequence[Range], *, after_quote: bool) -> tuple[int, bool]:
    """Where the source begins whose verb is the last of the words, and whether it goes on behind the verb."""
    verb = ranges[-1][0]
    left = text[part[0] : verb]
    if not any(char.isalnum() for char in left):
        return verb, True
    if after_quote and len(ranges) == 2 and len(text[slice(*ranges[0])]) <= 2:
        return ranges[0][0], True  # "a déclaré la maire"
    breaks = [match.start() + part[0] for match in _BREAK.finditer(left)]
    if breaks and not any(char.isalnum() for char in text[breaks[-1] : verb]):
        opened = _words_from(ranges, part[0])
        if len(breaks) > 1 and opened <= _MOST_APPOSED:
            return ranges[0][0], False
        return verb, True
    since = breaks[-1] if breaks else part[0]
    inside = [start for start, _ in ranges if start >= since]
    return inside[-_MOST_BEFORE - 1 :][0], False


def _words_from(ranges: Sequence[Range], place: int) -> int:
    return sum(start >= place for start, _ in ranges)


def _end(ranges: Sequence[Range], number: int, most: int) -> int:
    return ranges[min(number + most, len(ranges) - 1)][1]


def _stop(text: str, start: int, end: int) -> int:
    match = _STOP.search(text, start, end)
    return match.start() if match else end


def _phrased(text: str, part: Range) -> Iterator[Range]:
    """Sources behind "according to" and its like, as far as the next comma, and before "zufolge"."""
    for match in _phrases().finditer(text, *part):
        yield match.start(), _stop(text, match.end(), part[1])
    ranges = word_ranges(text, *part)
    for number, (start, end) in enumerate(ranges):
        if text[start:end].casefold() in words("attribution", "behind"):
            yield ranges[max(number - _MOST_BEFORE // 2, 0)][0], end


@cache
def _verbs() -> frozenset[str]:
    return frozenset(words("attribution", "verbs"))


@cache
def _phrases() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{alternatives('attribution', 'phrases')})(?!\w)", re.IGNORECASE)
