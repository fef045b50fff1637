"""Quotations: marks of many styles, speakers in five languages, the seeds, and labelled pages."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archive.kinds import BlockKind, PageKind
from archive.records import Block, Document, Quality, Seed
from archive.relations import Quote
from benchmarks import quotes as benchmark
from pipeline.lexicon import RULES
from pipeline.plaindocuments import documents_of
from pipeline.quotes import note, quotes_of, reported
from pipeline.quotes.grammar import LANGUAGES
from pipeline.quotes.marks import marked

CASES = Path(__file__).parent / "cases/quotes"
MARKS: list[dict[str, Any]] = yaml.safe_load((CASES / "marks.yaml").read_text("utf-8"))["cases"]
SPOKEN: list[tuple[str, dict[str, Any]]] = [
    (code, case) for code in LANGUAGES for case in yaml.safe_load((CASES / f"{code}.yaml").read_text("utf-8"))["cases"]
]
FLOORS = {
    "development": {"direct recall": 0.985, "mixed recall": 0.9, "direct speaker": 0.95, "speaker": 0.9, "precision": 0.97},
    "held_out": {"direct recall": 0.985, "mixed recall": 0.88, "direct speaker": 0.94, "speaker": 0.88, "precision": 0.92},
}


def document(text: str, language: str | None = "en", **fields: Any) -> Document:
    return Document(capture="a", url="", extractor="x/1", quality=Quality(kind=PageKind.ARTICLE), text=text, language=language, **fields)


def top(text: str, language: str | None = "en") -> list[Quote]:
    return [quote for quote in quotes_of(document(text, language)) if quote.inside is None]


def plain(text: str) -> str:
    return text.replace("’", "'").replace(".", "").casefold()


@pytest.mark.parametrize("case", MARKS, ids=[case["text"][:40] for case in MARKS])
def test_marks_enclose_what_a_reader_sees(case: dict[str, Any]) -> None:
    """Each style of marks gives its passages, and those inside them with the passage that holds them."""
    text = case["text"]
    words = {passage.start: text[passage.start : passage.end] for passage in marked(text)}

    found = [words[passage.start] if passage.inside is None else [words[passage.start], words[passage.inside]] for passage in marked(text)]

    assert found == case["passages"]


@pytest.mark.parametrize(("language", "case"), SPOKEN, ids=[f"{code}-{number}" for number, (code, _) in enumerate(SPOKEN)])
def test_a_sentence_tells_who_speaks(language: str, case: dict[str, Any]) -> None:
    """Each sentence gives its quotations with speaker and the one who passes them on, and no other."""
    found = top(case["text"], language)

    assert [quote.text[: len(entry[0])] for quote, entry in zip(found, case["quotes"], strict=True)] == [
        entry[0] for entry in case["quotes"]
    ]
    wanted = [(entry[1], entry[2] if len(entry) > 2 else None) for entry in case["quotes"]]
    assert [(quote.speaker and quote.speaker.casefold(), quote.via) for quote in found] == [
        (speaker and speaker.casefold(), via) for speaker, via in wanted
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_shows_its_language(language: str) -> None:
    """A text whose language nobody declared is read with the grammar that fits it."""
    text = "\n".join(case["text"] for code, case in SPOKEN if code == language)

    declared, guessed = top(text, language), top(text, None)

    assert guessed
    assert [quote.speaker for quote in guessed] == [quote.speaker for quote in declared]


def seed_documents(shared: Path) -> dict[str, Document]:
    paths = sorted((shared / "seeds").glob("*.txt"))
    seeds = [Seed(id=path.stem, kind="text", source=path.name, text=path.read_text("utf-8")) for path in paths]
    return {found.capture[:3]: found for found in documents_of(seeds)}


def test_the_seeds_say_who_said_what(shared: Path) -> None:
    """The nineteen quotations of the seeds have the speaker and the source that a reader gives them; a doubled body adds none."""
    wanted = yaml.safe_load((shared / "acceptance/seeds.yaml").read_text("utf-8"))["quotes"]

    for name, text in seed_documents(shared).items():
        found = [quote for quote in quotes_of(text) if quote.inside is None]
        rows = wanted.get(name, [])
        assert len(found) == len(rows), name
        for quote, (start, speaker, source) in zip(found, rows, strict=True):
            assert plain(quote.text).startswith(plain(start))
            assert plain(quote.speaker or "").endswith(plain(speaker)), start
            assert plain(quote.via or "") in ({plain(source or ""), ""} if source == "TASS" else {plain(source or "")}), start


def test_speech_inside_speech_keeps_its_place(shared: Path) -> None:
    """What a speaker says that others said is inside his quotation, which ends where it was opened twice and closed once."""
    text = seed_documents(shared)["002"]
    found = quotes_of(text)
    outer = {quote.start: quote for quote in found if quote.inside is None}

    nested = [quote for quote in found if quote.inside is not None]

    assert len(nested) == 5
    assert all(
        outer[quote.inside].start < quote.start < quote.end < outer[quote.inside].end for quote in nested if quote.inside is not None
    )


@pytest.mark.parametrize("part", benchmark.PARTS)
def test_labelled_pages_are_not_below_the_floors(part: str, shared: Path) -> None:
    """On real pages that were labelled by reading, recall, speakers and precision stay above their floors."""
    found = benchmark.score(part, shared)

    assert {name: share for name, share in found.items() if share < FLOORS[part].get(name, 0)} == {}


def test_a_broken_quotation_is_one() -> None:
    """Words that only their attribution parts are one quotation with parts, and the attribution is its cue."""
    text = "“We leave,” said Mia Tolk, “when the water comes.”"
    (quote,) = top(text)

    assert [text[slice(*part)] for part in quote.parts] == ["We leave,", "when the water comes."]
    assert quote.cue is not None
    assert text[slice(*quote.cue)] == "said"


@pytest.mark.parametrize(
    ("language", "text", "speaker", "words"),
    [
        ("en", "Mayor Lena Harms said that the lock was shut. She left.", "Lena Harms", "the lock was shut"),
        ("de", "Lena Harms sagte, dass die Schleuse zu sei.", "Lena Harms", "die Schleuse zu sei"),
        ("fr", "Anne Vautrin a déclaré que l’écluse était fermée.", "Anne Vautrin", "l’écluse était fermée"),
        ("es", "Inés Robledo dijo que la esclusa estaba cerrada.", "Inés Robledo", "la esclusa estaba cerrada"),
        ("ru", "Олег Ветров сказал, что шлюз закрыт.", "Олег Ветров", "шлюз закрыт"),
    ],
)
def test_indirect_speech_is_told_apart(language: str, text: str, speaker: str, words: str) -> None:
    """What somebody is said to have said without marks is indirect speech, and no direct quotation."""
    (quote,) = reported(document(text, language))

    assert (quote.direct, quote.speaker, quote.text) == (False, speaker, words)
    assert top(text, language) == []


def test_headlines_hold_no_speech() -> None:
    """Marks in a headline, a teaser or a credit give no quotation."""
    text = "“We will never leave this place”, says Tolk\n“We will never leave this place,” said Mia Tolk."
    line = text.index("\n")
    blocks = (
        Block(text=text[:line], start=0, end=line, kind=BlockKind.HEADLINE),
        Block(text=text[line + 1 :], start=line + 1, end=len(text)),
    )

    found = quotes_of(document(text, blocks=blocks))

    assert [quote.start for quote in found] == [line + 2]


def test_a_block_quotation_needs_no_marks() -> None:
    """A paragraph that the page sets as a quotation is one, of the speaker whom the paragraph before it names."""
    first, second = "Mayor Lena Harms criticised the delay.", "It is a shame for the whole of this town."
    blocks = (
        Block(text=first, start=0, end=len(first)),
        Block(text=second, start=len(first) + 1, end=len(first) + 1 + len(second), kind=BlockKind.QUOTE),
    )

    (quote,) = quotes_of(document(f"{first}\n{second}", blocks=blocks))

    assert (quote.text, quote.speaker) == (second, "Lena Harms")


def test_what_a_language_does_not_support_is_said() -> None:
    """In a language without a grammar quotations have no speakers, and a note says so."""
    text = "Είπε ο Νίκος Δράκος: «Το λιμάνι μένει κλειστό σήμερα το πρωί»."

    (quote,) = quotes_of(document(text, "el"))

    assert (quote.text, quote.speaker) == ("Το λιμάνι μένει κλειστό σήμερα το πρωί", None)
    assert note(document(text, "el")) == "speakers of quotations are not looked for in texts of language el"
    assert note(document("The port is closed to all of the boats.", "en")) is None


def test_the_languages_have_the_same_lists() -> None:
    """No language's file lacks a list that another one has, or has one that nobody reads."""
    lists = {code: set(yaml.safe_load((RULES / f"quotes-{code}.yaml").read_text("utf-8"))) for code in LANGUAGES}

    assert all(keys == lists["en"] for keys in lists.values())


