"""The reading room in a real browser: every page of the demo's story quiet, readable and worked by keyboard, a harmful page held."""

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from support.browser import CONTRAST, CONTRASTS, DESKTOP, PHONE, Watched, chromium
from support.doors import run_door
from support.hostilepages import FILES, HARMLESS, SITE, hostile_archive
from support.readingroom import Visitor, reading_room

from archive.settings import Settings
from archive.vault import open_archive

PAGES = ("home", "story", "graph", "watch", "downloads", "search", "status", "article", "capture", "ledger", "diff", "compare")
TOO_WIDE = """
[...document.querySelectorAll('body *')]
  .filter(e => !e.closest('svg, pre, .skip, .bar label') && e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.outerHTML.slice(0, 80))
"""
UNNAMED = """
[...document.querySelectorAll('input, select, button, iframe, a[href]')]
  .filter(e => !(e.labels && e.labels.length) && !e.ariaLabel && !e.title && !e.textContent.trim()).map(e => e.outerHTML)
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """The reading room over the demo's archive."""
    folder = tmp_path_factory.mktemp("demo")
    assert run_door(["copytrail", "demo", "-o", "demo"], folder, {}).code == 0
    with reading_room(Settings(store=str(folder / "demo" / "archive"))) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def addresses(room: Visitor) -> dict[str, str]:
    """A page of each kind, found by following links, as a reader would."""
    story = room.ask("/stories/bridge").text
    diff = _linked(story, "/diff?")
    article = next(found for found in re.findall(r'href="(/article\?[^"]+)"', story) if "the two texts whole" in room.ask(found).text)
    capture = _linked(room.ask(article).text, "/capture/")
    pages = ("/", "/stories/bridge", "/stories/bridge/graph", "/stories/bridge/status", "/stories/bridge/downloads", "/search?text=bridge")
    more = ("/status", article, capture, f"{capture}/ledger", diff, _linked(story, "/compare?"))
    return dict(zip(PAGES, (*pages, *more), strict=True))


def _linked(text: str, start: str) -> str:
    found = re.search(rf'href="({re.escape(start)}[^"]+)"', text)
    assert found, start
    return html.unescape(found[1])


@pytest.fixture(scope="module")
def window() -> Iterator[Watched]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def reader(window: Watched) -> Watched:
    """The window, with nothing noted."""
    window.look()
    window.forget()
    return window


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_quiet_and_whole(reader: Watched, room: Visitor, addresses: dict[str, str], name: str) -> None:
    """No word in the console, no request off this machine, nothing wider than the screen, every control named, headings in order."""
    for size in (PHONE, DESKTOP):
        reader.look(size=size)
        reader.page.goto(room.base + addresses[name])
        reader.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert reader.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        assert reader.page.evaluate(TOO_WIDE) == []
    levels = reader.page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(e => +e.tagName[1])")

    assert (reader.complaints, reader.abroad) == ([], [])
    assert reader.page.evaluate(UNNAMED) == []
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [reader.page.locator(mark).count() for mark in ("main", "body > header", "body > footer")] == [1, 1, 1]
    assert reader.page.evaluate("document.querySelectorAll('script, table:not(:has(caption))').length") == 0
    assert reader.page.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].every(a => document.querySelector(a.hash))")


@pytest.mark.parametrize("name", PAGES)
def test_all_text_has_contrast(reader: Watched, room: Visitor, addresses: dict[str, str], name: str) -> None:
    """4.5 to 1 or more between letters and what is behind them, in light and in dark."""
    reader.page.goto(room.base + addresses[name])
    light = reader.page.evaluate(CONTRASTS)
    reader.look("dark")
    dark = reader.page.evaluate(CONTRASTS)

    assert len(light) == len(dark) > 10
    assert light != dark
    assert [row for row in (*light, *dark) if row[0] < CONTRAST] == []


def test_it_is_read_by_keyboard(reader: Watched, room: Visitor, addresses: dict[str, str]) -> None:
    """Tab goes first to the way past the bar; two versions are chosen and compared without a mouse; what has the focus is outlined."""
    reader.page.goto(room.base + addresses["article"])
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("document.activeElement.className") == "skip"
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    reader.page.locator("input[name=from]:checked").focus()
    assert reader.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    reader.page.locator("main form button").focus()
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url("**/diff?**")

    assert reader.page.locator("del, ins").count() > 0
    assert reader.complaints == []


def test_search_leads_to_an_article(reader: Watched, room: Visitor) -> None:
    """The box on every page finds by words; the fields of the page are filled with what was asked."""
    reader.page.goto(room.base)
    reader.page.get_by_role("searchbox", name="Words in any text").fill('"Skarra Bridge" -ferry')
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url("**/search?**")
    assert reader.page.locator("#f-text").input_value() == '"Skarra Bridge" -ferry'
    reader.page.locator(".hits h3 a").first.click()
    reader.page.wait_for_url("**/article?**")

    assert reader.page.locator("h2").first.inner_text() == "Versions"


