"""What the schedule asks of texts is taken out by the database: the same values as the texts themselves have."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.postgres import fresh_database, postgres_server

from archive.catalogue import Catalogue
from archive.kinds import PageKind
from archive.records import Document, Quality
from archive.textfacts import TextFacts, facts_of

TEXT = Document(
    capture="urn:uuid:1",
    url="http://news.example/1",
    extractor="copytrail-text/4 trafilatura/2.9.0",
    quality=Quality(kind=PageKind.ARTICLE),
    title='He said "it\'s {published}"',
    published="2026-05-13T09:00:00+00:00",
    modified="2026-05-13",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue."""
    if request.param == "sqlite":
        opened = Catalogue(f"sqlite:///{tmp_path}/catalogue.sqlite")
        yield opened
        opened.close()
        return
    with postgres_server() as url:
        opened = Catalogue(fresh_database(url))
        yield opened
        opened.close()


def test_the_facts_are_those_of_the_newest_text(catalogue: Catalogue) -> None:
    """Values that are there, values that are not, and after an upgrade those of the extractor that came last; 2.10 came after 2.9."""
    bare = replace(TEXT, capture="urn:uuid:2", quality=Quality(kind=PageKind.BOT_WALL), published=None, modified=None)
    upgraded = replace(TEXT, extractor="copytrail-text/4 trafilatura/2.10.0", quality=Quality(kind=PageKind.TEASER), published=None)
    catalogue.put_documents([TEXT, bare, replace(TEXT, capture="urn:uuid:3"), replace(upgraded, capture="urn:uuid:3")])

    found = facts_of(catalogue, [f"urn:uuid:{number}" for number in range(2000)])

    assert found == {
        "urn:uuid:1": TextFacts(kind=PageKind.ARTICLE, published=TEXT.published, modified=TEXT.modified),
        "urn:uuid:2": TextFacts(kind=PageKind.BOT_WALL, published=None, modified=None),
        "urn:uuid:3": TextFacts(kind=PageKind.TEASER, published=None, modified=TEXT.modified),
    }
