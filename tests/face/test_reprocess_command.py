"""``copytrail reprocess``: texts made again by the present extractor, and what changed, outlet by outlet."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.smallarchive import PAPER, SLUG, settings, small_archive

from archive.rebuild import rebuild
from archive.records import Revision
from archive.vault import open_archive
from pipeline.text import extractor

EARLIER = "copytrail-text/1 trafilatura/2.10.0 lxml/5"
PROGRAM = Path(sys.executable).with_name("copytrail")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command in a project whose texts are all by an earlier extractor."""
    with small_archive(tmp_path) as archive:
        old = [
            replace(found, extractor=EARLIER) for item in archive.catalogue.all_captures() if (found := archive.catalogue.document(item.id))
        ]
        revisions = archive.catalogue.revisions_of(PAPER)
        list(rebuild(archive.store, archive.catalogue))
        archive.catalogue.put_documents(old)
        archive.catalogue.put_revisions(revisions)
    (tmp_path / "copytrail.toml").write_text(f'store = "{settings(tmp_path).store}"\n', encoding="utf-8")

    def copytrail(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([PROGRAM, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)

    return copytrail


def extractors(folder: Path) -> list[str | None]:
    """By which extractor the present text of each capture of the paper is."""
    with open_archive(settings(folder)) as archive:
        documents = [archive.catalogue.document(item.id) for item in archive.catalogue.captures_of(PAPER)]
        return [None if document is None else document.extractor for document in documents]


def changes(folder: Path) -> list[Revision]:
    with open_archive(settings(folder)) as archive:
        return archive.catalogue.revisions_of(PAPER)


def rows(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {row["outlet"]: row for row in map(json.loads, done.stdout.splitlines())}


def test_a_dry_run_says_what_would_change(run: Run, tmp_path: Path) -> None:
    """The figures of each outlet, and nothing is kept: saying it again says the same."""
    first, second = run("reprocess", SLUG, "-n", "--json"), run("reprocess", SLUG, "-n", "--json")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert set(rows(first)) == {"paper.example", "agency.example", "gone.example"}
    assert rows(first)["paper.example"] == {
        "schema": "copytrail.reprocessed/1",
        "outlet": "paper.example",
        "pages": 2,
        "changed": 2,
        "longer": 0,
        "shorter": 2,
        "kinds_changed": 2,
        "failed": 0,
    }
    assert rows(first) == rows(second)
    assert extractors(tmp_path) == [EARLIER, EARLIER, None]


def test_what_is_read_again_is_kept_beside_the_old(run: Run, tmp_path: Path) -> None:
    """Every text is by the present extractor, also of the capture that said that nothing had changed; again there is nothing to do."""
    revisions = changes(tmp_path)
    done, again = run("reprocess", SLUG), run("reprocess", SLUG, "--json")

    assert done.returncode == 0, done.stderr
    assert "paper.example" in done.stdout
    assert "2 pages" in done.stdout
    assert extractors(tmp_path) == [extractor()] * 3
    assert again.stdout == ""
    assert "every text is by the present extractor" in again.stderr
    assert changes(tmp_path) == revisions != []  # each says by which extractor it was found


def test_a_story_must_be_known(run: Run) -> None:
    """A name that is no story is wrong usage."""
    done = run("reprocess", "bridges")

    assert done.returncode == 2
    assert "no story 'bridges'" in done.stderr
