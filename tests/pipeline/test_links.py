"""Where a page leads."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement
from support.pages import make_page

from archive.kinds import Found
from archive.records import Link
from pipeline.blocks import Anchor, visible
from pipeline.links import anchors, article_links, declared
from pipeline.markup import absolute, base, parse
from pipeline.statements import Head, read_head
from pipeline.text import document

PAGES = Path(__file__).parent / "pages"
URL = "https://courier.example/2026/05/harbour-ferry-returns"


def _head(tree: HtmlElement | None, url: str = URL) -> Head:
    assert tree is not None
    return read_head(tree, url, datetime(2026, 5, 6, tzinfo=UTC))


def links_of(body: str, paragraphs: list[str], *, related: tuple[str, ...] = (), head: str = "") -> tuple[Link, ...]:
    tree = parse(f"<!DOCTYPE html><html><head><title></title>{head}</head><body>{body}</body></html>")
    assert tree is not None
    return article_links(anchors(_head(tree)), URL, tuple(visible(tree)), paragraphs, related)


def test_an_article_leads_to_these_and_no_others() -> None:
    """Head, related lines, also one that the extractor had dropped, and paragraphs lead on; menu, byline, share bar and footer do not."""
    found = document(make_page((PAGES / "article.html").read_bytes(), url=URL)).links

    assert found == (
        Link(url="https://courier.example/amp/2026/05/harbour-ferry-returns", text="", rel=Found.AMP),
        Link(url="https://courier.example/feeds/all.xml", text="All news", rel=Found.FEED_LINK),
        Link(url="https://courier.example/cy/2026/05/harbour-ferry-returns", text="cy", rel=Found.HREFLANG),
        Link(url="https://courier.example/2026/03/second-quay?ref=body", text="Second quay gets its new pier in March", rel=Found.RELATED),
        Link(
            url="https://courier.example/2026/05/tram-works",
            text="Tram works will close the station square for a week",
            rel=Found.RELATED,
        ),
        Link(url="https://courier.example/2026/04/bridge-count", text="some nine hundred passengers a day", rel=Found.LINK),
        Link(url="https://gazette.example/council/ferry-fares", text="a report in the Eastbay Gazette", rel=Found.LINK),
    )


@pytest.mark.parametrize("name", ["index", "soft404", "consent", "botwall"])
def test_a_page_that_is_no_article_leads_nowhere(name: str) -> None:
    """The links of a wall, an error page or an index are no coverage."""
    assert document(make_page((PAGES / f"{name}.html").read_bytes(), url=URL)).links == ()


def test_a_canonical_address_elsewhere_is_a_link() -> None:
    """A page that names another address as its own leads there; one that names itself does not."""
    tree = parse('<html><head><title></title><link rel="Canonical" href="//agency.example/ferry#top"></head><body></body></html>')
    assert tree is not None

    assert declared(_head(tree)) == (Link(url="https://agency.example/ferry", text="", rel=Found.CANONICAL),)
    assert declared(_head(tree, "https://agency.example/ferry")) == ()


def test_what_an_article_rests_on_is_declared() -> None:
    """Other languages, the syndication metas, and of this article's JSON-LD node alone what it is based on, cites and is the same as."""
    tree = parse(
        """<html><head><title></title><link rel="alternate" hreflang="cy" href="/cy">
        <link rel="alternate" hreflang="x-none" type="text/css" href="/c">
        <meta name="syndication-source" content="https://agency.example/1"><meta property="original-source" content="https://agency.example/2">
        <meta name="original-source" content="Agency, London"><script type="application/ld+json">[
        {"@type": "NewsArticle", "headline": "Other", "url": "https://courier.example/other", "isBasedOn": "https://no.example/"},
        {"@type": "NewsArticle", "headline": "Ferry", "mainEntityOfPage": {"@id": "https://courier.example/2026/05/harbour-ferry-returns"},
         "url": "https://www.courier.example/2026/05/harbour-ferry-returns/", "sameAs": ["https://courier.example/short/1", "#article"],
         "isBasedOn": {"@type": "Report", "name": "Minutes", "url": "/minutes"}, "citation": ["Doe 2020, p. 7", "https://journal.example/doe"]}
        ]</script></head><body></body></html>"""
    )
    assert tree is not None

    assert [(link.rel, link.url, link.text) for link in declared(_head(tree))] == [
        (Found.HREFLANG, "https://courier.example/cy", "cy"),
        (Found.SYNDICATION, "https://agency.example/1", ""),
        (Found.ORIGINAL, "https://agency.example/2", ""),
        (Found.BASED_ON, "https://courier.example/minutes", "Minutes"),
        (Found.CITATION, "https://journal.example/doe", ""),
        (Found.SAME_AS, "https://courier.example/short/1", ""),
    ]


