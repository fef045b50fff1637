"""The newsroom's archive after an upgrade: every text is read again, and nothing else is touched."""

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive import codec
from archive.rebuild import rebuild
from archive.records import Document, Outcome
from archive.settings import Settings
from archive.vault import Archive, open_archive
from copytrail.cli import cli
from copytrail.newsroom import FIRST_CRAWL, MovableClock, Newsroom
from crawlers.reread import pages
from crawlers.run import run_story
from crawlers.stories import add_seeds
from pipeline.losses import outlet_of
from pipeline.text import extractor
from pipeline.textpool import TextPool

STORY = "bridge"
EARLIER = "copytrail-text/1 trafilatura/2.2.0 lxml/5"
JUDGEMENT = "judgements/one.json"


@dataclass(frozen=True)
class Upgraded:
    """A project whose texts were all made by an earlier extractor, which took the last paragraph of some for furniture."""

    folder: Path
    texts: dict[str, Document]  # by the present extractor, by capture
    cut: dict[str, int]  # of each outlet: texts that lack their last paragraph

    def archive(self) -> Settings:
        return Settings(store=str(self.folder / "archive"), contact="tests@copytrail.example")

    def state(self) -> tuple[dict[str, bytes], list[Outcome]]:
        """Every object of the store but custody and manifests, and the outcomes in the catalogue."""
        with open_archive(self.archive()) as archive:
            keys = [key for key in archive.store.keys("") if not key.startswith(("custody/", "manifests/"))]
            return {key: archive.store.read(key) for key in keys}, archive.catalogue.outcomes_of(STORY)

    def run(self, *arguments: str) -> list[dict[str, Any]]:
        """The rows of ``copytrail reprocess``."""
        done = CliRunner().invoke(cli, ["-C", str(self.folder), "reprocess", "--json", *arguments], standalone_mode=False)
        assert (done.return_value, done.exception) == (0, None)
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    """One crawl of the newsroom, its texts then replaced by those of an earlier extractor."""
    folder = tmp_path_factory.mktemp("upgraded")
    clock = MovableClock(FIRST_CRAWL, seconds=time.monotonic)
    with Newsroom(clock) as newsroom:
        settings = Settings(
            store=str(folder / "archive"), contact="tests@copytrail.example", delay=0.05, max_hops=3, connect_to=newsroom.connect_to
        )
        with open_archive(settings) as archive:
            add_seeds(archive, STORY, [str(newsroom.seeds)], clock())
            run_story(archive, settings, story=STORY, clock=clock)
            archive.store.create(JUDGEMENT, b'{"who": "a reader"}')
            texts = texts_of(archive)
            cut = age(archive, texts)
    (folder / "copytrail.toml").write_text(f'store = "{folder / "archive"}"\n', encoding="utf-8")
    return Upgraded(folder, texts, cut)


def texts_of(archive: Archive) -> dict[str, Document]:
    """The present text of each capture that has one."""
    found = ((item.id, archive.catalogue.document(item.id)) for item in archive.catalogue.all_captures())
    return {capture: document for capture, document in found if document is not None}


def age(archive: Archive, texts: dict[str, Document]) -> dict[str, int]:
    """Put texts of the earlier extractor in the place of all; how many responses of each outlet lack their last paragraph."""
    old, cut = [], dict[str, int]()
    responses = {item.id for item in archive.catalogue.all_captures() if item.kind == "response"}
    for number, document in enumerate(texts.values()):
        shorter = number % 2 == 0 and len(document.blocks) > 1 and document.capture in responses
        outlet = outlet_of(document.url)
        cut[outlet] = cut.get(outlet, 0) + shorter
        text = document.text[: document.blocks[-2].end] if shorter else document.text
        old.append(replace(document, extractor=EARLIER, text=text, blocks=document.blocks[:-1] if shorter else document.blocks))
    revisions = [item for url in {found.url for found in texts.values()} for item in archive.catalogue.revisions_of(url)]
    list(rebuild(archive.store, archive.catalogue))
    archive.catalogue.put_revisions(revisions)
    archive.catalogue.put_documents(old)
    return cut


def test_an_upgrade_is_told_outlet_by_outlet(upgraded: Upgraded) -> None:
    """A dry run and the run say the same: how many texts of each outlet got their paragraph back; after it there is nothing to do."""
    before = upgraded.state()
    dry, done, again = upgraded.run("-n"), upgraded.run(), upgraded.run()

    assert {row["outlet"]: (row["changed"], row["longer"], row["shorter"], row["failed"], row["kinds_changed"]) for row in done} == {
        outlet: (count, count, 0, 0, 0) for outlet, count in upgraded.cut.items()
    }
    assert (dry, again) == (done, [])
    assert upgraded.state() == before
    assert before[0][JUDGEMENT] == b'{"who": "a reader"}'
    with open_archive(upgraded.archive()) as archive:
        assert texts_of(archive) == upgraded.texts
    assert {item.extractor for item in upgraded.texts.values()} == {extractor()}


def test_two_pools_give_the_same_bytes(upgraded: Upgraded) -> None:
    """Same bytes, same versions, same document, whatever a worker has read before it."""
    with open_archive(upgraded.archive()) as archive:
        found = list(pages(archive, archive.catalogue.all_captures()))
    with TextPool(workers=1) as one, TextPool(workers=2, renew=3) as other:
        first, second = (dict(pool.extract(order)) for pool, order in ((one, found), (other, found[::-1])))

    assert len(first) > len(upgraded.cut)
    assert {name: codec.text_of(item) for name, item in first.items()} == {name: codec.text_of(item) for name, item in second.items()}
