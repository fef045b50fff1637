"""Runs that meet each other or the past: shared feeds, walls with validators, pages that go and come back, seeds of one name."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.badweb import article, message, serving
from support.doors import CONTACT
from support.wireserver import WireServer, header

from archive.catalogue import Catalogue
from archive.kinds import Change, EventKind, PageKind, Verdict
from archive.rebuild import rebuild
from archive.records import Document, Outcome, Quality
from archive.settings import Settings
from archive.store import StoreError, open_store
from archive.vault import Archive, open_archive
from copytrail.newsroom import FIRST_CRAWL, MovableClock
from copytrail.statusrows import member_rows
from crawlers.reread import reread
from crawlers.run import run_story, system_clock
from crawlers.stories import add_seeds, load_readings, story_named
from pipeline.coverage import is_alias

HOST = "http://bad.example"
WALL = b"<html><head><title>Just a moment...</title></head><body><h1>Checking your browser before accessing the site.</h1></body></html>"


@contextmanager
def site(folder: Path, replies: Mapping[str, Sequence[bytes]], **settings: Any) -> Iterator[tuple[Archive, Settings, WireServer]]:
    """A server with a list of answers for each path, and an archive that knows the way to it."""
    wire = WireServer({path: [(answer,) for answer in answers] for path, answers in replies.items()})
    base = Settings(store=str(folder / "archive"), contact=CONTACT, delay=0.0, **settings)
    with serving(wire), open_archive(base) as archive:
        yield archive, replace(base, connect_to=wire.connect_to), wire


def crawl(
    archive: Archive, settings: Settings, story: str, recrawl: str = "", clock: Callable[[], datetime] = system_clock
) -> dict[str, Outcome]:
    """One run; how each path ended."""
    report = run_story(archive, settings, story=story, recrawl=recrawl, clock=clock)
    return {item.url.removeprefix(HOST): item for item in archive.catalogue.outcomes_of(story, report.run)}


def feed(*paths: str) -> bytes:
    """An RSS feed that lists articles about the ferry."""
    items = "".join(f"<item><title>The old ferry returns to the northern island</title><link>{HOST}{path}</link></item>" for path in paths)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'
    return message({"body": body, "fields": ["Content-Type: application/rss+xml"]})


def test_two_stories_share_a_feed(tmp_path: Path) -> None:
    """The second story's capture of the feed is a revisit, and its entries are followed; a page that is a feed is known as one."""
    text = tmp_path / "seed.txt"
    text.write_text("The old ferry returns to the northern island.\n\n" * 3, encoding="utf-8")
    replies = {"/list": [feed("/a")] * 3, "/a": [message({"body": article("The old ferry returns to the northern island")})] * 3}
    with site(tmp_path, replies) as (archive, settings, _):
        for story in ("one", "two"):
            add_seeds(archive, story, [str(text), f"{HOST}/list"], system_clock())
            outcomes = crawl(archive, settings, story)

            assert outcomes["/a"].verdict in {Verdict.KEPT, Verdict.UNCHANGED}
            assert "1 followed" in outcomes["/list"].reason
        assert "/list" in crawl(archive, settings, "one", recrawl="all")


def test_a_304_about_a_wall_is_no_unchanged_article(tmp_path: Path) -> None:
    """After a wall the article is asked for without condition, and a 304 that comes all the same says nothing of the article."""
    replies = {
        "/page": [
            message({"body": article("A ferry returns"), "fields": ["Content-Type: text/html", 'ETag: "1"']}),
            message({"body": WALL, "fields": ["Content-Type: text/html", 'ETag: "wall"']}),
            message({"status": "304 Not Modified", "fields": ['ETag: "wall"']}),
        ]
    }
    with site(tmp_path, replies, max_hops=0) as (archive, settings, wire):
        add_seeds(archive, "bad", [f"{HOST}/page"], system_clock())
        crawl(archive, settings, "bad")
        walled = crawl(archive, settings, "bad", recrawl="all")["/page"]
        unasked = crawl(archive, settings, "bad", recrawl="all")["/page"]
        asked = [header(served.request, b"If-None-Match") for served in wire.served("/page")]

    assert walled.verdict is Verdict.BLOCKED
    assert unasked.verdict is not Verdict.UNCHANGED
    assert asked == ["", '"1"', ""]


