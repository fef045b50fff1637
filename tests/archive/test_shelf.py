"""Where a site is put: the same promises of a folder and of a bucket on a real S3 server."""

from pathlib import Path

import pytest
from support.weed import BUCKET, Weed, open_to_all
from urllib3 import PoolManager

from archive.shelf import FolderShelf, Shelf, open_shelf
from archive.store import StoreError, StoreUnreachable

PREFIX = "site"


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """An empty shelf of each kind."""
    if request.param == "folder":
        return open_shelf(str(tmp_path / "shelf"))
    weed = request.getfixturevalue("weed")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", weed.secret)
    return open_shelf(f"s3://{BUCKET}/{tmp_path.name}", endpoint=weed.endpoint)


def put(shelf: Shelf, path: str, data: bytes, folder: Path) -> None:
    """Put some bytes there."""
    source = folder / "source"
    source.write_bytes(data)
    shelf.put(path, source, "text/plain")


def test_a_file_is_put_replaced_read_and_removed(shelf: Shelf, tmp_path: Path) -> None:
    """The last bytes that were put are there, until the file is removed; a second removal changes nothing."""
    assert shelf.read("a/b.txt") is None
    for data in (b"one", b"another, longer", b""):
        put(shelf, "a/b.txt", data, tmp_path)
        assert shelf.read("a/b.txt") == data
    put(shelf, "a/b.txt.more", b"kept", tmp_path)
    shelf.remove("a/b.txt")
    shelf.remove("a/b.txt")

    assert shelf.read("a/b.txt") is None
    assert shelf.read("a/b.txt.more") == b"kept"


@pytest.mark.parametrize("path", ["../out", "/etc/passwd", "a//b", "a/../../b", ".hidden", ""])
def test_no_path_leads_out_of_it(path: str, shelf: Shelf, tmp_path: Path) -> None:
    """A path that is no key is refused, whatever is asked."""
    with pytest.raises(ValueError, match="key"):
        put(shelf, path, b"x", tmp_path)
    with pytest.raises(ValueError, match="key"):
        shelf.remove(path)
    with pytest.raises(ValueError, match="key"):
        shelf.read(path)


def test_a_folder_shows_no_half_file_and_keeps_no_empty_folder(tmp_path: Path) -> None:
    """A source that cannot be read leaves what was there; the last file takes its folders with it, but not the shelf."""
    shelf = FolderShelf(tmp_path / "shelf")
    put(shelf, "a/b/c.txt", b"old", tmp_path)
    with pytest.raises(StoreError):
        shelf.put("a/b/c.txt", tmp_path / "missing", "text/plain")
    before = [item.name for item in (tmp_path / "shelf").rglob("*")]
    kept = shelf.read("a/b/c.txt")
    shelf.remove("a/b/c.txt")

    assert sorted(before) == ["a", "b", "c.txt"]
    assert kept == b"old"
    assert list((tmp_path / "shelf").iterdir()) == []


def test_a_bucket_tells_the_type_and_lets_other_origins_read(weed: Weed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers without a key get the media type, parts, and leave to read from a player's origin, once the bucket is public."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", weed.secret)
    shelf = open_shelf(f"s3://{BUCKET}/{PREFIX}", endpoint=weed.endpoint)
    source = tmp_path / "a.wacz"
    source.write_bytes(b"0123456789")
    shelf.put("a.wacz", source, "application/wacz")
    shelf.allow_all_origins()
    address = f"{weed.endpoint}/{BUCKET}/{PREFIX}/a.wacz"
    assert PoolManager(retries=False).request("GET", address).status == 403
    open_to_all(weed, PREFIX)
    pool = PoolManager(retries=False)
    answer = pool.request("GET", address, headers={"Range": "bytes=2-4", "Origin": "https://player.example"})
    headers = answer.headers

    assert answer.data == b"234"
    assert headers["Content-Type"] == "application/wacz"
    assert headers["Cache-Control"] == "no-cache"
    assert headers["Access-Control-Allow-Origin"] in {"*", "https://player.example"}


def test_other_places_are_refused_and_a_server_that_is_away_is_said() -> None:
    """A scheme that nobody knows and a bucket without a name are errors at once; a server that does not answer is one when asked."""
    with pytest.raises(StoreError, match="nothing can be published to ftp"):
        open_shelf("ftp://host/x")
    with pytest.raises(StoreError, match="no bucket"):
        open_shelf("s3:///x")


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    """A file where a folder should be."""
    (tmp_path / "shelf").write_text("in the way", encoding="utf-8")
    with pytest.raises((StoreError, StoreUnreachable), match=r"a\.txt"):
        put(open_shelf(str(tmp_path / "shelf")), "a.txt", b"x", tmp_path)
