"""Numbers, dates and names of several texts held against each other."""

import random

import pytest
from support import slips

from archive.kinds import PageKind
from archive.records import Document, Quality
from archive.relations import Fact, FactVerdict, Relation, RelationKind
from pipeline.facts import facts, unread
from pipeline.facts.amounts import amounts
from pipeline.facts.calendar import dates
from pipeline.facts.figures import numbers, read_numbers, read_units
from pipeline.facts.names import alike


def document(name: str, text: str, published: str | None = None, language: str = "en") -> Document:
    quality = Quality(kind=PageKind.ARTICLE)
    return Document(capture=name, url="", extractor="test", quality=quality, text=text, published=published, language=language)


def related(kind: RelationKind, source: str = "b", target: str = "a") -> Relation:
    return Relation(kind=kind, source=source, target=target, score=1.0, method="test", why="", evidence=())


def conflicts(first: Document, second: Document, kind: RelationKind = RelationKind.DERIVED) -> list[Fact]:
    return [fact for fact in facts((first, second), [related(kind)]) if fact.verdict is FactVerdict.CONFLICT]


@pytest.mark.parametrize(
    ("code", "text", "shown", "operator"),
    [
        ("en", "at least 139 people", "139", ">="),
        ("en", "nearly 140 people", "140", "~"),
        ("en", "one hundred and thirty-nine people", "139", "="),
        ("en", "did not sleep for a day", "24 h", "="),
        ("en", "in two decades", "175320 h", "="),
        ("en", "a fine of up to $2.5 million", "2500000 USD", "<="),
        ("en", "two and a half hours", "2.5 h", "="),
        ("en", "a 45-year-old man", "45 years old", "="),
        ("de", "mindestens 1.234 Menschen", "1234", ">="),
        ("de", "zweihundertdreiundzwanzig Menschen", "223", "="),
        ("fr", "quatre-vingt-dix personnes", "90", "="),
        ("fr", "1,5 million d'euros", "1500000 EUR", "="),
        ("es", "treinta y dos personas", "32", "="),
        ("ru", "не менее 1 234 человек", "1234", ">="),
        ("ru", "сто тридцать девять человек", "139", "="),
    ],
)
def test_numbers_are_read_by_the_language(code: str, text: str, shown: str, operator: str) -> None:
    """Figures and words give one value, in the measure's own unit, with what the words say of its exactness."""
    (found,) = amounts(text, numbers(code))

    assert (found.shown, found.operator) == (shown, operator)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on March 7", "--03-07"),
        ("am 7. März 2024", "2024-03-07"),
        ("le 7 mars 2024", "2024-03-07"),
        ("7 марта 2024 года", "2024-03-07"),
        ("on Friday", "2024-03-22"),
    ],
)
def test_dates_are_as_exact_as_they_are_written(text: str, value: str) -> None:
    """A date has the parts that the text states; a day of the week is the last one before publication."""
    assert [day.value for day in dates(text, "2024-03-26")] == [value]


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("At least 139 people were killed in the hall.", "The hall attack killed nearly 140 people."),
        ("The hall attack killed 1,234 people.", "The hall attack killed 1,200 people."),
        ("The hall attack killed 139 people and injured 40.", "In the hall attack 40 were injured and 139 people killed."),
        ("The leaders had not slept for a day.", "The leaders had not slept for 24 hours."),
        ("The fire burned 10 km of the coast road.", "The fire burned 6.2 miles of the coast road."),
        ("He took 19 hours to address the public.", "Both leaders had been awake for 24 hours."),
        ("The siege in 2004 killed 334 people.", "The hall attack killed 139 people."),
    ],
)
def test_compatible_values_are_no_conflict(said: str, other: str) -> None:
    """Operators, rounding, units and other quantities contradict nothing."""
    assert not conflicts(document("a", said), document("b", other), RelationKind.SAME_STORY)


def test_a_later_toll_is_no_conflict() -> None:
    """The dead of a later report may be more; an earlier report with more is a conflict."""
    early = document("a", "The earthquake in Karrow killed 39 people, the mayor said.", "2024-03-26")
    late = document("b", "The earthquake in Karrow killed 57 people, the mayor said.", "2024-03-28")

    assert not conflicts(early, late, RelationKind.SAME_STORY)
    assert conflicts(document("a", late.text, "2024-03-26"), document("b", early.text, "2024-03-28"), RelationKind.SAME_STORY)


def test_a_conflict_in_a_copy_is_a_copy_error() -> None:
    """What differs between independent texts is a conflict; in a text written over from the other it is an error in copying."""
    first = document("a", "It was the deadliest attack since the 2004 Beslan school siege.")
    second = document("b", "The deadliest attack since the 2003 Beslan school siege.")
    (copied,) = conflicts(first, second)
    (independent,) = conflicts(first, second, RelationKind.SAME_STORY)

    assert copied.copy_error
    assert not independent.copy_error
    assert [value.value for value in copied.values] == ["2004", "2003"]
    assert not facts((first, second), [])


def test_slips_in_derived_texts_are_found() -> None:
    """Of 50 invented texts with one wrong number at least 45 are told, and what is told is wrong in 19 of 20 at least."""
    right = wrong = 0
    for number in range(50):
        rng = random.Random(number)
        told = slips.report(rng)
        name = rng.choice(sorted(told))
        slip = slips.slipped(rng, told, name)
        first, second = document("a", slips.source(told, number)), document("b", slips.written_over(rng, slip, number, name))
        found = conflicts(first, second)
        hits = [fact for fact in found if any(slip[name] in value.text for value in fact.values)]
        right += bool(hits)
        wrong += len(found) - len(hits)

    assert right >= 45
    assert right / (right + wrong) >= 0.95


def test_right_copies_have_no_conflict() -> None:
    """A text written over with the right numbers has none."""
    for number in range(40):
        rng = random.Random(number)
        told = slips.report(rng)
        assert not conflicts(document("a", slips.source(told, number)), document("b", slips.written_over(rng, told, number, "dead")))


def test_spellings_of_one_name_are_one() -> None:
    """Transliterations meet; other names do not."""
    assert alike("Alexander", "Aleksandr")
    assert alike("Belarusian", "Belarussian")
    assert alike("Путин", "Putin")
    assert not alike("Putin", "Patten")


def test_what_is_not_read_is_said() -> None:
    """A language without a file, and the end of a text that is too long, are named."""
    polish, long = document("p", "Tekst", language="pl"), document("l", "word " * 30_000)

    assert [line.partition(":")[0] for line in unread([polish, long, document("e", "Words.")])] == ["p", "l"]


@pytest.mark.parametrize("piece", ["a", "1", "1 ", "1,", "twenty-", "million ", '"12 people ', "a@"])
def test_hostile_texts_end(piece: str) -> None:
    """A text without spaces, of figures alone or of endless numbers is read, and nothing is raised."""
    text = piece * 40_000

    assert not conflicts(document("a", text), document("b", text))


def test_files_with_slips_are_refused() -> None:
    """An unknown key and a unit without a factor are errors."""
    with pytest.raises(ValueError, match="keys"):
        read_numbers("xx", "language: english\nword: {}\n")
    with pytest.raises(ValueError, match="factor"):
        read_units("length: {of: m, units: [{words: [metre]}]}")
