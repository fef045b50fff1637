"""``copytrail search``, and the flags that it shares with ``pull``: each narrows what is found, and what is cut off is said."""

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.smallarchive import AGENCY, GONE, PAPER, SLUG

from archive.cells import moment

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(small_run: Run) -> Run:
    return small_run


def found(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The URLs of the rows."""
    return [json.loads(line)["url"] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "urls"),
    [
        (["ferries"], {PAPER}),
        (['"two ferries"'], {PAPER}),
        (["closed", "--story", SLUG], {AGENCY}),
        (["--state", "changed"], {PAPER}),
        (["--state", "gone"], {GONE}),
        (["--outlet", "agency.example"], {AGENCY}),
        (["said", "--captured", "2026-11-21"], {GONE}),
        (["said", "--captured", "2026-11-23"], set()),
        (["--kind", "article", "--published", "..1999-01-01"], set()),
    ],
)
def test_each_flag_narrows(run: Run, arguments: list[str], urls: set[str]) -> None:
    """A row for each article that fits, whichever of its captures does; exit 1 and a word when there is none."""
    done = run("search", *arguments, "--json")

    assert set(found(done)) == urls
    assert done.returncode == (0 if urls else 1)
    assert ("nothing was found" in done.stderr) is not bool(urls)


def test_a_limit_is_said(run: Run) -> None:
    """What was left out is counted on stderr."""
    done = run("search", "--story", SLUG, "--limit", "1", "--json")

    assert len(found(done)) == 1
    assert "showing 1 of 3 articles; --all" in done.stderr
    assert len(found(run("search", "--story", SLUG, "--all", "--json"))) == 3
    assert run("search", "--story", SLUG, "--all", "--limit", "1").returncode == 2


def test_an_older_version_is_found_by_its_own_words(run: Run) -> None:
    """The capture whose text has the words is the one that is shown, with the words in their place."""
    old = json.loads(run("search", "two ferries", "--json").stdout)
    new = json.loads(run("search", "three ferries", "--json").stdout)

    assert old["warc_record_id"] != new["warc_record_id"]
    assert "Two ferries sail." in old["snippet"]
    assert "Three ferries sail." in run("search", "three ferries").stdout


def test_pull_takes_what_search_finds(run: Run, tmp_path: Path) -> None:
    """The same flags give the same captures: those with these words alone."""
    done = run("pull", SLUG, "-f", "jsonl", "-o", str(tmp_path / "s.jsonl"), "--text", "two ferries")
    rows = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text(encoding="utf-8").splitlines()]

    assert done.returncode == 0
    assert [(row["url"], "Two ferries" in row["text"]) for row in rows] == [(PAPER, True)]


def test_what_was_seen_is_what_is_exported(run: Run, tmp_path: Path) -> None:
    """A hit is the row of its capture in a pull with the same flags, whatever the form of either, beside the snippet."""
    seen = [json.loads(line) for line in run("search", "said", "--story", SLUG, "--json").stdout.splitlines()]
    run("pull", SLUG, "-f", "jsonl", "-o", str(tmp_path / "pull.jsonl"), "--text", "said")
    written = {form: tmp_path / f"hits.{form}" for form in ("jsonl", "csv", "parquet")}
    for path in written.values():
        assert run("search", "said", "--story", SLUG, "-o", str(path)).stdout == f"{path}\n"
    pulled = {row["warc_record_id"]: row for row in map(json.loads, (tmp_path / "pull.jsonl").read_text(encoding="utf-8").splitlines())}
    lines = [json.loads(line) for line in written["jsonl"].read_text(encoding="utf-8").splitlines()]
    with written["csv"].open(encoding="utf-8", newline="") as cells:
        table = list(csv.DictReader(cells))
    typed = pq.read_table(written["parquet"]).to_pylist()

    assert seen
    assert [{name: value for name, value in row.items() if name not in {"schema", "snippet"}} for row in seen] == lines
    assert lines == [pulled[row["warc_record_id"]] for row in lines]
    assert [row["text"] for row in table] == [row["text"] for row in lines]
    assert [{**row, "fetch_time": moment(row["fetch_time"])} for row in typed] == lines


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", '"open'],
        ["search", "a", "--text", "b"],
        ["search", "--kind", "novel"],
        ["search", "sail", "-o", "hits.docx"],
        ["pull", SLUG, "-f", "txt", "-o", "x", "--text", "-a"],
    ],
)
def test_what_means_nothing_is_wrong_usage(run: Run, arguments: list[str]) -> None:
    """The error names what was not understood; exit 2."""
    done = run(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_story_that_is_not_there_is_named(run: Run) -> None:
    """Exit 2, and its name."""
    done = run("search", "x", "--story", "nothing")

    assert (done.returncode, "'nothing'" in done.stderr) == (2, True)
