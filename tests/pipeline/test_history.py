"""Pages held against what their outlet and their address gave before."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.kinds import PageKind
from archive.records import Block, Document, Quality
from pipeline.history import SAME, History, Said, reconsidered

WALL = "Please wait for the harbour master to wave you through. This takes a minute."
LONG = "\n".join(
    f"Paragraph {number} tells of the ferry, of those who sail it and of those who wait for it on the quay." for number in range(20)
)


def text_of(url: str, text: str, *, kind: PageKind = PageKind.ARTICLE, title: str | None = None, canonical: str | None = None) -> Document:
    blocks = tuple(Block(text=line, start=0, end=len(line)) for line in text.split("\n"))
    return Document(
        capture=url, url=url, extractor="x", quality=Quality(kind=kind), text=text, blocks=blocks, title=title, canonical=canonical
    )


def twins(*documents: Document) -> int:
    said = Said()
    for document in documents:
        said.add(document)
    return said.twins(documents[0])


def test_the_same_text_everywhere_is_a_wall() -> None:
    """Six addresses with one short text are walls, with one long text the front page; fewer, or a declared article, are copies."""
    for text, kind in ((WALL, PageKind.WALL), (LONG * 2, PageKind.REDIRECT_HOME)):
        documents = [text_of(f"https://news.paper.example/{number}", text) for number in range(SAME + 1)]
        found = [reconsidered(document, History(twins=twins(document, *documents))) for document in documents]

        assert {document.quality.kind for document in found} == {kind}
        assert found[0].quality.reasons == (f"the same text at {SAME} other addresses of the outlet", "by itself: article")
        assert found[0].text == text
        few = documents[:SAME]
        assert reconsidered(few[0], History(twins=twins(*few))) is few[0]
        declared = replace(documents[0], quality=Quality(kind=PageKind.ARTICLE, reasons=("declared an article",)))
        assert reconsidered(declared, History(twins=SAME)) is declared


def test_other_addresses_of_one_article_are_one() -> None:
    """A query, a final slash, www or a shared canonical make no other address, and another outlet is none of this one's business."""
    here = text_of("https://paper.example/a", WALL)
    same = ["https://paper.example/a?utm=1", "https://paper.example/a/", "https://www.paper.example/a", "http://paper.example/a"]
    other = [f"https://gazette{number}.example/a" for number in range(9)]

    assert twins(here, *(text_of(url, WALL) for url in (*same, *other))) == 0
    named = [text_of(f"https://paper.example/{number}", WALL, canonical="https://paper.example/a") for number in range(9)]
    assert twins(*named) == 0
    assert twins(text_of("https://paper.example/a", ""), *(text_of(f"https://paper.example/{n}", "") for n in range(9))) == 0


def test_a_wall_stays_a_wall() -> None:
    """The text that was called a wall at this address is one when it comes back alone; another text is not."""
    last = text_of("https://paper.example/a", WALL, kind=PageKind.WALL)

    assert reconsidered(text_of("https://paper.example/a", WALL.upper()), History(last=last)).quality.kind is PageKind.WALL
    assert reconsidered(text_of("https://paper.example/a", LONG), History(last=last)).quality.kind is PageKind.ARTICLE


@pytest.mark.parametrize(
    ("text", "title", "kind"),
    [
        ("This part of the paper has moved. Look for it under another name.", "Our new pages", PageKind.NOT_ARTICLE),
        ("The ferry sails.", "Ferry returns", PageKind.ARTICLE),
        (LONG.split("\n", maxsplit=1)[0], "Our new pages", PageKind.ARTICLE),
        (LONG.replace("ferry", "tram"), "Our new pages", PageKind.ARTICLE),
    ],
    ids=["another page", "same title", "a paragraph is left", "as long as before"],
)
def test_another_page_in_the_article_s_place(text: str, title: str, kind: PageKind) -> None:
    """A short text with nothing of the article, neither a paragraph nor a word of its title, is another page; a cut article is an edit."""
    before = text_of("https://paper.example/a", LONG, title="Ferry returns after nine years")

    assert reconsidered(text_of("https://paper.example/a", text, title=title), History(article=before)).quality.kind is kind


@given(kind=st.sampled_from(PageKind), text=st.sampled_from(["", WALL, LONG]), twins=st.integers(0, 9))
def test_history_makes_no_article(kind: PageKind, text: str, twins: int) -> None:
    """Whatever was before, a page that is no article does not become one, and asking again changes nothing."""
    document = text_of("https://paper.example/a", text, kind=kind)
    history = History(article=replace(document, text=LONG), last=replace(document, quality=Quality(kind=PageKind.WALL)), twins=twins)
    found = reconsidered(document, history)

    assert found.quality.kind is kind or found.quality.kind in {PageKind.WALL, PageKind.REDIRECT_HOME, PageKind.NOT_ARTICLE}
    assert reconsidered(found, history).quality.kind is found.quality.kind or found.quality.kind is PageKind.NOT_ARTICLE
