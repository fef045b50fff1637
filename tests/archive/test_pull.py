"""A pull holds what was selected, whole and byte for byte, and every row leads back to its record."""

import json
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.exchanges import big_page, page
from support.smallarchive import AGENCY, DAYS, GONE, NEW, OLD, PAPER, SLUG, small_archive

from archive.findings import Tally
from archive.pull import FORMATS, NoSuchStory, NothingSelected, Pulled, PullError, pull
from archive.pulltables import PULLED
from archive.records import Capture, Member, Selection, Story
from archive.selecting import chosen
from archive.store import ObjectMissing, Store, open_store
from archive.stories import save_story
from archive.vault import Archive
from archive.verify import verify
from archive.warcread import records

SOFTWARE = "copytrail/test"
STORY = Selection(story=SLUG)
FORMS = {"warc": "s.warc.gz", "wacz": "s.wacz", "jsonl": "s.jsonl", "txt": "s.txt"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with small_archive(tmp_path_factory.mktemp("pull")) as opened:
        yield opened


def take(archive: Archive, path: Path, form: str, selection: Selection = STORY) -> Pulled:
    return pull(archive, selection, form, path, SOFTWARE)


def members(data: bytes) -> list[bytes]:
    """The gzip members of a file."""
    found = []
    while data:
        inflate = zlib.decompressobj(zlib.MAX_WBITS + 16)
        inflate.decompress(data)
        found.append(data[: len(data) - len(inflate.unused_data)])
        data = inflate.unused_data
    return found


def types(path: Path) -> list[str]:
    with path.open("rb") as stream:
        return [record.type for record in records(stream)]


def of(archive: Archive, selection: Selection) -> set[tuple[str, int]]:
    """URL and day of what a selection takes."""
    return {(capture.url, (capture.time - DAYS[0]).days) for capture in chosen(archive, selection)}


EVERYTHING = {(PAPER, 0), (PAPER, 1), (PAPER, 2), (AGENCY, 0), (AGENCY, 1), (GONE, 0), (GONE, 1)}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (STORY, EVERYTHING),
        (replace(STORY, outlet="paper.example"), {(PAPER, 0), (PAPER, 1), (PAPER, 2)}),
        (replace(STORY, outlet="the paper"), {(PAPER, 0), (PAPER, 1), (PAPER, 2)}),
        (replace(STORY, outlet="Agency"), {(AGENCY, 0), (AGENCY, 1)}),
        (replace(STORY, url="*/b"), {(AGENCY, 0), (AGENCY, 1)}),
        (replace(STORY, url="*x=1"), {(PAPER, 0), (PAPER, 1), (PAPER, 2)}),
        (replace(STORY, captured_from=DAYS[1]), {item for item in EVERYTHING if item[1] >= 1}),
        (replace(STORY, captured_to=DAYS[0] + timedelta(hours=1)), {item for item in EVERYTHING if item[1] == 0}),
        (replace(STORY, captured_from=DAYS[1], captured_to=DAYS[1] + timedelta(hours=1), url="*gone*"), {(GONE, 1)}),
        (replace(STORY, outlet="nobody"), set()),
        (Selection(), EVERYTHING | {("http://paper.example/robots.txt", 0)}),
        (Selection(url="http://paper.example/*"), {(PAPER, 0), (PAPER, 1), (PAPER, 2), ("http://paper.example/robots.txt", 0)}),
        (Selection(url="http://*.example/b"), {(AGENCY, 0), (AGENCY, 1)}),
        (Selection(url="http://[a]gency.example/*"), {(AGENCY, 0), (AGENCY, 1)}),
        (Selection(url="http://agency.example:80/*"), set()),
    ],
)
def test_each_field_of_a_selection_narrows_it(archive: Archive, selection: Selection, expected: set[tuple[str, int]]) -> None:
    """An outlet is its host, its domain or its name; a URL is a glob; times are from and to."""
    assert of(archive, selection) == expected


