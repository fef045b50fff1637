"""``copytrail pull``: what a person types, what comes out, what is said."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.smallarchive import AGENCY, PAPER, SLUG

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(small_run: Run) -> Run:
    return small_run


@pytest.fixture
def pull(run: Run) -> Run:
    return lambda *arguments: run("pull", SLUG, *arguments)


def test_the_path_is_data_and_the_rest_is_talk(pull: Run, tmp_path: Path) -> None:
    """The file's name goes to stdout; stderr says what was taken, what came along and what was left out."""
    done = pull("-f", "warc", "-o", str(tmp_path / "s.warc.gz"), "--captured", "2026-11-23..")
    texts = pull("-f", "txt", "-o", str(tmp_path / "s.txt"))

    assert (done.returncode, done.stdout) == (0, f"{tmp_path}/s.warc.gz\n")
    assert "1 captures" in done.stderr
    assert "1 more came along" in done.stderr
    assert "1 of them show no article: left out" in texts.stderr
    assert "2 of them show the text of an earlier one: not repeated" in texts.stderr


def test_json_gives_the_figures(pull: Run, tmp_path: Path) -> None:
    """One row, with its schema."""
    done = pull("-f", "jsonl", "-o", str(tmp_path / "s.jsonl"), "--json")

    row = json.loads(done.stdout)
    assert row["schema"] == "copytrail.pull/1"
    assert (row["captures"], row["without_text"], row["problems"]) == (7, 1, [])
    assert row["bytes"] == (tmp_path / "s.jsonl").stat().st_size


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--outlet", "paper.example", "--captured", "2026-11-21"], [PAPER]),
        (["--captured", "2026-11-22T10:30..2026-11-22", "--url", "*/b"], [AGENCY]),
        (["--captured", "..2026-11-21T10:30:02", "--url", "*agency*"], []),
    ],
)
def test_flags_select(flags: list[str], expected: list[str], pull: Run, tmp_path: Path) -> None:
    """A day is meant whole; either end may be left out."""
    done = pull("-f", "jsonl", "-o", str(tmp_path / "s.jsonl"), *flags)

    if expected:
        assert [json.loads(line)["url"] for line in (tmp_path / "s.jsonl").read_text(encoding="utf-8").splitlines()] == expected
    else:
        assert done.returncode == 1
        assert "no capture fits" in done.stderr
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--captured", "yesterday"], "is not FROM..TO"),
        (["--captured", "2026-11-23..2026-11-21"], "ends before it begins"),
        (["-f", "epub"], "is not one of"),
    ],
)
def test_wrong_use_is_said(flags: list[str], words: str, pull: Run, tmp_path: Path) -> None:
    """Exit 2, one line on what was expected."""
    done = pull("-f", "jsonl", "-o", str(tmp_path / "x"), *flags)

    assert done.returncode == 2
    assert words in done.stderr
