"""Two versions of a text held side by side: which sentence became which, and which words differ.

Contract: pure, symmetric (``align(a, b)`` is ``align(b, a)`` with its sides exchanged), and nearly linear in the texts' length.
``pairs`` are sentences that are the same or much alike, in the order of both texts; one may stand for two, where it was cut or joined.
``removed`` and ``added`` are the sentences that have no counterpart; ``moved`` those of them that stand in another place with the same
words, or nearly.  ``gaps`` walks through all that differs, in order: replacing what stands in each older range by what stands in the newer
one makes the newer text.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from rapidfuzz.distance import LCSseq

from pipeline.sentences import Range, fold, holds, sentences, word_ranges

_ALIKE = 0.5  # share of their words that two sentences have in common from which one is the other, changed
_JOINED = 0.8  # the same for one sentence against two
_MOST_CELLS = 10_000  # of a table of sentences against sentences
_MOST_BITS = 100_000_000  # of a table of words against words: 12 MB; beyond, a passage is one change
_RARE = 3  # words in a row by which a sentence is known among many
Ranges: TypeAlias = Sequence[Range]
Chain: TypeAlias = list[tuple[int, int]]
_Words: TypeAlias = list[str]


class Pair(NamedTuple):
    """An older and a newer passage."""

    older: Range
    newer: Range

    @property
    def turned(self) -> "Pair":
        """The same seen from the newer text."""
        return Pair(self.newer, self.older)


@dataclass(frozen=True, slots=True)
class Alignment:
    """What became of each sentence."""

    before: str
    after: str
    pairs: tuple[Pair, ...]
    removed: tuple[Range, ...]
    added: tuple[Range, ...]
    moved: tuple[Pair, ...]

    @property
    def turned(self) -> "Alignment":
        """The alignment of the newer text with the older one."""
        pairs, moved = (tuple(pair.turned for pair in found) for found in (self.pairs, self.moved))
        return Alignment(self.after, self.before, pairs, self.added, self.removed, tuple(sorted(moved)))


def align(before: str, after: str, apart: Callable[[str], Ranges] = lambda _: ()) -> Alignment:
    """Hold two texts side by side; a sentence that begins in a range that ``apart`` names is the counterpart of its equal alone."""
    if (len(before), before) > (len(after), after):
        return _aligned(after, before, apart).turned
    return _aligned(before, after, apart)


class _Side:
    """The sentences of one text, and what they are compared by."""

    def __init__(self, text: str, apart: Ranges) -> None:
        self.text, self.ranges = text, sentences(text)
        self.keys = [fold(text[start:end]) or text[start:end] for start, end in self.ranges]
        self.apart = [holds(apart, start) for start, _ in self.ranges]
        self.words: list[_Words] = [key.split() for key in self.keys]


def _aligned(before: str, after: str, apart: Callable[[str], Ranges]) -> Alignment:
    older, newer = _Side(before, apart(before)), _Side(after, apart(after))
    same = _same(older.keys, newer.keys)
    groups = [((i, i + 1), (k, k + 1)) for i, k in same]
    for (i, k), (j, m) in pairwise([(-1, -1), *same, (len(older.keys), len(newer.keys))]):
        groups += _changed(older, newer, (i + 1, j), (k + 1, m))
    groups.sort()
    gone, come = (_others(len(side.keys), [group[number] for group in groups]) for number, side in enumerate((older, newer)))
    return Alignment(
        before,
        after,
        tuple(Pair(_extent(older, left), _extent(newer, right)) for left, right in groups),
        tuple(older.ranges[number] for number in gone),
        tuple(newer.ranges[number] for number in come),
        tuple(Pair(older.ranges[i], newer.ranges[k]) for i, k in sorted(_moved(older, newer, gone, come))),
    )


def _extent(side: _Side, group: Range) -> Range:
    return side.ranges[group[0]][0], side.ranges[group[1] - 1][1]


def _others(count: int, taken: Iterable[Range]) -> list[int]:
    known = {number for first, end in taken for number in range(first, end)}
    return [number for number in range(count) if number not in known]


def _same(older: Sequence[str], newer: Sequence[str]) -> Chain:
    """A longest chain of equal entries; of long lists, one that goes through the entries that each has once."""
    start = 0
    while start < min(len(older), len(newer)) and older[start] == newer[start]:
        start += 1
    end = 0
    while end < min(len(older), len(newer)) - start and older[-1 - end] == newer[-1 - end]:
        end += 1
    left, right = older[start : len(older) - end], newer[start : len(newer) - end]
    tail = [(len(older) - step, len(newer) - step) for step in range(end, 0, -1)]
    inner = [(i + start, k + start) for i, k in _same_inside(left, right)]
    return [*((step, step) for step in range(start)), *inner, *tail]


def _same_inside(older: Sequence[str], newer: Sequence[str]) -> Chain:
    if not older or not newer:
        return []
    if (len(older), older) > (len(newer), newer):  # of two chains as long, the same one from both sides
        return [(i, k) for k, i in _same_inside(newer, older)]
    if len(older) * len(newer) <= _MOST_BITS:
        return [
            (code.src_start + step, code.dest_start + step)
            for code in LCSseq.opcodes(older, newer)
            if code.tag == "equal"
            for step in range(code.src_end - code.src_start)
        ]
    first, second = _once(older), _once(newer)
    fixed = _rising([(number, second[key]) for key, number in first.items() if key in second])
    if not fixed:
        return []
    found = list(fixed)
    for (i, k), (j, m) in pairwise([(-1, -1), *fixed, (len(older), len(newer))]):
        found += [(i + 1 + left, k + 1 + right) for left, right in _same(older[i + 1 : j], newer[k + 1 : m])]
    return sorted(found)


def _once(entries: Iterable[str]) -> dict[str, int]:
    """Where each entry stands that stands in one place alone."""
    places: dict[str, int] = {}
    for number, entry in enumerate(entries):
        places[entry] = -1 if entry in places else number
    return {entry: number for entry, number in places.items() if number >= 0}


def _rising(pairs: Chain) -> Chain:
    """A longest chain of pairs in which both numbers rise."""
    ends: list[int] = []
    tails: list[int] = []
    back: list[int | None] = []
    pairs = sorted(pairs, key=lambda pair: (pair[0], -pair[1]))
    for number, (_, right) in enumerate(pairs):
        place = bisect_left(ends, right)
        back.append(tails[place - 1] if place else None)
        ends[place : place + 1], tails[place : place + 1] = [right], [number]
    chain: Chain = []
    at = tails[-1] if tails else None
    while at is not None:
        chain.append(pairs[at])
        at = back[at]
    return chain[::-1]


def _changed(older: _Side, newer: _Side, left: Range, right: Range) -> list[tuple[Range, Range]]:
    """The groups of sentences between two equal ones that are much alike."""
    rows = [number for number in range(*left) if not older.apart[number]]
    columns = [number for number in range(*right) if not newer.apart[number]]
    if len(rows) * len(columns) <= _MOST_CELLS:
        return _best(older, newer, rows, columns)
    fixed = _known(older, newer, rows, columns)
    if not fixed:
        return []
    found: list[tuple[Range, Range]] = [((i, i + 1), (k, k + 1)) for i, k in fixed]
    for (i, k), (j, m) in pairwise([(left[0] - 1, right[0] - 1), *fixed, (left[1], right[1])]):
        found += _changed(older, newer, (i + 1, j), (k + 1, m))
    return found


def _known(older: _Side, newer: _Side, rows: Sequence[int], columns: Sequence[int]) -> Chain:
    """Sentences of a long passage that share words in a row which no other sentence has."""
    first, second = (_once(" ".join(words) for words in _runs(side, numbers)) for side, numbers in ((older, rows), (newer, columns)))
    left, right = (
        [number for number in numbers for _ in range(_count(side.words[number]))] for side, numbers in ((older, rows), (newer, columns))
    )
    votes = dict.fromkeys((left[place], right[second[run]]) for run, place in first.items() if run in second)
    alike = [(i, k) for i, k in votes if _likeness(older.words[i], newer.words[k]) >= _ALIKE]
    return _rising(alike)


def _count(words: _Words) -> int:
    return max(len(words) - _RARE + 1, 0)


def _runs(side: _Side, numbers: Iterable[int]) -> Iterator[_Words]:
    for number in numbers:
        words = side.words[number]
        for start in range(_count(words)):
            yield words[start : start + _RARE]


def _common(left: _Words, right: _Words) -> int:
    """How many words two sentences share, in order."""
    if len(left) * len(right) > _MOST_BITS:
        return 0
    return LCSseq.similarity(left, right)


def _likeness(left: _Words, right: _Words) -> float:
    return 2 * _common(left, right) / (len(left) + len(right)) if left or right else 0.0


def alike(before: str, after: str) -> bool:
    """Whether the one of two short texts can be the other, changed: half of their words are the same."""
    return _likeness(fold(before).split(), fold(after).split()) >= _ALIKE


def _best(older: _Side, newer: _Side, rows: Sequence[int], columns: Sequence[int]) -> list[tuple[Range, Range]]:
    """The chain of alike sentences that has the most words in common (Gale and Church 1993: one to one, one to two, two to one)."""
    height, width = len(rows), len(columns)
    score = [[0] * (width + 1) for _ in range(height + 1)]
    step: list[list[tuple[int, int]]] = [[(0, 0)] * (width + 1) for _ in range(height + 1)]
    for i in range(1, height + 1):
        for k in range(1, width + 1):
            choices = [(score[i - 1][k], (1, 0)), (score[i][k - 1], (0, 1))]
            for down, across in ((1, 1), (1, 2), (2, 1)):
                left, right = rows[max(i - down, 0) : i], columns[max(k - across, 0) : k]
                if len(left) == down and len(right) == across and (worth := _worth(older, newer, left, right)):
                    choices.append((score[i - down][k - across] + worth, (down, across)))
            score[i][k], step[i][k] = max(choices, key=lambda choice: (choice[0], choice[1] == (1, 1)))
    return _walked(rows, columns, step)


def _worth(older: _Side, newer: _Side, rows: Sequence[int], columns: Sequence[int]) -> int:
    if rows[-1] - rows[0] >= len(rows) or columns[-1] - columns[0] >= len(columns):
        return 0  # another sentence stands between the two
    left, right = ([word for number in numbers for word in side.words[number]] for side, numbers in ((older, rows), (newer, columns)))
    common = _common(left, right)
    wanted = _ALIKE if len(rows) == len(columns) else _JOINED
    return 2 * common if 2 * common >= wanted * (len(left) + len(right)) else 0


def _walked(rows: Sequence[int], columns: Sequence[int], step: list[list[tuple[int, int]]]) -> list[tuple[Range, Range]]:
    i, k = len(rows), len(columns)
    found: list[tuple[Range, Range]] = []
    while i and k:
        height, width = step[i][k]
        if height and width:
            found.append(((rows[i - height], rows[i - 1] + 1), (columns[k - width], columns[k - 1] + 1)))
        i, k = i - height, k - width
    return found[::-1]


def _moved(older: _Side, newer: _Side, gone: Sequence[int], come: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Sentences that left one place and came to another: equal ones first, then those that are nearly so."""
    places: dict[str, list[int]] = {}
    for number in come:
        places.setdefault(newer.keys[number], []).append(number)
    rest: list[int] = []
    for number in gone:
        if waiting := places.get(older.keys[number]):
            yield number, waiting.pop(0)
        else:
            rest.append(number)
    left = sorted(number for waiting in places.values() for number in waiting)
    if len(rest) * len(left) > _MOST_CELLS:
        return
    for number in rest:
        likeness, best = max(((_likeness(older.words[number], newer.words[other]), -other) for other in left), default=(0.0, 0))
        if likeness >= _JOINED and not older.apart[number] and not newer.apart[-best]:
            left.remove(-best)
            yield number, -best