def test_a_warc_holds_the_records_of_the_store_byte_for_byte(archive: Archive, tmp_path: Path) -> None:
    """Every member but the first is one of the store, each capture is whole, and robots.txt and a failed fetch stay out."""
    result = take(archive, tmp_path / "s.warc.gz", "warc")

    copied = members((tmp_path / "s.warc.gz").read_bytes())
    stored = [member for key in archive.store.keys("warc/") for member in members(archive.store.read(key))]
    assert set(copied[1:]) < set(stored)
    assert len(copied) == len(set(copied)) == result.records
    assert sorted(types(tmp_path / "s.warc.gz")) == sorted(
        ["warcinfo"] * 4 + ["response"] * 5 + ["revisit"] * 2 + ["request"] * 7 + ["metadata"] * 7
    )
    assert (result.captures, result.originals) == (7, 0)


def test_a_warc_says_what_was_pulled(archive: Archive, tmp_path: Path) -> None:
    """Its first record names the story, the selection and the software, and is dated by the newest capture."""
    take(archive, tmp_path / "s.warc.gz", "warc", replace(STORY, captured_to=DAYS[2]))

    with (tmp_path / "s.warc.gz").open("rb") as stream:
        first = next(records(stream))
        said = dict(line.split(": ", 1) for line in first.block.read().decode().splitlines())
    assert said["isPartOf"] == SLUG
    assert said["software"] == SOFTWARE
    assert json.loads(said["copytrail-selection"])["captured_to"] == "2026-11-23T10:30:00.123456Z"
    assert first.date == DAYS[2]


def test_originals_of_revisits_come_along(archive: Archive, tmp_path: Path) -> None:
    """The third day is a 304 alone; the page that it speaks of is in the file too, and said to be."""
    result = take(archive, tmp_path / "s.warc.gz", "warc", replace(STORY, captured_from=DAYS[2]))

    assert (result.captures, result.originals) == (1, 1)
    assert types(tmp_path / "s.warc.gz") == [
        "warcinfo",
        *("warcinfo", "response", "request", "metadata"),
        *("warcinfo", "revisit", "request", "metadata"),
    ]
    assert not list(verify([str(tmp_path / "s.warc.gz")], open_store, Tally()))


@pytest.mark.parametrize("form", ["warc", "wacz"])
def test_what_is_pulled_verifies(archive: Archive, tmp_path: Path, form: str) -> None:
    """Our verifier has nothing to say, not even a note."""
    path = tmp_path / FORMS[form]
    take(archive, path, form)
    tally = Tally()

    assert not list(verify([str(path)], open_store, tally))
    assert tally.records == 25


def test_public_tools_accept_the_warc(archive: Archive, tmp_path: Path, judge: Callable[[str], Path]) -> None:
    """``warcio check`` and ``fastwarc check`` find nothing."""
    path = tmp_path / "s.warc.gz"
    take(archive, path, "warc")

    for program in (Path(sys.executable).with_name("warcio"), judge("fastwarc")):
        done = subprocess.run([program, "check", path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_pull_gives_the_same_bytes(archive: Archive, tmp_path: Path, form: str) -> None:
    """Nothing in a file depends on the clock or on its own name."""
    for name in ("one", "two"):
        take(archive, tmp_path / f"{name}.txt", form)

    one, two = (_content(tmp_path / f"{name}.txt") for name in ("one", "two"))
    assert one == two
    assert one


def _content(path: Path) -> dict[str, bytes]:
    """A file, or the files of a folder."""
    files = [item for item in path.rglob("*") if item.is_file()] if path.is_dir() else [path]
    return {str(item.relative_to(path)): item.read_bytes() for item in files}


def test_every_row_leads_to_its_record(archive: Archive, tmp_path: Path) -> None:
    """The bytes at file, offset and length are the record with that id; keys come in the documented order."""
    take(archive, tmp_path / "s.jsonl", "jsonl")
    rows = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text(encoding="utf-8").splitlines()]

    assert len(rows) == 7
    for row in rows:
        assert list(row) == PULLED["rows"].names
        with archive.store.open(row["warc_filename"], row["warc_record_offset"], row["warc_record_length"]) as stream:
            (record,) = records(stream)
        assert (record.id, record.target) == (row["warc_record_id"], row["url"])


def test_rows_carry_the_text_that_the_capture_shows(archive: Archive, tmp_path: Path) -> None:
    """An edited page has two texts; a revisit has that of the record it stands for; a page that is gone has none."""
    take(archive, tmp_path / "s.jsonl", "jsonl")
    rows = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text(encoding="utf-8").splitlines()]
    paper, agency, gone = ([row for row in rows if row["url"] == url] for url in (PAPER, AGENCY, GONE))

    assert [row["text"] for row in paper] == [OLD, NEW, NEW]
    assert [row["fetch_status"] for row in paper] == [200, 200, 304]
    assert [row["warc_record_type"] for row in agency] == ["response", "revisit"]
    assert agency[0]["content_digest"] == agency[1]["content_digest"]
    assert [(row["fetch_status"], row["title"], row["text"]) for row in gone] == [(200, "Said", "It was said."), (404, None, None)]
    assert paper[0]["authors"] == ["A. Writer"]


