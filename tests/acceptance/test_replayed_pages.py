"""Pages with what they need to be shown: fetched once, pulled along, and replayed by a browser when the web they came from is gone."""

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.badweb import article, message, serving
from support.doors import CONTACT, run_door
from support.replay import Judge, replayed, shown
from support.wireserver import WireServer, header

from archive.catalogue import Catalogue
from archive.pull import pull
from archive.rebuild import rebuild
from archive.records import Found, Outcome, Selection, Verdict
from archive.settings import Settings
from archive.vault import Archive, open_archive
from copytrail.statusrows import member_rows, story_row
from crawlers.reread import reread
from crawlers.run import run_story, system_clock
from crawlers.stories import add_seeds, due_leads, story_named

PAPER, CDN, FONTS = "http://paper.example", "http://cdn.example", "http://fonts.example"
PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><rect width="64" height="48" fill="rgb(%d,0,0)"/></svg>'  # its own bytes
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
def served(folder: Path, answers: Mapping[str, bytes | list[bytes]], **settings: Any) -> Iterator[tuple[Archive, Settings, WireServer]]:
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
        document = shown(f"{address}/{page.time:%Y%m%d%H%M%S}/{PAPER}/a2", tmp_path / "profile")
    found = re.search(r'<pre id="told">(.*?)</pre>', document, re.DOTALL)
    assert found, document
    told = json.loads(html.unescape(found[1]))

    assert (told["colour"], told["imported"], told["shared"], told["ran"]) == ("rgb(1, 2, 3)", "7px", "3px", "yes")
    assert told["widths"][0] == 64
    assert "back.svg" in told["backdrop"]
    assert [name for name, _ in told["asked"] if not name.startswith(f"{address.rpartition('/')[0]}/")] == []
    statuses = {name.partition("_/")[2]: status for name, status in told["asked"] if "example/" in name}
    assert set(statuses.values()) == {200}, statuses
    assert f"{FONTS}/invented.woff2" in statuses
