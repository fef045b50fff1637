"""What ``crawl`` and ``recrawl`` share: run the rounds, then say how each URL ended."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count

import click

from copytrail.output import Talk, on_terminal

requisites_flag = click.option(
    "--requisites/--no-requisites", default=None, help="Also keep the images, styles, scripts and fonts that pages need to be shown."
)


def crawl(talk: Talk, story: str, *, recrawl: str = "", limits: Mapping[str, object] | None = None) -> int:
    """Run one crawl of a story and list its outcomes; the exit code."""
    from archive.vault import open_archive
    from crawlers.layouts import breaks_of
    from crawlers.run import run_story, system_clock
    from crawlers.stories import story_named

    settings = talk.settings(limits).settings
    _set_log(talk)
    with open_archive(settings, everything=True) as archive:
        story_named(archive, story)
        with progress(talk) as watch:
            report = run_story(archive, settings, story=story, recrawl=recrawl, watch=watch)
        outcomes = archive.catalogue.outcomes_of(story, report.run) if report.run else []
        breaks = breaks_of(archive, outcomes, system_clock())
        for item in outcomes:
            row = {"url": item.url, "verdict": str(item.verdict), "reason": item.reason, "capture": item.capture, "run": item.run}
            talk.emit("outcome", row, f"{item.verdict:15} {item.url}  {item.reason}")
    if report.tallies:
        talk.say(", ".join(f"{count} {verdict}" for verdict, count in sorted(report.tallies.items())))
    for alarm in breaks:
        talk.warn(f"copytrail: {alarm.about}: {alarm.message}; {alarm.advice}")
    if report.trouble:
        talk.warn(f"copytrail: {report.trouble}")
    elif report.stopped:
        talk.say(f"stopped before the end: copytrail crawl {story} goes on from here")
    elif not report.tallies:
        talk.say("nothing was due")
    return report.exit_code


def _set_log(talk: Talk) -> None:
    """Our own warnings, others' errors; everything when more was asked for."""
    logging.basicConfig(level=logging.INFO if talk.verbose else logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    if not (talk.verbose or talk.quiet):
        logging.getLogger("crawlers").setLevel(logging.WARNING)
    logging.getLogger("story").setLevel(logging.CRITICAL)  # what ends a crawl stands in its report too


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
