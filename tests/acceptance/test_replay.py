"""A story taken home is shown again, page by page, when the web that it came from is gone: by pywb and by ReplayWeb.page, in Chromium.

Scenarios 3 and 4 of the researcher, the browser's half: edited pages show either version, and a day on which nothing but revisits was
captured shows the originals that came along.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.replay import Judge, replayed
from support.replayweb import chromium, frame_of, replayer, room

from archive.pull import pull
from archive.records import Capture, Document, Selection
from archive.selecting import EDITS, chosen, text_of
from archive.settings import Settings
from archive.vault import Archive, open_archive
from copytrail.newsroom import FIRST_CRAWL, SECOND_CRAWL, MovableClock, Newsroom
from crawlers.run import run_story
from crawlers.stories import add_seeds

STORY = "bridge"
LOOK = """() => ({
  text: document.documentElement.textContent,
  sheets: [...document.styleSheets].map(sheet => sheet.cssRules.length),
  font: getComputedStyle(document.body).fontFamily,
  widths: [...document.images].map(image => image.naturalWidth),
})"""
_PATIENCE = 30.0  # seconds
# What looks at a URL at a time, and gives what the browser shows there.
Looking = Callable[[str, datetime], dict[str, Any]]


@dataclass(frozen=True)
class Taken:
    """An archive whose outlets are gone."""

    archive: Archive
    pages: tuple[tuple[Capture, Document], ...]  # every capture that shows an article

    def pull(self, folder: Path, form: str, **wanted: Any) -> Path:
        """A selection of the story as a file."""
        file = folder / {"pywb": "collection", "wacz": "story.wacz"}[form]
        assert pull(self.archive, Selection(story=STORY, **wanted), form, file, "test").problems == []
        return file


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    """The newsroom's story with what its pages need, crawled, a week later crawled again, and the newsroom closed."""
    folder = tmp_path_factory.mktemp("replay")
    clock = MovableClock(FIRST_CRAWL, seconds=time.monotonic)
    with Newsroom(clock) as newsroom:
        settings = Settings(
            store=str(folder / "archive"), contact="a@b.example", delay=0.0, max_hops=2, requisites=True, connect_to=newsroom.connect_to
        )
        with open_archive(settings) as archive:
            add_seeds(archive, STORY, [str(newsroom.seeds)], clock())
            run_story(archive, settings, story=STORY, clock=clock)
            clock.move(to=SECOND_CRAWL)
            run_story(archive, settings, story=STORY, recrawl="all", clock=clock)
    with open_archive(Settings(store=str(folder / "archive"))) as archive:
        pages = [(capture, text_of(archive, capture)) for capture in chosen(archive, Selection(story=STORY))]
        yield Taken(archive, tuple((capture, document) for capture, document in pages if document is not None))


@contextmanager
def by_pywb(file: Path, folder: Path, judge: Judge) -> Iterator[Looking]:
    """Pages as pywb replays them from the folder itself."""
    with replayed(file, folder / "pywb", judge) as address, chromium() as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))

        def look(url: str, when: datetime) -> dict[str, Any]:
            page.goto(f"{address}/{when:%Y%m%d%H%M%S}/{url}")
            return seen(frame_of(page, f"/{when:%Y%m%d%H%M%S}mp_/{url}").evaluate)

        yield look
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))] == []


@contextmanager
def by_replayweb(file: Path, folder: Path, judge: Judge) -> Iterator[Looking]:
    """Pages as ReplayWeb.page replays them from the package itself."""
    home = judge("wb-manager").parents[2] / "replaywebpage" / "package"
    with room(file, folder / "room", home) as address, replayer(address) as player:
        yield lambda url, when: seen(player.look(url, when).evaluate)
        assert player.abroad == []


def seen(evaluate: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What a page shows when its pictures are there, or after some patience."""
    deadline = time.monotonic() + _PATIENCE
    while not all((shown := evaluate(LOOK))["widths"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return shown


def squeezed(text: str) -> str:
    """A text without its spaces, which elements add and take."""
    return re.sub(r"\s+", "", text)


Player = Callable[[Path, Path, Judge], AbstractContextManager[Looking]]
EACH = pytest.mark.parametrize(
    ("form", "player"),
    [pytest.param("pywb", by_pywb, id="pywb"), pytest.param("wacz", by_replayweb, id="replayweb")],
)


def replayweb_is_there(judge: Judge) -> None:
    """Without the judges nothing can be said."""
    if not (judge("wb-manager").parents[2] / "replaywebpage" / "package" / "ui.js").exists():
        pytest.skip("no judge called replaywebpage: make judges")


@EACH
def test_every_page_is_shown_as_it_was_captured(form: str, player: Player, taken: Taken, tmp_path: Path, judge: Judge) -> None:
    """Each capture of each article, revisits too: its own text, its style sheets, its pictures, and nothing from anywhere else."""
    replayweb_is_there(judge)
    edited = {capture.url for capture, _ in taken.pages if any(item.change in EDITS for item in revisions(taken, capture.url))}
    assert len(taken.pages) > 18
    assert {capture.kind for capture, _ in taken.pages} == {"response", "revisit"}
    assert len(edited) >= 2
    with player(taken.pull(tmp_path, form), tmp_path, judge) as look:
        for capture, document in taken.pages:
            shown = look(capture.url, capture.time)
            text = squeezed(shown["text"])
            missing = [line for line in document.text.splitlines() if squeezed(line) not in text]
            assert missing == [], capture
            assert shown["sheets"], capture
            assert 0 not in shown["sheets"], capture
            assert not shown["font"].startswith('"Times New Roman"'), capture
            assert 0 not in shown["widths"], capture
        for url in edited:
            first, *_, last = [squeezed(look(url, capture.time)["text"]) for capture, _ in taken.pages if capture.url == url]
            assert first != last, url


def revisions(taken: Taken, url: str) -> list[Any]:
    """What became of an article."""
    return taken.archive.catalogue.revisions_of(url)


@EACH
def test_a_day_of_revisits_shows_the_originals(form: str, player: Player, taken: Taken, tmp_path: Path, judge: Judge) -> None:
    """Scenario 3: only the day of the second crawl is pulled; what was not modified then is shown as it had been captured a week before."""
    replayweb_is_there(judge)
    revisits = [(capture, document) for capture, document in taken.pages if capture.kind == "revisit"]
    assert len(revisits) >= 3
    with player(taken.pull(tmp_path, form, captured_from=SECOND_CRAWL), tmp_path, judge) as look:
        for capture, document in revisits:
            shown = look(capture.url, capture.time)
            assert squeezed(document.text.splitlines()[0]) in squeezed(shown["text"]), capture
            assert shown["sheets"], capture
