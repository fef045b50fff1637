"""What a page states about its article, and where."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Author
from pipeline import jsonld
from pipeline.authors import author, split
from pipeline.dates import instant, iso, plausible
from pipeline.markup import parse
from pipeline.metadata import Metadata, metadata
from pipeline.titles import without_outlet

HERE = Path(__file__).parent
WHEN = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
URL = "https://courier.example/2026/05/harbour-ferry-returns"
BYLINES = yaml.safe_load((HERE / "cases/bylines.yaml").read_text(encoding="utf-8"))
DATES = [line.split("\t") for line in (HERE / "cases/dates.tsv").read_text(encoding="utf-8").splitlines()]
KEYS = ["@type", "@id", "@graph", "headline", "name", "author", "datePublished", "url"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["NewsArticle", "Person", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def read(html: str | bytes, url: str = URL) -> Metadata:
    tree = parse(html if isinstance(html, str) else html.decode())
    assert tree is not None
    return metadata(tree, url, WHEN)


def page(head: str, body: str = "<p>Text.</p>") -> str:
    return f"<!DOCTYPE html><html><head><title></title>{head}</head><body>{body}</body></html>"


def script(*content: str) -> str:
    return "".join(f'<script type="application/ld+json">{one}</script>' for one in content)


def test_an_article_with_a_graph() -> None:
    """References by @id, given and family names, time and zone, and the place of each value are read from JSON-LD."""
    found = read((HERE / "pages/article.html").read_bytes())

    assert found.title == "Harbour ferry returns after nine years"
    assert found.authors == (
        Author(name="Mara Fenwick"),
        Author(name="Tobias Lund"),
        Author(name="Northern Wire Desk", type="team"),
    )
    assert (found.published, found.modified) == ("2026-05-04T06:30:00+01:00", "2026-05-04T09:12:45+01:00")
    assert (found.outlet, found.language, found.rights) == ("The Lowmoor Courier", "en", "Lowmoor Press Ltd")
    assert found.canonical == URL
    assert found.provenance == {
        "title": "json-ld:headline",
        "authors": "json-ld:author",
        "published": "json-ld:datePublished",
        "modified": "json-ld:dateModified",
        "outlet": "json-ld:publisher",
        "description": "meta:description",
        "language": "html:lang",
        "canonical": "link:canonical",
        "rights": "meta:copyright",
    }


def test_broken_json_costs_no_more_than_itself() -> None:
    """A script that is cut is left out; comment fences, trailing commas and raw line breaks are no reason to."""
    found = read((HERE / "pages/broken_jsonld.html").read_bytes())

    assert (found.title, found.provenance["title"]) == ("Library roof to be mended", "json-ld:headline")
    assert found.values("description") == ("Slates and lead",)
    assert (found.published, found.provenance["published"]) == ("2026-05-02T10:00:00+02:00", "meta:article:published_time")
    assert found.modified == "2026-05-03"


def test_people_before_the_outlet_that_signs_for_them() -> None:
    """An address is no name, and a signature that repeats the outlet yields to a source that names people."""
    found = read((HERE / "pages/broken_jsonld.html").read_bytes())

    assert [signer.name for signer in found.authors] == ["Jonas Reed", "Ada Moss"]
    assert found.provenance["authors"] == "meta:parsely-author"


def test_an_outlet_alone_is_better_than_nobody() -> None:
    """When only the outlet signs, it is the author, typed as what it is; its domain is one of its names."""
    signed = read(page(script('{"@type": "NewsArticle", "headline": "H", "author": "The Courier"}')))

    assert signed.authors == (Author(name="The Courier", type="outlet"),)


def test_a_byline_that_only_the_eye_sees() -> None:
    """Without JSON-LD and meta elements the marked byline is read, not one in a comment, and never a sentence."""
    body = (
        '<div class="comment"><p class="author">Some Reader</p></div><p class="byline">We asked the author 12 times to reply</p>'
        '<p class="byline">By Mara Fenwick in Skerrick</p>'
    )
    found = read(page("", body.replace(" in Skerrick", "")))

    assert (found.authors, found.provenance["authors"]) == ((Author(name="Mara Fenwick"),), "visible:byline")


@pytest.mark.parametrize("case", BYLINES, ids=lambda case: case["byline"] or "empty")
def test_bylines(case: dict[str, object]) -> None:
    """A byline is split into names as they are written."""
    assert list(split(str(case["byline"]))) == case["names"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Mara Fenwick", "person"),
        ("Reuters", "agency"),
        ("Associated Press in Skerrick", "agency"),
        ("Eastbay Gazette", "outlet"),
        ("gazette.example", "person"),
        ("Gazette", "outlet"),
        ("Gazettean Roe", "person"),
        ("Sports Desk", "team"),
        ("Редакция", "team"),
    ],
)
def test_types_of_signers(name: str, kind: str) -> None:
    """Agencies, teams and the outlet itself are no persons; a person whose name only begins like the outlet is one."""
    assert author(name, ("Eastbay Gazette", "gazette")) == Author(name=name, type=kind)


@pytest.mark.parametrize(("written", "expected"), DATES, ids=[row[0] for row in DATES])
def test_dates(written: str, expected: str) -> None:
    """A date keeps its own precision and zone; what is no whole date is none."""
    assert (iso(written) or "-") == expected


@given(st.text(max_size=40) | st.from_regex(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}[T ]?\d{0,2}:?\d{0,2}[Z+-]?\d{0,4}", fullmatch=True))
def test_any_text_is_a_date_or_none(text: str) -> None:
    """No text breaks the reader, and what it gives is ISO 8601 that reads back as itself."""
    found = iso(text)

    assert found is None or (iso(found) == found and instant(found).tzinfo is not None)


def test_a_date_after_the_capture_is_not_believed() -> None:
    """A page cannot be published after it was captured; a day of grace covers the zones, and the next source gets its turn."""
    head = script('{"@type": "NewsArticle", "headline": "H", "datePublished": "2026-09-01"}')
    found = read(page(head + '<meta property="article:published_time" content="2026-05-04">'))

    assert (found.published, found.provenance["published"]) == ("2026-05-04", "meta:article:published_time")
    assert plausible("2026-07-02T11:00:00+00:00", WHEN)
    assert not plausible("2026-07-03", WHEN)
    assert not plausible("1970-01-01", WHEN)


def test_a_date_that_stands_in_the_page_alone() -> None:
    """Where nothing states a date the visible one counts, with the time that its element gives."""
    found = read(page("", '<article><h1>Tram works</h1><time datetime="2026-05-04T06:30:00+01:00">4 May 2026</time><p>Text.</p></article>'))

    assert (found.published, found.provenance["published"]) == ("2026-05-04T06:30:00+01:00", "visible:time")
    assert read(page("")).published is None


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("Tram works | Gazette", "Tram works"),
        ("Tram works - Gazette - News", "Tram works"),
        ("Tram works – what now | Bay | Gazette", "Tram works – what now | Bay"),
        ("Tram works - what now", "Tram works - what now"),
        ("Roof mended · anything", "Roof mended"),
        ("路面電車工事｜Gazette", "路面電車工事"),
    ],
)
def test_a_title_loses_the_outlet(title: str, headline: str) -> None:
    """The outlet's name goes from the end, and anything after a headline that the page also shows alone; dashes of the headline stay."""
    assert without_outlet(title, {"Roof mended"}, {"Gazette"}) == headline


