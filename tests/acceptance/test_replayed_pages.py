"""Pages with what they need to be shown: fetched once, pulled along, and replayed by a browser when the web they came from is gone."""

import html
import json
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from operator import add
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.badweb import article, message, serving
from support.doors import CONTACT, ROOT, open_door, run_door
from support.replay import Judge, replayed, shown
from support.wireserver import Pause, Reply, WireServer, header

from archive.catalogue import Catalogue
from archive.kinds import Found, Verdict
from archive.pull import pull
from archive.rebuild import rebuild
from archive.records import Outcome, Selection
from archive.selecting import requisites_of
from archive.settings import Settings
from archive.vault import Archive, open_archive
from copytrail.statusrows import member_rows, story_row
from crawlers.reread import reread
from crawlers.run import run_story, system_clock
from crawlers.stories import add_seeds, due_leads, story_named

PAPER, CDN, FONTS = "http://paper.example", "http://cdn.example", "http://fonts.example"
PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><rect width="%d" height="48" fill="red"/></svg>'
LOOK = b"""
<script>addEventListener("load", () => {
  const look = (name) => getComputedStyle(document.querySelector(name));
  const asked = performance.getEntriesByType("resource").map((entry) => [entry.name, entry.responseStatus]);
  const told = {
    colour: look("h1").color, imported: look("p").textIndent, shared: look("article").borderTopWidth,
    backdrop: look("body").backgroundImage, widths: [...document.images].map((image) => image.naturalWidth), ran: window.ran, asked,
  };
  document.body.insertAdjacentHTML("beforeend", "<pre id=told></pre>");
  document.querySelector("#told").textContent = JSON.stringify(told);
});</script>
"""


def _page(title: str, number: int) -> bytes:
    head = (
        f'<link rel=stylesheet href="{CDN}/site.css"><link rel=icon href=/icon.svg><script src=/run.js></script>'
        f'<link rel=canonical href="{PAPER}/a{number}">'
    )
    pictures = f'<img src=/small{number}.svg srcset="/small{number}.svg 1x, /large{number}.svg 2x"><img src="data:image/svg+xml,x">'
    body = article(title).replace(b"</head>", head.encode() + b"</head>")
    return body.replace(b"</article>", pictures.encode() + b"</article>" + LOOK)


def _typed(mime: str, body: bytes, *fields: str) -> bytes:
    return message({"body": body, "fields": [f"Content-Type: {mime}", *fields]})


def site() -> dict[str, bytes]:
    """Two articles that share a style sheet on a second host, which imports another and has a font on a third."""
    sheet = b"""@import "more/base.css"; h1 { color: rgb(1, 2, 3); font-family: Invented }
        @font-face { font-family: Invented; src: url(http://fonts.example/invented.woff2) }
        body { background: url("/back.svg?a=1&b=2") } /* url(/no.svg) */"""
    return {
        **{f"paper.example /a{n}": message({"body": _page("The old ferry returns to the northern island", n)}) for n in (1, 2)},
        **{f"paper.example /{name}{n}.svg": _typed("image/svg+xml", PICTURE % n) for name in ("small", "large") for n in (1, 2)},
        "paper.example /icon.svg": _typed("image/svg+xml", PICTURE % 9),
        "paper.example /run.js": _typed("text/javascript", b"window.ran = 'yes'"),
        "cdn.example /site.css": _typed("text/css", sheet, 'ETag: "1"'),
        "cdn.example /more/base.css": _typed(
            "text/css", b'@import "../site.css"; p { text-indent: 7px } article { border-top: 3px solid }'
        ),
        "cdn.example /back.svg?a=1&b=2": _typed("image/svg+xml", PICTURE % 10),
        "fonts.example /invented.woff2": _typed("font/woff2", b"wOF2 not a font", "Access-Control-Allow-Origin: *"),
    }


@contextmanager
def served(folder: Path, answers: Mapping[str, bytes | Sequence[bytes]], **settings: Any) -> Iterator[tuple[Archive, Settings, WireServer]]:
    """The site, and an archive that knows the way to it."""
    wire = WireServer({key: [(item,) for item in ([value] if isinstance(value, bytes) else value)] for key, value in answers.items()})
    base = Settings(store=str(folder / "archive"), contact=CONTACT, delay=0.0, max_hops=0, **{"requisites": True, **settings})
    with serving(wire), open_archive(base) as archive:
        yield archive, replace(base, connect_to=wire.connect_to), wire


