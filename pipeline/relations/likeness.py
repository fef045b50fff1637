"""Whether two texts are about one event: how much they have in common in names and in telling words.

Three cosines of counts (1 + log n) of word stems: over all, over names, over the rest.  The same people in another matter share names and
little else, other matters of one kind share words and no names, so all three must hold.  Measured on the five seeds (10 pairs: all .40 and
more, names .61, rest .205), the demo newsroom and its distractors (at most .26, .59, .12 together) and 1,540 pairs of seeds with
unrelated news pages (at most .26): ``tests/pipeline/test_relations.py``.  Texts in scripts without capitals have no names; there the first
alone decides, and must be higher.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from pipeline.relations.reading import STEM, Reading

ALL, NAMES, REST = 0.30, 0.25, 0.13
UNCASED = 0.40
_FEWEST = 3  # names a text must have to be judged by them

Weights = Mapping[str, float]


class Likeness(NamedTuple):
    """The three cosines, 0 to 1; ``names`` is None where names cannot be told."""

    all: float
    names: float | None
    rest: float

    @property
    def same_story(self) -> bool:
        """Whether the two are about one event."""
        if self.names is None:
            return self.all >= UNCASED
        return self.all >= ALL and self.names >= NAMES and self.rest >= REST


class Weighed(NamedTuple):
    """A text's stems with their weights, and which of them are names."""

    all: Weights
    names: Weights
    rest: Weights
    lengths: tuple[float, float, float]


def weighed(reading: Reading) -> Weighed:
    """The weights by which a text is compared."""
    weights = {stem: 1 + math.log(count) for stem, count in reading.stems.items()}
    named = {word[:STEM] for word in reading.names}
    names = {stem: weight for stem, weight in weights.items() if stem in named}
    rest = {stem: weight for stem, weight in weights.items() if stem not in named}
    return Weighed(weights, names, rest, (_length(weights), _length(names), _length(rest)))


def likeness(left: Weighed, right: Weighed) -> Likeness:
    """How much two texts have in common."""
    product = _product(left.all, right.all)
    whole = product / (left.lengths[0] * right.lengths[0]) if product else 0.0
    if min(len(left.names), len(right.names)) < _FEWEST:
        return Likeness(whole, None, whole)
    names = _product(left.names, right.names) / (left.lengths[1] * right.lengths[1])
    rest = _product(left.rest, right.rest) / ((left.lengths[2] * right.lengths[2]) or 1.0)
    return Likeness(whole, names, rest)


def _length(weights: Weights) -> float:
    return math.hypot(*weights.values())


def _product(left: Weights, right: Weights) -> float:
    if len(left) > len(right):
        left, right = right, left
    return sum(weight * right[stem] for stem, weight in left.items() if stem in right)
