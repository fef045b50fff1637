"""What a page states of its article, place by place: cases as a table, a page in microdata, the text's own statements, hostile data."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support.pages import make_page

from archive import codec
from archive.records import Author, Document
from pipeline import jsonld
from pipeline.agencies import distinct
from pipeline.authors import author, is_agency, same_house
from pipeline.markup import parse
from pipeline.metadata import Metadata, metadata
from pipeline.text import document
from pipeline.textpool import TextPool

HERE = Path(__file__).parent
WHEN = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
URL = "https://courier.example/2026/05/harbour-ferry-returns"
CASES = yaml.safe_load((HERE / "cases/metadata.yaml").read_text(encoding="utf-8"))
BODY = "The ferry across Lowmoor bay will sail again on Monday morning, nine years after the last boat was laid up for want of a crew."
KEYS = [
    *("@type", "@id", "@graph", "headline", "name", "author", "datePublished", "url", "hasPart", "isAccessibleForFree", "articleSection"),
    *("copyrightYear", "keywords", "itemListElement", "item", "publisher", "creator", "wordCount", "liveBlogUpdate", "cssSelector"),
]
NAMES = ["NewsArticle", "Person", "LiveBlogPosting", "BreadcrumbList", "a", "2026-05-04", "http://[x", "false", "©"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(NAMES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)
MARKUP = st.sampled_from(
    [
        "<div itemscope itemtype='https://schema.org/NewsArticle'>",
        "<h1 itemprop='headline name'>",
        "<p itemprop='author'>",
        "<span itemprop='author' itemscope>",
        "<time itemprop='datePublished' datetime='2026-05-04'>",
        "<meta itemprop='url' content='http://[x'>",
        "<a rel='author license' href='http://[x'>",
        "<meta name='robots' content=':'>",
        *("<div class='byline'>", "</div>", "</h1>", "<br>", "Mara", "© 2026 A"),
    ]
)
HOSTILE = {
    "white space": "{" + " " * 400_000 + "x",
    "nodes that refer to each other": json.dumps(
        [{"@type": "NewsArticle", "headline": "H", "author": [{"@id": str(number)} for number in range(20_000)]}]
        + [{"@id": str(number), "name": "A B"} for number in range(20_000)]
    ),
    "lists in lists": '{"@type": "NewsArticle", "headline": "H", "author": ' + "[" * 900 + "]" * 900 + "}",
}


def page(case: dict[str, Any]) -> str:
    data = json.dumps({"@type": "NewsArticle", **case["data"]}) if "data" in case else ""
    script = f'<script type="application/ld+json">{data}</script>' if data else ""
    body = case.get("body", "<p>Text.</p>")
    return f"<!DOCTYPE html><html><head>{script}{case.get('head', '')}</head><body>{body}</body></html>"


def read(case: dict[str, Any]) -> Metadata:
    tree = parse(page(case))
    assert tree is not None
    return metadata(tree, case.get("url", URL), WHEN, case.get("headers", ()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_cases(case: dict[str, Any]) -> None:
    """Each field is what the case says, read where it says, with the candidates that it lists."""
    found = read(case)

    for field, value in case.get("finds", {}).items():
        said = getattr(found, field)
        assert (list(said) if isinstance(said, tuple) else said) == value, field
    assert {field: found.provenance.get(field) for field in case.get("places", {})} == case.get("places", {})
    assert {field: [f"{one.place} {one.value}" for one in found.candidates[field]] for field in case.get("says", {})} == case.get(
        "says", {}
    )
    if "authors" in case:
        assert [[signer.name, signer.type] for signer in found.authors] == case["authors"]


def test_microdata_of_the_article_and_of_nothing_else() -> None:
    """The item around the only h1 is the article's; a teaser's and a comment's properties are not, and no text is metadata."""
    found = document(make_page((HERE / "pages/microdata.html").read_bytes()))

    assert found.authors == (Author(name="Mara Fenwick"),)
    assert (found.published, found.modified) == ("2026-05-04T06:30:00+01:00", "2026-05-04T09:12:45+01:00")
    assert (found.outlet, found.section, found.rights, found.paywall) == ("The Lowmoor Courier", "Bay", "Lowmoor Press Ltd", False)
    assert dict(found.provenance)["authors"] == "microdata:author"
    assert not any("Reader" in one.value or "ferry across" in one.value for one in found.candidates)


def test_the_text_names_its_agencies() -> None:
    """A line of credit and a dateline name agencies that the data are silent about; the rights line of the text goes first."""
    starts = ("SKERRICK, May 4 (Reuters) - ", "On Sunday: ", "In short: ", "At last: ")
    paragraphs = "".join(f"<p>{start}{BODY} {len(start)} passengers are expected on the first day.</p>" for start in starts)
    tail = "<p>With inputs from AP</p><p>Copyright 2026 Lowmoor Press Ltd. All rights reserved.</p>"
    data = {"headline": "Harbour ferry returns", "author": "dpa"}
    found = document(make_page(page({"data": data, "body": f"<article><h1>{data['headline']}</h1>{paragraphs}{tail}</article>"})))

    assert found.agencies == ("dpa", "AP", "Reuters")
    assert [one.place for one in found.candidates if one.field == "agencies"] == ["authors", "text:credit", "text:dateline"]
    assert found.rights == "Copyright 2026 Lowmoor Press Ltd."
    assert dict(found.provenance)["rights"] == "text"