def crawl(archive: Archive, settings: Settings, recrawl: str = "", clock: Callable[[], datetime] = system_clock) -> dict[str, Outcome]:
    """One run; how each URL ended."""
    report = run_story(archive, settings, story="ferry", recrawl=recrawl, clock=clock)
    outcomes = archive.catalogue.outcomes_of("ferry", report.run)
    assert len({item.url for item in outcomes}) == len(outcomes)
    return {item.url: item for item in outcomes}


def asked_for(wire: WireServer) -> list[str]:
    """What the server was asked for, robots.txt aside."""
    return [item.host + item.path for item in wire.log if item.path != "/robots.txt"]


@pytest.mark.parametrize("form", ["warc", "wacz"])
def test_a_browser_shows_the_page_when_the_web_is_gone(form: str, tmp_path: Path, judge: Judge) -> None:
    """From a pull of one of two articles pywb replays style, imported style, pictures, script and font, and nobody else is asked."""
    with served(tmp_path, site()) as (archive, settings, wire):
        add_seeds(archive, "ferry", [f"{PAPER}/a1", f"{PAPER}/a2"], system_clock())
        outcomes = crawl(archive, settings)
        assert {item.verdict for item in outcomes.values()} == {Verdict.KEPT}
        assert sorted(asked_for(wire)) == sorted(key.replace(" ", "") for key in site())
    with open_archive(settings) as archive:
        file = tmp_path / f"ferry.{'warc.gz' if form == 'warc' else form}"
        pulled = pull(archive, Selection(story="ferry", url="*/a2"), form, file, "test")
        (page,) = archive.catalogue.captures_of(f"{PAPER}/a2")
        assert pulled.captures == 1
        assert pulled.problems == []
    with replayed(file, tmp_path / "pywb", judge) as address:
        document, asked = shown(f"{address}/{page.time:%Y%m%d%H%M%S}/{PAPER}/a2", tmp_path / "profile")
    found = re.search(r'<pre id="told">(.*?)</pre>', document, re.DOTALL)
    assert found, document
    told = json.loads(html.unescape(found[1]))

    assert (told["colour"], told["imported"], told["shared"], told["ran"]) == ("rgb(1, 2, 3)", "7px", "3px", "yes")
    assert told["widths"][0] == 64
    assert "back.svg" in told["backdrop"]
    assert [url for url in asked if (urlsplit(url).hostname or "").endswith(".example")] == []
    assert {f"{PAPER}/a2", f"{CDN}/site.css"} <= {url[url.index("http", 8) :] for url in asked if "example/" in url}
    statuses = dict(told["asked"])
    assert set(statuses.values()) == {200}, statuses
    assert f"{FONTS}/invented.woff2" in statuses


def test_what_is_shared_is_fetched_once_and_asked_for_again_when_it_is_old(tmp_path: Path) -> None:
    """A later visit fetches what a new version names, nothing that is young, and asks whether old files have changed."""
    now = system_clock()
    newer = _page("The old ferry returns to the northern island", 1).replace(b"/small1.svg", b"/new.svg", 1)
    answers: dict[str, bytes | Sequence[bytes]] = {
        **site(),
        "paper.example /a1": [message({"body": body}) for body in (_page("The old ferry returns to the northern island", 1), newer, newer)],
        "paper.example /new.svg": _typed("image/svg+xml", PICTURE % 3),
        "cdn.example /site.css": [site()["cdn.example /site.css"], message({"status": "304 Not Modified", "fields": ['ETag: "1"']})],
    }
    with served(tmp_path, answers) as (archive, settings, wire):
        add_seeds(archive, "ferry", [f"{PAPER}/a1", f"{PAPER}/a2"], now)
        crawl(archive, settings, clock=lambda: now)
        first = len(wire.log)
        later = crawl(archive, settings, "all", lambda: now + timedelta(days=1))
        asked_later = {item.host + item.path for item in wire.log[first:]}
        old = crawl(archive, settings, "all", lambda: now + timedelta(days=9))
        (again,) = [item for item in wire.served("/site.css") if header(item.request, b"If-None-Match")]

    assert set(later) == {f"{PAPER}/a1", f"{PAPER}/a2", f"{PAPER}/new.svg"}
    assert asked_later == {"paper.example/robots.txt", "paper.example/a1", "paper.example/a2", "paper.example/new.svg"}
    assert header(again.request, b"If-None-Match") == '"1"'
    assert old[f"{CDN}/site.css"].verdict is Verdict.UNCHANGED
    assert old[f"{PAPER}/small2.svg"].reason == "the same bytes as before"
    assert f"{PAPER}/small1.svg" in old  # the srcset of the new version still names it


