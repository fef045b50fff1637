"""What ``crawl`` and ``recrawl`` share: run the rounds, then say how each URL ended."""

import logging
from collections.abc import Mapping

from copytrail.output import Talk


def crawl(talk: Talk, story: str, *, recrawl: str = "", limits: Mapping[str, object] | None = None) -> int:
    """Run one crawl of a story and list its outcomes; the exit code."""
    from archive.vault import open_archive
    from crawlers.run import run_story
    from crawlers.stories import story_named

    settings = talk.settings(limits).settings
    logging.basicConfig(level=logging.INFO if talk.verbose else logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    with open_archive(settings) as archive:
        story_named(archive, story)
        report = run_story(archive, settings, story=story, recrawl=recrawl)
        outcomes = archive.catalogue.outcomes_of(story, report.run) if report.run else []
        for item in outcomes:
            row = {"url": item.url, "verdict": str(item.verdict), "reason": item.reason, "capture": item.capture, "run": item.run}
            talk.emit("outcome", row, f"{item.verdict:15} {item.url}  {item.reason}")
    if report.trouble:
        talk.say(f"copytrail: {report.trouble}")
    talk.say(", ".join(f"{count} {verdict}" for verdict, count in sorted(report.tallies.items())) or "nothing was due")
    return report.exit_code
