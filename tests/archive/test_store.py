"""Both stores keep the one contract of ``archive.store``."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.store import (
    ObjectExists,
    ObjectInfo,
    ObjectMissing,
    Store,
    StoreError,
    checked_key,
    open_store,
)


def labelled(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_what_is_created_can_be_read(store: Store) -> None:
    """An object is given back byte for byte, and its info tells size and digest."""
    data = bytes(range(256)) * 300

    info = store.create("warc/2026/a.warc.gz", data)

    assert info == ObjectInfo(key="warc/2026/a.warc.gz", size=len(data), sha256=labelled(data))
    assert store.read("warc/2026/a.warc.gz") == data
    known = store.info("warc/2026/a.warc.gz")
    assert known is not None
    assert (known.size, known.sha256 or labelled(data)) == (len(data), labelled(data))


def test_a_file_is_stored_whole(store: Store, tmp_path: Path) -> None:
    """A file of several pieces goes in as it is, and stays where it was."""
    path = tmp_path / "a file"
    path.write_bytes(b"0123456789abcdef" * 200_000)

    info = store.create("big", path, sha256=labelled(path.read_bytes()))

    assert info.size == 3_200_000
    assert store.read("big") == path.read_bytes()


def test_an_empty_object_is_an_object(store: Store) -> None:
    """No bytes are content too."""
    store.create("empty", b"")

    assert store.read("empty") == b""
    assert store.info("empty") is not None
    with store.open("empty", 0, 5) as stream:
        assert stream.read() == b""


def test_creating_the_same_again_changes_nothing(store: Store) -> None:
    """Whoever was interrupted may try again."""
    first = store.create("a/b", b"the same")

    assert store.create("a/b", b"the same") == first


def test_a_taken_key_is_refused(store: Store) -> None:
    """Other content under a key that is taken is ObjectExists, and the first content stays."""
    store.create("a/b", b"first")

    with pytest.raises(ObjectExists, match="a/b"):
        store.create("a/b", b"later")

    assert store.read("a/b") == b"first"


def test_one_of_many_writers_wins(store: Store) -> None:
    """Of writers that race for a key exactly one creates it, and all others learn that it is taken."""
    together = threading.Barrier(6)

    def write(number: int) -> bytes | None:
        together.wait()
        try:
            store.create("next", b"writer %d" % number)
        except ObjectExists:
            return None
        return b"writer %d" % number

    with ThreadPoolExecutor(6) as pool:
        won = [content for content in pool.map(write, range(6)) if content is not None]

    assert won == [store.read("next")]


def test_a_wrong_digest_stores_nothing(store: Store) -> None:
    """When the caller knows the digest and the bytes have another, nothing is created."""
    with pytest.raises(StoreError, match="not sha256:00"):
        store.create("a", b"content", sha256="sha256:" + "00" * 32)

    assert store.info("a") is None


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [(0, None, b"0123456789"), (3, None, b"3456789"), (3, 4, b"3456"), (8, 100, b"89"), (10, None, b""), (99, 5, b""), (4, 0, b"")],
)
def test_a_part_can_be_read(store: Store, offset: int, length: int | None, expected: bytes) -> None:
    """A part begins at an offset and has at most a length; beyond the end there are no bytes."""
    store.create("digits", b"0123456789")

    with store.open("digits", offset, length) as stream:
        assert stream.read() == expected


def test_an_object_is_read_line_by_line(store: Store) -> None:
    """What ``open`` gives is an ordinary binary stream."""
    store.create("lines", b"one\ntwo\nthree")

    with store.open("lines") as stream:
        assert stream.readline() == b"one\n"
        assert stream.read(2) == b"tw"
        assert list(stream) == [b"o\n", b"three"]


@pytest.mark.parametrize(("offset", "length"), [(0, None), (5, None), (0, 0)])
def test_a_missing_object_is_missing(store: Store, offset: int, length: int | None) -> None:
    """Reading what is not there is ObjectMissing, asking for it is None, and nothing else."""
    store.create("here/there", b"")

    assert store.info("here/nowhere") is None
    with pytest.raises(ObjectMissing, match="here/nowhere"):
        store.open("here/nowhere", offset, length)
    with pytest.raises(ObjectMissing):
        store.read("nowhere/at/all")


def test_keys_are_sorted_as_whole_keys(store: Store) -> None:
    """Keys come in the order of their characters, whatever folders they make; a prefix need not end at a folder."""
    keys = ["a-b/x", "a.txt", "a/b/c", "a/b-c", "a/bc/d", "a0", "b/1", "b/10", "b/2", "Z"]
    for key in keys:
        store.create(key, b"x")

    assert list(store.keys()) == sorted(keys)
    for prefix in ("a", "a/", "a/b", "a/b/", "b/1", "c", "a/b/c/d", "a/b-c/"):
        assert list(store.keys(prefix)) == sorted(key for key in keys if key.startswith(prefix))


def test_an_empty_store_has_no_keys(store: Store) -> None:
    """Before anything was created there is nothing, and no error."""
    assert list(store.keys()) == []
    assert list(store.keys("warc/")) == []


def test_a_bad_key_is_refused(store: Store) -> None:
    """No operation leaves the archive."""
    for operation in (store.open, store.read, store.info, lambda key: store.create(key, b"x")):
        with pytest.raises(ValueError, match="no key"):
            operation("../a")


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "a/../b", "a/./b", ".hidden", "a/.b", "a\\b", "a\nb", "x" * 256, "a/" * 600 + "a"])
def test_a_key_that_some_store_cannot_hold_is_bad(key: str) -> None:
    """A key that hides, means something else to a file system, or is too long for one of the stores is refused for all."""
    with pytest.raises(ValueError, match="no key"):
        checked_key(key)


@given(st.text(max_size=40))
def test_a_good_key_stays_inside(key: str) -> None:
    """Whatever text is taken for a key, the file lies under the root."""
    try:
        checked_key(key)
    except ValueError:
        return

    root = Path("/of/store")
    assert (root / key).resolve().is_relative_to(root)
    assert not any(part.startswith(".") for part in key.split("/"))


def test_a_url_of_another_kind_is_refused() -> None:
    """Only folders and S3 are stores."""
    with pytest.raises(StoreError, match="gs://bucket"):
        open_store("gs://bucket")


def test_a_file_url_is_a_folder(tmp_path: Path) -> None:
    """A file URL and a path name the same store."""
    open_store(f"file://{tmp_path}/x").create("a", b"1")

    assert open_store(str(tmp_path / "x")).read("a") == b"1"
