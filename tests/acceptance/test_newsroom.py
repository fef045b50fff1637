"""The main job on the demo newsroom, held against what its authors wrote down by hand (``expected.yaml``).

One crawl, a week, one recrawl, and an hour later one of what is due; every test looks at the same archive.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from archive import manifest
from archive.catalogue import Catalogue
from archive.kinds import Change, EventKind, Verdict
from archive.rebuild import rebuild
from archive.records import Outcome
from archive.settings import Settings
from archive.vault import Archive, open_archive
from copytrail.newsroom import EXPECTED, FIRST_CRAWL, SECOND_CRAWL, MovableClock, Newsroom
from crawlers.reread import reread
from crawlers.run import Report, run_story
from crawlers.stories import add_seeds, story_named

WANTED: dict[str, Any] = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
STORY = "bridge"


@dataclass(frozen=True)
class Job:
    """What the runs left."""

    archive: Archive
    first: Report
    second: Report
    first_members: set[str]
    asked: tuple[Any, ...]

    def outcomes(self, report: Report) -> dict[str, Outcome]:
        """How each URL ended one run."""
        return {item.url: item for item in self.archive.catalogue.outcomes_of(STORY, report.run)}


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Job]:
    """New, crawl, a week later, recrawl, an hour later what is due."""
    clock = MovableClock(FIRST_CRAWL, seconds=time.monotonic)
    with Newsroom(clock) as newsroom:
        store = str(tmp_path_factory.mktemp("newsroom") / "archive")
        settings = Settings(store=store, contact="tests@copytrail.example", delay=0.05, max_hops=3, connect_to=newsroom.connect_to)
        with open_archive(settings) as archive:
            add_seeds(archive, STORY, [str(newsroom.seeds)], clock())
            first = run_story(archive, settings, story=STORY, clock=clock)
            members = {member.url for member in story_named(archive, STORY).members}
            clock.move(to=SECOND_CRAWL)
            second = run_story(archive, settings, story=STORY, recrawl="all", clock=clock)
            clock.move(by=timedelta(hours=1))
            run_story(archive, settings, story=STORY, recrawl="due", clock=clock)
            yield Job(archive, first, second, members, newsroom.requests)


def test_the_members_are_the_story_and_nothing_else(job: Job) -> None:
    """Every article that the authors list is found by the run that first can, and no distractor and no alias is a member."""
    first = {item["url"] for item in WANTED["members"] if item["in"] == "first"}
    everything = {item["url"] for item in WANTED["members"]}

    assert job.first_members == first
    assert {member.url for member in story_named(job.archive, STORY).members} == everything


def test_each_text_seed_finds_its_original(job: Job) -> None:
    """The page that a seed was copied from is known as its original; the broken URL was mended and confirmed."""
    found = {member.seed: member.url for member in story_named(job.archive, STORY).members if member.seed}

    assert found == {seed: row["url"] for seed, row in WANTED["seeds"].items()}


def test_every_url_ends_each_run_with_one_outcome(job: Job) -> None:
    """What was asked for is what the outcomes list, each once, and every kept one has its record's address."""
    for report in (job.first, job.second):
        outcomes = job.archive.catalogue.outcomes_of(STORY, report.run)
        urls = [item.url for item in outcomes]

        assert len(urls) == len(set(urls)) == sum(report.tallies.values())
        assert all(item.reason for item in outcomes)
        assert all(
            item.ref is not None for item in outcomes if item.verdict in {Verdict.KEPT, Verdict.UNCHANGED, Verdict.EDITED, Verdict.GONE}
        )


def test_robots_is_obeyed_and_named(job: Job) -> None:
    """Closed pages are refused with the record that proves it, and the newsroom was never asked for them; ours alone is open."""
    outcomes = job.outcomes(job.first)
    refused = [outcomes[row["url"]] for row in WANTED["refused_robots"] if row["url"] in outcomes]
    assert refused
    assert all(item.verdict is Verdict.REFUSED_ROBOTS and item.robots for item in refused)
    for row in WANTED["refused_robots"]:
        assert not any(f"http://{asked.host}{asked.path}" == row["url"] for asked in job.asked)
    for row in WANTED["allowed_robots"]:
        assert outcomes[row["url"]].verdict is Verdict.KEPT


def test_a_consent_page_is_no_article(job: Job) -> None:
    """A wall is blocked, with the reason, and never a member."""
    outcomes = job.outcomes(job.first)

    assert [outcomes[url].verdict for url in WANTED["walled"]] == [Verdict.BLOCKED for _ in WANTED["walled"]]