def gaps(found: Alignment) -> Iterator[Pair]:
    """All that differs, in the order of both texts: words inside paired sentences, and what stands between the pairs."""
    before, after = found.before, found.after
    at, to = 0, 0
    for older, newer in found.pairs:
        yield from _trimmed(before, after, (at, older[0]), (to, newer[0]))
        yield from changed_words(before, after, Pair(older, newer))
        at, to = older[1], newer[1]
    yield from _trimmed(before, after, (at, len(before)), (to, len(after)))


def changed_words(before: str, after: str, pair: Pair) -> Iterator[Pair]:
    """What differs between two passages: the gaps between the words that they share."""
    if before[slice(*pair.older)] == after[slice(*pair.newer)]:
        return
    left, right = word_ranges(before, *pair.older), word_ranges(after, *pair.newer)
    at, to = pair.older[0], pair.newer[0]
    if len(left) * len(right) <= _MOST_BITS:
        for i, k in _same([before[i:j] for i, j in left], [after[i:j] for i, j in right]):
            yield from _trimmed(before, after, (at, left[i][0]), (to, right[k][0]))
            at, to = left[i][1], right[k][1]
    yield from _trimmed(before, after, (at, pair.older[1]), (to, pair.newer[1]))


def _trimmed(before: str, after: str, older: Range, newer: Range) -> Iterator[Pair]:
    """The two gaps without the spaces and marks that they share at either end; nothing when they are equal."""
    (i, j), (k, m) = older, newer
    while i < j and k < m and before[i] == after[k] and not before[i].isalnum():
        i, k = i + 1, k + 1
    while j > i and m > k and before[j - 1] == after[m - 1] and not before[j - 1].isalnum():
        j, m = j - 1, m - 1
    if before[i:j] != after[k:m]:
        yield Pair((i, j), (k, m))
