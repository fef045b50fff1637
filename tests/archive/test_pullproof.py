"""What other people's programs say of a pull: the records are those that were selected, and a lone revisit can be shown."""

import gc
import json
import subprocess
import sys
import tracemalloc
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.readback import captures_in
from support.replay import replayed
from support.smallarchive import DAYS, PAPER, SLUG, document, small_archive

from archive import cdxj
from archive.findings import Tally
from archive.pull import pull
from archive.records import Capture, Selection
from archive.store import open_store
from archive.vault import Archive
from archive.verify import verify

STORY = Selection(story=SLUG)
THIRD_DAY = replace(STORY, captured_from=DAYS[2])


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with small_archive(tmp_path_factory.mktemp("proof")) as opened:
        yield opened


def taken(archive: Archive, path: Path, selection: Selection) -> Path:
    pull(archive, selection, path.suffixes[0].removeprefix("."), path, "copytrail/test")
    return path


def indexed(archive: Archive) -> list[Capture]:
    """Every capture, as the indexes in the store have them."""
    return [item for key in archive.store.keys("cdxj/") for item in cdxj.captures(archive.store.read(key).splitlines())]


def test_a_selection_is_in_the_file_and_nothing_else(archive: Archive, tmp_path: Path) -> None:
    """Scenario 2: ``warcio check`` ends well, and outlet and dates take exactly what the indexes say that fits them."""
    path = taken(archive, tmp_path / "s.warc.gz", replace(STORY, outlet="agency.example", captured_from=DAYS[1]))
    done = subprocess.run([Path(sys.executable).with_name("warcio"), "check", path], capture_output=True, text=True, check=False)
    fits = {item.id: item for item in indexed(archive) if item.url.startswith("http://agency.example/") and item.time >= DAYS[1]}
    originals = {item.refers_to for item in fits.values() if item.refers_to is not None}

    assert done.returncode == 0, done.stdout + done.stderr
    assert fits
    assert {item.id for item in captures_in(path, "s.warc.gz")} == set(fits) | originals


def test_an_index_leads_into_the_archive(archive: Archive, tmp_path: Path) -> None:
    """Each line of a pulled CDXJ names file, offset and length of a record in the store, sorted as bytes, originals among them."""
    lines = taken(archive, tmp_path / "s.cdxj", THIRD_DAY).read_bytes().splitlines()
    everything = taken(archive, tmp_path / "all.cdxj", STORY).read_bytes().splitlines()
    known = {(item.ref.key, item.ref.offset, item.ref.length, item.url) for item in indexed(archive)}

    assert len(lines) == 2
    assert everything == sorted(everything)
    for line in everything:
        row = json.loads(line.split(b" ", 2)[2])
        assert (row["filename"], int(row["offset"]), int(row["length"]), row["url"]) in known
        assert "copytrail" not in row


def test_a_lone_revisit_can_be_shown(archive: Archive, tmp_path: Path, judge: Callable[[str], Path]) -> None:
    """Scenario 3: of the day on which the agency answered as before, which is a revisit alone, pywb shows the page (200, not 503)."""
    second_day = replace(STORY, outlet="agency.example", captured_from=DAYS[1])
    path = taken(archive, tmp_path / "s.warc.gz", second_day)
    (revisit,) = (item for item in captures_in(path, "s.warc.gz") if item.kind == "revisit")
    with replayed(path, tmp_path / "pywb", judge) as address:
        asked = f"{address}/{revisit.time:%Y%m%d%H%M%S}mp_/{revisit.url}"
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 -- loopback
            status, shown = answer.status, answer.read().decode()

    assert (status, "It is closed." in shown) == (200, True)


def test_a_package_of_an_edited_page_is_valid(archive: Archive, tmp_path: Path, judge: Callable[[str], Path]) -> None:
    """Scenario 4: ``wacz validate`` and our own verifier pass it, and both versions stand under times of 14 digits."""
    path = taken(archive, tmp_path / "s.wacz", replace(STORY, outlet="paper.example"))
    done = subprocess.run([judge("wacz"), "validate", "-f", path], capture_output=True, text=True, check=False)
    with zipfile.ZipFile(path) as package:
        lines = package.read("indexes/index.cdxj").decode().splitlines()

    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(verify([str(path)], open_store, Tally()))
    times = {line.split(" ")[1]: json.loads(line.split(" ", 2)[2]).get("status") for line in lines}
    versions = archive.catalogue.captures_of(PAPER)[:2]
    assert [times[f"{capture.time:%Y%m%d%H%M%S}"] for capture in versions] == ["200", "200"]


def _grown(archive: Archive, articles: int) -> None:
    """Articles of some 2 KB, each captured twice, as the catalogue knows them; their records are not read."""
    like = archive.catalogue.captures_of(PAPER)[0]
    text = "\n".join(["It is shut."] * 180)
    for start in range(0, articles, 50):
        items = []
        for number in range(start, start + 50):
            url = f"http://many.example/{number}"
            named = replace(like, url=url, surt=f"example,many)/{number}")
            refs = [replace(like.ref, offset=1000 * number + day) for day in range(2)]
            items += [replace(named, id=f"{url} {day}", time=DAYS[0] + timedelta(days=day), ref=refs[day]) for day in range(2)]
        archive.catalogue.add_captures(items)
        archive.catalogue.put_documents([document(item, text, f"Article {item.url}", "Many") for item in items])


@pytest.fixture(scope="module")
def few_and_many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Archive, Archive]]:
    """An archive, and one of four times its size."""
    with small_archive(tmp_path_factory.mktemp("few")) as few, small_archive(tmp_path_factory.mktemp("many")) as many:
        _grown(few, 100)
        _grown(many, 400)
        yield few, many


@pytest.mark.parametrize("form", ["jsonl", "parquet", "sqlite", "cdxj"])
def test_memory_does_not_grow_with_the_selection(
    few_and_many: tuple[Archive, Archive], tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Six hundred captures more, with texts of 1.3 MB, add less than a fifth of that to the peak: connections' lists of 200 cursors.

    The steps in which rows are read are small here, and garbage goes soon.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(20, 2, 2)
    request.addfinalizer(lambda: gc.set_threshold(*thresholds))
    for step in (
        "catalogue.CHUNK",
        "catalogue.URLS",
        "inbulk.CHUNK",
        "inbulk.TEXTS",
        "selecting.TEXTS",
        "pulljob.GROUP",
        "tables.GROUP",
        "tables.TEXTS",
    ):
        monkeypatch.setattr(f"archive.{step}", 20)
    peaks = []
    for number, archive in enumerate(few_and_many * 2):  # the first time each pays for what is made once
        tracemalloc.start()
        try:
            pull(archive, Selection(url="http://many.example/*"), form, tmp_path / f"{number}.{form}", "copytrail/test")
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()

    assert peaks[3] - peaks[2] < 250_000, peaks
