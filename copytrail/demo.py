"""The demo: new, crawl, a week passes, recrawl, diff, pull, verify, story page; each step through the code that the commands run.

Contract: works in an empty folder or in one that an earlier demo made, and touches nothing else; the newsroom's clock is given to every step,
so that warcinfo says that the time is simulated.
"""

import shutil
import signal
import threading
import time
from pathlib import Path

from archive.settings import FILE, Settings
from archive.vault import Archive, open_archive
from copytrail.diffrows import diff_rows, diff_text
from copytrail.newsroom import FIRST_CRAWL, SECOND_CRAWL, MovableClock, Newsroom
from copytrail.output import Talk
from copytrail.statusrows import story_row
from crawlers.run import Report, run_story
from crawlers.stories import add_seeds, story_named

STORY = "bridge"
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
        with open_archive(settings) as archive:
            started = add_seeds(archive, STORY, [str(newsroom.seeds)], clock())
            talk.say(f"1. {len(started.leads)} leads from {len(list(newsroom.seeds.iterdir()))} scraped texts")
            _tell(talk, "2. crawl", run_story(archive, settings, story=STORY, clock=clock))
            clock.move(to=SECOND_CRAWL)
            _tell(talk, "3. a week later, recrawl", run_story(archive, settings, story=STORY, recrawl="all", clock=clock))
            return _finish(talk, folder, archive, clock)


def _tell(talk: Talk, step: str, report: Report) -> None:
    talk.say(f"{step}: " + ", ".join(f"{count} {verdict}" for verdict, count in sorted(report.tallies.items())))
    if report.trouble:
        talk.say(report.trouble)


def _finish(talk: Talk, folder: Path, archive: Archive, clock: MovableClock) -> int:
    """Show the edits, pull the story, check every byte, write the story page."""
    from copytrail.takeaway import check, pull_all, write_page

    story = story_named(archive, STORY)
    for member in story.members:
        for row in diff_rows(archive, member.url):
            talk.emit("revision", row, diff_text(row))
    errors = check(talk, archive)
    pulled = pull_all(archive, story, folder, clock())
    page = write_page(archive, story, folder / "story.html", clock())
    (folder / FILE).write_text(f'store = "{(folder / "archive").absolute()}"\ncontact = "{CONTACT}"\n', encoding="utf-8")
    figures = story_row(archive, story)
    talk.emit(
        "demo",
        {**figures, "errors": errors, "page": str(page), "pulled": [str(path) for path in pulled]},
        f"{figures['members']} articles - {figures['captures']} captures - {figures['edits']} edits - {figures['gone']} gone",
    )
    talk.say(f"4. pulled: {', '.join(str(path) for path in pulled)}")
    talk.say(f"5. look:   file://{page.absolute()}")
    talk.say(f"Next: copytrail -C {folder} status {STORY}")
    return 1 if errors else 0


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
