"""What was withdrawn, through a whole crawl: not asked for again, and when erased nowhere, not even in what people gave."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.pagesite import page_site

from archive.erasing import carry_out, order
from archive.findings import Severity, Tally
from archive.kinds import Verdict
from archive.rebuild import rebuild
from archive.records import Outcome
from archive.settings import Settings
from archive.store import open_store
from archive.vault import Archive, open_archive
from archive.verify import verify
from archive.withdrawals import Mode
from archive.withdrawing import Request, hide
from crawlers.reread import reread
from crawlers.run import run_story, system_clock
from crawlers.stories import add_seeds

STORY = "bridge"
PAGE, OTHER = "https://paper.example/bridge", "https://paper.example/ferry"
TEXT = "The old bridge over the river was shut on Monday after a survey had found cracks in two of its piers"
LONG = " ".join(
    f"In the {number} of the meetings that the town held about it, people asked who would pay for the work, and were told to wait."
    for number in ("first", "second", "third", "fourth", "fifth", "sixth")
)
MORE = " ".join(
    f"On the {number} day of the service the crews counted more passengers than the day before, and fewer bicycles."
    for number in ("first", "second", "third", "fourth", "fifth", "sixth")
)
HTML = f"""<html lang="en"><title>The bridge is shut</title><article><h1>The bridge is shut</h1>
<p>{TEXT}.</p><p>Engineers said that it would take until the summer to mend it, and two ferries sail instead of it.</p>
<p>{LONG}</p><p>See also <a href="{OTHER}">The ferries that sail in the place of the bridge over the river</a>.</p></article></html>"""
FERRY = f"""<html lang="en"><title>Ferries</title><article><h1>The ferries that sail in the place of the bridge</h1>
<p>Two ferries have taken up their work on the river, each of which carries forty passengers and their bicycles.</p>
<p>They leave the northern bank at every full hour and the southern bank at every half hour until late at night.</p>
<p>The bridge over the river was shut after a survey had found cracks in its piers. {MORE}</p></article></html>"""


@pytest.fixture
def crawled(tmp_path: Path) -> Iterator[tuple[Archive, Settings]]:
    """A story of two pages, given as a scraped text and an address, and crawled."""
    with page_site({PAGE: HTML.encode(), OTHER: FERRY.encode()}, tmp_path) as site:
        settings = Settings(
            store=str(tmp_path / "store"), contact="t@paper.example", delay=0, ca_file=site.ca_file, connect_to=site.connect_to
        )
        (tmp_path / "seed.txt").write_text(f"The bridge is shut\n\n{TEXT}.\n\nOriginal url: {PAGE}\n", encoding="utf-8")
        with open_archive(settings, everything=True) as archive:
            add_seeds(archive, STORY, [str(tmp_path / "seed.txt"), PAGE, OTHER], system_clock())
            assert run_story(archive, settings, story=STORY).exit_code == 0
            yield archive, settings


def outcomes(archive: Archive, settings: Settings) -> dict[str, Outcome]:
    """How the addresses end one more run."""
    report = run_story(archive, settings, story=STORY, recrawl="all")
    return {item.url: item for item in archive.catalogue.outcomes_of(STORY, report.run)}


def test_what_was_withdrawn_is_not_asked_for_again(crawled: tuple[Archive, Settings]) -> None:
    """Its address ends the next run as out of scope, with the reason; the other is visited as ever."""
    archive, settings = crawled
    made = hide(archive, Request(reason="court order", mode=Mode.HIDE, urls=(PAGE,)), datetime.now(UTC))

    ended = outcomes(archive, settings)

    assert (ended[PAGE].verdict, ended[PAGE].reason) == (Verdict.REFUSED_SCOPE, f"withdrawn ({made.id}): court order")
    assert ended[OTHER].verdict is Verdict.UNCHANGED
    assert len(archive.catalogue.captures_of(PAGE)) == 1


def test_an_embargo_goes_on_being_watched(crawled: tuple[Archive, Settings]) -> None:
    """Under an embargo a page is visited as ever, and its captures are held against each other."""
    archive, settings = crawled
    now = datetime.now(UTC)
    hide(archive, Request(reason="embargo", mode=Mode.HIDE, urls=(PAGE,), until=now + timedelta(days=3)), now)

    ended = outcomes(archive, settings)

    assert ended[PAGE].verdict is Verdict.UNCHANGED


def test_an_erased_text_is_nowhere(crawled: tuple[Archive, Settings], tmp_path: Path) -> None:
    """With all its copies a text goes from records, indexes, catalogue, run logs, seeds and the seeds' own records; the archive is sound.

    What is made anew from the store afterwards has the other article alone.
    """
    archive, settings = crawled
    held = sorted(str(path.relative_to(tmp_path)).split("/")[1] for path in _with(tmp_path / "store", TEXT.encode()))
    assert {"seeds", "warc"} <= set(held)
    now = datetime.now(UTC)

    done = order(archive, Request(reason="erasure", mode=Mode.ERASE, urls=(PAGE,), copies=True), now)
    carry_out(archive, done, now)

    assert _with(tmp_path / "store", TEXT.encode()) == []
    assert _with(tmp_path / "store", b"Engineers said that it would take") == []
    assert _with(tmp_path / "store", b"forty passengers") != []
    found = verify([open_store(settings.store)], open_store, Tally())
    assert [item for item in found if item.severity is not Severity.NOTE] == []
    assert [item for item in rebuild(archive.store, archive.catalogue) if item.problem] == []
    reread(archive)
    assert {capture.url for capture in archive.catalogue.all_captures() if "robots" not in capture.url} == {OTHER}
    assert outcomes(archive, settings)[PAGE].verdict is Verdict.REFUSED_SCOPE


def _with(folder: Path, words: bytes) -> list[Path]:
    """The files in which some words stand, plain or compressed."""

    def data(path: Path) -> bytes:
        held = path.read_bytes()
        return held + (gzip.decompress(held) if held.startswith(b"\x1f\x8b") else b"")

    return [path for path in sorted(folder.rglob("*")) if path.is_file() and words in data(path)]
