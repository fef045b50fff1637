"""``copytrail diff``: what articles changed, as a person and as a program reads it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.doors import run_door
from support.smallarchive import AGENCY, GONE, PAPER, SLUG, small_archive

from archive.kinds import Change, EventKind
from archive.records import Event


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a small story: one article was edited, one is gone, one was not found once."""
    folder = tmp_path_factory.mktemp("diff")
    with small_archive(folder) as archive:
        (gone,) = archive.catalogue.revisions_of(GONE)
        (capture, *_) = archive.catalogue.captures_of(AGENCY)
        events = (Event(kind=EventKind.LEGAL_BLOCK),)
        archive.catalogue.put_revisions([replace(gone, url=AGENCY, after=capture.id, change=Change.SUSPECTED, events=events)])
        return Path(archive.store.url)


def test_each_event_is_a_row(store: Path) -> None:
    """With both ends named by record, digests and time, the class, the passages, and whether it is sure."""
    ended = run_door(["copytrail", "diff", SLUG, "--json"], store.parent, {"store": store})

    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert [(row["url"], row["class"], row["confirmed"]) for row in rows] == [
        (PAPER, "figure", True),
        (PAPER, "cosmetic", True),
        (AGENCY, "legal_block", False),
        (GONE, "gone", True),
    ]
    assert {row["schema"] for row in rows} == {"copytrail.event/1"}
    assert [(span["removed"], span["added"]) for span in rows[0]["spans"]] == [("Two", "Three")]
    assert rows[0]["from"].keys() == rows[0]["to"].keys() == {"record_id", "digest", "text_digest", "time"}
    assert (rows[0]["from"]["text_digest"], rows[0]["to"]["text_digest"]) == ("sha256:1", "sha256:2")


def test_a_person_reads_a_table_and_the_marked_words(store: Path) -> None:
    """The classes first, then the paragraph; one visit without the article is not called its end."""
    ended = run_door(["copytrail", "diff", SLUG], store.parent, {"store": store})

    assert ended.code == 0, ended.err
    assert "    figure          Two -> Three\n" in ended.out
    assert "[-Two-]{+Three+}" in ended.out
    assert "not found, to be confirmed by a second visit" in ended.out


def test_one_article_can_be_asked_for(store: Path) -> None:
    """--url leaves the others out; an address that is none of the story's is an error in one line."""
    ended = run_door(["copytrail", "diff", SLUG, "--url", GONE, "--json"], store.parent, {"store": store})
    wrong = run_door(["copytrail", "diff", SLUG, "--url", "http://other.example/"], store.parent, {"store": store})

    assert [json.loads(line)["url"] for line in ended.out.splitlines()] == [GONE]
    assert wrong.code == 2
    assert "is not an article of story" in wrong.err