@pytest.mark.parametrize(
    ("headline", "shared", "title"),
    [
        ("Trams: Square shut for a week", "Square shut for a week", "Square shut for a week"),
        ("Trams - Square shut for a week", "Square shut for a week", "Square shut for a week"),
        ("Trams: Report: square shut for a week", "Report: square shut for a week", "Trams: Report: square shut for a week"),
        ("Trams: Square shut", "Square shut", "Trams: Square shut"),
        ("Square shut for a week", "Trams: Square shut for a week", "Square shut for a week"),
    ],
    ids=["colon", "dash", "second colon", "two words", "shared with kicker"],
)
def test_a_title_loses_the_kicker_that_is_not_shared(headline: str, shared: str, title: str) -> None:
    """What stands before the title that og:title gives alone is a kicker; the headline as JSON-LD has it stays a candidate."""
    node = f'{{"@type": "NewsArticle", "headline": "{headline}"}}'
    found = read(page(f'<script type="application/ld+json">{node}</script><meta property="og:title" content="{shared}">'))

    assert found.title == title
    assert set(found.values("title")) == {headline, shared}


def test_the_node_that_names_the_page_is_the_article() -> None:
    """Among the articles of an endless page the one with this page's address counts."""
    other = '{"@type": "NewsArticle", "headline": "Other", "url": "https://courier.example/2026/05/tram-works"}'
    own = f'{{"@type": "NewsArticle", "headline": "Own", "url": "{URL}/?page=1"}}'

    assert read(page(script(other, own))).title == "Own"
    assert read(page(script(other, '{"@type": "NewsArticle", "headline": "Last"}'))).title == "Other"


def test_control_characters_do_not_come_through() -> None:
    """Halves of characters and control characters, which JSON can escape, are no part of a value."""
    head = script('{"@type": "NewsArticle", "headline": "Ferry\\ud800 re\\u0000turns", "author": "Mara\\u200b Fenwick"}')

    assert read(page(head)).title == "Ferry returns"
    assert read(page(head)).authors == (Author(name="Mara Fenwick"),)


@given(JSON)
def test_any_json_can_be_read(content: object) -> None:
    """Whatever shape a site gives its JSON-LD, reading it raises nothing and gives plain values."""
    found = read(page(script(json.dumps(content).replace("<", "\\u003c"))))

    assert found.title is None or found.title.strip() == found.title
    assert all(isinstance(signer.name, str) for signer in found.authors)


def test_json_that_is_nested_too_deep_is_passed_over() -> None:
    """Ten thousand brackets neither overflow the stack nor hide the script after them."""
    tree = parse(page(script("[" * 10_000, '{"@type": "NewsArticle", "headline": "Own"}')))
    assert tree is not None

    assert [node["headline"] for node in jsonld.nodes(tree)] == ["Own"]