def test_a_page_that_is_gone_and_back_is_withdrawn_once_and_restored(tmp_path: Path) -> None:
    """Away for one visit is a note; two visits an hour apart are one event, the page's return is another; a rebuild says the same."""
    page, missing = message({"body": article("A ferry returns")}), message({"status": "404 Not Found", "body": "gone"})
    clock = MovableClock(FIRST_CRAWL, seconds=time.monotonic)
    with site(tmp_path, {"/page": [page, missing, page, missing, missing, missing, page, page]}, max_hops=0) as (archive, settings, _):
        add_seeds(archive, "bad", [f"{HOST}/page"], clock())
        crawl(archive, settings, "bad", clock=clock)
        verdicts: list[Verdict] = []
        rows: list[dict[str, object]] = []
        for minutes in (600, 620, 640, 660, 720, 740, 760):
            clock.move(to=FIRST_CRAWL + timedelta(minutes=minutes))
            verdicts.append(crawl(archive, settings, "bad", recrawl="all", clock=clock)["/page"].verdict)
            rows += member_rows(archive, story_named(archive, "bad"), clock())
        revisions = archive.catalogue.revisions_of(f"{HOST}/page")
        again = Catalogue(f"sqlite:///{tmp_path}/again.sqlite")
        assert [item.problem for item in rebuild(archive.store, again) if item.problem] == []
        reread(replace(archive, catalogue=again))
        reread_revisions = again.revisions_of(f"{HOST}/page")
        again.close()

    assert verdicts == [Verdict.GONE, Verdict.UNCHANGED, *[Verdict.GONE] * 3, Verdict.UNCHANGED, Verdict.UNCHANGED]
    assert [row["state"] for row in rows] == ["missing", "current", "missing", "missing", "gone", "current", "current"]
    assert [item.change for item in revisions] == [
        Change.SUSPECTED,
        Change.NONE,
        Change.SUSPECTED,
        Change.WITHDRAWN,
        Change.RESTORED,
    ]
    assert revisions[3].suspected == revisions[2].after
    assert {row["edits"] for row in rows} == {0}
    assert reread_revisions == revisions


def test_each_way_to_be_missing_is_an_event_at_the_second_visit(tmp_path: Path) -> None:
    """Sent to the front page, asked for money, forbidden by law: suspected, then withdrawn; a server in trouble is neither."""
    page = message({"body": article("A ferry returns")})
    ways = {
        "/news/home": message({"status": "301 Moved Permanently", "fields": ["Location: /"], "body": ""}),
        "/news/paid": message({"status": "402 Payment Required", "body": "pay"}),
        "/news/law": message({"status": "451 Unavailable For Legal Reasons", "body": "no"}),
        "/news/trouble": message({"status": "500 Internal Server Error", "body": "oh"}),
    }
    clock = MovableClock(FIRST_CRAWL, seconds=time.monotonic)
    with site(tmp_path, {path: [page, away, away] for path, away in ways.items()}, max_hops=0) as (archive, settings, _):
        add_seeds(archive, "bad", [f"{HOST}{path}" for path in ways], clock())
        crawl(archive, settings, "bad", clock=clock)
        for hours in (10, 12):
            clock.move(to=FIRST_CRAWL + timedelta(hours=hours))
            crawl(archive, settings, "bad", recrawl="all", clock=clock)
        found = {path: archive.catalogue.revisions_of(f"{HOST}{path}") for path in ways}

    told = {path: [(item.change, *(event.kind for event in item.events)) for item in revisions] for path, revisions in found.items()}
    assert told == {
        "/news/home": [(Change.SUSPECTED, EventKind.REDIRECT_HOME), (Change.WITHDRAWN, EventKind.REDIRECT_HOME)],
        "/news/paid": [(Change.SUSPECTED, EventKind.PAYWALLED), (Change.WITHDRAWN, EventKind.PAYWALLED)],
        "/news/law": [(Change.SUSPECTED, EventKind.LEGAL_BLOCK), (Change.WITHDRAWN, EventKind.LEGAL_BLOCK)],
        "/news/trouble": [],
    }


