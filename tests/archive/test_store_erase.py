"""The one exception from "never changed": both stores erase what somebody ordered, and refuse everything else."""

import hashlib
from collections.abc import Callable, Iterable

import pytest

from archive.store import ObjectExists, ObjectMissing, Patch, Store, StoreError


def labelled(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def patch(offset: int, data: bytes, length: int | None = None) -> Patch:
    pieces: Callable[[], Iterable[bytes]] = lambda: (data[:1], data[1:])  # noqa: E731 -- as pieces come
    return Patch(offset=offset, length=len(data) if length is None else length, pieces=pieces)


def test_bytes_are_put_in_the_place_of_some(store: Store) -> None:
    """The object has the patches, its old length and every other byte; its info tells the new digest, and so does the store."""
    store.create("warc/a", b"one two three")

    info = store.erase("warc/a", [patch(8, b"-----"), patch(0, b"ONE")], sha256=labelled(b"one two three"))

    assert store.read("warc/a") == b"ONE two -----"
    assert (info.size, info.sha256) == (13, labelled(b"ONE two -----"))
    known = store.info("warc/a")
    assert known is not None
    assert known.sha256 in {None, info.sha256}


def test_an_erasure_may_be_done_twice(store: Store) -> None:
    """Who was cut off erases again, with the digest of before."""
    before = store.create("warc/a", b"one two three").sha256 or ""

    infos = [store.erase("warc/a", [patch(4, b"---")], sha256=before) for _ in range(2)]

    assert infos[0] == infos[1]
    assert store.read("warc/a") == b"one --- three"


def test_another_content_is_left_alone(store: Store) -> None:
    """An object that is not the one which was meant is not changed."""
    store.create("warc/a", b"one two three")

    with pytest.raises(ObjectExists, match="has sha256:"):
        store.erase("warc/a", [patch(4, b"---")], sha256=labelled(b"another"))

    assert store.read("warc/a") == b"one two three"


@pytest.mark.parametrize(
    ("patches", "error"),
    [
        ([patch(4, b"--", 3)], ValueError),  # another length
        ([patch(4, b"---"), patch(6, b"--")], ValueError),  # one over another
        ([patch(12, b"---")], StoreError),  # beyond the end
    ],
)
def test_nothing_else_can_be_done(store: Store, patches: list[Patch], error: type[Exception]) -> None:
    """A patch of another length, two over each other and one beyond the end are refused, and the object is as it was."""
    before = store.create("warc/a", b"one two three").sha256 or ""

    with pytest.raises(error):
        store.erase("warc/a", patches, sha256=before)

    assert store.read("warc/a") == b"one two three"


def test_what_is_not_there_cannot_be_erased(store: Store) -> None:
    """An object that is missing is said to be."""
    with pytest.raises(ObjectMissing):
        store.erase("warc/a", [patch(0, b"-")], sha256=labelled(b""))


def test_only_what_can_be_made_again_is_removed(store: Store) -> None:
    """An index, a table and the rest of a package go, once or twice; a WARC, a manifest and what people gave never do."""
    gone = ["cdxj/a", "tables/documents/a.parquet", "merged/cdxj/a.cdxj", f"imports/{'0' * 64}/rest"]
    kept = ["warc/a", "manifests/a/000001.json", "seeds/a/b", "stories/a/v000001.json", f"imports/{'0' * 64}/import.json", "withdrawals/a"]
    for key in gone + kept:
        store.create(key, b"data")

    for key in [*gone, *gone]:
        store.remove(key)
    for key in kept:
        with pytest.raises(ValueError, match="not to be removed"):
            store.remove(key)

    assert list(store.keys("")) == sorted(kept)


def test_what_was_removed_can_be_made_again(store: Store) -> None:
    """A removed object's key is free."""
    store.create("cdxj/a", b"old")
    store.remove("cdxj/a")

    store.create("cdxj/a", b"new")

    assert store.read("cdxj/a") == b"new"
