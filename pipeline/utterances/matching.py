"""Which sentence of one text's quotations is which of another's, in other words or in another translation.

``matches(first, second, weights)`` is an order-preserving alignment of the sentences of each quotation of one text with those of each of
the other, best first, each sentence once.  Likeness counts rare words by their first letters, numbers and spans of time by their value
("a day" is 24 hours) and runs of three letters; that the sentences beside them are alike too counts as well.  A short answer
("Absolutely.") has too few words to be known; it is aligned only between two sentences that are.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipeline.facts.amounts import amounts
from pipeline.facts.figures import language_of, numbers
from pipeline.lexicon import words as lexicon
from pipeline.utterances.sayings import Saying, same_person

_STEM = 5
_ALIKE = 0.40  # from which two sentences are one saying
_BESIDE = 0.25  # what a neighbour that is alike adds, at most
_SMALL = 0.25  # what a function word tells
_LETTERS = 0.3  # share of the likeness that pairs of letters make
_MOST_CELLS = 400  # of two quotations; a quotation of more sentences alike is none
_COMMON = 30  # sentences that share a word from which on it leads to no comparison
_FEW = 1.2  # weight of the words of a sentence from which it can be known
_EDITED = re.compile(r"\[[^\]]*\]")  # what an editor put in is not said
_WORD = re.compile(r"[^\W\d_]+")


class Match(NamedTuple):
    """Two sentences by their numbers, and how alike they are with their neighbours."""

    first: int
    second: int
    score: float


@lru_cache(maxsize=4096)
def _features(text: str) -> Counter[str]:
    """What a sentence says, by the first letters of its words and the values of its numbers."""
    said = _EDITED.sub(" ", text)
    found: Counter[str] = Counter()
    spans = []
    for amount in amounts(said, numbers(language_of(text) or "en")):
        if amount.measure != "count" or amount.value > 1:
            found[f"={amount.value:g}{amount.of}"] += 1
            spans.append((amount.start, amount.end))
    for match in _WORD.finditer(said):
        if not any(start <= match.start() < end for start, end in spans):
            found[match[0].casefold()[:_STEM]] += 1
    if text.rstrip("\"'”’»").endswith("?"):
        found["?"] = 1
    return found


@lru_cache(maxsize=4096)
def _pairs(text: str) -> frozenset[str]:
    letters = " ".join(_WORD.findall(_EDITED.sub(" ", text).casefold()))
    return frozenset(letters[at : at + 3] for at in range(len(letters) - 2))


def rarity(texts: Iterable[str]) -> dict[str, float]:
    """What a word tells: less the more sentences have it, and little where it is a function word of any language."""
    counts: Counter[str] = Counter()
    total = 0
    for text in texts:
        counts.update(_features(text).keys())
        total += 1
    small = {word[:_STEM] for name in ("english", "german", "french", "spanish", "russian") for word in lexicon("stopwords", name)}
    return {
        key: (_SMALL if key in small or len(key) < 3 else 1.0) * math.log(1 + (total + 2) / (count + 1)) for key, count in counts.items()
    }


def matches(first: Sequence[Saying], second: Sequence[Saying], weights: Mapping[str, float]) -> list[Match]:
    """The sentences of two texts that are one saying."""
    likes = _likes(first, second, weights)
    found: list[Match] = []
    for cells in _by_quotation(likes, first, second).values():
        found += _chain(_with_neighbours(cells, likes))
    taken: tuple[set[int], set[int]] = set(), set()
    kept: list[Match] = []
    for match in sorted(found, key=lambda match: (-match.score, match.first, match.second)):
        if match.first not in taken[0] and match.second not in taken[1]:
            kept.append(match)
            taken[0].add(match.first)
            taken[1].add(match.second)
    return sorted([*kept, *_between(kept, first, second)])


_Cell = tuple[int, int]


def _likes(first: Sequence[Saying], second: Sequence[Saying], weights: Mapping[str, float]) -> dict[_Cell, float]:
    by: defaultdict[str, list[int]] = defaultdict(list)
    for number, saying in enumerate(first):
        for key in _features(saying.text):
            by[key].append(number)
    found: dict[_Cell, float] = {}
    for number, saying in enumerate(second):
        shared = {other for key in _features(saying.text) for other in by.get(key, ())[:_COMMON]}
        for other in sorted(shared):
            if _one_mouth(first[other], saying):
                found[other, number] = _likeness(first[other].text, saying.text, weights)
    return found


def _one_mouth(first: Saying, second: Saying) -> bool:
    """Whether one person can have said both; what nobody is named for may be anybody's, in the same teller's mouth."""
    if first.speaker is None or second.speaker is None:
        return (first.told_by is None) == (second.told_by is None)
    return same_person(first.speaker, second.speaker)


def _likeness(first: str, second: str, weights: Mapping[str, float]) -> float:
    mine, its = _features(first), _features(second)
    sizes = [sum(weights.get(key, 1.0) for key in features) for features in (mine, its)]
    if min(sizes) < _FEW:
        return 0.0
    shared = sum(weights.get(key, 1.0) for key in mine.keys() & its.keys())
    letters = _pairs(first), _pairs(second)
    dice = 2 * len(letters[0] & letters[1]) / (len(letters[0]) + len(letters[1]) or 1)
    return (1 - _LETTERS) * shared / math.sqrt(sizes[0] * sizes[1]) + _LETTERS * dice


def _by_quotation(likes: Mapping[_Cell, float], first: Sequence[Saying], second: Sequence[Saying]) -> dict[_Cell, dict[_Cell, float]]:
    cells: defaultdict[_Cell, dict[_Cell, float]] = defaultdict(dict)
    for (mine, its), like in likes.items():
        cells[first[mine].quote, second[its].quote][mine, its] = like
    return cells


def _with_neighbours(cells: Mapping[_Cell, float], likes: Mapping[_Cell, float]) -> list[Match]:
    """The cells that are alike once the sentences beside them count."""
    found: list[Match] = []
    for (mine, its), like in cells.items():
        beside = max((likes.get((mine + step, its + step), 0.0) for step in (-2, -1, 1, 2)), default=0.0)
        score = like + _BESIDE * beside if like >= _ALIKE / 2 else like
        if score >= _ALIKE:
            found.append(Match(mine, its, score))
    return found


def _chain(found: Sequence[Match]) -> list[Match]:
    """The heaviest chain that keeps the order of both texts."""
    ordered = sorted(sorted(found, key=lambda match: -match.score)[:_MOST_CELLS])
    best: list[tuple[float, int]] = []
    for number, match in enumerate(ordered):
        ahead = (best[at] + (at,) for at in range(number) if ordered[at].first < match.first and ordered[at].second < match.second)
        weight, _, before = max(ahead, default=(0.0, -1, -1))
        best.append((weight + match.score, before))
    at = max(range(len(best)), key=lambda number: best[number][0], default=-1)
    chain: list[Match] = []
    while at >= 0:
        chain.append(ordered[at])
        at = best[at][1]
    return chain[::-1]


def _between(kept: Sequence[Match], first: Sequence[Saying], second: Sequence[Saying]) -> list[Match]:
    """As many sentences on both sides between two that are aligned are aligned too, where mouth and quotation are one."""
    found: list[Match] = []
    ordered = sorted(kept)
    for before, after in pairwise(ordered):
        gap = after.first - before.first
        if not 1 < gap <= 3 or after.second - before.second != gap:
            continue
        for step in range(1, gap):
            mine, its = first[before.first + step], second[before.second + step]
            ends = (first[before.first], first[after.first]), (second[before.second], second[after.second])
            within = all(one.quote == end.quote for one, pair in ((mine, ends[0]), (its, ends[1])) for end in pair)
            if within and same_person(mine.speaker, its.speaker):
                found.append(Match(before.first + step, before.second + step, min(before.score, after.score) / 2))
    return found
