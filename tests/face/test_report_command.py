"""``copytrail report``: the story page as a file, whole or of a part, and nothing in its place when there is nothing."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.smallarchive import AGENCY, GONE, PAPER, SLUG, settings, small_archive

from archive import codec
from archive.custody import Custody
from archive.store import open_store

PROGRAM = Path(sys.executable).with_name("copytrail")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with a small archive."""
    with small_archive(tmp_path):
        pass
    (tmp_path / "copytrail.toml").write_text(f'store = "{settings(tmp_path).store}"\n', encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(project: Path) -> Run:
    """The program, in the project."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([PROGRAM, *arguments], cwd=project, capture_output=True, text=True, timeout=60, check=False)

    return run


def test_the_page_of_a_story_is_written_and_noted(project: Path, run: Run) -> None:
    """The file, a row with its figures, and a custody record with its digest, because texts leave the archive in it."""
    done = run("report", SLUG, "-o", "story.html", "--json")
    row = json.loads(done.stdout)
    store = open_store(settings(project).store)
    (noted,) = (codec.read(Custody, store.read(key)) for key in store.keys("custody/"))
    text = (project / "story.html").read_text(encoding="utf-8")

    assert done.returncode == 0, done.stderr
    assert {name: row[name] for name in ("schema", "path", "articles", "captures", "changes", "losses")} == {
        "schema": "copytrail.report/1",
        "path": "story.html",
        "articles": 3,
        "captures": 7,
        "changes": 2,
        "losses": 1,
    }
    assert "A part of the story" not in text
    assert all(url in text.replace("&amp;", "&") for url in (PAPER, AGENCY, GONE))
    assert (noted.about, noted.objects[0].key, noted.objects[0].size) == (f"story {SLUG} as story page", "story.html", len(text.encode()))


@pytest.mark.parametrize(
    ("flags", "captures", "changes"),
    [
        (["--outlet", "agency.example"], 2, 0),
        (["--state", "changed"], 3, 1),
        (["--captured", "2026-11-21"], 3, 0),
        (["--url", "*gone*", "--captured", "2026-11-22.."], 1, 1),
    ],
)
def test_flags_leave_a_part_and_the_page_says_so(project: Path, run: Run, flags: list[str], captures: int, changes: int) -> None:
    """Only what is selected stands on it; what could not be kept is told of the whole story all the same."""
    row = json.loads(run("report", SLUG, "-o", "part.html", "--json", *flags).stdout)
    text = (project / "part.html").read_text(encoding="utf-8")

    assert (row["captures"], row["changes"], row["losses"]) == (captures, changes, 1)
    assert "A part of the story" in text


def test_nothing_is_written_when_nothing_is_selected(project: Path, run: Run) -> None:
    """An earlier page stays as it is."""
    (project / "story.html").write_text("earlier", encoding="utf-8")
    done = run("report", SLUG, "-o", "story.html", "--outlet", "nosuch.example")

    assert done.returncode == 1
    assert "nothing was written" in done.stderr
    assert (project / "story.html").read_text(encoding="utf-8") == "earlier"
    assert list(project.glob("*.tmp")) == []


def test_wrong_use_is_told(run: Run) -> None:
    """A story that nobody knows is a wrong use; a folder that is not there is named."""
    unknown, nowhere = run("report", "nosuch", "-o", "story.html"), run("report", SLUG, "-o", "no/story.html")

    assert (unknown.returncode, nowhere.returncode) == (2, 1)
    assert "there is no story 'nosuch'" in unknown.stderr
    assert "no/story.html" in nowhere.stderr
    assert "Traceback" not in unknown.stderr + nowhere.stderr
