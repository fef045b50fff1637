"""The story page in a real browser: quiet, contained, readable on a phone, in the dark, by keyboard, by ear and on paper."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from support.browser import CONTRAST, CONTRASTS, DESKTOP, PHONE, Tab, browser
from support.smallarchive import DAYS, SLUG, small_archive
from support.toldstory import told_story

from archive.relations import Related
from copytrail.storypage import page
from copytrail.storyview import story_view

FOLDED = """
[...document.querySelectorAll('main > section:not(:has(.cited)) details:not([open]) > *:not(summary)')]
  .every(e => e.getBoundingClientRect().height > 0)
"""
TOO_WIDE = """
[...document.querySelectorAll('body *')]
  .filter(e => !e.closest('svg') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of pages: of a story with hostile texts, of one without relations, of one from an archive."""
    folder = tmp_path_factory.mktemp("pages")
    view = told_story()
    with small_archive(folder / "archive") as archive:
        story = archive.catalogue.story(SLUG)
        assert story is not None
        views = {"told": view, "bare": replace(view, related=Related()), "kept": story_view(archive, story, DAYS[2])}
    for name, shown in views.items():
        (folder / f"{name}.html").write_text(page(shown), encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in views}


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.mark.parametrize("name", ["told", "bare", "kept"])
def test_it_asks_for_nothing_and_complains_of_nothing(tab: Tab, pages: dict[str, str], name: str) -> None:
    """One request, for the file itself; no word in the console; no element made of what strangers wrote."""
    tab.open(pages[name])

    assert tab.asked == [pages[name]]
    assert tab.complaints == []
    assert tab.value("document.querySelectorAll('img, script, iframe, object, form, [onerror]').length") == 0


@pytest.mark.parametrize("name", ["told", "bare", "kept"])
@pytest.mark.parametrize("size", [PHONE, (768, 1024), DESKTOP], ids=["phone", "tablet", "desktop"])
def test_it_never_scrolls_sideways(tab: Tab, pages: dict[str, str], name: str, size: tuple[int, int]) -> None:
    """At 360 pixels and above, with everything unfolded, and a word of four hundred letters among the titles."""
    tab.open(pages[name], size)
    tab.value("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert tab.value("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert tab.value(TOO_WIDE) == []


@pytest.mark.parametrize("name", ["told", "kept"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_has_contrast(tab: Tab, pages: dict[str, str], name: str, *, dark: bool) -> None:
    """4.5 to 1 or more between letters and what is behind them, in light and in dark."""
    tab.open(pages[name], dark=dark)
    tab.value("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = tab.value(CONTRASTS)

    assert len(found) > 50
    assert [row for row in found if row[0] < CONTRAST] == []


def nodes(tab: Tab, role: str) -> list[dict[str, Any]]:
    """What a screen reader is told of elements of a role."""
    tree = tab.call("Accessibility.getFullAXTree")["nodes"]
    return [node for node in tree if not node["ignored"] and node["role"]["value"] == role]


def test_a_screen_reader_finds_its_way(tab: Tab, pages: dict[str, str]) -> None:
    """Landmarks, one main heading, no level left out, tables and regions with names, and the drawing told in words."""
    tab.open(pages["told"])
    headings = [int(node["properties"][-1]["value"]["value"]) for node in nodes(tab, "heading")]
    levels = tab.value("[...document.querySelectorAll('h1, h2, h3, h4')].map(e => +e.tagName[1])")

    assert [len(nodes(tab, role)) for role in ("main", "banner", "contentinfo", "navigation")] == [1, 1, 1, 1]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(headings) > 10
    assert all(node["name"]["value"] for role in ("region", "table") for node in nodes(tab, role))
    assert tab.value("document.querySelectorAll('table:not(:has(caption))').length") == 0
    told = tab.value("[...document.querySelectorAll('.ties > li')].map(e => e.innerText)")
    assert ["Article 3 has it from article 2" in text for text in told] == [False, False, True]


def test_every_link_can_be_reached_by_keyboard_and_is_seen(tab: Tab, pages: dict[str, str]) -> None:
    """Tab goes first to the way past the navigation; what has the focus is outlined."""
    tab.open(pages["told"])
    tab.press("Tab")
    assert tab.value("document.activeElement.className") == "skip"
    assert tab.value("document.activeElement.getBoundingClientRect().left >= 0")
    tab.press("Tab")
    assert tab.value("document.activeElement.closest('nav') !== null")
    assert tab.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_drawing_fits_its_rows(tab: Tab, pages: dict[str, str]) -> None:
    """One of the two drawings of a row is shown, as high as the row, with the article's mark beside its headline."""
    for size in (PHONE, DESKTOP):
        tab.open(pages["told"], size)
        rows = tab.value(
            """[...document.querySelectorAll('.ties > li')].map(row => {
              const shown = [...row.querySelectorAll('svg')].filter(e => e.checkVisibility()), box = row.getBoundingClientRect();
              const mark = shown[0].querySelector('.node').getBoundingClientRect();
              const head = row.querySelector('.who').getBoundingClientRect();
              return [shown.length, Math.abs(shown[0].getBoundingClientRect().height - box.height) < 1, mark.right < head.left,
                mark.top > head.top && mark.bottom < head.bottom];
            })"""
        )
        assert rows == [[1, True, True, True]] * 3


def test_paper_shows_what_is_folded(tab: Tab, pages: dict[str, str]) -> None:
    """Captures and texts that a screen folds away are printed, on white, without what only helps on a screen; the page gives a PDF."""
    tab.open(pages["told"], media="print", dark=True)

    assert tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.value(FOLDED)
    assert not tab.value("document.querySelector('nav').checkVisibility()")
    assert tab.printed().startswith(b"%PDF")


def test_a_story_without_relations_has_no_empty_sections(tab: Tab, pages: dict[str, str]) -> None:
    """The timeline is what comes first then; the navigation names only what is there."""
    tab.open(pages["bare"])

    assert tab.value("document.querySelector('h2').id") == "timeline"
    assert tab.value("[...document.querySelectorAll('nav a')].every(a => document.querySelector(a.hash))")
    assert tab.value("document.querySelectorAll('#ties, #quotes, #facts, #sides').length") == 0
