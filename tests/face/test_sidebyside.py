"""Two articles side by side: the passages that both have carry the same number, and no word is lost."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from support.toldstory import AGENCY_TEXT, COPY, COPY_TEXT, PAPER, PAPER_TEXT, relation, told_story

from archive.relations import Evidence, RelationKind
from copytrail.marked import SAME
from copytrail.relatedview import Tie, ties
from copytrail.sidebyside import Side, pairs


def marked(side: Side) -> dict[str, str]:
    return {piece.kind: piece.text for line in side.paragraphs for piece in line if piece.kind != SAME}


def test_passages_and_sayings_are_marked_on_both_sides() -> None:
    """Equal runs, and what both tell of one saying in words of their own; a summary of the whole text is no passage."""
    view = told_story()
    (first, second), more = pairs(ties(view), view.related.utterances)

    assert (marked(first.giver), marked(first.taker)) == ({"1": "Agency says the lock is shut."},) * 2
    assert (first.taker.shared, first.taker.words) == (6, len(COPY_TEXT.split()))
    assert marked(second.giver) == {"1": "Nobody asked us to shut it"}
    assert marked(second.taker) == {"1": "Nobody told us to shut it"}
    assert "\n".join("".join(piece.text for piece in line) for line in second.giver.paragraphs) == AGENCY_TEXT
    assert more == 0


def test_what_is_left_out_is_counted() -> None:
    """The closest pairs are shown, the others are told by their number."""
    view = told_story()
    shown, more = pairs(ties(view), view.related.utterances, most=1)

    assert [pair.taker.article.number for pair in shown] == [3]
    assert more == 1


SPANS = st.tuples(st.integers(0, len(PAPER_TEXT)), st.integers(0, 60))


@given(st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=12), st.booleans())
def test_no_word_is_lost_whatever_the_evidence(found: list[tuple[tuple[int, int], tuple[int, int]]], flipped: bool) -> None:  # noqa: FBT001 -- drawn by hypothesis
    """Passages may overlap, touch, cross paragraphs or reach beyond the text."""
    evidence = tuple(
        Evidence(kind="run", words="", source=(one, one + more), target=(two, two + rest)) for (one, more), (two, rest) in found
    )
    item = relation(RelationKind.NEAR_DUPLICATE, COPY, PAPER, *evidence)
    tie = Tie(relation=replace(item, source=item.target, target=item.source) if flipped else item, giver=PAPER, taker=COPY)
    shown, _ = pairs([tie], ())

    for pair in shown:
        for side, text in ((pair.giver, PAPER_TEXT), (pair.taker, COPY_TEXT)):
            assert "\n".join("".join(piece.text for piece in line) for line in side.paragraphs) == text
        assert marked(pair.giver).keys() == marked(pair.taker).keys()
