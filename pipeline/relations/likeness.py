"""Whether two texts are about one event.

Two things must hold.  The texts are alike in names and in other telling words, each word by its rarity, as ``pipeline.clusters`` compares
documents with stories; and what the lead of either tells is told in the other: the same people in another matter, and the same matter
elsewhere, share words, but not what each of them begins with.  The score is the first times the second.

Measured: the ten pairs of the five seeds have 0.27 and more, whatever else is read with them; seeds with twelve texts written about the
same people in other matters of those days 0.25 and less; with 308 unrelated news pages 0.12 and less; the demo newsroom's articles with
its distractors 0.11 and less.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.clusters.profile import LEAD, Profile, profile
from pipeline.clusters.weights import Frequencies
from pipeline.relations.reading import STEM, Reading
from pipeline.sentences import word_ranges

SAME_STORY = 0.28
TOGETHER = 0.20  # for two that a chain of such pairs binds
IN_A_STORY = 0.12  # for documents that people or clustering have put into one story
NEAR = 0.12  # likeness below which two texts have nothing to do with one another, whatever their leads say
_USUAL = 0.75  # share of a lead's names that is taken for given where names cannot be told
_FEWEST = 3

Weights = Mapping[str, float]


@dataclass(frozen=True)
class Weighed:
    """A text as it is likened: rarity-weighted words and names, of length one together, and its lead."""

    reading: Reading
    words: Weights
    names: Weights
    lengths: tuple[float, float]

    @cached_property
    def lead(self) -> tuple[frozenset[str], frozenset[str]]:
        """The stems of names, and of other telling words, in headline and lead."""
        title = self.reading.document.title or ""
        first = [title[start:end].casefold() for start, end in word_ranges(title)] + list(self.reading.words[:LEAD])
        stop = self.reading.stop
        stems = frozenset(word[:STEM] for word in first if len(word) > 2 and word not in stop and not word[0].isdigit())
        named = {word[:STEM] for word in self.reading.names}
        return stems & named, stems - named


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two texts have in common, each 0 to 1; ``names`` and ``rest``: shares of a lead that the other text tells, the lower."""

    alike: float
    names: float
    rest: float

    @property
    def score(self) -> float:
        """How sure it is that both tell of one event."""
        return self.alike * (self.names + self.rest)


def weighed(readings: Sequence[Reading]) -> tuple[Weighed, ...]:
    """The texts with the weights by which they are likened; rarity is learned from all of them."""
    profiles = [profile(reading.document) for reading in readings]
    frequencies = Frequencies()
    for item in profiles:
        frequencies.add([*item.words, *item.names])
    return tuple(_weighed(reading, item, frequencies) for reading, item in zip(readings, profiles, strict=True))


def _weighed(reading: Reading, item: Profile, frequencies: Frequencies) -> Weighed:
    words, names = ({term: weight * frequencies.rarity(term) for term, weight in part.items()} for part in (item.words, item.names))
    return Weighed(reading, words, names, (math.hypot(*words.values()), math.hypot(*names.values())))


def likeness(left: Weighed, right: Weighed) -> Likeness:
    """How much two texts have in common; of texts that are not near each other the leads are not looked at."""
    words, names = _product(left.words, right.words), _product(left.names, right.names)
    whole = (words + names) / ((math.hypot(*left.lengths) * math.hypot(*right.lengths)) or 1.0)
    alike = whole
    if left.names and right.names:
        apart = math.prod((*left.lengths, *right.lengths))
        alike = (whole + (math.sqrt(words * names / apart) if apart else 0.0)) / 2
    if alike < NEAR:
        return Likeness(alike, 0.0, 0.0)
    told = [_told(one.lead, other.reading.beginnings) for one, other in ((left, right), (right, left))]
    return Likeness(min(alike, 1.0), min(names for names, _ in told), min(rest for _, rest in told))


def _told(lead: tuple[frozenset[str], frozenset[str]], beginnings: frozenset[str]) -> tuple[float, float]:
    names, rest = lead
    return _share(names, beginnings) if len(names) >= _FEWEST else _USUAL, _share(rest, beginnings)


def _share(stems: Iterable[str], beginnings: frozenset[str]) -> float:
    told = [stem in beginnings for stem in stems]
    return sum(told) / len(told) if told else 0.0


def _product(left: Weights, right: Weights) -> float:
    if len(left) > len(right):
        left, right = right, left
    return sum(weight * right[term] for term, weight in left.items() if term in right)
