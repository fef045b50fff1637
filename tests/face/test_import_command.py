"""``copytrail import``: a row a file, exit 1 when something in it is damaged or it is no such file."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.warcs import good, write

PROGRAM = Path(sys.executable).with_name("copytrail")


@dataclass(frozen=True)
class Seen:
    """What one call gave."""

    code: int
    rows: list[dict[str, Any]]
    err: str


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"COPYTRAIL_CONTACT": "tests@copytrail.example", "COPYTRAIL_STORE": "archive"}
    done = subprocess.run([PROGRAM, *arguments], cwd=folder, env=environ, capture_output=True, text=True, timeout=100, check=False)
    assert "Traceback" not in done.stderr
    return done


def bring(folder: Path, *paths: str) -> Seen:
    done = run(folder, "import", "--json", *paths)
    return Seen(done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files of others: a good one, a damaged one, a text that is called as a WARC is, and one that is not meant."""
    (tmp_path / "files" / "deep").mkdir(parents=True)
    data = write(good().values())
    plain = write(good().values(), compressed=False)
    (tmp_path / "files" / "good.warc").write_bytes(plain)
    (tmp_path / "files" / "deep" / "Cut.WARC.GZ").write_bytes(data[:-9])
    (tmp_path / "files" / "text.warc.gz").write_text("The bridge is shut.", encoding="utf-8")
    (tmp_path / "files" / "notes.txt").write_text("not meant", encoding="utf-8")
    return tmp_path


def test_a_good_file_is_a_row_and_exit_0(folder: Path) -> None:
    """With what it became; the store verifies, the catalogue can be made anew, and who brought what is written down."""
    seen = bring(folder, "files/good.warc")
    verified, rebuilt = run(folder, "verify"), run(folder, "rebuild", "--json")
    (custody,) = [json.loads(path.read_text()) for path in (folder / "archive" / "custody").rglob("*-imported-*.json")]

    assert seen.code == 0
    (row,) = seen.rows
    assert (row["schema"], row["path"], row["state"], row["captures"]) == ("copytrail.import/1", "files/good.warc", "imported", 2)
    assert (folder / "archive" / row["warcs"][0]).read_bytes() == (folder / "files" / "good.warc").read_bytes()
    assert verified.returncode == 0, verified.stdout
    assert rebuilt.returncode == 0
    assert (custody["act"], custody["objects"][0]["sha256"], custody["counts"]) == ("imported", row["sha256"], {"captures": 2})


def test_a_folder_is_gone_through(folder: Path) -> None:
    """Every WARC and WACZ in it, by name; what is wrong with one costs no other."""
    seen = bring(folder, "files")
    states = {Path(row["path"]).name: row["state"] for row in seen.rows if row["schema"] == "copytrail.import/1"}
    (fault,) = [row for row in seen.rows if row["schema"] == "copytrail.fault/1"]

    assert seen.code == 1
    assert states == {"Cut.WARC.GZ": "imported", "good.warc": "imported", "text.warc.gz": "refused"}
    assert (fault["file"], fault["offset"] > 0, "within a gzip member" in fault["message"]) == ("Cut.WARC.GZ", True, True)


def test_the_same_again_is_known(folder: Path) -> None:
    """Exit as before: 0 for what is whole, 1 for what is damaged; and no second word about who brought it."""
    for _ in range(2):
        assert bring(folder, "files/good.warc").code == 0
        assert bring(folder, "files/deep/Cut.WARC.GZ").code == 1
    again = bring(folder, "files/good.warc")

    assert [row["state"] for row in again.rows] == ["known"]
    assert len(list((folder / "archive" / "custody").rglob("*-imported-*.json"))) == 2


def test_a_person_reads_lines(folder: Path) -> None:
    """What became of the file, where it lies, and the places that are damaged."""
    done = run(folder, "import", "files/deep/Cut.WARC.GZ", "files/text.warc.gz")
    first, fault, refused = done.stdout.splitlines()

    assert done.returncode == 1
    assert first.startswith("imported  files/deep/Cut.WARC.GZ: 1 captures in warc/2026/11/21/imported-")
    assert first.endswith("; 1 places are damaged")
    assert fault.split()[:2] == ["Cut.WARC.GZ,", "offset"]
    assert refused == "refused   files/text.warc.gz: no WARC record can be read in it"
    assert "copytrail rebuild" in done.stderr


def test_nothing_to_bring_in_is_a_problem(tmp_path: Path) -> None:
    """An empty folder, and a path that is not there."""
    (tmp_path / "empty").mkdir()

    assert run(tmp_path, "import", "empty").returncode == 1
    assert run(tmp_path, "import", "nowhere.warc").returncode == 2
    assert run(tmp_path, "import").returncode == 2
