"""``copytrail cite``: every form names the capture, and can be held against the bytes again, with the archive or without it."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.smallarchive import AGENCY, GONE, PAPER, SLUG

from copytrail.citations import read

Run = Callable[..., subprocess.CompletedProcess[str]]
PROVED = ("text", "bibtex", "csl", "robust")


@pytest.fixture
def run(small_run: Run) -> Run:
    return small_run


@pytest.mark.parametrize("style", PROVED)
def test_a_citation_is_found_again(run: Run, style: str) -> None:
    """URL, time, record, digest and span stand in it; the bytes are the same; of one turned digest it is said that they are not.

    Scenario 9.
    """
    cited = run("cite", PAPER, "-f", style, "--at", "2026-11-21", "--quote", "Two ferries  sail.").stdout
    good = run("cite", "--verify", "-", stdin=cited)
    digest = re.search("payload sha256:([0-9a-f]{64})", cited)
    assert digest is not None
    bad = run("cite", "--verify", "-", stdin=cited.replace(digest[1], digest[1][::-1]))

    assert "paper.example/a" in cited
    assert "2026-11-21T" in cited
    assert re.search(r"record urn:uuid:[0-9a-f-]{36}; payload sha256:", cited)
    assert re.search(r"characters 20-37 \(sha256:[0-9a-f]{64}\) of the text by test 1", cited)
    assert (good.returncode, good.stdout.split()[0]) == (0, "good")
    assert (bad.returncode, bad.stdout.split()[0]) == (1, "BAD")
    assert "the payload is sha256:" in bad.stdout


def test_a_passage_is_held_against_the_text(run: Run) -> None:
    """Its words are hashed where they stand; other words at that place do not pass, and words that stand nowhere cannot be cited."""
    cited = run("cite", PAPER, "--quote", "Three ferries sail.").stdout
    (claim,) = read(cited)
    assert claim.start is not None
    moved = run("cite", "--verify", "-", stdin=cited.replace(f"characters {claim.start}-", f"characters {claim.start + 1}-"))
    absent = run("cite", PAPER, "--quote", "Nobody said this.")

    assert (moved.returncode, "other words stand at that place" in moved.stdout) == (1, True)
    assert (absent.returncode, absent.stdout) == (1, "")
    assert "no times" in absent.stderr


@pytest.mark.parametrize("form", ["warc", "wacz"])
def test_whoever_took_it_home_needs_no_archive(run: Run, tmp_path: Path, form: str) -> None:
    """A pulled file proves the citations of a story, a revisit's through its original; a file that was touched does not."""
    path = tmp_path / ("s.wacz" if form == "wacz" else "s.warc.gz")
    assert run("pull", SLUG, "-f", form, "-o", str(path)).returncode == 0
    cited = run("cite", SLUG).stdout
    quoted = run("cite", PAPER, "--quote", "Three ferries sail.").stdout
    good = run("cite", "--verify", "-", "--in", str(path), "--json", stdin=cited, project=tmp_path)
    rows = [json.loads(line) for line in good.stdout.splitlines()]

    assert good.returncode == 0
    assert {row["url"] for row in rows} == {PAPER, AGENCY, GONE}
    assert {row["problem"] for row in rows} == {None}
    passage = run("cite", "--verify", "-", "--in", str(path), stdin=quoted, project=tmp_path)
    assert (passage.returncode, "good" in passage.stdout, "the passage was not looked at" in passage.stdout) == (0, True, True)
    data = bytearray(path.read_bytes())
    at = len(data) // 2
    path.write_bytes(bytes(data[:at]))
    cut = run("cite", "--verify", "-", "--in", str(path), stdin=cited, project=tmp_path)
    assert cut.returncode != 0


def test_a_pwid_names_the_archive(run: Run) -> None:
    """It needs the address under which the archive is published, and is found again by URL and second."""
    refused = run("cite", PAPER, "-f", "pwid")
    given = run("cite", PAPER, "-f", "pwid", "--base", "https://archive.example/web")
    found = run("cite", "--verify", "-", stdin=given.stdout)

    assert (refused.returncode, "--base" in refused.stderr) == (1, True)
    assert re.fullmatch(rf"urn:pwid:archive\.example:\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ:page:{re.escape(PAPER)}\n", given.stdout)
    assert found.returncode == 0


def test_forms_are_what_their_readers_take(run: Run) -> None:
    """CSL is JSON with a date of access; a BibTeX entry is balanced; a robust link holds no raw mark of HTML from the page."""
    csl = json.loads(run("cite", PAPER, "-f", "csl").stdout)
    bibtex = run("cite", PAPER, "-f", "bibtex").stdout
    robust = run("cite", PAPER, "-f", "robust", "--base", "https://archive.example").stdout

    assert csl[0]["accessed"]["date-parts"][0][0] == 2026
    assert bibtex.count("{") == bibtex.count("}")
    assert robust.count("<") == robust.count(">") == 2
    assert re.search(r'data-versionurl="https://archive\.example/\d{14}/http://paper\.example/a', robust)


def test_what_cannot_be_cited_is_said(run: Run) -> None:
    """An unknown URL, an unknown record, a text without citations and a lack of both arguments end with a word and a code."""
    for arguments, code, words in (
        (("cite", "http://nowhere.example/"), 1, "no capture"),
        (("cite", "urn:uuid:00000000-0000-4000-8000-000000000000"), 1, "no capture"),
        (("cite", "--verify", "-"), 1, "no citation"),
        (("cite",), 2, "name what to cite"),
        (("cite", "no-such-story"), 1, "no story"),
    ):
        done = run(*arguments)
        assert (done.returncode, words in done.stderr) == (code, True), (arguments, done.stderr)
