"""A simulated month: ``python -m benchmarks.simulated_month [--articles 200] [--minutes 15] [--work FOLDER]``.

The newsroom of the tests, with more articles and a tick every few minutes; it runs for as long as the machine takes, some twenty minutes.
Prints the runs, the fetches an article, and every difference between the script and what the archive says.  Exit code 1 when there is one,
when a run's outcomes do not add up, when somebody was asked too fast, or when an alarm was raised or missed.
"""

import argparse
import logging
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))  # the newsroom is the tests'

from support.monthrun import OUTAGE, SILENCE, UNREAD, live


def main() -> int:
    """Live through the month, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulated_month")
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--minutes", type=int, default=15, help="between two ticks")
    parser.add_argument("--work", type=Path, help="where the archive is made; a temporary folder unless given")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    tick, begun = timedelta(minutes=asked.minutes), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="copytrail-month-", dir=asked.work) as folder:
        newsroom, lived = live(Path(folder), lambda _: tick, asked.articles, timedelta(hours=36), asked.articles)
    pairs = [(item, lived.events.get(item.url)) for item in newsroom.articles]
    wrong = lived.problems + [
        f"{item.url} ({item.name}): expected {list(item.life.expects)}, found {found}: {lived.verdicts.get(item.url)}"
        for item, found in pairs
        if found != list(item.life.expects)
    ]
    raised = sorted((str(alarm.kind), alarm.about) for alarm in lived.raised)
    wrong += [f"alarms: raised {raised}"] if raised != [UNREAD, OUTAGE, SILENCE] else []
    wrong += [f"{len(lived.too_fast)} requests came too fast"] if lived.too_fast else []
    wrong += [f"{lived.closed} requests for what robots.txt closes"] if lived.closed else []
    events = sum(map(len, lived.events.values()))
    print(f"{lived.runs} runs in {time.monotonic() - begun:.0f} s; {len(newsroom.articles)} articles, {events} versions with events")
    print(f"{lived.fetches / len(newsroom.articles):.2f} fetches an article; alarms: {raised}")
    print("\n".join(wrong) or "everything is as in the script")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
