"""An audit checks signatures too, and leaves word that it was made."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.programs import ssh_key
from support.smallarchive import settings, small_archive

from archive import codec
from archive.custody import Custody
from archive.notary import Notary
from archive.store import open_store
from flows import jobs
from flows.jobs import Desk
from flows.reports import Ending

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
Said = list[tuple[int, str]]


@pytest.fixture
def said() -> Said:
    return []


@pytest.fixture
def desk(tmp_path: Path, said: Said) -> Desk:
    """A desk over a small archive whose newest manifest is signed."""
    with small_archive(tmp_path) as archive:
        signing = replace(archive, notary=Notary(ssh_key(tmp_path / "key")))
        signing.create("stories/other/v000001.json", b"{}", NOW)
    return Desk(
        settings=settings(tmp_path), home=tmp_path, environ={}, clock=lambda: NOW, log=lambda level, line: said.append((level, line))
    )


def records(folder: Path) -> list[Custody]:
    store = open_store(str(folder / "archive"))
    return [codec.read(Custody, store.read(key)) for key in store.keys("custody/")]


def test_an_audit_is_recorded(desk: Desk, said: Said, tmp_path: Path) -> None:
    """What was read and what was found; the next audit finds the record as it should be."""
    first, second = jobs.audit(desk), jobs.audit(desk)

    assert (first.ending, second.ending) == (Ending.COMPLETED, Ending.COMPLETED)
    assert second.objects == first.objects + 1
    assert {item.act for item in records(tmp_path)} == {"verified"}
    assert sorted(item.counts["objects"] for item in records(tmp_path)) == [first.objects, second.objects]
    assert not any(item.counts["findings"] for item in records(tmp_path))
    assert said == []


def lost(folder: Path) -> None:
    next(folder.glob("archive/warc/**/*.gz")).unlink()


def forged(folder: Path) -> None:
    (path,) = folder.glob("archive/manifests/*/*.sig")
    path.write_bytes(path.read_bytes().replace(b"A", b"B"))


def unlinked(folder: Path) -> None:
    next(folder.glob("archive/manifests/*/000002.json")).unlink()


@pytest.mark.parametrize(("damage", "recorded"), [(lost, True), (forged, False), (unlinked, False)])
def test_what_an_audit_finds(desk: Desk, said: Said, tmp_path: Path, damage: Callable[[Path], None], *, recorded: bool) -> None:
    """Lost objects and forged signatures fail it; to a chain that is damaged nothing is added."""
    damage(tmp_path)
    report = jobs.audit(desk)

    assert report.ending is Ending.FAILED
    assert {level for level, _ in said} == {logging.ERROR}
    assert [item.counts["findings"] for item in records(tmp_path)] == ([len(report.findings)] if recorded else [])


def test_an_audit_of_an_archive_that_can_only_be_read(desk: Desk, said: Said, tmp_path: Path) -> None:
    """It is made all the same, and the log says that nothing could be recorded."""
    (tmp_path / "archive/custody").write_bytes(b"a file where a folder should be")

    assert jobs.audit(desk).ending is Ending.COMPLETED
    ((level, line),) = said
    assert level == logging.WARNING
    assert "no custody record could be written" in line
