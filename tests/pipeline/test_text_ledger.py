"""The ledger: every visible block of a page has a class and a reason, and the text is what is kept."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.pages import make_page

from archive.kinds import BlockKind
from archive.records import Document
from pipeline.blockkinds import kept, taken
from pipeline.blocks import visible
from pipeline.ledger import Entry
from pipeline.lexicon import words
from pipeline.markup import parse
from pipeline.rulebook import rulebook
from pipeline.text import document, explained

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
BODY = "".join(
    f"<p>The council of Lowmoor met for the {number} time on Monday and heard what the old bridge would cost the town.</p>"
    for number in ("first", "second", "third", "fourth")
)
POST = (
    '<blockquote class="{}"><p>The bridge stays shut, and so does the quay.</p>— Mara Fenwick (@mara) '
    '<a href="/s/1">May 4, 2026</a></blockquote>'
)
PARTS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<h2>",
        "<nav>",
        "</nav>",
        "<li>",
        "<a href='/x'>",
        "</a>",
        "<br>",
        "<footer>",
        "Share.",
        "Ferry returns",
        BODY,
        BODY[:99],
    ]
)


def story(*parts: str) -> str:
    """An article with parts after its text."""
    article = f"<article><h1>Ferry returns</h1><div>{BODY}{''.join(parts)}</div></article>"
    return f"<html><head><title>Ferry returns</title></head><body>{article}</body></html>"


def entries(markup: str) -> list[Entry]:
    return list(explained(make_page(markup))[1])


def entry_of(markup: str, words: str) -> Entry:
    """The one entry that has the words."""
    (found,) = [entry for entry in entries(markup) if words in entry.text]
    return found


def check(found: Document, ledger: tuple[Entry, ...]) -> None:
    """The text is the projection of the ledger, and every offset says what it counts."""
    assert found.text == "\n".join(entry.text for entry in ledger if entry.kept)
    assert [(entry.text, entry.start, entry.end, entry.kind) for entry in ledger if entry.kept] == [
        (block.text, block.start, block.end, block.kind) for block in found.blocks
    ]
    removed = [entry for entry in ledger if not entry.kept and entry.start is not None]
    assert all(found.original[entry.start : entry.end] == entry.text for entry in removed)
    assert sorted((entry.start, entry.why) for entry in removed) == [(removal.start, f"rule {removal.rule}") for removal in found.removed]


def test_a_standfirst_that_the_extractor_kept_is_marked() -> None:
    """The page's description as the text's first paragraph, in markup of its own, is the standfirst, and the body begins after it."""
    lead = "The town of Lowmoor will pay for a bridge that nobody has crossed for years."
    page = story().replace("<title>", f"<meta name=description content='{lead}'><title>").replace("<div>", f"<div><h3>{lead}</h3>")
    found, ledger = explained(make_page(page))

    assert lead in found.original
    assert found.standfirst == lead
    assert [entry.kind for entry in ledger if entry.kept] == [BlockKind.STANDFIRST, *[BlockKind.BODY] * 4]


def test_a_row_of_a_table_stands_for_its_cells() -> None:
    """A line that the extractor made of several blocks is one entry, in the place of the first; none of them comes again."""
    table = "<table><tr><th>Year of the count</th><th>Boats in the harbour</th></tr><tr><td>In 2024</td><td>Two hundred</td></tr></table>"
    row = entry_of(story(table), "Boats in the harbour")

    assert (row.text, row.where, row.kept) == ("| Year of the count | Boats in the harbour |", "table > tr > th", True)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_text_is_the_projection_of_the_ledger(path: Path) -> None:
    """Kept entries are the document's blocks, removed ones its removals; each visible word is somewhere; all have a reason."""
    page = make_page(path.read_bytes())
    found, ledger = explained(page)
    tree = parse(page.body.decode())
    assert tree is not None

    check(found, ledger)
    assert found == document(page)
    assert all(entry.why for entry in ledger)
    assert {word for block in visible(tree) for word in block.text.split()} <= {word for entry in ledger for word in entry.text.split()}


@settings(max_examples=60)
@given(st.lists(PARTS, max_size=30))
def test_the_ledger_of_any_markup(parts: list[str]) -> None:
    """Whatever the markup, the ledger and the document agree, in both modes."""
    page = make_page(f"<html><head><title>Ferry returns</title></head><body>{' '.join(parts)}</body></html>")

    check(*explained(page))
    check(*explained(page, thorough=True))


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ("<nav><ul><li><a href='/'>Front page of the bay</a></li></ul></nav>", BlockKind.NAVIGATION),
        ("<footer><p>Printed in Skerrick since the war</p></footer>", BlockKind.NAVIGATION),
        ("<div id='cookie-banner'><p>Please decide what we may store.</p></div>", BlockKind.CONSENT),
        ("<aside><p>We and our partners use cookies to measure what you read here.</p></aside>", BlockKind.CONSENT),
        ("<div class='recommendedStories'><p>Tram works will close the square</p></div>", BlockKind.RELATED),
        ("<aside><ul><li><a href='/x'>Tram works will close the square</a></li></ul></aside>", BlockKind.RELATED),
        ("<div class='newsletter-box'><p>Get the news of the bay</p></div>", BlockKind.PROMOTION),
        ("<div class='author-bio'><p>She writes about ports.</p></div>", BlockKind.BIO),
        ("<figure><figcaption>The old quay in the morning</figcaption></figure>", BlockKind.CAPTION),
        ("<aside><p>May 4, 2026</p></aside>", BlockKind.DATE),
        ("<aside><p>Copyright 2026 Lowmoor Press Ltd. All rights reserved.</p></aside>", BlockKind.RIGHTS),
        ("<div class='share-tools'><p>Tell your friends of it</p></div>", BlockKind.WIDGET),
        ("<aside><p>Twelve grey herons</p></aside>", BlockKind.UNKNOWN),
    ],
)
def test_what_nobody_proposed_has_its_class(markup: str, kind: BlockKind) -> None:
    """Chrome is told by its element, its class, its links or its words; what nothing gives away is unknown."""
    page = f"{story()[: -len('</body></html>')]}{markup}</body></html>"

    ledger = entries(page)

    (entry,) = ledger[-1:]
    assert (entry.kind, entry.kept, entry.start) == (kind, False, None)


