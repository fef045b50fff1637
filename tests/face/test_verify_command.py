"""``copytrail verify``: the verdict is in the exit code, each finding on a line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.smallarchive import settings, small_archive
from support.warcs import changed, good, write

PROGRAM = Path(sys.executable).with_name("copytrail")
KEYS = ["file", "offset", "record_id", "rule", "section", "severity", "message"]


def verify(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, "verify", *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.warc.gz"
    path.write_bytes(write(changed({"record": "response", "raw": [["dam holds", "dam falls"]]})))
    return path


def test_a_good_file_is_silent_and_counted(tmp_path: Path) -> None:
    """No finding on stdout; how much was checked on stderr; exit 0."""
    (tmp_path / "good.warc.gz").write_bytes(write(good().values()))
    done = verify(tmp_path, "good.warc.gz")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "5 records in 1 files checked: 0 errors, 0 weak, 0 notes\n"


def test_an_error_is_a_line_and_exit_1(bad: Path) -> None:
    """With place, words, rule, section and record."""
    done = verify(bad.parent, str(bad))

    assert done.returncode == 1
    assert done.stdout.startswith(f"error {bad}:")
    assert "[block-digest, WARC 1.1 §5.8]  urn:uuid:00000000-0000-4000-8000-000000000002" in done.stdout


def test_json_rows_have_the_documented_keys(bad: Path) -> None:
    """One object a finding."""
    rows = [json.loads(line) for line in verify(bad.parent, "--json", str(bad)).stdout.splitlines()]

    assert rows
    assert all(list(row) == KEYS for row in rows)
    assert {row["rule"] for row in rows} == {"block-digest", "payload-digest"}


def test_without_a_path_it_is_our_store(tmp_path: Path) -> None:
    """Every object of it; a note or an advice alone is no reason to exit 1."""
    with small_archive(tmp_path):
        pass
    (tmp_path / "copytrail.toml").write_text(f'store = "{settings(tmp_path).store}"\n', encoding="utf-8")
    clean = verify(tmp_path)
    for path in (tmp_path / "archive" / "manifests").rglob("*.json"):
        path.unlink()
    unlisted = verify(tmp_path)

    assert (clean.returncode, clean.stdout) == (0, "")
    assert unlisted.returncode == 0
    assert "manifest-unlisted" in unlisted.stdout
    assert "0 errors, 8 weak, 0 notes" in unlisted.stderr


def test_a_store_that_cannot_be_reached_is_exit_4(tmp_path: Path) -> None:
    """Nothing can be said about an archive that is not there to be read."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "copytrail.toml").write_text('store = "file"\n', encoding="utf-8")

    assert verify(tmp_path).returncode == 4
