"""Two articles side by side, with the passages that both have.

Contract: pure.  ``pairs`` gives the articles of which one took from the other, the closest first, at most ``most`` of them, and how many
were left out.  What both have are passages in the same words, and what both tell of one saying, in whatever words.  A piece that both have
is of the same kind on either side, its number; all others are SAME.  Passages that overlap one that is marked already are not marked again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive.relations import TextSpan, Utterance
from copytrail.marked import SAME, Piece, in_lines
from copytrail.relatedview import Tie
from copytrail.storyview import ArticleView

Said = Mapping[str, Mapping[int, Sequence[TextSpan]]]  # by document, by saying
MOST = 4
PASSAGES = frozenset({"run", "quote"})  # kinds of evidence that are words of both texts
FEWEST = 3  # words of a passage that is worth a mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two, whole."""

    article: ArticleView
    paragraphs: tuple[tuple[Piece, ...], ...]
    shared: int  # words in marked passages
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Who took, beside who gave."""

    tie: Tie
    giver: Side
    taker: Side


def pairs(ties: Sequence[Tie], utterances: Sequence[Utterance], most: int = MOST) -> tuple[tuple[Pair, ...], int]:
    """The pairs worth showing, and the number of others."""
    first: dict[tuple[int, int], list[Tie]] = {}
    for tie in ties:
        if tie.drawn:
            first.setdefault((tie.giver.number, tie.taker.number), []).append(tie)
    said = _by_document(utterances)
    found = [pair for group in first.values() if (pair := _pair(group, said)) is not None]
    found.sort(key=lambda pair: -pair.taker.shared)
    return tuple(found[:most]), len(found[most:])


def _pair(ties: Sequence[Tie], said: Said) -> Pair | None:
    giver, taker = ties[0].giver, ties[0].taker
    if giver.first is None or taker.first is None:
        return None
    flipped = ties[0].relation.source == giver.first.capture
    found = [(item.source, item.target) for tie in ties for item in tie.relation.evidence if item.kind in PASSAGES]
    same = [(two, one) if flipped else (one, two) for one, two in found if one and two]
    shared = _apart([*same, *_told(said, taker.first.capture, giver.first.capture)], taker.first.text, giver.first.text)
    if not shared:
        return None
    return Pair(
        tie=ties[0],
        giver=_side(giver, giver.first.text, {span: number for number, (_, span) in enumerate(shared, start=1)}),
        taker=_side(taker, taker.first.text, {span: number for number, (span, _) in enumerate(shared, start=1)}),
    )


def two_sides(left: ArticleView, right: ArticleView, shared: Iterable[tuple[TextSpan, TextSpan]]) -> tuple[Side, Side]:
    """Two first texts with all that both have; ``shared`` are places in the left and in the right one."""
    one, two = (article.first.text if article.first else "" for article in (left, right))
    kept = _apart(shared, one, two)
    return (
        _side(left, one, {span: number for number, (span, _) in enumerate(kept, start=1)}),
        _side(right, two, {span: number for number, (_, span) in enumerate(kept, start=1)}),
    )


def _by_document(utterances: Sequence[Utterance]) -> Said:
    """The places of each saying in each document."""
    found: dict[str, dict[int, list[TextSpan]]] = {}
    for number, item in enumerate(utterances):
        for one in item.renderings:
            found.setdefault(one.document, {}).setdefault(number, []).append(one.span)
    return found


def _told(said: Said, one: str, two: str) -> Iterator[tuple[TextSpan, TextSpan]]:
    """Where both documents tell of one saying."""
    here, there = said.get(one, {}), said.get(two, {})
    for number in here.keys() & there.keys():
        yield from zip(here[number], there[number], strict=False)


def _apart(found: Iterable[tuple[TextSpan, TextSpan]], *texts: str) -> list[tuple[TextSpan, TextSpan]]:
    """Pairs of places in taker and giver, the longest first where they overlap, in the order of the taker's text."""
    found = [spans for spans in found if all(len(text[slice(*span)].split()) >= FEWEST for span, text in zip(spans, texts, strict=True))]
    kept: list[tuple[TextSpan, TextSpan]] = []
    for spans in sorted(found, key=lambda spans: (spans[0][0] - spans[0][1], spans)):
        if not any(_overlap(spans[side], other[side]) for other in kept for side in (0, 1)):
            kept.append(spans)
    return sorted(kept)


def _overlap(one: TextSpan, two: TextSpan) -> bool:
    return one[0] < two[1] and two[0] < one[1]


def _side(article: ArticleView, text: str, marked: dict[TextSpan, int]) -> Side:
    cut = list(_cut(text, marked))
    return Side(
        article=article,
        paragraphs=tuple(map(tuple, in_lines(cut))),
        shared=sum(len(piece.text.split()) for piece in cut if piece.kind != SAME),
        words=len(text.split()),
    )


def _cut(text: str, marked: dict[TextSpan, int]) -> Iterator[Piece]:
    at = 0
    for (start, end), number in sorted(marked.items()):
        yield Piece(SAME, text[at:start])
        yield Piece(str(number), text[start:end])
        at = end
    yield Piece(SAME, text[at:])
