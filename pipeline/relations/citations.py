"""Where a text names another outlet as its source.

``citations(reading, names)`` gives, for each outlet that the text cites, the first place that says so: the words of the description and
the name ("state news agency BelTA").  A name alone is no source: in its sentence, outside quotations, a description of an outlet must
stand beside it, a verb or phrase of attribution near it, or a quotation must come through it (``Quote.via``).  Words:
``rules/citing.yaml`` and ``rules/attribution.yaml``.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

from pipeline.lexicon import alternatives, words
from pipeline.relations.naming import Mention, Names
from pipeline.relations.reading import Reading
from pipeline.sentences import Range

_NEAR = 3  # words between a name and the verb that makes it a source
_DESCRIBED = 8  # words of a description
_STOPS = re.compile(r"[.!?;:\"“”«»()]")


@dataclass(frozen=True, slots=True)
class Cited:
    """An outlet that a text cites."""

    key: str
    span: Range  # of the description and the name
    words: str


def citations(reading: Reading, names: Names) -> dict[str, Cited]:
    """The outlets that a text cites, by key, each at the place that says most."""
    found: dict[str, Cited] = {}
    for mention in names.found(reading.document.text, reading.ranges):
        if reading.quoted[mention.first]:
            continue
        first, described = _described(reading, mention)
        if described or _attributed(reading, mention) or _through(reading, mention):
            span = reading.span(first, mention.first + mention.size - first)
            known = found.get(mention.key)
            if known is None or (described and span[1] - span[0] > known.span[1] - known.span[0]):
                found[mention.key] = Cited(mention.key, span, reading.document.text[slice(*span)])
    return found


def _described(reading: Reading, mention: Mention) -> tuple[int, bool]:
    """The first word of the description before a name, and whether it calls it an outlet; a description behind it counts too."""
    first, kind = mention.first, False
    for number in range(mention.first - 1, max(mention.first - 1 - _DESCRIBED, -1), -1):
        word = reading.words[number]
        if _STOPS.search(reading.document.text, reading.ranges[number][1], reading.ranges[number + 1][0]):
            break
        if word in words("citing", "kinds"):
            first, kind = number, True
        elif word in words("citing", "describes") or (kind and number not in reading.starts and reading.written[number][0].isupper()):
            first = number
        elif word not in words("citing", "between") or kind:
            break
    return (first, True) if kind else (mention.first, _behind(reading, mention))


def _behind(reading: Reading, mention: Mention) -> bool:
    """Whether "BelTA, the state news agency" or "BelTA news agency" stands there."""
    last = mention.first + mention.size
    for number in range(last, min(last + _DESCRIBED, len(reading.words))):
        if _STOPS.search(reading.document.text, reading.ranges[number - 1][1], reading.ranges[number][0]):
            return False
        word = reading.words[number]
        if word in words("citing", "kinds"):
            return True
        if word not in words("citing", "describes") and word not in words("citing", "between") and reading.written[number][0].islower():
            return False
    return False


def _attributed(reading: Reading, mention: Mention) -> bool:
    """Whether a verb or a phrase of attribution stands near the name, in its sentence."""
    number = max(bisect_right(reading.starts, mention.first) - 1, 0)
    end = reading.starts[number + 1] if number + 1 < len(reading.starts) else len(reading.words)
    first, last = max(mention.first - _NEAR, reading.starts[number]), min(mention.first + mention.size + _NEAR, end)
    verbs = _verbs()
    around = (*range(first, mention.first), *range(mention.first + mention.size, last))
    if any(reading.words[place] in verbs and not reading.quoted[place] for place in around):
        return True
    near = reading.document.text[
        reading.ranges[max(mention.first - 2 * _NEAR, reading.starts[number])][0] : reading.ranges[mention.first][0]
    ]
    behind = reading.document.text[reading.ranges[mention.first][0] : reading.ranges[last - 1][1]].casefold()
    return bool(_phrase().search(near.casefold())) or any(word in behind.split() for word in words("attribution", "behind"))


def _through(reading: Reading, mention: Mention) -> bool:
    start, end = reading.span(mention.first, mention.size)
    return any(quote.via_span is not None and quote.via_span[0] <= start and end <= quote.via_span[1] for quote in reading.quotes)


@cache
def _verbs() -> frozenset[str]:
    return frozenset((*words("attribution", "verbs"), *words("citing", "told")))


@cache
def _phrase() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{alternatives('attribution', 'phrases')})(?!\w)")