def test_a_week_later_the_edits_are_seen(job: Job) -> None:
    """Each changed article has one revision of the right kind that holds the words that went and came; no other article has one."""
    seen = {
        member.url: [item for item in job.archive.catalogue.revisions_of(member.url) if item.change not in {Change.NONE, Change.COSMETIC}]
        for member in story_named(job.archive, STORY).members
    }
    changed = {row["url"]: row for row in WANTED["changes"]}

    assert {url for url, revisions in seen.items() if revisions} == set(changed) | {row["url"] for row in WANTED["gone"]}
    for row in WANTED["gone"]:
        told = [(revision.change, *(event.kind for event in revision.events)) for revision in seen[row["url"]]]
        assert told == [(Change.SUSPECTED, EventKind.GONE), (Change.WITHDRAWN, EventKind.GONE)]
    for url, row in changed.items():
        (revision,) = seen[url]
        change = row["change"]
        assert revision.change == change
        assert [event.kind for event in revision.events if event.kind is not EventKind.COSMETIC] == row["events"]
        titles = change == "headline"
        assert _matches(row["removed"], [span.removed for span in revision.spans] + [revision.title_before or ""] * titles)
        assert _matches(row["added"], [span.added for span in revision.spans] + [revision.title_after or ""] * titles)


def _matches(passages: list[str], seen: list[str]) -> bool:
    """Whether each change that was seen lies in a passage that the authors changed, and each such passage was seen to change."""
    seen = [text.strip() for text in seen if text.strip()]
    return all(any(text in passage for passage in passages) for text in seen) and all(
        any(text in passage for text in seen) for passage in passages
    )


def test_the_second_visit_says_what_became_of_each(job: Job) -> None:
    """Gone is gone, 304 and equal words are unchanged, a change is edited."""
    outcomes = job.outcomes(job.second)

    assert {outcomes[row["url"]].verdict for row in WANTED["gone"]} == {Verdict.GONE}
    assert {outcomes[row["url"]].verdict for row in WANTED["changes"]} == {Verdict.EDITED}
    assert {outcomes[url].verdict for url in WANTED["not_modified"] + WANTED["same_text"]} == {Verdict.UNCHANGED}
    for url in WANTED["not_modified"]:
        capture = job.archive.catalogue.latest(url)
        assert capture is not None
        assert (capture.kind, capture.status, capture.profile) == ("revisit", 304, "server-not-modified")


def test_a_revisit_gives_the_page_that_it_stands_for(job: Job) -> None:
    """Reading a revisit gives the body of the response that it refers to."""
    for url in WANTED["not_modified"]:
        first, *_, last = job.archive.catalogue.captures_of(url)

        assert job.archive.page(last).body == job.archive.page(first).body != b""


def test_the_catalogue_can_be_made_anew_from_the_store_alone(job: Job, tmp_path: Path) -> None:
    """Captures, story, frontier, outcomes, texts and revisions come back equal from the objects (law 1)."""
    old = job.archive.catalogue
    new = Catalogue(f"sqlite:///{tmp_path}/new.sqlite")
    problems = [item for item in rebuild(job.archive.store, new) if item.problem]
    reread(replace(job.archive, catalogue=new))

    assert problems == []
    assert list(new.all_captures()) == list(old.all_captures())
    assert new.story(STORY) == old.story(STORY)
    assert _by_url(new.outcomes_of(STORY)) == _by_url(old.outcomes_of(STORY))
    assert new.waiting(STORY) == old.waiting(STORY)
    for capture in old.all_captures():
        assert new.document(capture.id) == old.document(capture.id), capture.url
        assert new.revisions_of(capture.url) == old.revisions_of(capture.url)
    new.close()


def _by_url(outcomes: list[Outcome]) -> list[Outcome]:
    return sorted(outcomes, key=lambda item: (item.run, item.url))


def test_the_manifests_list_every_sealed_object(job: Job) -> None:
    """Every object but the manifests themselves stands in one with size and digest, the chain is whole, and the store agrees."""
    listed = {
        item.key
        for writer in manifest.writers(job.archive.store)
        for link in manifest.read_chain(job.archive.store, writer)
        for item in link.objects
    }

    assert listed == {key for key in job.archive.store.keys("") if not key.startswith("manifests/")}
    assert list(manifest.check(job.archive.store)) == []
