"""``copytrail gather``: articles put into stories, of files and of an archive that goes on from day to day."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.smallarchive import AGENCY, DAYS, GONE, PAPER, SLUG, settings, small_archive

from archive import manifest
from archive.gatherings import forget, gatherings, remembered
from archive.gatherings import save as keep
from archive.judgements import OUT, save
from archive.rebuild import rebuild
from archive.records import Document
from archive.relations import Judgement, Merged, Placement, Split
from archive.stories import save_story
from archive.vault import Archive, open_archive
from crawlers.gathering import candidates, gather, members_of, recalled
from crawlers.stories import story_named
from pipeline.clusters.memory import dumped

PROGRAM = Path(sys.executable).with_name("copytrail")
CASES = Path(__file__).parents[1] / "pipeline" / "cases" / "distractors" / "invented.yaml"
DAM, VERDICT = (story["articles"] for story in yaml.safe_load(CASES.read_text("utf-8")) if story["story"] in {"dam", "verdict"})
NOW = DAYS[2] + timedelta(days=1)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """The small archive; the paper and the agency tell of a dam, the third of a verdict."""
    with small_archive(tmp_path):
        pass
    with open_archive(settings(tmp_path)) as opened:
        for url, told in ((PAPER, DAM[0]), (AGENCY, DAM[1]), (GONE, VERDICT[0])):
            tell(opened, url, told)
        yield opened


def documents(archive: Archive, url: str) -> list[Document]:
    """The texts of an article."""
    found = (archive.catalogue.document(capture.id) for capture in archive.catalogue.captures_of(url))
    return [item for item in found if item is not None]


def tell(archive: Archive, url: str, told: dict[str, str]) -> None:
    """Let an article say this, in all its captures."""
    title, text, published = told["title"], told["text"], str(told["published"])
    archive.catalogue.put_documents([replace(item, title=title, text=text, published=published) for item in documents(archive, url)])


def stories(archive: Archive) -> list[set[str]]:
    """The addresses that stand together, the largest story first."""
    return sorted(({item.url for item in items} for items in members_of(archive).values()), key=lambda urls: -len(urls))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program, in the folder."""
    command = [str(PROGRAM), "-C", str(folder), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)


def rows(done: subprocess.CompletedProcess[str], schema: str) -> list[dict[str, Any]]:
    """The rows of one schema."""
    return [row for row in map(json.loads, done.stdout.splitlines()) if row["schema"] == f"copytrail.{schema}/1"]


def test_files_are_put_together(tmp_path: Path) -> None:
    """Each text has a row with its story and the terms that say most; each story has one with its texts, ids are the first text's."""
    for told in (*DAM, *VERDICT):
        (tmp_path / f"{told['id']}.txt").write_text(f"{told['title']}\n\n{told['text']}\n", encoding="utf-8")

    done = run(tmp_path, "gather", ".", "--json")

    assert done.returncode == 0, done.stderr
    assert sorted(row["size"] for row in rows(done, "gathered")) == [3, 3]
    assert {row["story"] for row in rows(done, "placed")} == {row["documents"][0]["document"] for row in rows(done, "gathered")}
    assert all(row["shared"] for row in rows(done, "placed") if not row["new"])
    assert "6 in 2 stories, 2 of them with several texts" in done.stderr


def test_an_archive_is_gathered_by_command(archive: Archive, tmp_path: Path) -> None:
    """What is new is told, the second time nothing is; with --all every story; flags that select narrow it."""
    (tmp_path / "copytrail.toml").write_text(f'store = "{settings(tmp_path).store}"\n', encoding="utf-8")

    narrow = run(tmp_path, "gather", "--outlet", "paper.example", "--json")
    rest = run(tmp_path, "gather", "--json")
    nothing = run(tmp_path, "gather", "--json")
    every = run(tmp_path, "gather", "--all")

    assert [row["url"] for row in rows(narrow, "placed")] == [PAPER], narrow.stderr
    assert {row["url"] for row in rows(rest, "placed")} == {AGENCY, GONE}
    assert (nothing.stdout, "0 texts placed; 3 in 2 stories" in nothing.stderr) == ("", True)
    assert AGENCY in every.stdout
    assert GONE not in every.stdout
    assert stories(archive) == [{PAPER, AGENCY}, {GONE}]


