"""``copytrail judge``: a person decides, and it holds against computation, rebuild and the next crawl."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.smallarchive import AGENCY, DAYS, GONE, PAPER, SLUG, settings, small_archive

from archive.findings import Tally
from archive.judgements import judgements_of, ruled_out
from archive.rebuild import rebuild
from archive.records import Story
from archive.relations import Judgement
from archive.trust import Trust
from archive.vault import Archive, open_archive
from archive.verify_ledger import Ledger
from archive.verify_store import verify_store
from copytrail.graphrows import story_graph
from copytrail.judging import Said, agreement_rows, decide, rows
from copytrail.statusrows import judged_rows
from crawlers.relating import judged_of
from crawlers.stories import StoryError, story_named
from crawlers.storytexts import FIRST, of_story

PROGRAM = Path(sys.executable).with_name("copytrail")
QUOTES = f"quotes:{PAPER}:{AGENCY}"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with small_archive(tmp_path):
        pass
    with open_archive(settings(tmp_path)) as opened:
        yield opened


def judge(archive: Archive, verdict: str, subject: str, coder: str = "ann", note: str = "") -> Judgement:
    later = timedelta(minutes=len(judgements_of(archive.store, SLUG)))
    return decide(archive, story_named(archive, SLUG), Said(verdict=verdict, subject=subject, coder=coder, note=note), DAYS[2] + later)


def members(archive: Archive) -> list[str]:
    story: Story = story_named(archive, SLUG)
    return [member.url for member in story.members]


def quoting(archive: Archive) -> list[dict[str, Any]]:
    held, _ = of_story(archive, SLUG)
    graph = json.loads(story_graph(SLUG, held, judged_of(archive, SLUG, held), "json", FIRST))
    return [item for item in graph["relations"] if item["kind"] == "quotes"]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAM), "-C", str(folder), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)


def test_the_command_stores_and_lists(tmp_path: Path) -> None:
    """What was judged comes back as a row with what computation had said; status names who decided; a slip is wrong usage."""
    with small_archive(tmp_path):
        (tmp_path / "copytrail.toml").write_text(f'store = "{settings(tmp_path).store}"\n', encoding="utf-8")

    made = json.loads(run(tmp_path, "judge", SLUG, "out", GONE, "--note", "another bridge", "--coder", "ann", "--json").stdout)
    status = run(tmp_path, "status", SLUG)
    slip = run(tmp_path, "judge", SLUG, "in")

    assert (made["schema"], made["verdict"], made["computed"], made["coder"]) == ("copytrail.judgement/1", "out", "in", "ann")
    assert f"judged out     {GONE}  (by ann: another bridge)" in status.stdout
    assert (slip.returncode, "give a verdict with its URL" in slip.stderr) == (2, True)


def test_an_article_that_is_judged_out_leaves_the_story(archive: Archive) -> None:
    """The members change, and a crawl is told not to take it in again."""
    judge(archive, "out", GONE, note="another bridge")

    assert members(archive) == [PAPER, AGENCY]
    assert ruled_out(archive.store, SLUG) == {GONE}


def test_a_later_judgement_overrules(archive: Archive) -> None:
    """The newest on one subject holds; both stay in the list with what computation had said before anybody judged."""
    judge(archive, "out", GONE)
    judge(archive, "in", GONE, "bob", "it is ours")

    listed = [(row["verdict"], row["coder"], row["computed"], row["holds"]) for row, _ in rows(archive, SLUG)]

    assert listed == [("out", "ann", "in", False), ("in", "bob", "in", True)]
    assert members(archive) == [PAPER, AGENCY, GONE]
    assert story_named(archive, SLUG).members[-1].why == "judged in by bob: it is ours"
    assert ruled_out(archive.store, SLUG) == frozenset()


def test_judgements_outlive_the_catalogue(archive: Archive) -> None:
    """After a rebuild from the store they hold as before, and each is in a manifest."""
    judge(archive, "out", GONE)

    assert not [item for item in rebuild(archive.store, archive.catalogue) if item.problem]

    assert members(archive) == [PAPER, AGENCY]
    assert [line for _, line in judged_rows(archive, SLUG)] == [f"judged out     {GONE}  (by ann)"]
    assert not list(verify_store(archive.store, Ledger(), Tally(), Trust()))


def test_a_damaged_judgement_is_found(archive: Archive, tmp_path: Path) -> None:
    """Verify names the object that is not what the manifest vouches for."""
    judge(archive, "out", GONE)
    (path,) = (tmp_path / "archive" / "judgements").rglob("*.json")
    path.write_text(path.read_text("utf-8").replace("ann", "eve"), encoding="utf-8")

    assert any(path.name in str(finding) for finding in verify_store(archive.store, Ledger(), Tally(), Trust()))


def test_a_relation_that_a_person_saw_is_in_the_graph(archive: Archive) -> None:
    """Confirmed it is an edge with verdict, coder and note, of which it is said that it was not computed; rejected it is none."""
    made = judge(archive, "confirm", QUOTES, note="by phone")
    (edge,) = quoting(archive)
    judge(archive, "reject", QUOTES, "bob")

    assert made.computed == "reject"
    assert (edge["judged"]["verdict"], edge["judged"]["coder"], edge["judged"]["note"]) == ("confirm", "ann", "by phone")
    assert (edge["computed"], edge["method"], edge["why"]) == (False, "judged", "confirmed by ann: by phone")
    assert quoting(archive) == []


def test_coders_are_held_against_computation_and_one_another(archive: Archive) -> None:
    """Two coders on the same articles: alike on one of two, kappa from their own habits."""
    for coder, verdict, url in (("ann", "out", GONE), ("ann", "in", AGENCY), ("bob", "out", GONE), ("bob", "out", AGENCY)):
        judge(archive, verdict, url, coder)

    found = {(row["left"], row["right"]): (row["same"], row["both"], row["kappa"]) for row, _ in agreement_rows(archive, SLUG)}

    assert found == {("ann", "bob"): (1, 2, 0.0), ("ann", "computed"): (1, 2, 0.0), ("bob", "computed"): (0, 2, 0.0)}


@pytest.mark.parametrize(
    ("verdict", "subject", "said"),
    [
        ("confirm", "friends:http://paper.example/a:http://agency.example/b", "is no kind of relation"),
        ("confirm", "http://paper.example/a", "write KIND:URL:URL"),
        ("reject", f"cites:{PAPER}:http://other.example/", "is not an article of story"),
        ("in", "no address", "not a web address"),
    ],
)
def test_what_cannot_be_judged_is_not_stored(archive: Archive, verdict: str, subject: str, said: str) -> None:
    """A slip is said in one line, and the archive is as it was."""
    with pytest.raises(StoryError, match=said):
        judge(archive, verdict, subject)

    assert judgements_of(archive.store, SLUG) == ()
