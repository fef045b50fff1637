"""A page that gave no article the first time is asked for again on a schedule of its own, and joins its story when it is repaired."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from support.badweb import article, message, serving
from support.doors import CONTACT
from support.wireserver import CLOSE, WireServer

from archive.kinds import Verdict
from archive.settings import Settings
from archive.tries import tries
from archive.vault import Archive, open_archive
from copytrail.newsroom import FIRST_CRAWL, MovableClock
from copytrail.statusrows import story_row, waiting_rows
from crawlers.run import run_story
from crawlers.stories import add_seeds, due_leads, story_named
from pipeline.waiting import Wait, wait_of

STORY = "ferry"
PAGE = "http://untold.example/page"
MINUTE = timedelta(minutes=1)
TRIES = 3  # of a request without an answer, in one run
ARTICLE = message({"body": article("A ferry returns")})
SHELL = message({"body": "<html><head><meta property='og:type' content='article'><title>A ferry</title></head><div id=root></div></html>"})
WALL = message({"status": "403 Forbidden", "body": "<title>Just a moment...</title><h1>Checking your browser before you go on</h1>"})


@contextmanager
def story(folder: Path, answers: Sequence[bytes | object], **limits: int) -> Iterator[tuple[Archive, Settings, MovableClock]]:
    """An archive of a story whose one page answers so, crawled once."""
    replies: Mapping[str, list[tuple[object, ...]]] = {"/page": [(answer,) for answer in answers]}
    wire, clock = WireServer(replies), MovableClock(FIRST_CRAWL)  # type: ignore[arg-type]  # bytes and the marks of the wire server
    base = Settings(store=str(folder / "archive"), contact=CONTACT, delay=0.0, max_hops=0, **limits)  # type: ignore[arg-type]
    with serving(wire), open_archive(base) as archive:
        settings = replace(base, connect_to=wire.connect_to)
        add_seeds(archive, STORY, [PAGE], clock())
        run_story(archive, settings, story=STORY, clock=clock)
        yield archive, settings, clock


def due(archive: Archive, clock: MovableClock) -> list[str | None]:
    return [lead.url for lead in due_leads(archive, story_named(archive, STORY), clock(), everything=False)]


@pytest.mark.parametrize(
    "broken",
    [[SHELL] * 2, [WALL] * 2, [CLOSE] * 2 * TRIES],
    ids=["without words", "behind a wall", "without an answer"],
)
def test_a_page_that_is_repaired_becomes_a_member(tmp_path: Path, broken: list[object]) -> None:
    """Asked for again after twenty minutes and not before; then it is watched like any other article."""
    with story(tmp_path, [*broken, ARTICLE]) as (archive, settings, clock):
        clock.move(by=15 * MINUTE)
        early = due(archive, clock)
        clock.move(by=10 * MINUTE)
        late = due(archive, clock)
        run_story(archive, settings, story=STORY, recrawl="due", clock=clock)
        clock.move(by=25 * MINUTE)
        doubled = due(archive, clock)
        clock.move(by=25 * MINUTE)
        before = story_named(archive, STORY).members
        run_story(archive, settings, story=STORY, recrawl="due", clock=clock)
        (member,) = story_named(archive, STORY).members
        waiting = archive.catalogue.waiting(STORY)

    assert (early, late, doubled, before) == ([], [PAGE], [], ())
    assert (member.url, member.why) == (PAGE, "named by a person")
    assert waiting == []


def test_a_page_that_never_says_anything_is_asked_for_less_and_less(tmp_path: Path) -> None:
    """In the first day seven times, in a month a dozen; identical bytes are no answer either."""
    with story(tmp_path, [SHELL]) as (archive, settings, clock):
        while clock() < FIRST_CRAWL + timedelta(days=3):
            if due(archive, clock):
                run_story(archive, settings, story=STORY, recrawl="due", clock=clock)
            clock.move(by=20 * MINUTE)
        (ended,) = tries(archive.catalogue, STORY).values()

    pauses = [round((later.time - earlier.time) / MINUTE) for earlier, later in pairwise(ended)]
    assert len(pauses) == 7
    assert all(later >= 1.5 * earlier for earlier, later in pairwise(pauses)), pauses
    assert {item.verdict for item in ended[1:]} == {Verdict.UNCHANGED}


def test_what_was_refused_does_not_count_as_waiting(tmp_path: Path) -> None:
    """`status` tells what a run kept out of its scope, with the reason, from what the next run will fetch."""
    with story(tmp_path, [ARTICLE], max_hosts=1) as (archive, settings, clock):
        add_seeds(archive, STORY, [PAGE, "http://second.example/page"], clock())
        new = story_row(archive, story_named(archive, STORY))["waiting"]
        add_seeds(archive, STORY, ["http://untold.example/other"], clock())
        run_story(archive, settings, story=STORY, clock=clock)
        refused = story_row(archive, story_named(archive, STORY))["waiting"]
        ((row, line),) = waiting_rows(archive, STORY, clock())
        (ended,) = tries(archive.catalogue, STORY).values()

    assert (new, refused) == (1, 0)
    assert wait_of(ended) is row["wait"] is Wait.REFUSED
    assert line.startswith("refused ")
    assert "the limit is 1 (max_hosts)" in line