def test_a_document_tells_what_it_rests_on() -> None:
    """Doubts are among the reasons of the quality, every place is a candidate, headers count, and JSON gives back an equal document."""
    case = {"data": {"headline": "H", "datePublished": "2026-05-04"}, "head": '<meta name="date" content="2026-04-01">'}
    made = make_page(page(case), headers=(("X-Robots-Tag", "noarchive"),))
    found = document(made)

    assert found.noarchive
    assert any(reason.startswith("published: json-ld:datePublished says 2026-05-04, meta:date says") for reason in found.quality.reasons)
    assert {(one.field, one.place) for one in found.candidates} >= {("published", "meta:date"), ("robots", "header:x-robots-tag")}
    assert codec.read(Document, codec.text_of(found)) == found


@pytest.mark.parametrize(
    ("name", "agency"),
    [("AFP Deutschland", True), ("Reuters Staff", True), ("the Associated Press in Skerrick", True), ("MIA", True), ("Mia", False),
     ("Deutsche Presse-Agentur", True), ("Bay News Agency", True), ("Apa Reuters-Smith", False), ("Petra", False)],
)  # fmt: skip
def test_names_of_agencies(name: str, agency: bool) -> None:  # noqa: FBT001 -- a column of the table
    """An agency keeps its kind with a desk, a country or a place after it; a person who is called like one is a person."""
    assert is_agency(name) is agency
    assert (author(name, ()).type == "agency") is agency


@pytest.mark.parametrize(
    ("name", "house", "same"),
    [("Ilex", "Ilex News", True), ("Fox", "foxnews", False), ("www.gazette.example", "gazette.example", True), ("Ann", "An", False)],
)
def test_names_of_the_outlet(name: str, house: str, same: bool) -> None:  # noqa: FBT001 -- a column of the table
    """An outlet may leave out its "News"; three letters are too few to tell it from a person."""
    assert same_house(name, house) is same


def test_an_agency_is_named_once() -> None:
    """The spelling that comes first stays."""
    found = read({"data": {"headline": "H", "creditText": "The Associated Press; Associated Press"}})

    assert distinct(found.candidates["agencies"]) == ("The Associated Press",)


def test_more_candidates_than_are_kept() -> None:
    """A field keeps a limited number, and the doubt says how many there were."""
    metas = (f'<meta name="{name}" content="2026-04-{day:02}">' for name in ("date", "pubdate") for day in range(1, 20))
    found = read({"head": "".join(metas)})

    assert len(found.candidates["published"]) == 24
    assert "published: 32 candidates, the first 24 kept" in found.doubts


@given(JSON)
def test_any_data_can_be_read(content: object) -> None:
    """Whatever shape a site gives its data, reading raises nothing, and each candidate is words without a break."""
    found = read({"head": f'<script type="application/ld+json">{json.dumps(content)}</script>'.replace("©", "&copy;")})

    assert all(one.value and one.value == " ".join(one.value.split()) for values in found.candidates.values() for one in values)


@given(st.lists(MARKUP, max_size=30))
@settings(max_examples=60)
def test_any_microdata_can_be_read(parts: list[str]) -> None:
    """Items in items, properties of nothing and addresses that are none raise nothing."""
    assert isinstance(read({"body": "".join(parts)}), Metadata)


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE)
def test_hostile_data_take_no_more_time_than_their_length(script: str) -> None:
    """Half a megabyte that is made to be slow ends within the deadline of a page; quadratic steps would take minutes."""
    hostile = make_page(f'<html><head><script type="application/ld+json">{script}</script></head><body><p>{BODY}</p></body></html>')
    with TextPool(workers=1, deadline=20.0) as pool:
        ((_, found),) = pool.extract([hostile])

    assert isinstance(found, Document)


def test_nodes_of_others_are_no_nodes_of_the_page() -> None:
    """Updates and comments bring no node, a reference finds the first node of its name."""
    data = {"headline": "H", "comment": [{"@type": "Comment"}], "liveBlogUpdate": {"@type": "BlogPosting"}}
    tree = parse(page({"data": data}))
    assert tree is not None
    nodes = jsonld.nodes(tree)

    assert [jsonld.types(node) for node in nodes] == [{"newsarticle"}]
    named = jsonld.named([{"@id": "a", "name": "One"}, {"@id": "a", "name": "Two"}, {"@id": {}, "name": "No"}])
    assert jsonld.resolve(named, {"@id": "a"})["name"] == "One"
    assert jsonld.resolve(named, {"@id": ["a"]}) == {"@id": ["a"]}
