"""The catalogue is made anew from the store alone, and what the store has lost is named."""

from pathlib import Path

import pytest
from support.smallarchive import AGENCY, SLUG, small_archive

from archive.rebuild import rebuild
from archive.records import Capture
from archive.store import StoreError, open_store
from archive.vault import Archive


def known(archive: Archive) -> list[Capture]:
    return list(archive.catalogue.all_captures())


def warcs(folder: Path) -> list[Path]:
    return sorted((folder / "archive" / "warc").rglob("*.warc.gz"))


def damage(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 0x10
    path.write_bytes(data)


def test_a_rebuilt_catalogue_is_the_same(tmp_path: Path) -> None:
    """Every capture, the story and the outcomes are there as they were, and nothing is amiss."""
    with small_archive(tmp_path) as archive:
        before = known(archive)

        results = list(rebuild(archive.store, archive.catalogue))

        assert [result.problem for result in results if result.problem] == []
        assert known(archive) == before
        assert archive.catalogue.story(SLUG) is not None


def test_a_damaged_record_costs_one_capture(tmp_path: Path) -> None:
    """The others of its WARC are there, and the WARC is named with the place of the damage."""
    with small_archive(tmp_path) as archive:
        before = known(archive)
        lost = archive.catalogue.captures_of(AGENCY)[0]
        damage(tmp_path / "archive" / lost.ref.key, lost.ref.offset + 40)

        problems = [result for result in rebuild(archive.store, archive.catalogue) if result.problem]

        assert known(archive) == [capture for capture in before if capture != lost]
        assert [(result.key, result.rows) for result in problems] == [
            (lost.ref.key, sum(item.ref.key == lost.ref.key for item in before) - 1)
        ]
        assert f"offset {lost.ref.offset}: " in str(problems[0].problem)


def test_a_file_with_many_faults_is_told_shortly(tmp_path: Path) -> None:
    """Three faults in words and the number of the others: one line says enough."""
    with small_archive(tmp_path) as archive:
        for capture in known(archive):
            if capture.ref.key.endswith(warcs(tmp_path)[0].name):
                damage(warcs(tmp_path)[0], capture.ref.offset + 40)

        problems = [str(result.problem) for result in rebuild(archive.store, archive.catalogue) if result.problem]

    assert len(problems) == 1
    assert problems[0].count("offset ") == 3
    assert problems[0].endswith("; and 1 more: copytrail verify")


def test_an_empty_store_leaves_the_catalogue_alone(tmp_path: Path) -> None:
    """A wrong address is no reason to forget everything."""
    with small_archive(tmp_path) as archive:
        before = known(archive)

        with pytest.raises(StoreError, match="holds nothing"):
            list(rebuild(open_store(str(tmp_path / "elsewhere")), archive.catalogue))

        assert known(archive) == before
