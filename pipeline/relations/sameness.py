"""One text twice: near-duplicates among many, and the test whether two texts are one.

``copied(left, right)`` holds two texts against each other with their quotations: the share of the shorter one's five-word runs that the
other has, and whether the names and numbers of the sentences that they share agree.  Reports that fill a form (weather, matches, markets of
two days) share most of their words and few of their figures: they are two texts.  ``candidates(documents)`` finds among many the pairs
worth that test: MinHash signatures of five-word runs, with fixed seed, in bands of two rows, so that a text cut to a third is still met
(at a Jaccard index of 0.2 the chance is 0.93, at 0.3 0.998).
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np
from rensa import RMinHash

from pipeline.relations.passages import Run, followed, runs, tiles
from pipeline.relations.reading import Reading

LEAST = 0.4  # containment from which two texts are one
ALIKE = 0.7  # share of the names and of the numbers in shared sentences that stand in shared passages
FORM = 0.5  # share of names or numbers known to the other text, below which two texts fill one form
SHORTEST = 30  # words of a text that can be told to be another's copy
SMALLEST_SHARE = 0.1  # of the longer text: a shorter one is a passage of it
_FEWEST = 3  # names or numbers that can be held against each other
_PERMUTATIONS, _ROWS, _SEED = 128, 2, 20261121
_ESTIMATE = 0.08  # of the Jaccard index, below which a pair is not tested
_NEIGHBOURS = 40  # of a text in one bucket: a hundred copies are all found through their neighbours
_BATCH = 1000


class Copied(NamedTuple):
    """How far one text is the other."""

    containment: float  # share of the shorter text's five-word runs that the other has
    agreement: float  # share of names and numbers that agree in what they share, the lower of the two; 1 where there are too few
    shared: tuple[Run, ...]

    @property
    def one(self) -> bool:
        """Whether the two are one text."""
        return self.containment >= LEAST and self.agreement >= ALIKE

    @property
    def form(self) -> bool:
        """Whether they only fill the same form."""
        return self.containment >= LEAST and self.agreement < ALIKE


def copied(left: Reading, right: Reading) -> Copied:
    """Hold two texts against each other."""
    smaller, larger = sorted((len(left.fives), len(right.fives)))
    if min(len(left.words), len(right.words)) < SHORTEST or smaller < SMALLEST_SHARE * larger:
        return Copied(0.0, 1.0, ())
    share = len(left.fives & right.fives) / smaller
    if share < LEAST:
        return Copied(share, 1.0, ())
    shared = tiles([*runs(left, right), *runs(left, right, spoken=True)])
    if len(left.words) > len(right.words):
        agreement = _agreement(right, left, [run.turned for run in shared])
    else:
        agreement = _agreement(left, right, shared)
    return Copied(share, agreement, tuple(shared))


def _agreement(shorter: Reading, longer: Reading, shared: Sequence[Run]) -> float:
    """The share of the names, and of the numbers, in the shorter text's shared sentences that stand in shared passages; the lower one."""
    inside = {number for run in shared for number in range(run.left, run.left + run.size)}
    return min(_shares(shorter, longer, shared, inside.__contains__), default=1.0)


def fill_a_form(left: Reading, right: Reading, shared: Sequence[Run]) -> bool:
    """Whether the sentences that two texts share have most of their names, or of their numbers, nowhere in the other text."""
    return _strange(left, right, shared) or _strange(right, left, sorted(run.turned for run in shared))


def _strange(one: Reading, other: Reading, shared: Sequence[Run]) -> bool:
    return any(share < FORM for share in _shares(one, other, shared, lambda number: one.words[number] in other.vocabulary))


def _shares(one: Reading, other: Reading, shared: Sequence[Run], agrees: Callable[[int], bool]) -> Iterator[float]:
    """Of the numbers, and of the names, in shared sentences the share that agrees; nothing of those that are too few."""
    sentences = {item.left for item in followed(one, other, shared, least=0.5)}
    numbers, names = [0, 0], [0, 0]
    for sentence in sentences:
        end = one.starts[sentence + 1] if sentence + 1 < len(one.starts) else len(one.words)
        for number in range(one.starts[sentence], end):
            counts = numbers if one.words[number][0].isdigit() else names if number in one.named else None
            if counts is not None:
                counts[0] += 1
                counts[1] += agrees(number)
    return (hit / count for count, hit in (numbers, names) if count >= _FEWEST)


def candidates(readings: Sequence[Reading]) -> Iterator[tuple[int, int]]:
    """Pairs of places in ``readings`` that may be one text, each once, in order; near-linear in the number of texts."""
    long = [number for number, reading in enumerate(readings) if len(reading.words) >= SHORTEST]
    if len(long) < 2:
        return
    signatures = np.concatenate([_signatures([readings[number] for number in part]) for part in _parts(long)])
    met: set[tuple[int, int]] = set()
    for band in range(0, _PERMUTATIONS, _ROWS):
        met.update(_neighbours(signatures[:, band : band + _ROWS]))
    for first, second in sorted(met):
        if float(np.mean(signatures[first] == signatures[second])) >= _ESTIMATE:
            yield long[first], long[second]


def _parts(numbers: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(numbers)
    while part := list(islice(rest, _BATCH)):
        yield part


def _signatures(readings: Sequence[Reading]) -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
    tokens = [[" ".join(five) for five in reading.fives] for reading in readings]
    return np.array(RMinHash.digests_from_token_sets(tokens, _PERMUTATIONS, _SEED), dtype=np.uint32)


def _neighbours(band: np.ndarray[tuple[int, int], np.dtype[np.uint32]]) -> Iterator[tuple[int, int]]:
    """Pairs of rows that are equal, in a bucket of many only those near each other."""
    keys = band[:, 0].astype(np.uint64) << np.uint64(32) | band[:, 1].astype(np.uint64)
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    borders = [0, *(np.flatnonzero(ranked[1:] != ranked[:-1]) + 1).tolist(), len(ranked)]
    for start, end in pairwise(borders):
        if end - start > 1:
            bucket = order[start:end].tolist()
            for place, first in enumerate(bucket):
                for second in bucket[place + 1 : place + 1 + _NEIGHBOURS]:
                    yield (first, second) if first < second else (second, first)