def test_text_is_one_file_or_one_a_version(archive: Archive, tmp_path: Path) -> None:
    """Each version of each article once, under what is needed to cite it."""
    take(archive, tmp_path / "s.txt", "txt")
    take(archive, tmp_path / "texts", "txt")

    together = (tmp_path / "s.txt").read_text(encoding="utf-8")
    apart = sorted(path.read_text(encoding="utf-8") for path in (tmp_path / "texts").iterdir())
    assert sorted(together.split("\n" + "=" * 80 + "\n\n")) == apart
    assert len(apart) == 4
    version = next(text for text in apart if "Three ferries" in text)
    digest = archive.catalogue.captures_of(PAPER)[1].payload_digest
    assert version.startswith("Title: Bridge <shut>\nOutlet: The Paper\nAuthors: A. Writer\n")
    assert take(archive, tmp_path / "third.txt", "txt", replace(STORY, captured_from=DAYS[2])).texts == 1
    assert "Three ferries sail." in (tmp_path / "third.txt").read_text(encoding="utf-8")
    assert f"URL: {PAPER}\nCaptured: 2026-11-22T10:30:00.123456Z\n" in version
    assert f"Digest: {digest}\n\nThe bridge is shut.\n\nThree ferries sail." in version


def test_a_folder_with_something_in_it_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    """Texts are not mixed with what a person has there."""
    (tmp_path / "mine.md").write_text("mine")

    with pytest.raises(FileExistsError):
        take(archive, tmp_path, "txt")


@pytest.mark.parametrize("form", FORMATS)
def test_what_goes_wrong_leaves_the_old_file(archive: Archive, tmp_path: Path, form: str) -> None:
    """Nothing is written when nothing fits; a file of an earlier pull stays, and no half one beside it."""
    path = tmp_path / "s.txt"
    path.write_text("an earlier pull")

    with pytest.raises(NothingSelected, match="outlet nobody"):
        take(archive, path, form, replace(STORY, outlet="nobody"))
    with pytest.raises(NoSuchStory):
        take(archive, path, form, Selection(story="unknown"))

    assert [item.name for item in tmp_path.iterdir()] == ["s.txt"]
    assert path.read_text() == "an earlier pull"


def _moved(capture: Capture) -> Capture:
    return replace(capture, ref=replace(capture.ref, offset=capture.ref.offset + 1))


def _longer(capture: Capture) -> Capture:
    return replace(capture, ref=replace(capture.ref, length=10**9))


def _renamed(capture: Capture) -> Capture:
    return replace(capture, id="urn:uuid:0")


def _stretched(capture: Capture) -> Capture:
    return replace(capture, event_length=capture.event_length + 1)


def _shortened(capture: Capture) -> Capture:
    return replace(capture, event_length=capture.event_length - 1)


@pytest.mark.parametrize("lie", [_moved, _longer, _renamed, _stretched, _shortened])
def test_a_catalogue_that_lies_is_found_out(tmp_path: Path, lie: Callable[[Capture], Capture]) -> None:
    """What is copied is held against what the catalogue says, and no file is written."""
    with small_archive(tmp_path) as archive:
        known = list(archive.catalogue.all_captures())
        story = archive.catalogue.story(SLUG)
        archive.catalogue.clear()
        archive.catalogue.add_captures(map(lie, known))
        assert story is not None
        archive.catalogue.put_story(story)

        with pytest.raises(PullError):
            take(archive, tmp_path / "s.warc.gz", "warc")
    assert not (tmp_path / "s.warc.gz").exists()


