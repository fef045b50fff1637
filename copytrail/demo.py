"""The demo: new, crawl, recrawl a week later and again an hour after that, diff, pull, verify, story page; each through the commands' code.

Contract: works in an empty folder or in one that an earlier demo made, and touches nothing else; the newsroom's clock is given to every
step, so that warcinfo says that the time is simulated.
"""

import shutil
import signal
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from archive.findings import Tally
from archive.pull import pull
from archive.records import Selection
from archive.settings import FILE, Settings
from archive.store import open_store
from archive.vault import Archive, open_archive
from archive.verify import verify
from copytrail import __version__
from copytrail.diffrows import diff_rows
from copytrail.newsroom import FIRST_CRAWL, SECOND_CRAWL, MovableClock, Newsroom
from copytrail.output import Talk
from copytrail.statusrows import story_row
from copytrail.storypage import page
from copytrail.storyview import story_view
from crawlers.run import Report, run_story
from crawlers.stories import add_seeds, story_named

STORY = "bridge"
FORMATS = ("warc.gz", "wacz", "jsonl", "txt")
FIGURES = {"members": "articles", "captures": "captures", "edits": "edits", "gone": "gone"}
MARK = ".copytrail-demo"
CONTACT = "demo@copytrail.example"
MAX_HOPS = 3  # two for the whole story, one more for what robots.txt closes
DELAY = 0.1  # seconds: the newsroom is ours and on this machine


def make_demo(talk: Talk, folder: Path) -> int:
    """Make the demo's archive in ``folder``; the exit code."""
    if not _clear(folder):
        talk.say(f"{folder} holds something that no demo made; name another folder with -o")
        return 2
    clock = MovableClock(FIRST_CRAWL, seconds=time.monotonic)
    with Newsroom(clock) as newsroom:
        settings = Settings(store=str(folder / "archive"), contact=CONTACT, delay=DELAY, max_hops=MAX_HOPS, connect_to=newsroom.connect_to)
        with open_archive(settings, everything=True) as archive:
            started = add_seeds(archive, STORY, [str(newsroom.seeds)], clock())
            talk.say(f"1. {len(started.leads)} leads from {len(list(newsroom.seeds.iterdir()))} scraped texts")
            _tell(talk, "2. crawl", run_story(archive, settings, story=STORY, clock=clock))
            clock.move(to=SECOND_CRAWL)
            _tell(talk, "3. a week later, recrawl", run_story(archive, settings, story=STORY, recrawl="all", clock=clock))
            clock.move(by=timedelta(hours=1))  # what was missing is asked for once more
            _tell(talk, "4. an hour later, what is due", run_story(archive, settings, story=STORY, recrawl="due", clock=clock))
            return _finish(talk, folder, archive, clock())


def _tell(talk: Talk, step: str, report: Report) -> None:
    talk.say(f"{step}: " + ", ".join(f"{count} {verdict}" for verdict, count in sorted(report.tallies.items())))
    if report.trouble:
        talk.say(report.trouble)


def _finish(talk: Talk, folder: Path, archive: Archive, now: datetime) -> int:
    """Show the edits, check every byte, pull the story, write the story page."""
    story = story_named(archive, STORY)
    for member in story.members:
        for row, text in diff_rows(archive, member.url):
            talk.emit("event", row, text)
    tally = Tally()
    for finding in verify([archive.store], open_store, tally):
        talk.say(f"{finding.severity}: {finding.file}: {finding.message}")
    pulled = [folder / f"{STORY}.{form}" for form in FORMATS]
    for path in pulled:
        pull(archive, Selection(story=STORY), path.name.split(".")[1], path, f"copytrail/{__version__}")
    look = folder / "story.html"
    look.write_text(page(story_view(archive, story, now)), encoding="utf-8")
    (folder / FILE).write_text(f'store = "{(folder / "archive").absolute()}"\ncontact = "{CONTACT}"\n', encoding="utf-8")
    figures = story_row(archive, story)
    talk.say(f"5. checked: {tally.records} records, {tally.errors} errors")
    talk.say(f"6. pulled: {', '.join(map(str, pulled))}")
    text = ", ".join(f"{figures[name]} {word}" for name, word in FIGURES.items())
    talk.emit("demo", {**figures, "errors": tally.errors, "page": str(look)}, f"{story.title}: {text}")
    talk.say(f"7. look:   file://{look.absolute()}")
    talk.say(f"Next: copytrail -C {folder} status {STORY}")
    return 1 if tally.errors else 0


def serve_newsroom(talk: Talk) -> int:
    """Serve the newsroom until Ctrl-C; print what a crawl in another terminal has to export."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Newsroom(MovableClock(FIRST_CRAWL, seconds=time.monotonic)) as newsroom:
        for name, value in newsroom.environment().items():
            talk.emit("environment", {"name": name, "value": value}, f"export {name}='{value}'")
        talk.say(f"The newsroom is open at http://{newsroom.address}/ (state, links, and the clock); Ctrl-C closes it.")
        talk.say(f"In another terminal, with these exports: scrapy crawl story -a seeds={newsroom.seeds} -O out.jsonl")
        stop.wait()
    return 0


def _clear(folder: Path) -> bool:
    """Empty a folder that an earlier demo made, or make it; False when it is somebody else's."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    return True
