"""A file is its writer's while the writer lives, and anybody's afterwards."""

import fcntl
from pathlib import Path

import pytest

from archive.locks import abandoned, claimed


def test_a_claimed_file_is_nobody_elses(tmp_path: Path) -> None:
    """It is not abandoned before it is closed, and its name cannot be claimed again."""
    path = tmp_path / "a"
    with claimed(path) as file:
        file.write(b"ours")
        with abandoned(path) as taken:
            assert taken is None
        with pytest.raises(FileExistsError):
            claimed(path)

    with abandoned(path) as taken:
        assert taken is not None
        assert taken.read() == b"ours"


def test_a_file_that_is_gone_is_not_abandoned(tmp_path: Path) -> None:
    """There is nothing to take over where nothing is."""
    for wait in (False, True):
        with abandoned(tmp_path / "nowhere", wait=wait) as taken:
            assert taken is None


def test_a_file_that_is_taken_before_it_is_locked_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its creation and its lock another process may take a file for abandoned and remove it: what is claimed has its name."""
    path, lock = tmp_path / "a", fcntl.flock
    removed: list[bytes] = []

    def late(file: int, operation: int) -> None:
        if not removed:
            removed.append(path.read_bytes())
            path.unlink()
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", late)

    with claimed(path) as file:
        file.write(b"ours")

    assert removed == [b""]
    assert path.read_bytes() == b"ours"


def test_a_file_that_became_another_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the lock is asked for, its writer may end and another write a new file under the name: that one is not abandoned."""
    path, lock = tmp_path / "a", fcntl.flock
    path.write_bytes(b"old")

    def late(file: int, operation: int) -> None:
        path.unlink()
        path.write_bytes(b"new")
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", late)

    with abandoned(path) as taken:
        assert taken is None

    assert path.read_bytes() == b"new"
