"""One story while it grows: its members, what they have in common, and how like a document is to it.

A cluster's weights are the sum of its members', each of length one, so that a long article counts as much as a short one; of the sum the
``KEPT`` largest stay, which bounds the cost whatever the story's size.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nlargest

from pipeline.clusters.profile import Profile
from pipeline.clusters.weights import Weights, product, size

KEPT = 400  # terms of a cluster
_ENOUGH = 0.35  # cosine of words: independent reports of one event have 0.11 to 0.56 (five seeds, 60 pairs of real pages)
_AS_NAMES = 0.8  # share of the words' cosine that the names' must reach: reports of one event have 0.57 and more, most of them over 1
_DECAY = 0.3  # of the score that is lost at the window's edge

Rarity = Callable[[str], float]


@dataclass(slots=True, kw_only=True)
class Cluster:
    """The documents of a story so far; ``id`` is the first one's."""

    id: str
    number: int  # of clusters made before it: the older has the smaller
    members: list[str] = field(default_factory=list)
    words: dict[str, float] = field(default_factory=dict)
    names: dict[str, float] = field(default_factory=dict)
    meaning: list[float] = field(default_factory=list)  # sum of the members' embeddings, where there are any
    first: datetime | None = None
    last: datetime | None = None
    touched: int = 0  # documents that had been placed when the last one came

    def add(self, item: Profile, rarity: Rarity, meaning: Sequence[float] = ()) -> None:
        """Take in a document."""
        self.members.append(item.document)
        length = math.sqrt(size(item.words, rarity) + size(item.names, rarity)) or 1.0
        self.words = _sum(self.words, item.words, length, rarity)
        self.names = _sum(self.names, item.names, length, rarity)
        self.meaning = [a + b for a, b in zip(self.meaning, meaning, strict=True)] if self.meaning else list(meaning)
        if item.time is not None:
            self.first = min(self.first or item.time, item.time)
            self.last = max(self.last or item.time, item.time)

    def gap(self, time: datetime | None) -> timedelta:
        """How far a time lies from the story's; nothing where either is not known."""
        if time is None or self.first is None or self.last is None:
            return timedelta(0)
        return max(self.first - time, time - self.last, timedelta(0))

    def score(self, item: Profile, rarity: Rarity, window: timedelta) -> float:
        """How sure it is that a document belongs, 0 to 1; 0 outside the window."""
        gap = self.gap(item.time)
        return 0.0 if gap > window else alike(item, self, rarity) * (1 - _DECAY * (gap / window))


def alike(one: "Profile | Cluster", other: "Profile | Cluster", rarity: Rarity) -> float:
    """How like two are, of which each may be a document or a story.

    Where both have names it takes both: the same people and places in another matter share names and few words, the same kind of matter
    elsewhere shares words and no names.  Words beyond ``_ENOUGH`` say no more, and where texts share their words but not their names they
    are two fillings of one formula (a fire here, a fire there): the more alike their words are, the more their names must be.
    """
    products = product(one.words, other.words, rarity), product(one.names, other.names, rarity)
    sizes = [(size(text.words, rarity), size(text.names, rarity)) for text in (one, other)]
    if not one.names or not other.names:
        return _cosine(sum(products), *map(sum, sizes))
    words, names = (_cosine(*part) for part in zip(products, *sizes, strict=True))
    formula = min(1.0, names / (_AS_NAMES * words)) if words else 1.0
    return math.sqrt(min(words, _ENOUGH) * names) * formula


def _cosine(inner: float, *squares: float) -> float:
    lengths = math.sqrt(math.prod(squares))
    return min(inner / lengths, 1.0) if lengths else 0.0


def shared(one: Weights, other: Weights, rarity: Rarity, most: int = 6) -> tuple[str, ...]:
    """The terms that say most for two being one, the strongest first."""
    return tuple(nlargest(most, (term for term in one if term in other), key=lambda term: one[term] * other[term] * rarity(term) ** 2))


def _sum(held: dict[str, float], more: Weights, length: float, rarity: Rarity) -> dict[str, float]:
    for term, weight in more.items():
        held[term] = held.get(term, 0.0) + weight / length
    if len(held) <= KEPT:
        return held
    return dict(nlargest(KEPT, held.items(), key=lambda entry: entry[1] * rarity(entry[0])))
