"""A killed writer loses nothing that was acknowledged, and leaves nothing torn."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.exchanges import STARTED, exchange, page
from support.readback import captures_in

from archive.records import Capture
from archive.recover import Recovered, recover
from archive.warcread import records
from archive.warcwrite import WarcFile

NAME = "copytrail-20261121103000123-0001-host.warc.gz"
ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import secrets, sys
from pathlib import Path
from support.exchanges import STARTED, page
from archive.warcwrite import WarcFile

file = WarcFile.create(Path(sys.argv[1]), sys.argv[2], {}, STARTED)
number = 0
while True:
    written = file.append(page(secrets.token_bytes(20_000), url=f"http://news.example/{number}"))
    print(written.capture.id, flush=True)
    number += 1
"""


def read(path: Path) -> list[Capture]:
    return captures_in(path, "x")


def types(path: Path) -> list[str]:
    with path.open("rb") as stream:
        return [record.type for record in records(stream)]


@pytest.fixture(scope="module")
def open_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[int]]:
    """The bytes of an open file with four events, and where each event ends; the third has no answer, the fourth is a resource."""
    folder = tmp_path_factory.mktemp("open")
    file = WarcFile.create(folder, NAME, {}, STARTED)
    ends = [file.size]
    for item in (page(b"one"), page(b"two"), exchange(b"", request=b"")):
        file.append(item)
        ends.append(file.size)
    file.resource("urn:seed:1", b"text", "text/plain", STARTED)
    return file.seal().read_bytes(), [*ends, file.size]


def test_a_file_cut_anywhere_keeps_its_whole_events(open_file: tuple[bytes, list[int]], tmp_path: Path) -> None:
    """Wherever the writer was stopped, what it had finished is sealed, and the torn rest is kept aside."""
    data, ends = open_file
    for cut in {*range(0, len(data), 29), *(end + step for end in ends for step in (-1, 0, 1))}:
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / f"{NAME}.open").write_bytes(data[:cut])
        whole = max((end for end in ends if end <= cut), default=0)

        (result,) = recover(folder)

        size = min(cut, len(data))
        assert result.cut_bytes == size - whole
        if whole > ends[0]:
            assert (folder / NAME).read_bytes() == data[:whole]
            assert types(folder / NAME)[-1] in ("metadata", "resource")
            assert result.kept_records == len(types(folder / NAME))
        else:
            assert (result.kept_records, (folder / NAME).exists()) == (0, False)
        assert ((folder / f"{NAME}.cut").read_bytes() if whole < size else b"") == data[whole:size]
        assert not (folder / f"{NAME}.open").exists()
        assert recover(folder) == []


def test_a_writer_is_killed_again_and_again(tmp_path: Path) -> None:
    """After kill -9 at any moment every acknowledged exchange is in the sealed file, whole, and at most one more."""
    chance = random.Random(7)
    for round_number in range(5):
        folder = tmp_path / str(round_number)
        command = [sys.executable, "-c", WRITER, str(folder), NAME]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
        ) as writer:
            assert writer.stdout is not None
            acknowledged = [writer.stdout.readline().strip()]
            time.sleep(chance.random() / 20)
            writer.send_signal(signal.SIGKILL)
            acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]

        (result,) = recover(folder)

        kept = [capture.id for capture in read(folder / NAME)]
        assert kept[: len(acknowledged)] == acknowledged
        assert len(kept) <= len(acknowledged) + 1
        assert result == Recovered(path=folder / NAME, kept_records=1 + 3 * len(kept), cut_bytes=result.cut_bytes)


def test_a_file_that_is_written_is_left_alone(tmp_path: Path) -> None:
    """While its writer lives a file is nobody else's, and goes on."""
    file = WarcFile.create(tmp_path, NAME, {}, STARTED)
    file.append(page(b"one"))

    assert recover(tmp_path) == []

    second = file.append(page(b"two")).capture
    assert read(file.seal())[-1].id == (second.id if second else None)


def test_damage_in_the_middle_cuts_there(open_file: tuple[bytes, list[int]], tmp_path: Path) -> None:
    """After a record that is not whole nothing is trusted; it is kept aside, not thrown away."""
    data, ends = open_file
    damaged = bytearray(data)
    damaged[ends[1] + 20] ^= 0xFF
    (tmp_path / f"{NAME}.open").write_bytes(damaged)

    (result,) = recover(tmp_path)

    assert (tmp_path / NAME).read_bytes() == data[: ends[1]]
    assert (tmp_path / f"{NAME}.cut").read_bytes() == damaged[ends[1] :]
    assert result.cut_bytes == len(data) - ends[1]


def test_a_sealed_file_is_never_replaced(open_file: tuple[bytes, list[int]], tmp_path: Path) -> None:
    """When both an open and a sealed file have the name, neither is touched."""
    (tmp_path / NAME).write_bytes(b"sealed before")
    (tmp_path / f"{NAME}.open").write_bytes(open_file[0])

    with pytest.raises(FileExistsError):
        recover(tmp_path)

    assert (tmp_path / NAME).read_bytes() == b"sealed before"
    assert (tmp_path / f"{NAME}.open").read_bytes() == open_file[0]


def test_a_folder_without_open_files(tmp_path: Path) -> None:
    """Nothing to do is nothing done, also where there is no folder yet."""
    (tmp_path / NAME).write_bytes(b"sealed")

    assert recover(tmp_path) == []
    assert recover(tmp_path / "nowhere") == []
