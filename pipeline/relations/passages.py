"""Passages that two texts share word for word: runs, tiles, and the sentences that follow in the same order.

Contract: pure.  ``runs`` gives every maximal run of three words or more that both texts have, outside quotations or (``spoken``) inside
them; ``tiles`` chooses among runs, the longest first, so that no word of either text is in two (greedy string tiling, Wise 1993).  A gram
that a text repeats is looked at in its first four places, so both are linear in the number of shared grams.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.relations.reading import GRAM, Reading

_UNSPACED = "\u3040"  # from here on a character is a word of its own; two of them say as much as one word of other scripts


class Run(NamedTuple):
    """So many words from a place in either text."""

    left: int
    right: int
    size: int

    @property
    def turned(self) -> "Run":
        """The same seen from the other text."""
        return Run(self.right, self.left, self.size)


def runs(left: Reading, right: Reading, *, spoken: bool = False) -> list[Run]:
    """The maximal shared runs, in no order."""
    first, second = (left.spoken, right.spoken) if spoken else (left.plain, right.plain)
    hits = sorted((i - k, i) for gram in first.keys() & second.keys() for i in first[gram] for k in second[gram])
    found: list[Run] = []
    diagonal, end = None, -1
    for apart, i in hits:
        if apart == diagonal and i + GRAM <= end:
            continue
        run = _grown(left, right, Run(i, i - apart, GRAM), spoken=spoken)
        found.append(run)
        diagonal, end = apart, run.left + run.size
    return found


def _grown(left: Reading, right: Reading, run: Run, *, spoken: bool) -> Run:
    i, k, count = run
    while i > 0 and k > 0 and _same(left, right, i - 1, k - 1, spoken=spoken):
        i, k, count = i - 1, k - 1, count + 1
    while i + count < len(left.words) and k + count < len(right.words) and _same(left, right, i + count, k + count, spoken=spoken):
        count += 1
    return Run(i, k, count)


def _same(left: Reading, right: Reading, i: int, k: int, *, spoken: bool) -> bool:
    return left.words[i] == right.words[k] and left.quoted[i] is spoken and right.quoted[k] is spoken


def tiles(found: Iterable[Run]) -> list[Run]:
    """Runs and parts of runs that overlap in neither text, in the order of the left one."""
    ours, theirs = _Taken(), _Taken()
    kept: list[Run] = []
    for run in sorted(found, key=lambda run: (-run.size, run.left, run.right)):
        shift, first = run.right - run.left, run.left
        while (moved := max(ours.free_from(first), theirs.free_from(first + shift) - shift)) > first:
            first = moved
        end = run.left + run.size
        last = min(ours.free_until(first, end), theirs.free_until(first + shift, end + shift) - shift)
        if last - first >= GRAM:
            kept.append(Run(first, first + shift, last - first))
            ours.take(first, last)
            theirs.take(first + shift, last + shift)
    return sorted(kept)


class _Taken:
    """The parts of one text that are taken, in order."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def free_from(self, place: int) -> int:
        """The first place from one on that is not taken."""
        number = bisect_right(self._starts, place) - 1
        return self._ends[number] if number >= 0 and self._ends[number] > place else place

    def free_until(self, place: int, end: int) -> int:
        """How far the text is free from a free place on."""
        number = bisect_left(self._starts, place)
        return min(end, self._starts[number]) if number < len(self._starts) else end

    def take(self, start: int, end: int) -> None:
        number = bisect_left(self._starts, start)
        self._starts.insert(number, start)
        self._ends.insert(number, end)


def length(reading: Reading, run: Run) -> int:
    """A run's length in words; of scripts without spaces two characters count as one."""
    words = reading.words[run.left : run.left + run.size]
    single = sum(word >= _UNSPACED and len(word) == 1 for word in words)
    return len(words) - single + (single + 1) // 2


def containment(left: Reading, right: Reading) -> float:
    """The share of the shorter text's three-word runs outside quotations that the other has too, 0 to 1."""
    smaller = min(len(left.plain), len(right.plain))
    return len(left.plain.keys() & right.plain.keys()) / smaller if smaller else 0.0


class Followed(NamedTuple):
    """A sentence of the left text and the one of the right that it has most words in common with; ``share`` of its words that do."""

    left: int
    right: int
    share: float


def followed(left: Reading, right: Reading, found: Sequence[Run], least: float = 0.3) -> list[Followed]:
    """For each sentence of the left text that has such a share of its words in tiles: its counterpart."""
    votes: dict[int, dict[int, int]] = {}
    for run in found:
        for step in range(run.size):
            ours, theirs = bisect_right(left.starts, run.left + step) - 1, bisect_right(right.starts, run.right + step) - 1
            one = votes.setdefault(ours, {})
            one[theirs] = one.get(theirs, 0) + 1
    answers: list[Followed] = []
    for number, counts in sorted(votes.items()):
        best = max(counts, key=lambda other: (counts[other], -other))
        size = (left.starts[number + 1] if number + 1 < len(left.starts) else len(left.words)) - left.starts[number]
        if size and sum(counts.values()) / size >= least:
            answers.append(Followed(number, best, sum(counts.values()) / size))
    return answers


def in_order(found: Sequence[Followed]) -> int:
    """How many of the counterparts stand in a chain that never turns back."""
    ends: list[int] = []
    for item in found:
        place = bisect_right(ends, item.right)
        ends[place : place + 1] = [item.right]
    return len(ends)
