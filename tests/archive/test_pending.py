"""What a killed or refused process leaves of its objects is finished by the next start: created, listed, and in the catalogue."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import codec, manifest, pending
from archive.records import Story
from archive.resume import Resumed, resume
from archive.settings import Settings
from archive.store import ObjectExists, StoreError, StoreFull
from archive.vault import Archive, open_archive

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
STORY = Story(slug="ferry", version=1, created=NOW, title="The ferry returns")
KEY, DATA = "stories/ferry/v000001.json", codec.text_of(STORY).encode()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An empty archive in a folder."""
    with open_archive(Settings(store=str(tmp_path / "store"), work=tmp_path / "work")) as opened:
        yield opened


def started(archive: Archive) -> list[Resumed]:
    """What the next start does."""
    return list(resume(archive.deposit(clock=lambda: NOW, info={})))


def listed(archive: Archive) -> list[str]:
    """Every key that a manifest names, as often as it does."""
    return [
        item.key
        for writer in manifest.writers(archive.store)
        for link in manifest.read_chain(archive.store, writer)
        for item in link.objects
    ]


def leave_note(archive: Archive, key: str = KEY, data: bytes = DATA) -> Path:
    """The note of an object as a process leaves it that ended before the object was created."""
    with pytest.raises(StoreError), pending.noted(archive.folder, key, data, NOW):
        raise StoreError("no answer")
    (path,) = archive.folder.glob("*.pending")
    return path


def test_an_object_that_was_not_sent_yet(archive: Archive) -> None:
    """It is created from the note's bytes, listed under the note's time, told to the catalogue, and the note goes."""
    leave_note(archive)

    assert started(archive) == [Resumed(name=KEY, outcome="in the store")]

    assert archive.store.read(KEY) == DATA
    assert [link.time for link in manifest.read_chain(archive.store, archive.writer)] == [NOW]
    assert listed(archive) == [KEY]
    assert archive.catalogue.story("ferry") == STORY
    assert list(archive.folder.iterdir()) == []
    assert started(archive) == []


def test_an_object_that_is_stored_and_not_listed(archive: Archive) -> None:
    """It is listed."""
    leave_note(archive)
    archive.store.create(KEY, DATA)

    started(archive)

    assert listed(archive) == [KEY]


def test_an_object_that_is_listed_already(archive: Archive) -> None:
    """It is not listed a second time, also where others have written links since."""
    leave_note(archive)
    archive.vouch([archive.store.create(KEY, DATA)], NOW)
    archive.create("seeds/abc/a", b"a seed", NOW)

    started(archive)

    assert listed(archive) == [KEY, "seeds/abc/a"]
    assert archive.catalogue.story("ferry") == STORY


def test_a_key_that_another_has_taken(archive: Archive) -> None:
    """The other's object stays, unlisted by us; what we meant to write is given up, and that is said."""
    leave_note(archive)
    archive.store.create(KEY, b"{}")

    assert started(archive) == [Resumed(name=KEY, outcome="left out: another writer has taken the key")]

    assert archive.store.read(KEY) == b"{}"
    assert listed(archive) == []
    assert list(archive.folder.iterdir()) == []


def test_a_torn_note(archive: Archive) -> None:
    """A note that was not written to its end promised nothing, and goes; nothing was sent before it was whole."""
    path = leave_note(archive)
    whole = path.read_bytes()
    for size in (0, 10, whole.index(b"\n"), len(whole) - 1):
        path.write_bytes(whole[:size])

        assert started(archive) == []
        assert list(archive.folder.iterdir()) == []

    assert list(archive.store.keys("")) == []


def test_a_note_of_a_living_process_is_left_alone(archive: Archive) -> None:
    """While its process is at it, an object is nobody else's."""
    with pending.noted(archive.folder, KEY, DATA, NOW):
        assert started(archive) == []

    assert list(archive.store.keys("")) == []
    assert list(archive.folder.iterdir()) == []


def test_a_refused_object_leaves_no_note(archive: Archive) -> None:
    """A key that is taken is told at once, and the next start does not try again."""
    archive.create(KEY, DATA, NOW)

    with pytest.raises(ObjectExists):
        archive.create(KEY, b"other", NOW)

    assert list(archive.folder.iterdir()) == []


def test_a_store_that_fails_leaves_the_note(archive: Archive, tmp_path: Path) -> None:
    """The error is told, and the next start finishes what was asked for."""
    started(archive)  # admitted as a writer, before anything fails
    (tmp_path / "store").write_text("in the way")
    with pytest.raises(StoreError, match="not a folder"):
        archive.create(KEY, DATA, NOW)
    (tmp_path / "store").unlink()

    assert [item.name for item in started(archive)] == [KEY]
    assert archive.store.read(KEY) == DATA


def test_what_is_to_be_done_then_is_made_good(archive: Archive) -> None:
    """A catalogue that cannot be told leaves the note: the next start tells it."""

    def fail() -> None:
        raise StoreError("the catalogue is away")

    with pytest.raises(StoreError, match="away"):
        archive.create(KEY, DATA, NOW, fail)
    assert archive.catalogue.story("ferry") is None

    started(archive)

    assert archive.catalogue.story("ferry") == STORY
    assert listed(archive) == [KEY]


def test_no_room_for_the_note(archive: Archive, small_disk: Callable[[int], None]) -> None:
    """Without a note nothing is sent: the object is refused, and neither it nor a torn note is left."""
    small_disk(100)
    with pytest.raises(StoreFull, match="stories/ferry"):
        archive.create(KEY, DATA, NOW)
    small_disk(-1)

    assert list(archive.folder.iterdir()) == []
    assert list(archive.store.keys("")) == []