def test_teasers_in_a_related_box_come_last() -> None:
    """Each once, with three words at least, and no link that the paragraphs have."""
    body = (
        '<p>One <a href="/a">two</a> three four.</p><div id="RelatedStories"><a href="/a">The pier opens in March</a>'
        '<a href="/b"><h3>The ferry sails</h3> at noon</a><a href="/c">More</a><a href="/b">The ferry sails again</a></div>'
    )

    found = links_of(body, ["One two three four."])

    assert found == (
        Link(url="https://courier.example/a", text="two", rel=Found.LINK),
        Link(url="https://courier.example/b", text="The ferry sails at noon", rel=Found.WIDGET),
    )


def test_a_sold_link_says_so() -> None:
    """The mark of any link to an address counts for it."""
    body = '<p>One <a rel="nofollow sponsored" href="/a">two</a> three <a href="/sponsored/b">four</a> <a href="/c">five</a>.</p>'

    found = links_of(body, ["One two three four five."])

    assert [link.refused for link in found] == ["a sold slot: rel=sponsored", "a sold slot: /sponsored in its path", None]


@given(
    st.recursive(
        st.none() | st.sampled_from(["http://a.example/", "/x", "//[", "", "#a", 7]),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["@type", "@id", "url", "name", "sameAs"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_any_json_ld_value_is_read(value: object) -> None:
    """Whatever stands where an address is expected: addresses that can be fetched, and no error."""
    node = {"@type": "NewsArticle", "headline": "A", "isBasedOn": value, "citation": value, "sameAs": value}
    tree = parse(f'<html><head><title></title><script type="application/ld+json">{json.dumps(node)}</script></head><body></body></html>')
    assert tree is not None

    assert all(link.url.startswith(("http://", "https://")) for link in declared(_head(tree)))


def test_a_related_label_in_its_own_element() -> None:
    """The label and the link may stand in two elements; a label before the name of a section leads to no article."""
    body = (
        "<p>First paragraph of it.</p><div><b>Related article:</b></div><div><a href=/a>The pier opens in March</a></div><p>Last of it.</p>"
        "<p>Read more about: <a href=/bay>Bay</a></p>"
    )

    found = links_of(body, ["First paragraph of it.", "Last of it."])

    assert found == (Link(url="https://courier.example/a", text="The pier opens in March", rel=Found.RELATED),)


def test_a_link_counts_once_and_related_first() -> None:
    """The same address, with a fragment or without, is one link."""
    body = '<p>One <a href="/a#x">two</a> three <a href="/a">four</a>.</p><p>Related: <a href="/a">Five six seven</a></p>'

    found = links_of(body, ["One two three four."], related=("Related: Five six seven",))

    assert found == (Link(url="https://courier.example/a", text="Five six seven", rel=Found.RELATED),)


def test_what_is_no_lead() -> None:
    """Other schemes, credentials, unreadable addresses, links without words and links to the page itself lead nowhere."""
    hrefs = ["mailto:a@b.example", "javascript:x()", "tel:1", "http://u:p@b.example/", "http://[bad/", "", "#top", "http:///", URL]
    body = "".join(f'<a href="{href}">word</a> ' for href in hrefs)

    assert links_of(f"<p>{body}end of it</p>", ["word " * 9 + "end of it"]) == ()
    assert links_of('<p>Words <a href="/a"><img src="a.png"></a> and more words</p>', ["Words and more words"]) == ()


def test_references_resolve_against_the_base_element() -> None:
    """A base element moves relative references; one that only names a target, and one that is no address, are passed over."""
    tree = parse('<html><head><title></title><base target="_blank"><base href="/archive/"></head><body><p>a</p></body></html>')
    broken = parse('<html><head><title></title><base href="data:x"></head><body><p>a</p></body></html>')
    assert tree is not None
    assert broken is not None

    assert absolute(base(tree, URL), "ferry") == "https://courier.example/archive/ferry"
    assert base(broken, URL) == URL


def test_visible_blocks() -> None:
    """Blocks end at block elements and line breaks, links may span them, and what is hidden is not there."""
    tree = parse(
        "<html><head><title>no</title></head><body><div>a<!-- c -->b <p>c<a href=u>L<span hidden>no</span></a>d</p>e<br>f"
        '<a href=z><h3>H</h3><p>P</p></a><p style="display: none">no</p><script>no</script>g</div></body></html>'
    )
    assert tree is not None

    found = [(block.text, block.element.tag, block.anchors, block.linked) for block in visible(tree)]

    assert found == [
        ("ab", "div", (), 0),
        ("cLd", "p", (Anchor("u", "L"),), 1),
        ("e", "div", (), 0),
        ("f", "div", (), 0),
        ("H", "h3", (Anchor("z", "H"),), 1),
        ("P", "p", (Anchor("z", "P"),), 1),
        ("g", "div", (), 0),
    ]


@given(st.lists(st.sampled_from(["<a href=/x>", "</a>", "<p>", "</p>", "word ", "<br>", "<div hidden>", "</div>", "<li>", "<!--", "-->"])))
def test_any_nesting_of_blocks_can_be_walked(parts: list[str]) -> None:
    """However elements are crossed, a block is never empty and never more link than text."""
    tree = parse(f"<html><head><title></title></head><body>{''.join(parts)}</body></html>")
    assert tree is not None

    assert all(block.text and 0 <= block.link_share <= 1 for block in visible(tree))
