"""What articles have to do with one another, as the story page tells it."""

from dataclasses import replace

import pytest
from support.toldstory import AGENCY, AGENCY_TEXT, ALONE, ARTICLES, COPY, EVIL, PAPER, STARTED, relation, told_story

from archive.relations import Judgement, RelationKind
from copytrail.marked import ADDED, REMOVED, SAME
from copytrail.relatedview import around, by_document, disagreements, rejected, sayings, spoken, ties, voices
from copytrail.relationgraph import graph
from copytrail.storypage import page
from copytrail.storyview import StoryView


@pytest.fixture
def view() -> StoryView:
    return told_story()


def test_ties_say_who_took_from_whom(view: StoryView) -> None:
    """A directed kind by its direction, another from the earlier to the later; the strongest kinds come first."""
    assert [(str(tie.relation.kind), tie.taker.number, tie.giver.number) for tie in ties(view)] == [
        ("derived", 3, 2),
        ("cites", 2, 1),
        ("quotes", 2, 1),
        ("common_source", 3, 1),
        ("same_story", 4, 1),
    ]
    assert [tie.drawn for tie in ties(view)] == [True, True, True, False, False]


def test_versions_of_one_outlet_are_told_as_such(view: StoryView) -> None:
    """An update is no copy: it is drawn without an arrow, in its own stroke, and called another version."""
    update = replace(relation(RelationKind.SAME_STORY, AGENCY, PAPER), versions=True)
    told = replace(view, related=replace(view.related, relations=(update,)))
    rows, _ = graph(ties(told), [200.0])
    (strand,) = rows[-1].strands

    assert (strand.look, strand.directed) == ("version", False)
    assert '<b class="kind">another version of</b>' in page(told)
    assert "nearly the same text as" not in page(told)


def test_what_people_judged_stands_beside_what_was_computed(view: StoryView) -> None:
    """A confirmed relation says by whom and why; one that was rejected is not drawn, and is not hidden either."""
    derived, cites, *rest = view.related.relations
    made = Judgement(id="1", story="lock", verdict="confirm", subject="", coder=f"ann {EVIL}", time=STARTED, note="by phone")
    confirmed, refused = replace(derived, judged=made), replace(cites, judged=replace(made, verdict="reject", coder="bob"))
    told = replace(view, related=replace(view.related, relations=(confirmed, *rest), rejected=(refused,)))
    text = page(told)

    assert [str(tie.relation.kind) for tie in rejected(told)] == ["cites"]
    assert "Confirmed by ann &lt;img" in text
    assert EVIL not in text
    assert "Rejected by bob, 9 May 2026: by phone" in text


def test_what_is_not_on_the_page_takes_no_part(view: StoryView) -> None:
    """Of a part of the story only the relations, sayings, quotations and facts of its articles are told."""
    part = replace(view, articles=(AGENCY, COPY))

    assert [str(tie.relation.kind) for tie in ties(part)] == ["common_source"]
    assert sayings(part) == ()
    assert voices(part) == ()
    assert [[value.said.text for value in item.values] for item in disagreements(part)] == [["1917", "1971"]]


def test_a_wording_is_marked_against_the_one_before(view: StoryView) -> None:
    """Words that are new are ADDED; those that went are not shown, because they stand above."""
    (saying,) = sayings(view)
    first, second = saying.wordings

    assert {piece.kind for piece in first.pieces} == {SAME}
    assert [piece.text for piece in second.pieces if piece.kind == ADDED] == ["told"]
    assert REMOVED not in {piece.kind for piece in second.pieces}
    assert second.drift == 0.17


def test_marks_leave_out_the_spaces_around_them(view: StoryView) -> None:
    """An added word in the middle is marked alone, and the words are all there."""
    item = view.related.utterances[0]
    first, second = item.renderings
    longer = replace(second, text="Nobody asked us then to shut it")
    (saying,) = sayings(replace(view, related=replace(view.related, utterances=(replace(item, renderings=(first, longer)),))))

    assert [piece.text for piece in saying.wordings[1].pieces if piece.kind == ADDED] == ["then"]
    assert "".join(piece.text for piece in saying.wordings[1].pieces) == longer.text


def test_words_of_a_text_that_was_edited_since_are_not_called_kept(view: StoryView) -> None:
    """A quotation and a figure that the newest text has no more are told as changed since."""
    assert AGENCY.last is not None
    newer = AGENCY_TEXT.replace("asked us", "told us").replace("1971", "1970")
    edited = replace(view, articles=(replace(AGENCY, last=replace(AGENCY.last, text=newer)), *ARTICLES[1:]))

    assert [wording.kept for wording in sayings(edited)[0].wordings] == [False, True]
    assert [value.kept for value in disagreements(edited)[0].values] == [True, False, True]
    assert all(value.kept for item in disagreements(view) for value in item.values)


def test_voices_are_what_one_article_alone_has(view: StoryView) -> None:
    """Sayings that several tell are told as such, and not once more."""
    assert [(voice.speaker[:9], [(article.number, quote.text) for article, quote in voice.quotes]) for voice in voices(view)] == [
        ("the mayor", [(4, "I like boats")])
    ]
    quote = view.related.quotations[0]
    overlapping = replace(quote, document=by_id(1), start=18, end=44, text="Nobody asked us to shut it")
    again = replace(view, related=replace(view.related, quotations=(overlapping, quote)))
    assert len(voices(again)) == 1


def by_id(number: int) -> str:
    first = ARTICLES[number - 1].first
    assert first is not None
    return first.capture


def test_conflicts_come_first_and_those_who_agree_stand_together(view: StoryView) -> None:
    """Each value with those who give it, the one with the most voices first."""
    conflict, agreed = disagreements(view)

    assert (conflict.conflict, agreed.conflict) == (True, False)
    assert [[value.article.number for value in group] for group in conflict.groups] == [[1, 2], [3]]
    assert [group[0].said.text for group in conflict.groups] == ["1971", "1917"]


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("a b c", (2, 3), ("a ", " c")),
        ("other\nyear 1971 it was\nother", (11, 15), ("year ", " it was")),
        (f"{'word ' * 30}1971{' word' * 30}", (150, 154), (f"… {'word ' * 13}", f"{' word' * 13} …")),
    ],
)
def test_a_value_stands_in_its_words(text: str, span: tuple[int, int], expected: tuple[str, str]) -> None:
    """The words around it are those of its paragraph, cut between words."""
    assert around(text, span) == expected


def test_documents_go_by_the_numbers_of_their_articles(view: StoryView) -> None:
    """A reader never meets the id of a record in a sentence."""
    known = by_document(view)

    assert spoken(f"{by_id(3)} differs from {by_id(1)}", known) == "Article 3 differs from article 1"
    assert [article.number for article in known.values()] == [1, 2, 3, 4]


def test_equals_are_ordered_by_time(view: StoryView) -> None:
    """Nearly the same text has no direction: the earlier article is named as the one that was there first."""
    item = relation(RelationKind.NEAR_DUPLICATE, PAPER, ALONE)
    (tie,) = ties(replace(view, related=replace(view.related, relations=(item,))))

    assert (tie.giver.number, tie.taker.number, tie.relation.directed) == (ALONE.number, PAPER.number, False)
    assert COPY.number not in {tie.giver.number, tie.taker.number}