def test_requisites_are_no_articles(tmp_path: Path) -> None:
    """They have no text, are no members, never due, in no count of waiting; a rebuild says the same and still pulls them along."""
    with served(tmp_path, site()) as (archive, settings, _):
        add_seeds(archive, "ferry", [f"{PAPER}/a1", f"{PAPER}/a2"], system_clock())
        crawl(archive, settings)
        story = story_named(archive, "ferry")
        css = archive.catalogue.captures_of(f"{CDN}/site.css")
        again = replace(archive, catalogue=Catalogue(f"sqlite:///{tmp_path}/again.sqlite"))
        assert [item.problem for item in rebuild(archive.store, again.catalogue) if item.problem] == []
        reread(again)
        for version in (archive, again):
            catalogue = version.catalogue
            assert {item.url for item in catalogue.all_captures() if catalogue.document(item.id)} == {f"{PAPER}/a1", f"{PAPER}/a2"}
            assert catalogue.waiting("ferry") == catalogue.waiting_requisites("ferry") == []
            assert [row["url"] for row in member_rows(version, story, system_clock())] == [member.url for member in story.members]
            assert story_row(version, story)["captures"] == 2
            assert {lead.url for lead in due_leads(version, story, system_clock(), everything=True)} == {f"{PAPER}/a1", f"{PAPER}/a2"}
            assert f"{FONTS}/invented.woff2" in catalogue.needed_by(f"{CDN}/site.css")
            assert pull(version, Selection(story="ferry", url="*/a1"), "warc", tmp_path / "a.warc.gz", "test").originals == 8
        again.catalogue.close()

    assert [(item.found, item.via) for item in css] == [(Found.REQUISITE, f"{PAPER}/a1")]


def test_without_being_asked_for_they_stay_away_and_a_later_crawl_can_fetch_them(tmp_path: Path) -> None:
    """The default fetches pages alone; a crawl with requisites takes up the pages that are there, but leaves the pages themselves alone."""
    with served(tmp_path, site(), requisites=False) as (archive, settings, wire):
        add_seeds(archive, "ferry", [f"{PAPER}/a1"], system_clock())
        crawl(archive, settings)
        assert asked_for(wire) == ["paper.example/a1"]
        outcomes = crawl(archive, replace(settings, requisites=True))
        assert crawl(archive, replace(settings, requisites=True)) == {}

    assert f"{FONTS}/invented.woff2" in outcomes
    assert f"{PAPER}/a1" not in outcomes
    assert {item.lead.found for item in outcomes.values()} == {Found.REQUISITE}


def test_they_have_limits_and_rules_of_their_own(tmp_path: Path) -> None:
    """Articles come first and keep their budget and hosts; robots.txt of each host holds; what no budget was left for comes next time."""
    pictures = b"".join(b"<img src=/p%d.svg>" % number for number in range(110))
    answers = {
        **site(),
        "paper.example /a1": message({"body": article("The old ferry returns").replace(b"</article>", pictures + b"</article>")}),
        **{f"paper.example /p{number}.svg": _typed("image/svg+xml", PICTURE % number) for number in range(110)},
        "cdn.example /robots.txt": _typed("text/plain", b"User-agent: *\nDisallow: /more/"),
    }
    with served(tmp_path, answers, max_pages=1, max_hosts=1) as (archive, settings, wire):
        add_seeds(archive, "ferry", [f"{PAPER}/a1", f"{PAPER}/a2"], system_clock())
        one = crawl(archive, settings)
        assert asked_for(wire)[0] == "paper.example/a1"
        waiting = {lead.url for lead in archive.catalogue.waiting("ferry")}
        two = crawl(archive, settings)
        refused = two[f"{CDN}/more/base.css"]

    pages = [item.verdict for item in one.values() if item.lead.found is not Found.REQUISITE]
    first = [item.verdict for item in one.values() if item.lead.found is Found.REQUISITE]
    assert sorted(pages) == [Verdict.KEPT, Verdict.OVER_BUDGET]
    assert waiting == {f"{PAPER}/a2"}
    assert (first.count(Verdict.KEPT), first.count(Verdict.OVER_BUDGET)) == (100, 10)
    assert sum(item.verdict is Verdict.KEPT for url, item in two.items() if "/p" in url.removeprefix(PAPER)) == 10
    assert two[f"{CDN}/site.css"].verdict is Verdict.KEPT
    assert (refused.verdict, refused.robots) == (Verdict.REFUSED_ROBOTS, archive_id(archive, f"{CDN}/robots.txt"))