def test_a_redirect_in_raw_bytes_leads_where_a_browser_goes(tmp_path: Path) -> None:
    """A Location in UTF-8 without percent-encoding is percent-encoded byte by byte."""
    moved = b"HTTP/1.1 301 Moved\r\nLocation: /caf\xc3\xa9\r\nContent-Length: 0\r\n\r\n"
    with site(tmp_path, {"/old": [moved], "/caf%C3%A9": [message({"body": article("A ferry returns")})]}) as (archive, settings, _):
        add_seeds(archive, "bad", [f"{HOST}/old"], system_clock())
        outcomes = crawl(archive, settings, "bad")

    assert outcomes["/old"].final_url == f"{HOST}/caf%C3%A9"
    assert outcomes["/caf%C3%A9"].verdict is Verdict.KEPT


def test_what_robots_refuses_costs_no_budget(tmp_path: Path) -> None:
    """With room for one page, the one that may be fetched is fetched, whatever was refused before it; a second one waits."""
    replies = {
        "/robots.txt": [message({"body": "User-agent: *\nDisallow: /no", "fields": ["Content-Type: text/plain"]})],
        **{f"/yes{number}": [message({"body": article("A ferry returns")})] for number in (1, 2)},
    }
    with site(tmp_path, replies, max_hops=0, max_pages=1) as (archive, settings, wire):
        add_seeds(archive, "bad", [f"{HOST}/no1", f"{HOST}/no2", f"{HOST}/yes1", f"{HOST}/yes2"], system_clock())
        verdicts = sorted(item.verdict for item in crawl(archive, settings, "bad").values())
        waiting = archive.catalogue.waiting("bad")

    assert verdicts == [Verdict.KEPT, Verdict.OVER_BUDGET, Verdict.REFUSED_ROBOTS, Verdict.REFUSED_ROBOTS]
    assert sum(path.startswith("/yes") for path in wire.paths) == 1
    assert len(waiting) == 1


def test_two_seeds_of_one_name_are_two_seeds(tmp_path: Path) -> None:
    """Files of one name from two folders keep their own readings and leads; giving one again changes nothing."""
    with site(tmp_path, {}) as (archive, _, _):
        for name in ("a", "b"):
            path = tmp_path / name / "text.txt"
            path.parent.mkdir()
            path.write_text(f"The ferry of harbour {name} is back.\n\nOriginal url:\n\n{HOST}/{name}-ferry", encoding="utf-8")
            assert len(add_seeds(archive, "bad", [str(path)], system_clock()).leads) == 1
        before = list(archive.store.keys(""))
        again = add_seeds(archive, "bad", [str(tmp_path / "a" / "text.txt")], system_clock())
        readings = load_readings(archive, story_named(archive, "bad"))

        assert {lead.url for lead in archive.catalogue.waiting("bad")} == {f"{HOST}/a-ferry", f"{HOST}/b-ferry"}
        assert again.leads == ()
        assert list(archive.store.keys("")) == before
    assert len({reading.id for reading in readings}) == 2


def test_an_empty_store_does_not_empty_the_catalogue(tmp_path: Path) -> None:
    """A rebuild from a store that holds nothing, such as a mistyped one, leaves the catalogue as it is."""
    with site(tmp_path, {}) as (archive, _, _):
        add_seeds(archive, "bad", [f"{HOST}/page"], system_clock())
        with pytest.raises(StoreError, match="holds nothing"):
            list(rebuild(open_store(str(tmp_path / "mistyped")), archive.catalogue))

        assert archive.catalogue.slugs() == ["bad"]


@pytest.mark.parametrize(
    ("canonical", "alias"),
    [
        ("http://www.paper.example/a/", False),
        ("https://paper.example/a", False),
        ("http://paper.example/", False),
        ("http://other.example/b", False),
        (None, False),
        ("http://paper.example/b", True),
        ("http://m.paper.example/a", True),
    ],
)
def test_which_canonical_makes_a_page_an_alias(canonical: str | None, alias: bool) -> None:  # noqa: FBT001 -- a column of the table
    """Scheme, www, a final slash and the front page make none; another outlet's address is a reprint; the rest is an alias."""
    quality = Quality(kind=PageKind.ARTICLE)
    document = Document(capture="urn:uuid:1", url="http://paper.example/a", extractor="x", quality=quality, canonical=canonical)

    assert is_alias(document) is alias
