"""The jobs without any engine: a real crawl of the newsroom into a folder, its tables, its audit."""

import fcntl
import io
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from archive.kinds import Verdict
from archive.store import StoreUnreachable
from archive.vault import Archive, open_archive
from copytrail.newsroom import EXPECTED, SECOND_CRAWL, Newsroom
from crawlers.stories import StoryError, story_named
from flows import jobs
from flows.jobs import Desk
from flows.reports import Crawled, Ending

WANTED: dict[str, Any] = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))


def members(desk: Desk, slug: str) -> set[str]:
    with open_archive(desk.settings) as archive:
        return {member.url for member in story_named(archive, slug).members}


def table(archive: Archive, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for key in archive.store.keys(f"tables/{name}/"):
        found += pq.read_table(io.BytesIO(archive.store.read(key))).to_pylist()
    return found


def test_a_story_is_collected_watched_published_and_audited(
    office: Callable[..., Any], story: Callable[[Desk], str], newsroom: Newsroom
) -> None:
    """The life of a story, job by job: each URL has its verdict, edits are seen a week later, tables and manifests agree with the store."""
    here = office()
    slug = story(here.desk)

    collected = jobs.collect(here.desk, slug)
    assert collected.trouble is None, here.heard.lines
    assert members(here.desk, slug) >= {item["url"] for item in WANTED["members"] if item["in"] == "first"}
    assert collected.ending is Ending.DEGRADED  # the newsroom has a consent wall
    assert len({row["url"] for row in collected.rows}) == len(collected.rows) == len(collected.outcomes)
    assert (logging.INFO, "Spider opened") in [(level, line.rpartition(": ")[2]) for level, line in here.heard.lines]

    newsroom.clock.move(to=SECOND_CRAWL)
    (again,) = jobs.recrawl(here.desk, everything=True).crawls
    assert {item.url for item in again.outcomes if item.verdict == "gone"} == {row["url"] for row in WANTED["gone"]}

    published, audited = jobs.publish(here.desk), jobs.audit(here.desk)
    assert (published.ending, audited.ending) == (Ending.COMPLETED, Ending.COMPLETED)
    assert jobs.publish(here.desk).summary == "published: nothing new"
    assert published.added["outcomes"] == len(collected.outcomes) + len(again.outcomes)
    with open_archive(here.desk.settings) as archive:
        assert {row["url"] for row in table(archive, "revisions")} >= {row["url"] for row in WANTED["changes"]}
        assert {row["url"] for row in table(archive, "documents")} >= members(here.desk, slug)
        assert len(table(archive, "captures")) == len(list(archive.catalogue.all_captures())) == published.added["captures"]


def test_damage_is_found_and_said(office: Callable[..., Any], story: Callable[[Desk], str], tmp_path: Path) -> None:
    """One bit of one WARC fails the audit, and the log names the object."""
    here = office(max_pages="1")
    jobs.collect(here.desk, story(here.desk))
    warc = next((tmp_path / "store").glob("warc/**/*.warc.gz"))
    data = bytearray(warc.read_bytes())
    data[len(data) // 2] ^= 1
    warc.write_bytes(data)

    report = jobs.audit(here.desk)

    assert report.ending is Ending.FAILED
    assert [row["object"] for row in report.rows] == [warc.relative_to(tmp_path / "store").as_posix()]
    assert warc.name in here.heard


def test_a_story_must_be_known(office: Callable[..., Any]) -> None:
    """A name that is no story starts no crawl."""
    with pytest.raises(StoryError, match="no story 'bridges'"):
        jobs.collect(office().desk, "bridges")


def test_nothing_is_fetched_when_the_store_is_away(
    office: Callable[..., Any], story: Callable[[Desk], str], newsroom: Newsroom, tmp_path: Path
) -> None:
    """The store is touched before the web is: a crawl whose pages could not be kept would harm its hosts in vain."""
    here = office(work=str(tmp_path / "work"))
    slug = story(here.desk)
    (tmp_path / "store").rename(tmp_path / "elsewhere")
    (tmp_path / "store").write_text("no folder")
    asked = len(newsroom.requests)

    with pytest.raises(StoreUnreachable):
        jobs.collect(here.desk, slug)

    assert len(newsroom.requests) == asked


def test_a_crawl_without_a_contact_fails_with_the_reason(office: Callable[..., Any], story: Callable[[Desk], str]) -> None:
    """A crawl that may not start keeps nothing, and says what is missing."""
    here = office(contact="")
    report = jobs.collect(here.desk, story(here.desk))

    assert (report.ending, report.outcomes) == (Ending.FAILED, ())
    assert "contact" in report.summary.lower()


def children() -> set[int]:
    """The processes that this one has started."""
    return {int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


class Collection(threading.Thread):
    """A collection that goes on beside the test."""

    def __init__(self, desk: Desk, slug: str) -> None:
        super().__init__(daemon=True)
        self._desk, self._slug = desk, slug
        self.report: Crawled | None = None

    def run(self) -> None:
        self.report = jobs.collect(self._desk, self._slug)

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Wait until something is so while the collection is at work."""
        while not condition():
            assert self.is_alive(), self.report
            time.sleep(0.05)

    def end(self) -> Crawled:
        self.join(60)
        assert self.report is not None
        return self.report


@pytest.fixture
def slow(office: Callable[..., Any], story: Callable[[Desk], str]) -> tuple[Any, str]:
    """A desk whose crawls take their time."""
    here = office(delay="1")
    return here, story(here.desk)


def test_a_killed_crawl_loses_nothing(slow: tuple[Any, str], newsroom: Newsroom, office: Callable[..., Any]) -> None:
    """SIGKILL in the middle is told, and the next run keeps what the killed one had fetched and goes on where it stopped."""
    here, slug = slow
    before, asked = children(), len(newsroom.requests)
    collection = Collection(here.desk, slug)
    collection.start()
    collection.wait_for(lambda: len([item for item in newsroom.requests[asked:] if item.path != "/robots.txt"]) >= 3)
    (crawl,) = children() - before
    asked_now = newsroom.requests[asked:]
    os.kill(crawl, signal.SIGKILL)
    time_of_death = here.desk.clock()
    killed = collection.end()
    # The last request to each host may have been without its answer yet.
    last = {item.host: item for item in asked_now}
    fetched = {f"http://{item.host}{item.path}" for item in asked_now if item is not last[item.host]}

    resumed = jobs.collect(office().desk, slug)

    assert killed.ending is not Ending.COMPLETED
    assert "code -9" in killed.summary
    assert resumed.trouble is None
    assert fetched
    with open_archive(here.desk.settings) as archive:
        assert {url for url in fetched if archive.catalogue.captures_of(url)[0].time > time_of_death} == set()
        ended = {item.url: item.verdict for item in archive.catalogue.outcomes_of(slug)}
        assert {ended[lead.url or ""] for lead in archive.catalogue.waiting(slug)} <= {Verdict.BLOCKED, Verdict.REFUSED_SCOPE}


def test_crawls_take_turns(office: Callable[..., Any], story: Callable[[Desk], str], newsroom: Newsroom) -> None:
    """A second crawl on the same machine waits until the first has ended, because the delay to a domain is kept within one process."""
    here = office(max_pages="1")
    slug = story(here.desk)
    asked = len(newsroom.requests)
    with (here.desk.settings.folder / "crawl.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        collection = Collection(here.desk, slug)
        collection.start()
        collection.wait_for(lambda: "another crawl is at work" in here.heard)
        assert len(newsroom.requests) == asked

    assert collection.end().outcomes


def test_a_crawl_that_does_not_end_is_ended(slow: tuple[Any, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A crawl that goes on after its time is stopped, and the run says so."""
    here, slug = slow
    monkeypatch.setattr(jobs, "AFTER", 3.0 - here.desk.settings.max_seconds)

    report = jobs.collect(here.desk, slug)

    assert "its time was up" in report.summary
    assert report.ending is not Ending.COMPLETED
