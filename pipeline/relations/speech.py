"""What two texts let the same person say, word for word or in two translations.

``shared_speech`` gives pairs of ranges: first what ``pipeline.utterances`` put together, then long runs inside quotations, then single
sentences of quotations that have most of their telling words in common and are not said by two different people.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archive.relations import Utterance
from pipeline.relations.passages import runs
from pipeline.relations.reading import Reading
from pipeline.sentences import Range

SAME_RUN = 6  # words in a row inside quotations that no two translators choose alike
_FEWEST = 3  # telling words in common
_MOST = 200  # quoted sentences of a text that are held against those of another
_ALIKE = 0.4  # Dice coefficient of the telling words of two sentences


class Saying(NamedTuple):
    """The same words in two texts; ``run`` in a row, 0 where only the sense is the same."""

    left: Range
    right: Range
    run: int
    speaker: str | None = None


def shared_speech(left: Reading, right: Reading, utterances: Sequence[Utterance] = ()) -> tuple[Saying, ...]:
    """The sayings that both texts have, the surest first."""
    found = [*_known(left, right, utterances), *sorted(_verbatim(left, right), key=lambda saying: -saying.run)]
    if any(not saying.run for saying in found):
        return tuple(found)
    alike = (one for one in _alike(left, right) if not any(_meet(one.left, other.left) for other in found))
    return (*found, *alike)


def _meet(span: Range, other: Range) -> bool:
    return span[0] < other[1] and other[0] < span[1]


def _known(left: Reading, right: Reading, utterances: Sequence[Utterance]) -> Iterator[Saying]:
    for utterance in utterances:
        ours, theirs = ([item for item in utterance.renderings if item.document == side.id] for side in (left, right))
        if ours and theirs:
            yield Saying(ours[0].span, theirs[0].span, 0, utterance.speaker)


def _verbatim(left: Reading, right: Reading) -> Iterator[Saying]:
    for run in runs(left, right, spoken=True):
        if run.count >= SAME_RUN:
            span = left.span(run.left, run.count)
            yield Saying(span, right.span(run.right, run.count), run.count, _speaker(left, span[0]))


def _speaker(reading: Reading, place: int) -> str | None:
    return next((quote.speaker for quote in reading.quotes if quote.start <= place < quote.end and quote.speaker), None)


def _alike(left: Reading, right: Reading) -> Iterator[Saying]:
    for span, words in left.sayings[:_MOST]:
        for other, others in right.sayings[:_MOST]:
            common = len(words & others)
            if common >= _FEWEST and 2 * common >= _ALIKE * (len(words) + len(others)):
                speaker, another = _speaker(left, span[0]), _speaker(right, other[0])
                if _one(speaker, another):
                    yield Saying(span, other, 0, speaker or another)


def _one(speaker: str | None, other: str | None) -> bool:
    """Whether two names can be one person's: the last word is the same, or one is not known."""
    return not speaker or not other or speaker.split()[-1].casefold() == other.split()[-1].casefold()
