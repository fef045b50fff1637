"""A pulled WACZ is one that others read: py-wacz validates it, cdxj-indexer gives its index, our stricter check has nothing to say."""

import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from support.smallarchive import AGENCY, DAYS, GONE, PAPER, SLUG, small_archive

from archive.pull import pull
from archive.records import Selection
from archive.warcread import records


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small archive's story as WACZ."""
    folder = tmp_path_factory.mktemp("wacz")
    with small_archive(folder) as archive:
        pull(archive, Selection(story=SLUG), "wacz", folder / "s.wacz", "copytrail/test")
    return folder / "s.wacz"


@pytest.fixture
def opened(package: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(package)


def rows(opened: zipfile.ZipFile, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in opened.read(name).decode().splitlines()]


def index(text: str) -> list[tuple[str, str, dict[str, str]]]:
    return [(key, time, json.loads(fields)) for key, time, fields in (line.split(" ", 2) for line in text.splitlines())]


def test_the_layout_is_that_of_the_format(opened: zipfile.ZipFile) -> None:
    """Five files; the WARC is stored, so that a player can read a range of it."""
    assert opened.namelist() == [
        "archive/data.warc.gz",
        "indexes/index.cdxj",
        "pages/pages.jsonl",
        "datapackage.json",
        "datapackage-digest.json",
    ]
    assert opened.getinfo("archive/data.warc.gz").compress_type == zipfile.ZIP_STORED


def test_every_file_is_listed_with_size_and_hash(opened: zipfile.ZipFile) -> None:
    """datapackage.json vouches for the files and datapackage-digest.json for it."""
    manifest = json.loads(opened.read("datapackage.json"))
    digest = json.loads(opened.read("datapackage-digest.json"))

    for item in manifest["resources"]:
        data = opened.read(item["path"])
        assert (item["bytes"], item["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
    assert len(manifest["resources"]) == 3
    assert digest == {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(opened.read('datapackage.json')).hexdigest()}"}


def test_the_package_says_what_it_is(opened: zipfile.ZipFile) -> None:
    """Title, software, the time of the newest capture, and where a player begins."""
    manifest = json.loads(opened.read("datapackage.json"))

    assert manifest["profile"] == "data-package"
    assert manifest["wacz_version"] == "1.1.1"
    assert manifest["title"] == "The <bridge>"
    assert manifest["software"] == "copytrail/test"
    assert manifest["created"] == "2026-11-23T10:30:00Z"
    assert (manifest["mainPageUrl"], manifest["mainPageDate"]) == (PAPER, "2026-11-21T10:30:01Z")


def test_each_version_of_an_article_is_a_page(opened: zipfile.ZipFile) -> None:
    """With its text, so that a player can search; a page that is gone is in the index and not in the list."""
    head, *pages = rows(opened, "pages/pages.jsonl")

    assert head["format"] == "json-pages-1.0"
    assert [(page["url"], str(page["ts"])[:10]) for page in pages] == [
        *((PAPER, f"{day:%Y-%m-%d}") for day in DAYS),
        *((AGENCY, f"{day:%Y-%m-%d}") for day in DAYS[:2]),
        (GONE, "2026-11-21"),
    ]
    assert "Three ferries" in str(pages[1]["text"])
    assert len({page["id"] for page in pages}) == len(pages)


def test_the_index_is_sorted_and_every_row_reads(opened: zipfile.ZipFile) -> None:
    """Bytes at offset and length are one record, of the URL that the row says."""
    text = opened.read("indexes/index.cdxj")
    data = opened.read("archive/data.warc.gz")

    assert text.splitlines() == sorted(text.splitlines())
    for _, _, fields in index(text.decode()):
        start, length = int(fields["offset"]), int(fields["length"])
        (record,) = records(io.BytesIO(data[start : start + length]))
        assert record.target == fields["url"]


def test_the_index_is_that_of_cdxj_indexer(opened: zipfile.ZipFile, tmp_path: Path, judge: Callable[[str], Path]) -> None:
    """Key, time, URL, mime, status, file, offset and length; digests where the record has one.  A 304 alone goes without its status."""
    path = tmp_path / "data.warc.gz"
    path.write_bytes(opened.read("archive/data.warc.gz"))
    done = subprocess.run([judge("cdxj-indexer"), "--sort", path], capture_output=True, text=True, check=True)
    ours = index(opened.read("indexes/index.cdxj").decode())
    theirs = index(done.stdout)

    assert [(key, time) for key, time, _ in ours] == [(key, time) for key, time, _ in theirs]
    for (_, _, mine), (_, _, other) in zip(ours, theirs, strict=True):
        assert mine.get("status") == (None if other.get("status") == "304" else other.get("status"))
        same = ("url", "mime", "filename", "offset", "length")
        assert {name: mine.get(name) for name in same} == {name: other.get(name) for name in same}
        if other.get("digest", "").startswith("sha256:"):  # where a record has no digest, the indexer makes a sha1 over the chunks
            assert other["digest"] == mine["digest"]


def test_py_wacz_validates_it(package: Path, judge: Callable[[str], Path]) -> None:
    """``wacz validate`` exits 0."""
    done = subprocess.run([judge("wacz"), "validate", "-f", package], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
