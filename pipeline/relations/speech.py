"""What two texts let the same person say, word for word or in two translations.

``shared_speech`` gives the sayings that ``pipeline.utterances`` found in both, then long runs inside quotations that are in none of them.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archive.relations import Utterance
from pipeline.relations.passages import runs
from pipeline.relations.reading import Reading
from pipeline.sentences import Range

SAME_RUN = 6  # words in a row inside quotations that no two translators choose alike


class Saying(NamedTuple):
    """The same words in two texts; ``run`` in a row, 0 where only the sense is the same."""

    left: Range
    right: Range
    run: int


def shared_speech(left: Reading, right: Reading, utterances: Sequence[Utterance] = ()) -> tuple[Saying, ...]:
    """The sayings that both texts have."""
    verbatim = sorted(_verbatim(left, right), key=lambda saying: -saying.run)
    known = [_with_run(ours, theirs, verbatim) for ours, theirs in _known(left, right, utterances)]
    return (*known, *(one for one in verbatim if not any(_meet(one.left, other.left) for other in known)))


def _known(left: Reading, right: Reading, utterances: Sequence[Utterance]) -> Iterator[tuple[Range, Range]]:
    for utterance in utterances:
        ours, theirs = ([item.span for item in utterance.renderings if item.document == side.id] for side in (left, right))
        if ours and theirs:
            yield ours[0], theirs[0]


def _with_run(ours: Range, theirs: Range, verbatim: Sequence[Saying]) -> Saying:
    """A saying with the longest run that lies in it on both sides."""
    return Saying(ours, theirs, max((one.run for one in verbatim if _meet(one.left, ours) and _meet(one.right, theirs)), default=0))


def _meet(span: Range, other: Range) -> bool:
    return span[0] < other[1] and other[0] < span[1]


def _verbatim(left: Reading, right: Reading) -> Iterator[Saying]:
    for run in runs(left, right, spoken=True):
        if run.size >= SAME_RUN:
            yield Saying(left.span(run.left, run.size), right.span(run.right, run.size), run.size)