def test_a_capture_is_shown_in_a_frame_without_rights(reader: Watched, room: Visitor, addresses: dict[str, str]) -> None:
    """The archived page's words stand in a frame with an empty sandbox; a link in it leads to what is kept, in the frame."""
    reader.page.goto(room.base + addresses["capture"])
    frame = reader.page.locator("iframe")

    assert frame.get_attribute("sandbox") == ""
    assert "Bridge" in reader.page.frame_locator("iframe").locator("body").inner_text()
    assert reader.complaints == []


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, dict[str, str]]]:
    """The reading room over pages made to do harm, with the ids of their captures."""
    with hostile_archive(tmp_path_factory.mktemp("evil")) as settings, reading_room(settings) as visitor:
        with open_archive(settings) as archive:
            ids = {capture.url: capture.id for capture in archive.catalogue.all_captures()}
        yield visitor, ids


def lively(reader: Watched) -> list[str]:
    """What came to life."""
    return [url for url in reader.asked if "owned" in url] + reader.abroad


@pytest.mark.parametrize(
    ("url", "way"),
    [(url, way) for url in FILES for way in ("/capture/{id}", "/view/{id}", "/memento/20261121103000/{url}") if url != f"{SITE}/deep"]
    + [(f"{SITE}/deep", "/capture/{id}")],
)
def test_a_page_made_to_do_harm_is_held(reader: Watched, evil: tuple[Visitor, dict[str, str]], url: str, way: str) -> None:
    """No script, handler, form, frame, refresh, worker, style or picture of it asks for anything, framed or opened by itself."""
    room, ids = evil
    address = room.base + way.format(id=ids[url], url=url)
    reader.page.goto(address)
    reader.page.wait_for_timeout(300)

    assert lively(reader) == []
    assert reader.page.url == address
    assert reader.context.cookies() == []
    assert [text for text in reader.complaints if "Blocked script execution" not in text] == []


def test_what_is_harmless_of_it_is_shown(reader: Watched, evil: tuple[Visitor, dict[str, str]]) -> None:
    """The sentence, the description of the picture and a good link; the link leads to the page beside it in this room."""
    room, ids = evil
    reader.page.goto(f"{room.base}/capture/{ids[f'{SITE}/page']}")
    body = reader.page.frame_locator("iframe").locator("body")

    assert HARMLESS in body.inner_text()
    assert "A ferry" in body.inner_text()
    assert body.locator("[onclick], [onload], [onerror], [style], form, input, iframe, svg, script, style, link, meta, object").count() == 0
    assert [link.get_attribute("href") for link in body.locator("a[href]").all()] == [f"/memento/20261121103000/{SITE}/other"]
    body.locator("a[href]").click()
    reader.page.frame_locator("iframe").get_by_text("away").wait_for()
    reader.page.frame_locator("iframe").get_by_text("away").click()
    reader.page.frame_locator("iframe").get_by_text("holds nothing of").wait_for()
    assert lively(reader) == []


@pytest.mark.parametrize(
    "path", ["/", "/stories/evil", "/search?text=ferry", f"/article?url={quote(SITE, safe='')}%2Fpage", "/stories/evil/status"]
)
def test_hostile_words_are_words(reader: Watched, evil: tuple[Visitor, dict[str, str]], path: str) -> None:
    """Titles, names and reasons of strangers are shown as they stand and become no elements."""
    room, _ = evil
    reader.page.goto(room.base + path)
    reader.page.wait_for_timeout(200)

    assert "<script>" in reader.page.locator("body").inner_text()
    assert lively(reader) == []
    assert reader.complaints == []
    assert reader.page.evaluate("document.querySelectorAll('main script, main img, [onerror]').length") == 0


def test_a_token_is_asked_for_once(window: Watched, tmp_path: Path) -> None:
    """A browser that was given the token shows a capture, its frame and the style too."""
    token = "a token of thirty characters ..."
    with (
        hostile_archive(tmp_path) as settings,
        reading_room(settings, token=token) as room,
        open_archive(settings) as archive,
        window.apart(http_credentials={"username": "any", "password": token}) as reader,
    ):
        (capture,) = archive.catalogue.captures_of(f"{SITE}/page")
        reader.page.goto(f"{room.base}/capture/{capture.id}")
        assert HARMLESS in reader.page.frame_locator("iframe").locator("body").inner_text()
        assert reader.page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") != "32px"
        assert [text for text in reader.complaints if "401" not in text] == []