def archive_id(archive: Archive, url: str) -> str:
    """The record of the only capture of a URL."""
    with closing(Catalogue(archive.catalogue.name)) as catalogue:
        (capture,) = catalogue.captures_of(url)
        return capture.id


def test_sheets_may_import_sheets_but_not_for_ever(tmp_path: Path) -> None:
    """Five levels are fetched; what the fifth names is an outcome of its own."""
    sheets = {f"paper.example /{n}.css": _typed("text/css", b"@import '/%d.css';" % (n + 1)) for n in range(1, 9)}
    page = article("The old ferry returns").replace(b"</head>", b"<style>@import url(/1.css)</style></head>")
    with served(tmp_path, {**sheets, "paper.example /a1": message({"body": page})}) as (archive, settings, wire):
        add_seeds(archive, "ferry", [f"{PAPER}/a1"], system_clock())
        outcomes = crawl(archive, settings)

    assert asked_for(wire) == ["paper.example/a1", *(f"paper.example/{n}.css" for n in range(1, 6))]
    assert outcomes[f"{PAPER}/6.css"].verdict is Verdict.REFUSED_SCOPE
    assert len(outcomes) == 7


def test_what_moved_is_missing_or_is_no_style_sheet(tmp_path: Path) -> None:
    """A redirect is followed and pulled along; what is gone is gone, without a text; a page in the place of a sheet is not read as one."""
    sheets = b"<link rel=stylesheet href=/old.css><link rel=stylesheet href=/none.css>"
    head = sheets + b"<img src=/gone.svg><img src=/moved.svg><img src=/too.svg></head>"
    picture = _typed("image/svg+xml", PICTURE % 1)
    moved = message({"status": "302 Found", "fields": [f"Location: {CDN}/p.svg"]})
    answers: dict[str, bytes | Sequence[bytes]] = {
        "paper.example /a1": message({"body": article("The old ferry returns").replace(b"</head>", head)}),
        "paper.example /old.css": message({"status": "301 Moved", "fields": [f"Location: {CDN}/new.css"]}),
        "cdn.example /new.css": _typed("text/css", b"p { background: url(p.svg) }"),
        "cdn.example /p.svg": picture,
        "paper.example /none.css": message({"body": article("Not a sheet") + b"p { background: url(/never.svg) }"}),
        "paper.example /gone.svg": [picture, message({"status": "404 Not Found", "body": "gone"})],
        **{f"paper.example /{name}.svg": moved for name in ("moved", "too")},
    }
    now = system_clock()
    with served(tmp_path, answers) as (archive, settings, _):
        add_seeds(archive, "ferry", [f"{PAPER}/a1"], now)
        outcomes = crawl(archive, settings, clock=lambda: now)
        later = crawl(archive, settings, "all", lambda: now + timedelta(days=9))
        page, *_ = archive.catalogue.captures_of(f"{PAPER}/a1")
        needed = {item.url for item in requisites_of(archive, [page])}
        texts = [item.url for item in archive.catalogue.all_captures() if archive.catalogue.document(item.id)]
        revisions = archive.catalogue.revisions_of(f"{PAPER}/gone.svg")
        led = [archive.catalogue.needed_by(f"{PAPER}/{name}.svg") for name in ("moved", "too")]

    assert set(outcomes) == {f"{PAPER}/{name}" for name in ("a1", "old.css", "none.css", "gone.svg", "moved.svg", "too.svg")} | {
        f"{CDN}/new.css",
        f"{CDN}/p.svg",
    }
    assert (later[f"{PAPER}/gone.svg"].verdict, revisions) == (Verdict.GONE, [])
    assert needed == set(outcomes) - {f"{PAPER}/a1"}
    assert led == [[f"{CDN}/p.svg"]] * 2
    assert set(texts) == {f"{PAPER}/a1"}


