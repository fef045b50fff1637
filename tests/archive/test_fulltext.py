"""Texts are found by their words, on SQLite and on PostgreSQL; what is typed is never taken for a command."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.postgres import postgres_server

from archive.catalogue import Catalogue
from archive.fulltext import BadQuery, Query, snippet
from archive.kinds import PageKind
from archive.records import Author, Document, Quality

ARTICLE = Quality(kind=PageKind.ARTICLE)


def document(capture: str, title: str, text: str, author: str = "Mara Quill", extractor: str = "x/1") -> Document:
    """A clean text."""
    return Document(
        capture=capture,
        url=f"http://paper.example/{capture}",
        extractor=extractor,
        quality=ARTICLE,
        title=title,
        text=text,
        authors=(Author(name=author),),
        outlet="Hill Paper",
    )


TEXTS = (
    document("bridge", "The bridge is shut", "The old bridge at Ferrow is shut.\n“We could not wait,” said Ana Brandt."),
    document("ferry", "A ferry sails", "Since the bridge is shut, a ferry sails from Ferrow. Nobody could wait.", "Ben Castell"),
    document("cafe", "Le café de Zürich", "Un café à Zürich, l'été."),
    document("tokyo", "東京の橋", "東京の橋は閉鎖された。"),
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def catalogue(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """A catalogue with a few texts."""
    if request.param == "sqlite":
        yield filled(f"sqlite:///{tmp_path_factory.mktemp('texts')}/c.sqlite")
        return
    with postgres_server() as url:
        found = filled(url)
        yield found
        found.close()


def filled(url: str) -> Catalogue:
    """With the texts, each put twice: the second time replaces the first."""
    found = Catalogue(url)
    found.put_documents([document(item.capture, "Old words", "Obsolete.", extractor="x/0") for item in TEXTS])
    found.put_documents(TEXTS)
    return found


@pytest.mark.parametrize(
    ("typed", "captures"),
    [
        ("bridge", {"bridge", "ferry"}),
        ("BRIDGE shut", {"bridge", "ferry"}),
        ('"bridge is shut"', {"bridge", "ferry"}),
        ('"could not wait"', {"bridge"}),
        ("bridge -ferry", {"bridge"}),
        ("title:bridge", {"bridge"}),
        ("name:castell", {"ferry"}),
        ('name:"hill paper" title:sails', {"ferry"}),
        ("ferr*", {"bridge", "ferry"}),
        ("ferr", set()),
        ("café", {"cafe"}),
        ("東京", {"tokyo"}),
        ("京東", set()),
        ("obsolete", set()),
        ("AND", set()),
        ("bridge OR nothing", set()),
        ("bridge' ); DROP TABLE searchable; --", set()),
    ],
)
def test_words_find_texts(catalogue: Catalogue, typed: str, captures: set[str]) -> None:
    """All words must be there; words in quotation marks in a row; operators of databases are words like others."""
    assert {hit.capture for hit in catalogue.hits(Query.read(typed))} == captures


def test_the_headline_counts_most(catalogue: Catalogue) -> None:
    """Of two texts with the word, the one that has it in its headline comes first."""
    assert [hit.capture for hit in catalogue.hits(Query.read("ferry OR bridge".replace("OR ", "")))] == ["ferry"]
    assert catalogue.hits(Query.read("bridge"))[0].capture == "bridge"


@pytest.mark.parametrize("typed", ["", "  ", '"', 'a "b', '""', "-bridge", "speaker:ana", "...", "title:"])
def test_what_means_nothing_is_refused(typed: str) -> None:
    """The error says what was not understood."""
    with pytest.raises(BadQuery):
        Query.read(typed)


@given(typed=st.text(max_size=60))
def test_any_query_is_run_or_refused(sqlite: Catalogue, typed: str) -> None:
    """Nothing that is typed is an error of the database."""
    try:
        query = Query.read(typed)
    except BadQuery:
        return
    sqlite.hits(query)


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """A catalogue on SQLite alone."""
    return filled(f"sqlite:///{tmp_path_factory.mktemp('any')}/c.sqlite")


def test_a_rebuild_forgets_the_words(tmp_path: Path) -> None:
    """A cleared catalogue finds nothing, and can be filled again."""
    found = filled(f"sqlite:///{tmp_path}/c.sqlite")
    found.clear()
    assert found.hits(Query.read("bridge")) == []
    found.put_documents(TEXTS)
    assert len(found.hits(Query.read("bridge"))) == 2
    found.close()


@given(text=st.text(max_size=400), word=st.sampled_from(["bridge", "été", "東京", "straße"]))
def test_a_snippet_is_of_the_text(text: str, word: str) -> None:
    """It shows the first of the words, whatever stands around it, and nothing that is not in the text."""
    shown = snippet(f"{text} {word.upper()} {text}", Query.read(word))
    inner = shown.strip("…")
    assert " ".join(inner.split()) in " ".join(f"{text} {word.upper()} {text}".split())
