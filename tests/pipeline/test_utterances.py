"""One saying in several wordings, and the text that the others rest on."""

from archive.kinds import PageKind
from archive.records import Document, Quality
from archive.relations import Evidence, Quote, Relation, RelationKind
from pipeline.primary import absent, primary
from pipeline.quotes import quotes_of
from pipeline.utterances import utterances

FIRST = (
    "“We held the bridge at Karrow until the evening. So they turned around and went to the mill,” Anna Brandt said.\n"
    "Mayor Paul Holm had called in the night. “He asked me: ‘Can you send us the boats?’ I sent six,” Brandt said.\n"
    "“Holm and I did not sleep for 24 hours. What would the critics know about it?” Brandt said."
)
SECOND = (
    "“So they took a turn and went off to the mill. Holm and I didn't sleep for a day,” Anna Brandt said.\n"
    "“The harvest was better than last year,” Brandt said."
)


def document(name: str, text: str, outlet: str | None = None, published: str | None = None) -> Document:
    quality = Quality(kind=PageKind.ARTICLE)
    return Document(capture=name, url="", extractor="test", quality=quality, text=text, outlet=outlet, published=published, language="en")


def rests(kind: RelationKind, source: str, target: str) -> Relation:
    return Relation(
        kind=kind, source=source, target=target, score=1.0, method="test", why="", evidence=(Evidence(kind="cue", words="says"),)
    )


def test_a_spliced_quotation_is_taken_apart() -> None:
    """Two sentences that one text joins and the other has apart are two utterances; a sentence of another matter is none."""
    documents = (document("a", FIRST), document("b", SECOND))
    found = utterances(documents, {one.capture: quotes_of(one) for one in documents})
    texts = [{rendering.document: rendering.text for rendering in one.renderings} for one in found]

    assert len(found) == 2
    assert "mill" in texts[0]["a"]
    assert "mill" in texts[0]["b"]
    assert "24 hours" in texts[1]["a"]
    assert "a day" in texts[1]["b"]
    assert {one.speaker for one in found} == {"Anna Brandt"}
    assert all(
        FIRST[slice(*rendering.span)] == rendering.text for one in found for rendering in one.renderings if rendering.document == "a"
    )
    assert all(one.renderings[0].drift == 0 < one.renderings[1].drift < 1 for one in found)


def test_another_speaker_said_something_else() -> None:
    """The same words of two speakers are no rendering of each other."""
    one, other = (
        document("a", "“We will rebuild the old bridge,” Anna Brandt said."),
        document("b", "“We will rebuild the old bridge,” Paul Holm said."),
    )
    quotes = {
        text.capture: [Quote(document=text.capture, start=1, end=32, text=text.text[1:32], speaker=name)]
        for text, name in ((one, "Anna Brandt"), (other, "Paul Holm"))
    }

    assert not utterances((one, other), quotes)


def test_who_is_cited_by_all_is_primary() -> None:
    """The text on which most rest is primary, with the reason; a text that rests on another is not."""
    documents = [document(name, "") for name in "abcd"]
    relations = [rests(RelationKind.CITES, "a", "b"), rests(RelationKind.CITES, "c", "b"), rests(RelationKind.DERIVED, "d", "a")]
    found = primary(documents, relations, {})

    assert found is not None
    assert found.document == "b"
    assert "a and c cite it" in found.why


def test_a_tie_is_told_by_the_date_or_not_at_all() -> None:
    """Of two with the same weight the earlier is primary; without dates none is."""
    relations = [rests(RelationKind.CITES, "a", "b"), rests(RelationKind.CITES, "a", "c")]
    dated = [document("a", ""), document("b", "", published="2024-03-27"), document("c", "", published="2024-03-26")]
    found = primary(dated, relations, {})

    assert found is not None
    assert found.document == "c"
    assert primary([document(name, "") for name in "abc"], relations, {}) is None
    assert primary(dated, [], {}) is None


def test_a_source_without_a_text_is_named() -> None:
    """When more texts quote through an outlet that has no text here than rest on any text, that outlet is named and none is primary."""
    documents = [document(name, "x" * 9) for name in "abc"]
    quotes = {name: [Quote(document=name, start=0, end=3, text="xxx", via="BelTA")] for name in "abc"}

    assert primary(documents, [rests(RelationKind.DERIVED, "a", "b")], quotes) is None
    assert absent(documents, quotes)[0].why == "BelTA, through whom a, b and c quote, has no text here"


def test_hostile_quotations_end() -> None:
    """Thousands of sentences in quotation marks, nested or not, are read, and nothing is raised."""
    for text in ("“We will build it again.” " * 3_000, "“He said: ‘I asked him’ " * 3_000, "“" * 20_000):
        documents = (document("a", text), document("b", text))
        quotes = {one.capture: [Quote(document=one.capture, start=0, end=len(text), text=text, speaker="Anna Brandt")] for one in documents}

        assert len(utterances(documents, quotes)) <= 300
