"""A folder as a store: full, closed, interrupted, and readable without us."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archive.store import ObjectExists, ObjectMissing, StoreError, StoreFull, StoreUnreachable, open_store
from archive.store_dir import DirectoryStore

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from pathlib import Path
from archive.store_dir import DirectoryStore

store = DirectoryStore(Path(sys.argv[1]))
for number in range(100_000):
    store.create(f"a/{number:06}", bytes([number % 256]) * 50_000)
    print(number, flush=True)
"""
KILLED = """
import os, signal, sys
from pathlib import Path
from archive.store_dir import DirectoryStore

sys.addaudithook(lambda event, _: os.kill(os.getpid(), signal.SIGKILL) if event == sys.argv[2] else None)
DirectoryStore(Path(sys.argv[1])).create("a/b", bytes(50_000))
"""


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, small_disk: Callable[[int], None]) -> None:
    """An object that does not fit is StoreFull, and neither it nor a part of it is there."""
    store = DirectoryStore(tmp_path)
    small_disk(10_000)

    with pytest.raises(StoreFull, match=str(tmp_path)):
        store.create("a/big", bytes(20_000))
    store.create("a/small", bytes(5_000))

    assert [path.name for path in (tmp_path / "a").iterdir()] == ["small"]


OPERATIONS: dict[str, Callable[[DirectoryStore], object]] = {
    "create": lambda store: store.create("a", b"1"),
    "read": lambda store: store.read("a"),
    "info": lambda store: store.info("a"),
    "keys": lambda store: list(store.keys()),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_root_that_is_no_folder_is_unreachable(operation: str, tmp_path: Path) -> None:
    """A path that leads to a file is told by every operation, not taken for an empty store."""
    (tmp_path / "file").write_text("in the way")
    store = DirectoryStore(tmp_path / "file")

    with pytest.raises(StoreUnreachable, match="file"):
        OPERATIONS[operation](store)


def test_an_object_is_no_folder(tmp_path: Path) -> None:
    """Under a key that is an object nothing else can lie, and a folder is no object."""
    store = DirectoryStore(tmp_path)
    store.create("a/b", b"1")

    with pytest.raises(StoreError):
        store.create("a/b/c", b"2")
    with pytest.raises(ObjectMissing):
        store.read("a/b/c")
    with pytest.raises(ObjectMissing):
        store.read("a")
    assert store.info("a") is None
    assert store.info("a/b/c") is None
    assert list(store.keys("a/b/c")) == []


def test_a_source_that_is_missing_is_the_callers_error(tmp_path: Path) -> None:
    """A file that cannot be read is no fault of the store."""
    with pytest.raises(FileNotFoundError):
        DirectoryStore(tmp_path / "store").create("a", tmp_path / "nowhere")


def test_hidden_files_are_no_objects(tmp_path: Path) -> None:
    """What begins with a dot, ours or a file manager's, is not listed."""
    store = open_store(str(tmp_path))
    store.create("a/b", b"1")
    (tmp_path / "a" / ".copytrail-left").write_text("half an object")
    (tmp_path / ".work").mkdir()
    (tmp_path / ".work" / "open.warc.gz.open").write_text("")

    assert list(store.keys()) == ["a/b"]


def test_a_killed_writer_leaves_whole_objects(tmp_path: Path) -> None:
    """After kill -9 every acknowledged object is there, whole, and no key holds a part of one."""
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.1)
        writer.send_signal(signal.SIGKILL)
        acknowledged = 1 + sum(line.endswith("\n") for line in writer.stdout)

    store = open_store(str(tmp_path))
    keys = list(store.keys())
    assert keys[:acknowledged] == [f"a/{number:06}" for number in range(acknowledged)]
    assert len(keys) <= acknowledged + 1
    assert all(store.read(key) == bytes([number % 256]) * 50_000 for number, key in enumerate(keys))


def test_objects_are_ordinary_files(tmp_path: Path) -> None:
    """Anybody may read an object with any program."""
    DirectoryStore(tmp_path).create("warc/a.warc.gz", b"1")

    assert (tmp_path / "warc" / "a.warc.gz").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("event", ["os.link", "os.remove"])
def test_what_a_killed_writer_left_goes_with_the_next_try(event: str, tmp_path: Path) -> None:
    """Killed before its file has its name, or before the other name is gone: the same creation again leaves the object and nothing else."""
    command = [sys.executable, "-c", KILLED, str(tmp_path), event]
    ended = subprocess.run(command, check=False, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
    assert ended.returncode == -signal.SIGKILL
    (left,) = (tmp_path / "a").glob(".copytrail-*")

    open_store(str(tmp_path)).create("a/b", bytes(50_000))

    assert not left.exists()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
    assert (tmp_path / "a/b").read_bytes() == bytes(50_000)


def test_a_living_writer_of_the_same_object_is_waited_for(tmp_path: Path) -> None:
    """The second of two writers of one key waits for the first, finds the key taken, and takes nothing from under it."""
    store, fifo = DirectoryStore(tmp_path), tmp_path / "slow source"
    os.mkfifo(fifo)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(store.create, "a/b", fifo)
        with fifo.open("wb") as source:
            source.write(b"first")
            source.flush()
            while not list((tmp_path / "a").glob(".copytrail-*")):
                time.sleep(0.01)
            second = pool.submit(store.create, "a/b", b"second")
            time.sleep(0.2)
            assert not second.done()
        assert first.result().size == 5
        with pytest.raises(ObjectExists):
            second.result()

    assert store.read("a/b") == b"first"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
