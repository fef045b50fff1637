"""Reading again tells a wall of no known system too: no page of it shows that, only that many addresses gave the same."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.badweb import article, message, serving
from support.doors import CONTACT
from support.wireserver import WireServer

from archive.kinds import PageKind
from archive.rebuild import rebuild
from archive.records import Document
from archive.settings import Settings
from archive.vault import Archive, open_archive
from copytrail.newsroom import FIRST_CRAWL, MovableClock
from crawlers.reprocess import reprocess
from crawlers.run import run_story
from crawlers.stories import add_seeds
from pipeline.history import SAME
from pipeline.textpool import TextPool

EARLIER = "copytrail-text/1 trafilatura/2.2.0 lxml/5"
HOST = "http://twins.example"


def kinds(archive: Archive) -> dict[str, PageKind]:
    """What each page is taken for."""
    found = ((item.url, archive.catalogue.document(item.id)) for item in archive.catalogue.all_captures())
    return {url.removeprefix(HOST): document.quality.kind for url, document in found if document is not None}


@pytest.mark.parametrize(("twins", "wanted"), [(SAME + 1, PageKind.WALL), (SAME, PageKind.ARTICLE)], ids=["a wall", "sections"])
def test_what_many_addresses_gave_is_no_article_after_an_upgrade_either(tmp_path: Path, twins: int, wanted: PageKind) -> None:
    """The crawl saw it in its round; who reads again sees it from the archive alone, and an article at fewer addresses stays one."""
    paths = [f"/{number}" for number in range(twins)]
    same, other = message({"body": article("A ferry returns")}), message({"body": article("The council votes", 9)})
    wire = WireServer(dict.fromkeys(paths, (same,)) | {"/other": (other,)})
    clock = MovableClock(FIRST_CRAWL)
    base = Settings(store=str(tmp_path / "archive"), contact=CONTACT, delay=0.0, max_hops=0)
    with serving(wire), open_archive(base) as archive, TextPool() as pool:
        add_seeds(archive, "twins", [f"{HOST}{path}" for path in [*paths, "/other"]], clock())
        run_story(archive, replace(base, connect_to=wire.connect_to), story="twins", clock=clock)
        crawled = kinds(archive)
        texts = [found for item in archive.catalogue.all_captures() if (found := archive.catalogue.document(item.id)) is not None]
        list(rebuild(archive.store, archive.catalogue))
        as_article = [replace(item, extractor=EARLIER, quality=replace(item.quality, kind=PageKind.ARTICLE)) for item in texts]
        archive.catalogue.put_documents(as_article)
        again = list(reprocess(archive, pool))
        read = kinds(archive)

    assert {item.after.quality.kind for item in again if isinstance(item.after, Document)} == {PageKind.ARTICLE}  # each by itself
    assert {path: crawled[path] for path in paths} == {path: read[path] for path in paths} == dict.fromkeys(paths, wanted)
    assert crawled["/other"] == read["/other"] == PageKind.ARTICLE
