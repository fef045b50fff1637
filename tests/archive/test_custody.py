"""Who did what with the archive can be told from the archive: one record an act, listed in a manifest like every other object."""

import getpass
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pytest
from support.smallarchive import SLUG, small_archive

from archive import codec, manifest
from archive.custody import Act, Custody, handed_out
from archive.findings import Tally
from archive.records import Selection
from archive.store import ObjectInfo, StoreError, open_store
from archive.vault import Archive
from archive.verify import verify

NOW = datetime(2026, 11, 24, 10, 30, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with small_archive(tmp_path) as opened:
        yield opened


def rules(folder: Path) -> list[tuple[str, str]]:
    found = verify([str(folder / "archive")], open_store, Tally())
    return [(item.rule, item.file.removeprefix(f"{folder}/archive/").partition("/")[0]) for item in found]


def test_an_act_is_one_object_that_reads_back(archive: Archive, tmp_path: Path) -> None:
    """Who, what, when, with which version, about what and with what result; the manifest lists it and verification is content."""
    made = (ObjectInfo(key="s.wacz", size=3, sha256="sha256:00"),)
    key = archive.record(Act.PULLED, "story bridge", NOW, selection=Selection(story=SLUG), objects=made, counts={"captures": 7})

    record = codec.read(Custody, archive.store.read(key))
    assert key.startswith("custody/2026/11/24/20261124T103000250-pulled-")
    assert (record.act, record.time, record.about, record.objects) == (Act.PULLED, NOW, "story bridge", made)
    assert (record.selection, record.counts) == (Selection(story=SLUG), {"captures": 7})
    assert record.agent.operator == "tests@copytrail.example"
    assert (record.agent.user, record.agent.host) == (getpass.getuser(), socket.gethostname())
    assert record.agent.software == f"copytrail/{version('copytrail')}"
    *_, link = manifest.read_chain(archive.store, archive.writer)
    assert [item.key for item in link.objects] == [key]
    assert rules(tmp_path) == []


def test_every_manifest_says_who_wrote(archive: Archive) -> None:
    """Captures, stories and seeds alike: operator, user, machine and version stand in the link that lists them."""
    agents = {link.agent for link in manifest.read_chain(archive.store, archive.writer)}

    assert agents == {archive.agent}


def test_two_acts_in_one_instant_are_two_records(archive: Archive) -> None:
    """The name holds the digest of the record; the very same act told twice is one."""
    acts = (Act.PULLED, "a"), (Act.PULLED, "b"), (Act.VERIFIED, "a"), (Act.PULLED, "a")

    assert len({archive.record(act, about, NOW) for act, about in acts}) == 3


def test_what_was_handed_out_is_measured(tmp_path: Path) -> None:
    """A file, or each file of a folder, by its own name."""
    (tmp_path / "b.txt").write_bytes(b"b")
    (tmp_path / "a.txt").write_bytes(b"")

    assert [item.key for item in handed_out(tmp_path)] == ["a.txt", "b.txt"]
    (alone,) = handed_out(tmp_path / "b.txt")
    assert (alone.size, alone.sha256) == (1, "sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d")


def test_an_archive_that_can_only_be_read_says_so(archive: Archive, tmp_path: Path) -> None:
    """No record, no link, nothing left to be done later, and the error of the store for whoever asked."""
    (tmp_path / "archive/custody").write_bytes(b"a file where a folder should be")

    with pytest.raises(StoreError):
        archive.record(Act.PULLED, "story bridge", NOW)
    assert not [item for link in manifest.read_chain(archive.store, archive.writer) for item in link.objects if "custody" in item.key]
    assert not [path for path in archive.folder.iterdir() if path.is_file()]


DAMAGE: dict[str, tuple[Callable[[Path], object], set[tuple[str, str]]]] = {
    "a record is gone": (Path.unlink, {("manifest-missing", "custody")}),
    "a record was changed": (
        lambda path: path.write_bytes(path.read_bytes().replace(b"bridge", b"brides")),
        {("manifest-object", "custody"), ("store-object", "custody")},
    ),
    "a record is no record": (lambda path: path.write_bytes(b"{}"), {("manifest-object", "custody"), ("store-object", "custody")}),
    "a record was moved": (
        lambda path: path.rename(path.with_name(path.name.replace("1030", "1130"))),
        {("manifest-missing", "custody"), ("store-object", "custody"), ("manifest-unlisted", "custody")},
    ),
}


@pytest.mark.parametrize(("damage", "expected"), DAMAGE.values(), ids=DAMAGE)
def test_damage_to_a_record_is_found(
    archive: Archive, tmp_path: Path, damage: Callable[[Path], object], expected: set[tuple[str, str]]
) -> None:
    """Custody records are held against their manifests and against themselves."""
    key = archive.record(Act.PULLED, "story bridge", NOW)
    damage(tmp_path / "archive" / key)

    assert set(rules(tmp_path)) == expected


def test_a_record_of_a_later_version_is_still_in_its_place(archive: Archive, tmp_path: Path) -> None:
    """Its name comes from its bytes, so that fields which this version does not know change nothing."""
    agent = replace(archive, agent=None)
    key = agent.record(Act.REBUILT, "the catalogue", NOW)
    data = archive.store.read(key).replace(b'"about"', b'"mood":"good","about"')
    archive.create(f"{key.rpartition('-')[0]}-{sha256(data).hexdigest()[:12]}.json", data, NOW)

    assert rules(tmp_path) == []