def test_copies_and_titles_outside_the_text() -> None:
    """A sentence of the text that stands on the page again is a duplicate, and the page's title is its headline wherever it stands."""
    again = "The council of Lowmoor met for the first time on Monday and heard what the old bridge would cost the town."
    ledger = entries(f"{story()[: -len('</body></html>')]}<aside><div>{again}</div><div>Ferry returns</div></aside></body></html>")

    assert [(entry.kind, entry.kept) for entry in ledger if entry.text == again] == [("body", True), ("duplicate", False)]
    assert {entry.kind for entry in ledger if entry.text == "Ferry returns"} == {BlockKind.HEADLINE}


def test_where_a_block_stands() -> None:
    """The place is the element with two around it, each with its first class."""
    page = story(
        "<section class='notes wide'><p class=last>The last ferry had left before the council met on Monday, its clerk said.</p></section>"
    )

    assert entry_of(page, "its clerk").where == "div > section.notes > p.last"


@pytest.mark.parametrize(
    ("markup", "text", "kind"),
    [
        ("<p>The bridge is shut.</p>", "The bridge is shut.", BlockKind.BODY),
        ("<p>“The bridge is shut, and stays shut.”</p>", "“The bridge is shut, and stays shut.”", BlockKind.QUOTE),
        ("<p>“Shut,” he said, “and it stays shut.”</p>", "“Shut,” he said, “and it stays shut.”", BlockKind.BODY),
        ("<blockquote><p>The bridge is shut.</p></blockquote>", "The bridge is shut.", BlockKind.QUOTE),
        ("<h3>The bridge</h3>", "The bridge", BlockKind.SUBHEAD),
        ("<figure><figcaption>The bridge</figcaption></figure>", "The bridge", BlockKind.CAPTION),
        (POST.format("twitter-tweet"), "The bridge stays shut, and so does the quay.", BlockKind.EMBED),
        (POST.format("pull-quote"), "The bridge stays shut, and so does the quay.", BlockKind.QUOTE),
    ],
)
def test_what_is_kept_has_its_class(markup: str, text: str, kind: BlockKind) -> None:
    """Paragraphs of the text are told by their element, quotations by their marks too."""
    tree = parse(f"<html><body>{markup}</body></html>")
    assert tree is not None
    (element,) = [block.element for block in visible(tree) if block.text == text]

    assert kept(text, element) is kind


@pytest.mark.parametrize("name", words("classes", "posts"))
def test_an_embedded_post_is_text(name: str) -> None:
    """A post in the article is kept with the name under it, in its place, also in a box that markup calls social."""
    boxed = f"<div class='social-media-embed'>{POST.format(name)}</div>"
    found = document(make_page(story(boxed, BODY.replace("Monday", "Tuesday"))))

    assert [block.kind for block in found.blocks] == ["body"] * 4 + ["embed"] * 2 + ["body"] * 4
    assert found.blocks[5].text == "— Mara Fenwick (@mara) May 4, 2026"


def test_the_ledger_says_where_a_paragraph_comes_from() -> None:
    """Most are proposed by the extractor; a post that it lost says that it was lost."""
    boxed = f"<div class='social-media-embed'>{POST.format('twitter-tweet')}</div>"
    whys = {entry.kind: entry.why for entry in entries(story(boxed, BODY.replace("Monday", "Tuesday"))) if entry.kept}

    assert whys == {BlockKind.BODY: "proposed by the extractor", BlockKind.EMBED: "lost by the extractor: a post embedded in the text"}


def test_a_post_apart_from_the_text_stays_out() -> None:
    """A time line beside the article is no part of it, and the ledger says what it is."""
    page = (
        f"{story()[: -len('</body></html>')]}<aside><div><div><div>{POST.format('twitter-tweet')}</div></div></div></aside></body></html>"
    )

    assert (entry_of(page, "stays shut").kind, entry_of(page, "stays shut").kept) == (BlockKind.EMBED, False)


def test_every_rule_has_a_class() -> None:
    """What any rule takes has a class; a rule that is not listed is an error, not an unknown."""
    assert {taken(rule.name, None) for rule in rulebook().rules} <= set(BlockKind)
    with pytest.raises(ValueError, match="no-such-rule"):
        taken("no-such-rule", None)