def test_files_and_flags_of_the_archive_do_not_go_together(tmp_path: Path) -> None:
    """Wrong usage is said, and so is a story that is not there."""
    assert run(tmp_path, "gather", "a.txt", "--all").returncode == 2
    assert run(tmp_path, "gather", "--for", "nothing").returncode == 2


def test_placements_are_objects_that_outlive_the_catalogue(archive: Archive) -> None:
    """After a rebuild, or with what was remembered gone, ids and stories are the same, and gathering goes on from them."""
    list(gather(archive, NOW))
    state, number = recalled(archive)
    forget(archive.catalogue)
    replayed, again = recalled(archive)
    texts = [item for url in (PAPER, AGENCY, GONE) for item in documents(archive, url)]
    assert not [item for item in rebuild(archive.store, archive.catalogue) if item.problem]

    assert number == again == 1
    assert dumped(replayed) == dumped(state)
    assert remembered(archive.catalogue) is None
    archive.catalogue.put_documents(texts)
    assert list(gather(archive, NOW)) == []
    assert stories(archive) == [{PAPER, AGENCY}, {GONE}]
    assert not list(manifest.check(archive.store))


def test_a_story_keeps_its_articles_whatever_they_say_later(archive: Archive) -> None:
    """A text that is read anew, with other words, leaves its article where it was placed."""
    list(gather(archive, NOW))
    forget(archive.catalogue)

    tell(archive, AGENCY, VERDICT[1])

    assert list(gather(archive, NOW)) == []
    assert stories(archive) == [{PAPER, AGENCY}, {GONE}]


def test_two_who_gather_at_once_place_each_article_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds the next number taken looks again, and places what is left."""
    mine = gather(archive, NOW)
    monkeypatch.setattr("crawlers.gathering.PART", 1)
    first = next(mine)
    others = list(gather(archive, NOW + timedelta(seconds=1)))
    rest = list(mine)

    placed = [document.capture for document, _ in (first, *others, *rest)]
    assert len(placed) == len(set(placed)) == 3
    assert [len(item.placements) for item in gatherings(archive.store)] == [1, 1, 1]
    assert stories(archive) == [{PAPER, AGENCY}, {GONE}]


def test_what_stands_beside_members_is_a_candidate(archive: Archive) -> None:
    """An article that is gathered with members is one, until a person rules it out; members are none."""
    list(gather(archive, NOW))
    story = story_named(archive, SLUG)
    smaller = replace(story, version=story.version + 1, members=tuple(item for item in story.members if item.url != AGENCY))
    smaller = save_story(archive, smaller, lambda newest: newest, NOW)

    (found,) = candidates(archive, smaller)
    assert (found.url, found.beside) == (AGENCY, 1)

    save(archive, Judgement(id="", story=SLUG, verdict=OUT, subject=AGENCY, coder="ann", time=NOW), NOW)
    assert candidates(archive, smaller) == []


def test_a_merge_and_a_split_are_told_of_later(archive: Archive) -> None:
    """The stories that all objects together give follow the changes in them."""
    merged = Merged(into="a", gone="b", document="c", score=0.5, members=("b",))
    split = Split(kept="a", new="c", score=0.1, members=("b", "c"))
    keep(archive, 1, [Placement(document=name, url=name, story=name, score=0.0) for name in ("a", "b")], NOW)
    keep(archive, 2, [Placement(document="c", url="c", story="a", score=0.4, changes=(merged,))], NOW)
    assert {name: [item.document for item in items] for name, items in members_of(archive).items()} == {"a": ["a", "b", "c"]}

    keep(archive, 3, [Placement(document="d", url="d", story="a", score=0.4, changes=(split,))], NOW)
    assert {name: [item.document for item in items] for name, items in members_of(archive).items()} == {"a": ["a", "d"], "c": ["b", "c"]}
