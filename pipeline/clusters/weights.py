"""How much a word tells: rarity that is learned as documents come, from a start that knows the commonest words of English news.

``Frequencies``: ``add(terms)``, ``rarity(term)``. A word of ``rules/commonwords.yaml`` counts as if its share of ``START`` documents had
had it, an unknown one as if none had, so that the first five documents of a stream are compared as well as the thousandth. ``product``
and ``size`` give what a cosine of two sets of weights is made of.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from pipeline.clusters.profile import stem
from pipeline.lexicon import words

START = 300.0  # documents that the beginning stands for
_SHARES = {"of_two": 0.6, "of_three": 0.33, "of_five": 0.2, "of_ten": 0.1}

Weights = Mapping[str, float]


class Frequencies:
    """In how many documents each term was."""

    def __init__(self, documents: int = 0, counts: Mapping[str, int] | None = None) -> None:
        """Begin with what is known of common words, or go on from ``documents`` that had been counted."""
        self.counts: Counter[str] = Counter(counts or {})
        self.documents = documents

    def add(self, terms: Iterable[str]) -> None:
        """Count one document's terms, each once."""
        self.documents += 1
        self.counts.update(terms)

    def rarity(self, term: str) -> float:
        """The inverse document frequency; 0 for a term that all have."""
        held = START * _common().get(term, 0.0) + self.counts[term]
        return max(0.0, math.log((START + self.documents + 1) / (held + 0.5)))


def product(one: Weights, other: Weights, rarity: Callable[[str], float]) -> float:
    """The inner product of two sets of weights, each times its term's rarity."""
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    return sum(weight * many[term] * rarity(term) ** 2 for term, weight in few.items() if term in many)


def size(weights: Weights, rarity: Callable[[str], float]) -> float:
    """The square of the length of a set of weights."""
    return sum((weight * rarity(term)) ** 2 for term, weight in weights.items())


@cache
def _common() -> dict[str, float]:
    """The share of documents by term; of words with one stem the larger."""
    shares: dict[str, float] = {}
    for key, share in _SHARES.items():
        for word in words("commonwords", key):
            shares[stem(word)] = max(share, shares.get(stem(word), 0.0))
    return shares