PIECES = st.sampled_from(
    [
        *"\"“”„«»‹›‘’‚'「」『』—–\n.,:;!? ",
        "''",
        "``",
        " said ",
        "Ada Quiroga",
        " he ",
        " the mayor ",
        "told BelTA",
        "5'10\"",
        "'90s",
        "a",
        "сказал ",
        "« ",
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join), st.sampled_from([*LANGUAGES, "el", None]))
def test_no_text_is_too_strange(text: str, language: str | None) -> None:
    """Any heap of marks gives quotations in order whose words are the text's, whose parts lie inside and whose holder exists."""
    found = quotes_of(document(text, language))
    tops = {quote.start: quote for quote in found if quote.inside is None}

    assert list(found) == sorted(found, key=lambda quote: (quote.start, -quote.end))
    for quote in found:
        assert text[quote.start : quote.end] == quote.text
        assert quote.text.strip()
        spans = [*quote.parts, *(span for span in (quote.speaker_span, quote.via_span, quote.cue) if span is not None)]
        assert all(0 <= start <= end <= len(text) for start, end in spans)
        assert all(quote.start <= start < end <= quote.end for start, end in quote.parts)
    assert all(quote.inside in {other.start for other in found} for quote in found if quote.inside is not None)
    assert len(tops) == sum(quote.inside is None for quote in found)


HOSTILE = {
    "marks": '"' * 100_000,
    "openings": "“" * 100_000,
    "nested": "„" * 10_000 + "“" * 10_000,
    "no space": "x" * 1_000_000,
    "never closed": '"a\n' * 20_000,
    "one sentence": "Ann Bea said " * 20_000 + "“words that somebody said there” ",
    "apostrophes": "'a" * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_read(name: str) -> None:
    """A text made to be hard is read like any other: few quotations, and none that nobody closed and nobody said."""
    assert len(quotes_of(document(HOSTILE[name]))) <= 2