def test_an_event_of_unknown_length_is_looked_for(tmp_path: Path) -> None:
    """A catalogue of an earlier version, which knows no lengths of events, gives the very same pull."""
    with small_archive(tmp_path) as archive:
        take(archive, tmp_path / "known.warc.gz", "warc")
        known = list(archive.catalogue.all_captures())
        story = archive.catalogue.story(SLUG)
        archive.catalogue.clear()
        archive.catalogue.add_captures(replace(capture, event_length=0) for capture in known)
        assert story is not None
        archive.catalogue.put_story(story)

        result = take(archive, tmp_path / "found.warc.gz", "warc")

    assert all(capture.event_length for capture in known)
    assert (tmp_path / "found.warc.gz").read_bytes() == (tmp_path / "known.warc.gz").read_bytes()
    assert result.records == len(members((tmp_path / "found.warc.gz").read_bytes()))


def test_records_are_counted_without_being_read(tmp_path: Path) -> None:
    """An event may have two records or more; what is said to be copied is what is in the file."""
    with small_archive(tmp_path) as archive:
        deposit = archive.deposit(clock=lambda: DAYS[2], info={"software": "copytrail/test"})
        deposit.keep(replace(page(b"<p>x</p>"), request=b"", started=DAYS[2]))
        deposit.seal()

        result = take(archive, tmp_path / "s.warc.gz", "warc", Selection())

    assert result.records == len(members((tmp_path / "s.warc.gz").read_bytes()))
    assert types(tmp_path / "s.warc.gz").count("metadata") == types(tmp_path / "s.warc.gz").count("request") + 1


def test_a_lost_file_is_an_error(tmp_path: Path) -> None:
    """A WARC that is not in the store is no smaller pull."""
    with small_archive(tmp_path) as archive:
        for path in (tmp_path / "archive" / "warc").rglob("*.warc.gz"):
            path.unlink()

        with pytest.raises(ObjectMissing):
            take(archive, tmp_path / "s.warc.gz", "warc")
    assert not list(tmp_path.glob("s.*"))


def test_a_revisit_whose_original_is_unknown_is_named(tmp_path: Path) -> None:
    """The pull goes on and says what cannot be resolved."""
    with small_archive(tmp_path) as archive:
        known = [replace(item, refers_to="urn:uuid:0" if item.kind == "revisit" else None) for item in archive.catalogue.all_captures()]
        story = archive.catalogue.story(SLUG)
        archive.catalogue.clear()
        archive.catalogue.add_captures(known)
        assert story is not None
        archive.catalogue.put_story(story)

        result = take(archive, tmp_path / "s.warc.gz", "warc")

    assert len(result.problems) == 2
    assert all("is not in the archive" in problem for problem in result.problems)


def test_memory_does_not_grow_with_the_bodies(tmp_path: Path) -> None:
    """A page of 40 MB is copied in pieces."""
    url = "http://big.example/"
    with small_archive(tmp_path) as archive:
        deposit = archive.deposit(clock=lambda: DAYS[2], info={"software": "copytrail/test"})
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 41943040\r\n\r\n"
        deposit.keep(replace(big_page(head, 640, bytes(range(256)) * 256), url=url, started=DAYS[2]))
        deposit.seal()
        story = Story(slug="big", version=1, created=DAYS[2], title="Big", members=(Member(url=url, why="big", since=DAYS[2]),))
        save_story(archive, story, lambda newest: newest, DAYS[2])

        tracemalloc.start()
        try:
            take(archive, tmp_path / "s.wacz", "wacz", Selection(story="big"))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 4_000_000


def test_the_kind_of_store_makes_no_difference(archive: Archive, store: Store, tmp_path: Path) -> None:
    """The same objects in a folder or in S3 give the same file."""
    for key in archive.store.keys("warc/"):
        store.create(key, archive.store.read(key))
    take(archive, tmp_path / "here.warc.gz", "warc")
    take(replace(archive, store=store), tmp_path / "there.warc.gz", "warc")

    assert (tmp_path / "here.warc.gz").read_bytes() == (tmp_path / "there.warc.gz").read_bytes()
