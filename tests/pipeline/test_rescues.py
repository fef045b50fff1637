"""Paragraphs that the extractor lost, text that only a script would show, and furniture that the markup gives away."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.pages import make_page

from pipeline.blocks import visible
from pipeline.furniture import furniture, matched
from pipeline.hydrated import hydrated
from pipeline.markup import parse
from pipeline.restored import posts_in, restored
from pipeline.text import document

FIRST = [
    f"The council of Lowmoor met for the {word} time on Monday and heard what the old bridge would cost." for word in ("first", "second")
]
LATER = [f"Its engineers had measured every {word} of the bridge, and found more rust than paint on them." for word in ("arch", "rivet")]
PROMOTED = "Read what the harbour master says about the ferry, the tide and the price of a single ticket this year."


def page(*chunks: str) -> str:
    """A page whose article lies in several containers of one kind."""
    return (
        "<html><body><main>"
        + "".join(f'<div class="body"><div class="inner">{chunk}</div></div>' for chunk in chunks)
        + "</main></body></html>"
    )


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def restored_lines(markup: str, text: str) -> list[str]:
    tree = parse(markup)
    assert tree is not None
    return restored(tuple(visible(tree)), text, posts_in(tree)).text.split("\n")


def test_a_container_that_was_lost_comes_back_in_its_place() -> None:
    """Paragraphs that look like those of the text stand again where the page has them, before, between and after."""
    markup = page(paragraphs(LATER[:1]), paragraphs(FIRST[:1]), paragraphs(LATER[1:]), paragraphs(FIRST[1:]))

    assert restored_lines(markup, "\n".join(FIRST)) == [LATER[0], FIRST[0], LATER[1], FIRST[1]]


def test_a_heading_between_two_lost_paragraphs_comes_back_with_them() -> None:
    """A short block alone stays away; between two lost paragraphs it is part of what was lost."""
    markup = page(paragraphs(FIRST), f"<p>{LATER[0]}</p><h2>The rust</h2><p>{LATER[1]}</p>", "<p>Share this.</p>")

    assert restored_lines(markup, "\n".join(FIRST)) == [*FIRST, LATER[0], "The rust", LATER[1]]


def test_what_looks_otherwise_stays_away() -> None:
    """Neither a block in other surroundings, nor a list of teasers, nor a paragraph that is a link is taken for the article's."""
    other = f'<aside class="more"><div><p>{LATER[0]}</p></div></aside>'
    teasers = f"<ul><li>{LATER[1]}</li></ul>"
    linked = f'<p><a href="/ferry">{PROMOTED}</a></p>'

    assert restored_lines(page(paragraphs(FIRST), teasers, linked) + other, "\n".join(FIRST)) == FIRST


@given(st.lists(st.sampled_from([*FIRST, *LATER]), unique=True), st.lists(st.sampled_from([*FIRST, *LATER]), unique=True))
def test_nothing_is_lost_or_doubled_by_restoring(shown: list[str], kept: list[str]) -> None:
    """The lines that were there are there still, in order, and none comes twice."""
    found = restored_lines(page(*map(paragraphs, [[text] for text in shown])), "\n".join(kept))

    assert [line for line in found if line in kept] == kept
    assert len(set(found)) == len(found)


def test_text_that_only_a_script_would_show() -> None:
    """An article that the page carries as data is its text; captions and places for advertisements are not."""
    caption = '<div class="caption"><p>The bridge in spring.</p></div>'
    state = json.dumps({"title": "Bridge", "contentHtml": f"{caption}$$AD$${paragraphs(FIRST + LATER)}"})
    found = document(
        make_page(
            f'<html><head><title>Bridge</title></head><body><div id="app"></div><script>window.state = {state};</script></body></html>'
        )
    )

    assert found.text.split("\n") == [*FIRST, *LATER]


def test_state_inside_a_string_is_read_once_more() -> None:
    """A framework that pushes its state as JSON in a string is read too, and plain text by its blank lines."""
    inner = json.dumps({"title": "Old bridge", "body": "\n\n".join(FIRST + LATER + FIRST)})

    assert hydrated(f"<script>push([1, {json.dumps(inner)}])</script>", ["Old Bridge"]) == (*FIRST, *LATER, *FIRST)


