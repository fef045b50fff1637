"""A later version of an article against the one before it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archive.kinds import Change, EventKind, PageKind
from archive.records import Document, Quality, Revision
from pipeline.edits import Incomparable, applied, revision, spans
from pipeline.sentences import fold

CASES = yaml.safe_load((Path(__file__).parent / "cases/corrections.yaml").read_text(encoding="utf-8"))
WHEN = datetime(2026, 5, 5, 8, 0, tzinfo=UTC)
TEXT = "The ferry sails again on Monday. It takes eleven minutes.\n“We counted every bicycle,” said Ines Halloran.\nA ticket costs $2."
# Few letters, so that two texts share words; marks and scripts that the alignment treats apart.
PROSE = st.text(alphabet='ab .\n!?,-’"é1漢字\u0301', max_size=60)

# The same few words in many orders, so that there is more than one way to align them.
WORDS = st.lists(st.sampled_from(["a", "b", "c", "A b.", "C a.", "b\n"]), max_size=12).map(" ".join)


def text_document(text: str = TEXT, title: str | None = "Ferry returns", **given: object) -> Document:
    fields = {"capture": "urn:uuid:1", "extractor": "x/1", "quality": Quality(kind=PageKind.ARTICLE)} | given
    return Document(url="https://courier.example/ferry", text=text, title=title, **fields)  # type: ignore[arg-type]


def compare(before: Document, after: Document) -> Revision:
    return revision(before, after, number=2, time=WHEN)


def test_equal_documents_have_no_change() -> None:
    """The same title and the same text are no revision of anything."""
    found = compare(text_document(), text_document(capture="urn:uuid:2"))

    assert (found.change, found.spans) == (Change.NONE, ())
    assert (found.before, found.after, found.number, found.time) == ("urn:uuid:1", "urn:uuid:2", 2, WHEN)


@pytest.mark.parametrize(
    "after",
    [
        TEXT.replace("“", '"').replace("”", '"'),
        TEXT.replace(" ", "  "),
        TEXT.replace("\n", "\n\n"),
        TEXT.replace("Monday.", "Monday –"),
        TEXT.upper(),
    ],
    ids=["quotes", "spaces", "line breaks", "dash", "case"],
)
def test_typography_is_cosmetic(after: str) -> None:
    """Quotation marks, white space, dashes, punctuation and case make no edit, but their places are recorded."""
    found = compare(text_document(), text_document(after))

    assert found.change is Change.COSMETIC
    assert applied(TEXT, found.spans) == after


@pytest.mark.parametrize(
    "after",
    [TEXT.replace("$2", "€2"), TEXT.replace("$2", "-2"), TEXT.replace("$2", "2%"), TEXT.replace("eleven", "twelve"), TEXT + "\nEnd."],
    ids=["currency", "sign", "percent", "word", "paragraph"],
)
def test_meaning_is_an_edit(after: str) -> None:
    """A sign that changes a number counts as much as a word."""
    assert compare(text_document(), text_document(after)).change is Change.EDIT


def test_a_changed_title_alone_is_a_headline() -> None:
    """Both titles are recorded; a title that differs in typography only is cosmetic."""
    found = compare(text_document(), text_document(title="Harbour ferry is back"))

    assert (found.change, found.title_before, found.title_after) == (Change.HEADLINE, "Ferry returns", "Harbour ferry is back")
    assert compare(text_document(), text_document(title="Ferry Returns")).change is Change.COSMETIC
    assert compare(text_document(), text_document(TEXT + " More.", title="Harbour ferry is back")).change is Change.EDIT


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["sentence"][:40])
def test_an_added_note_is_a_correction(case: dict[str, str | bool]) -> None:
    """A note that announces a change is a correction in any of the languages; a sentence with the same words is not."""
    found = compare(text_document(), text_document(f"{TEXT}\n{case['sentence']}"))

    assert found.change is (Change.CORRECTION if case["announces"] else Change.EDIT)


def test_a_note_that_was_there_before_is_no_correction() -> None:
    """Only an added note says that this version is one."""
    noted = f"Correction: The first boat was late.\n{TEXT}"

    assert compare(text_document(noted), text_document(noted.replace("eleven", "twelve"))).change is Change.EDIT


def test_spans_name_the_words() -> None:
    """A replaced word is one span with its offsets in both texts."""
    (span,) = compare(text_document(), text_document(TEXT.replace("eleven", "twelve"))).spans

    assert (span.removed, span.added) == ("eleven", "twelve")
    assert TEXT[slice(*span.before)] == "eleven"
    assert TEXT.replace("eleven", "twelve")[slice(*span.after)] == "twelve"


def test_a_moved_paragraph_keeps_the_rest() -> None:
    """What is changed is only the paragraph that went from one place to another, and that is cosmetic."""
    first, second, third = TEXT.split("\n")

    found = compare(text_document(), text_document(f"{third}\n{first}\n{second}"))

    assert [span.added.strip() for span in found.spans if span.added] == [third]
    assert [span.removed.strip() for span in found.spans if span.removed] == [third]
    assert found.change is Change.COSMETIC


@given(PROSE, PROSE)
def test_spans_make_the_newer_text(before: str, after: str) -> None:
    """Applying the spans to the older text gives the newer one, and each span says what stands at its offsets."""
    found = spans(before, after)

    assert applied(before, found) == after
    assert all(before[slice(*span.before)] == span.removed and after[slice(*span.after)] == span.added for span in found)
    assert all(span.removed != span.added for span in found)
    assert (found == ()) is (before == after)


@given(WORDS, WORDS)
def test_a_diff_is_the_same_from_both_sides(before: str, after: str) -> None:
    """What one direction calls added is what the other calls removed."""
    there, back = spans(before, after), spans(after, before)

    assert [(span.before, span.after) for span in there] == [(span.after, span.before) for span in back]


@given(PROSE, PROSE)
def test_events_name_what_stands_at_their_places(before: str, after: str) -> None:
    """Each passage of an event stands at its offsets, and differing texts that are no typography have an event."""
    found = compare(text_document(before), text_document(after))

    for span in (span for event in found.events for span in event.spans):
        assert before[slice(*span.before)] == span.removed
        assert after[slice(*span.after)] == span.added
    assert (found.events == ()) is (before == after)


@given(st.text(max_size=80), st.text(max_size=80))
def test_spans_hold_for_any_characters(before: str, after: str) -> None:
    """Nothing that Unicode has breaks the alignment."""
    assert applied(before, spans(before, after)) == after


@given(PROSE)
def test_folding_twice_is_folding_once(text: str) -> None:
    """What is folded is in its last form, whatever its case and marks were."""
    assert fold(fold(text)) == fold(text) == fold(text.upper())


def test_long_changes_are_found_in_time() -> None:
    """Nine thousand different words against nine thousand others are aligned without delay, or left as one span."""
    before, after = (" ".join(f"{letter}{n % 4000}" for n in range(9000)) for letter in "ab")

    (span,) = spans(before, after)

    assert (span.removed, span.added) == (before, after)


def test_a_megabyte_is_compared_sentence_by_sentence() -> None:
    """Ten thousand sentences of which each tenth is changed and some have moved: every change is found where it is."""
    line = "On day {} the harbour office counted {} bicycles and {} carts near quay {}, said officer {}."
    lines = [line.format(n, n * 7, n % 13, n % 97, n) for n in range(10_000)]
    changed = [told.replace("bicycles", "motorcycles") if n % 10 == 5 else told for n, told in enumerate(lines)]
    changed = changed[3:] + changed[:3]

    found = compare(text_document("\n".join(lines)), text_document("\n".join(changed)))

    kinds = {event.kind: len(event.spans) for event in found.events}
    assert kinds == {EventKind.PASSAGE_ADDED: 1000, EventKind.PASSAGE_REMOVED: 1000, EventKind.COSMETIC: 3}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a. " * 50_000, "b. " * 50_000),
        ("a. " * 50_000, "a. " * 49_999 + "b. "),
        ("a " * 300_000, "b " * 300_000),
        ("“" * 300_000, "”" * 300_000),
        (" 'a" * 100_000, " 'a" * 100_000 + "."),
        ("said " * 9_000, "said 5 " * 5_000),
        ("said " * 100_000, "said 5 " * 100_000),
        ("x y z.\n" * 30_000, "x y w.\n" * 30_000),
    ],
    ids=["sentences", "one of many", "one sentence", "marks", "apostrophes", "verbs", "many verbs", "lines"],
)
def test_hostile_texts_are_compared(before: str, after: str) -> None:
    """Texts made to be hard to align come out right and within a test's time limit."""
    found = compare(text_document(before), text_document(after))

    assert applied(before, found.spans) == after


def test_texts_of_two_extractors_are_not_compared() -> None:
    """A difference between two versions of the software is no edit."""
    with pytest.raises(Incomparable, match=r"x/1 and x/2"):
        compare(text_document(), text_document("Other.", extractor="x/2"))


def test_a_part_of_a_page_is_not_compared() -> None:
    """What is missing of it would look like an edit."""
    with pytest.raises(Incomparable, match="a part of a page: cut short"):
        compare(text_document(), text_document("The ferry", problem="cut short"))


@pytest.mark.parametrize("kind", [PageKind.CONSENT_WALL, PageKind.BOT_WALL, PageKind.SOFT_404, PageKind.TEASER, PageKind.EMPTY])
def test_a_page_that_is_no_article_is_not_compared(kind: PageKind) -> None:
    """A wall is never an edit, on neither side."""
    wall = text_document("Accept all.", quality=Quality(kind=kind, reasons=("says 'accept all'",)))

    with pytest.raises(Incomparable, match=f"{kind}: says 'accept all'"):
        compare(text_document(), wall)
    with pytest.raises(Incomparable):
        compare(wall, text_document())
