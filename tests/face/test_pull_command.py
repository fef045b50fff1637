"""``copytrail pull``: what a person types, what comes out, what is said."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.smallarchive import AGENCY, PAPER, SLUG

from copytrail.commands.pull import command
from copytrail.output import Talk

PROGRAM = Path(sys.executable).with_name("copytrail")
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


def test_stdout_has_the_file_and_nothing_else(pull: Run, tmp_path: Path) -> None:
    """``-o -`` gives the bytes that a file would have; where nothing fits, none."""
    pull("-f", "csv", "-o", str(tmp_path / "s.csv"))
    done, none = pull("-f", "csv", "-o", "-"), pull("-f", "csv", "-o", "-", "--outlet", "nobody")

    assert done.stdout.encode() == (tmp_path / "s.csv").read_bytes().replace(b"\r\n", b"\n")  # as text is read from a pipe
    assert "7 captures" in done.stderr
    assert (none.returncode, none.stdout) == (1, "")


def test_a_reader_that_goes_is_no_error(small_project: Path) -> None:
    """A pipe into head ends quietly."""
    command = f"{PROGRAM} -C {small_project} pull {SLUG} -f warc -o - | head -c 1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, timeout=60, check=False)

    assert (done.returncode, done.stdout, b"Traceback" in done.stderr) == (0, b"\x1f", False)


def test_a_package_can_be_made_again(run: Run, pull: Run, tmp_path: Path) -> None:
    """Forms, manifest and README in one folder; ``--from`` finds the same bytes, and exit 1 with names and reasons when they are not."""
    done = pull("-f", "csv", "-f", "warc", "--package", "-o", f"{tmp_path}/pack", "--captured", "..2026-11-21", "--json")
    again = run("pull", "--from", f"{tmp_path}/pack/manifest.json")
    manifest = tmp_path / "pack/manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"copytrail": "0.1.0"', '"copytrail": "0.0.9"'), encoding="utf-8")
    touched = json.loads(manifest.read_text(encoding="utf-8"))
    touched["parts"]["csv"]["files"][0]["size"] += 1
    manifest.write_text(json.dumps(touched), encoding="utf-8")
    differs = run("pull", "--from", str(manifest), "-o", f"{tmp_path}/again", "--json")

    assert json.loads(done.stdout)["format"] == "warc csv"
    assert {item.name for item in (tmp_path / "pack").iterdir()} >= {"csv", "warc", "manifest.json", "README.md", "datapackage.json"}
    assert (again.returncode, again.stdout) == (0, "the same bytes\n")
    row = json.loads(differs.stdout)
    assert (differs.returncode, row["same"]) == (1, False)
    assert any(line.startswith("csv/captures.csv: ") for line in row["differences"])
    assert "copytrail was 0.0.9, and is 0.1.0" in row["reasons"]
    assert (tmp_path / "again/csv/captures.csv").read_bytes() == (tmp_path / "pack/csv/captures.csv").read_bytes()


def test_no_story_is_needed_where_flags_select(run: Run, tmp_path: Path) -> None:
    """Flags alone select from the whole archive; all of it is taken only when that is said."""
    some = run("pull", "-f", "jsonl", "-o", str(tmp_path / "s.jsonl"), "--outlet", "agency.example")
    everything = run("pull", "--all", "-f", "jsonl", "-o", str(tmp_path / "all.jsonl"), "--json")

    assert some.returncode == 0
    assert {json.loads(line)["url"] for line in (tmp_path / "s.jsonl").read_text(encoding="utf-8").splitlines()} == {AGENCY}
    assert json.loads(everything.stdout)["captures"] == 8


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-f", "csv", "-o", "x.csv"], "name a story"),
        ([SLUG, "-o", "x.csv"], "say what to make"),
        ([SLUG, "-f", "csv", "-f", "txt", "-o", "x.csv"], "--package"),
        ([SLUG, "-f", "csv", "--package", "-o", "-"], "a package is a folder"),
        ([SLUG, "-f", "pywb", "-o", "-"], "is a folder"),
        ([SLUG, "-f", "wacz", "-o", "s3://b/x/"], "is one file"),
        ([SLUG, "-f", "csv", "-o", "x.csv", "--link", "2"], "in a bucket"),
        ([SLUG, "-f", "csv", "-o", "s3://b/x.csv", "--link", "200"], "168"),
        ([SLUG, "-f", "csv", "-o", "x.csv", "--relation", "steals"], "steals"),
    ],
)
def test_what_contradicts_itself_is_wrong_usage(arguments: list[str], words: str) -> None:
    """Exit 2 before anything is opened."""
    done = CliRunner().invoke(command, arguments, obj=Talk(project=Path()))

    assert (done.exit_code, words in done.output) == (2, True), done.output