def test_state_is_left_alone_where_the_page_shows_a_text_or_has_another_title() -> None:
    """State holds other articles too: a page that shows a text is taken at its word, and prose under other titles is not its own."""
    state = json.dumps({"title": "Bridge", "next": paragraphs(LATER * 4)})
    longer = [*FIRST, FIRST[0].replace("Lowmoor", "Fairhaven")]
    shown = document(make_page(f"<title>Bridge</title>{page(paragraphs(longer))}<script>window.state = {state};</script>"))
    other = document(make_page(f"<title>Ferry</title>{page(paragraphs(FIRST[:1]))}<script>window.state = {state};</script>"))

    assert shown.text.split("\n") == longer
    assert other.text.split("\n") == FIRST[:1]


@given(st.text(alphabet='"\\<>/scriptu003cp .\n', max_size=600))
def test_no_script_is_too_strange_to_be_read(text: str) -> None:
    """Broken literals and tags without an end give what they give, and raise nothing."""
    hydrated(f"<script>{text}", [text[:3]])
    hydrated(f"<script>{text}</script><script>{text}", [text[:3]])


def test_a_list_of_links_leads_elsewhere_and_a_list_with_text_does_not() -> None:
    """Items of a list that is all links go; an item that is a link stays where its list says more."""
    links = "".join(f'<li><a href="/{number}">{text}</a></li>' for number, text in enumerate(FIRST))
    tree = parse(f"<html><body><ul>{links}</ul><ul>{links}<li>{LATER[0]}</li></ul></body></html>")
    assert tree is not None
    shown = tuple(visible(tree))

    assert furniture(matched(shown[:2], FIRST), FIRST, ()) == {0: "link-list", 1: "link-list"}
    assert furniture(matched(shown[2:], [*FIRST, LATER[0]]), [*FIRST, LATER[0]], ()) == {}


def taken(markup: str, *passages: str) -> dict[int, str]:
    """The rules that take passages of a page."""
    tree = parse(f"<html><body>{markup}</body></html>")
    assert tree is not None
    return furniture(matched(tuple(visible(tree)), passages), passages, ())


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ("<div class='article-infobox'><p>{}</p></div>", "widget"),
        ("<p class='storyByline'>{}</p>", "widget"),
        ("<p class='lead line-clamp-2'>{}</p>", "widget"),
        ("<figure><div><p>{}</p></div></figure>", "caption"),
        ("<figure><blockquote><p>{}</p></blockquote></figure>", None),
        ("<a href='/x'><div><h3>{}</h3></div></a>", "widget"),
        ("<h3><a href='/x'>{}</a></h3>", None),
        ("<address><p>{}</p></address>", "widget"),
        ("<div class='application'><p>{}</p></div>", None),
        ("<p class='storyByline'>{}</p><div><p>{}</p></div>", None),
        ("<p class='storyByline'>{}</p><h3><a href='/x'>{}</a></h3>", "widget"),
    ],
    ids=["infobox", "byline", "teaser", "figure", "quote", "card", "heading", "address", "other word", "text too", "link too"],
)
def test_what_the_markup_calls_a_block(markup: str, rule: str | None) -> None:
    """Boxes, bylines, cards and captions go; a quotation in a figure, a linked heading and a sentence that is text elsewhere too stay."""
    found = taken(f"<section>{paragraphs([*FIRST, *LATER])}{markup.replace('{}', PROMOTED)}</section>", *FIRST, PROMOTED, *LATER)

    assert found == ({2: rule} if rule else {})


def test_what_follows_outside_the_text() -> None:
    """The last passages go when they stand outside the text and look otherwise; before the text, or in its look, they stay."""
    text = f"<section>{paragraphs([*FIRST, *LATER] * 2)}</section>"
    passages = [*FIRST, *LATER] * 2

    assert taken(f"{text}<div><h4>Read more</h4></div>", *passages, "Read more") == {8: "outside"}
    assert taken(f"{text}<div><p>Read more</p></div>", *passages, "Read more") == {}
    assert taken(f"<div><h4>Read more</h4></div>{text}", "Read more", *passages) == {}
