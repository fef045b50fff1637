"""What ``crawl`` and ``recrawl`` share: run the rounds, then say how each URL ended."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count

from copytrail.output import Talk, on_terminal


def crawl(talk: Talk, story: str, *, recrawl: str = "", limits: Mapping[str, object] | None = None) -> int:
    """Run one crawl of a story and list its outcomes; the exit code."""
    from archive.vault import open_archive
    from crawlers.run import run_story
    from crawlers.stories import story_named

    settings = talk.settings(limits).settings
    logging.basicConfig(level=logging.INFO if talk.verbose else logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    with open_archive(settings) as archive:
        story_named(archive, story)
        with progress(talk) as watch:
            report = run_story(archive, settings, story=story, recrawl=recrawl, watch=watch)
        outcomes = archive.catalogue.outcomes_of(story, report.run) if report.run else []
        for item in outcomes:
            row = {"url": item.url, "verdict": str(item.verdict), "reason": item.reason, "capture": item.capture, "run": item.run}
            talk.emit("outcome", row, f"{item.verdict:15} {item.url}  {item.reason}")
    if report.trouble:
        talk.say(f"copytrail: {report.trouble}")
    talk.say(", ".join(f"{count} {verdict}" for verdict, count in sorted(report.tallies.items())) or "nothing was due")
    return report.exit_code


@contextmanager
def progress(talk: Talk) -> Iterator[Callable[[str], None]]:
    """Show a person at a terminal what is being fetched; elsewhere say nothing."""
    if talk.quiet or not on_terminal():
        yield lambda _: None
        return
    from rich.console import Console

    numbers = count(1)
    with Console(stderr=True).status("asking robots.txt") as status:
        yield lambda url: status.update(f"{next(numbers)} answers, last from {url}")