def test_the_doors_take_the_wish(tmp_path: Path) -> None:
    """``--requisites``, ``-a requisites=yes`` and the setting mean the same; any other word than yes or no is wrong usage."""
    with served(tmp_path, site()) as (_, settings, wire):
        told = {"store": settings.store, "connect_to": settings.connect_to, "max_hops": 0}
        run_door(["copytrail", "new", "ferry", f"{PAPER}/a1"], tmp_path, told)
        assert run_door(["copytrail", "crawl", "ferry", "--requisites"], tmp_path, told).code == 0
        by_flag = set(asked_for(wire))
        wrong = run_door(["scrapy", "crawl", "story", "-a", "story=ferry", "-a", "requisites=some"], ROOT, told)
        before = len(wire.log)
        seeds = ["-a", "story=other", "-a", f"seeds={PAPER}/a2"]
        said = run_door(["scrapy", "crawl", "story", *seeds, "-a", "requisites=no"], ROOT, {**told, "requisites": "yes"})
        asked_no = [item.path for item in wire.log[before:]]
        page = run_door(["scrapy", "crawl", "article", "-a", f"url={PAPER}/a2", "-a", "requisites=yes"], ROOT, told)

    assert f"{FONTS}/invented.woff2".removeprefix("http://") in by_flag
    assert (wrong.code, wrong.clear) == (2, True)
    assert (said.code, asked_no) == (0, ["/robots.txt", "/a2"])
    assert page.code == 0
    assert "/small2.svg" in wire.paths


def test_a_run_that_is_stopped_among_them_goes_on_later(tmp_path: Path) -> None:
    """Ctrl-C during the pictures: what was not fetched has its outcome, and the next crawl fetches it."""
    names = [f"/p{number}.svg" for number in range(60)]
    body = article("The old ferry returns").replace(b"</article>", b"".join(b"<img src=%b>" % name.encode() for name in names))
    slow = {name: (Pause(0.05), _typed("image/svg+xml", PICTURE % number)) for number, name in enumerate(names)}
    wire = WireServer({**slow, "/a1": (message({"body": body}),)})
    with serving(wire):
        told = {"store": tmp_path / "archive", "connect_to": wire.connect_to, "max_hops": 0, "requisites": "yes"}
        run_door(["copytrail", "new", "ferry", f"{PAPER}/a1"], tmp_path, told)
        with open_door(["copytrail", "crawl", "ferry"], tmp_path, told) as door:
            while not any(path.endswith(".svg") for path in wire.paths) and door.running:
                time.sleep(0.02)
            door.send(signal.SIGINT)
            stopped = door.wait()
        first = _verdicts(tmp_path)
        run_door(["copytrail", "crawl", "ferry"], tmp_path, told)
        last = _verdicts(tmp_path)

    assert (stopped.code, stopped.clear) == (3, True)
    assert len(first) == 61
    assert set(first.values()) == {Verdict.KEPT, Verdict.OVER_BUDGET}
    assert set(last.values()) == {Verdict.KEPT}
    assert sorted(wire.paths) == sorted([*["/robots.txt"] * 2, "/a1", *names])


def _verdicts(folder: Path) -> dict[str, Verdict]:
    """How each URL ended last."""
    with open_archive(Settings(store=str(folder / "archive"))) as archive:
        return {item.url: item.verdict for item in archive.catalogue.outcomes_of("ferry")}


def test_a_story_takes_what_another_has_and_gets_what_it_lacks(tmp_path: Path) -> None:
    """A young style sheet of another story is not fetched, but the font that could not be had then is; an old one is asked for changes."""
    now = system_clock()
    broken = message({"status": "500 Oops", "body": "x"})
    answers: dict[str, Reply | list[Reply]] = {key: (value,) for key, value in site().items()}
    answers["fonts.example /invented.woff2"] = [(broken,), (broken,), (site()["fonts.example /invented.woff2"],)]
    old = message({"status": "304 Not Modified", "fields": ['ETag: "1"']})
    answers["cdn.example /site.css"] = [(site()["cdn.example /site.css"],), (old,)]
    wire = WireServer(answers)
    base = Settings(store=str(tmp_path / "archive"), contact=CONTACT, delay=0.0, max_hops=0, requisites=True)
    ended = []
    with serving(wire), open_archive(base) as archive:
        for story, page, days in (("one", "a1", 0), ("two", "a2", 1), ("three", "a1", 9)):
            add_seeds(archive, story, [f"{PAPER}/{page}"], now)
            clock = partial(add, now, timedelta(days=days))
            run_story(archive, replace(base, connect_to=wire.connect_to), story=story, clock=clock)
            ended.append({item.url: item.verdict for item in archive.catalogue.outcomes_of(story)})
        one, two, three = ended

    assert (one[f"{FONTS}/invented.woff2"], two[f"{FONTS}/invented.woff2"]) == (Verdict.FAILED, Verdict.KEPT)
    assert f"{CDN}/site.css" not in two
    assert three[f"{CDN}/site.css"] is Verdict.UNCHANGED
    assert [header(item.request, b"If-None-Match") for item in wire.served("/site.css")] == ["", '"1"']
