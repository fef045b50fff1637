"""A simulated month: ``python -m benchmarks.simulated_month [--articles 200] [--minutes 15] [--later 180] [--work FOLDER]``.

The newsroom of the tests, with more articles and a tick every few minutes, later every few hours; it runs for as long as the machine takes,
an hour on a busy one.  Prints the runs, the fetches an article, and every difference between the script and what the archive says.  Exit
code 1 when there is one, when a run's outcomes do not add up, when somebody was asked too fast, or when an alarm was raised or missed.
"""

import argparse
import logging
import resource
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))  # the newsroom is the tests'

from support.monthnews import START
from support.monthrun import OUTAGE, SILENCE, UNREAD, WALL, Lived, live

YOUNG = timedelta(days=4)  # all but three of the script's steps come in the first three days of an article


class _Progress:
    """A line on stderr for each simulated day: the machine's time up to there shows what does not grow in proportion."""

    def __init__(self) -> None:
        self.day = 0
        self.begun = time.monotonic()

    def __call__(self, now: datetime, lived: Lived) -> None:
        day = (now - START) // timedelta(days=1)
        if day > self.day:
            self.day = day
            seconds, size = time.monotonic() - self.begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            alarms = ", ".join(f"{alarm.kind} {alarm.about}" for alarm in lived.raised)
            line = f"day {day}: {lived.runs} runs, {seconds:.0f} s, {time.process_time():.0f} s of this process, {size:.0f} MB; {alarms}"
            print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Live through the month, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulated_month")
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--minutes", type=int, default=15, help="between two ticks while there are young articles")
    parser.add_argument("--later", type=int, default=180, help="minutes between two ticks from the fifth day on")
    parser.add_argument("--work", type=Path, help="where the archive is made; a temporary folder unless given")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    begun = time.monotonic()

    def ticks(age: timedelta) -> timedelta:
        return timedelta(minutes=asked.minutes if age < YOUNG else asked.later)

    with tempfile.TemporaryDirectory(prefix="copytrail-month-", dir=asked.work) as folder:
        newsroom, lived = live(Path(folder), ticks, asked.articles, timedelta(hours=36), asked.articles, tell=_Progress())
    pairs = [(item, lived.events.get(item.url)) for item in newsroom.articles]
    wrong = lived.problems + [
        f"{item.url} ({item.name}): expected {list(item.life.expects)}, found {found}: {lived.verdicts.get(item.url)}"
        for item, found in pairs
        if found != list(item.life.expects)
    ]
    raised = sorted((str(alarm.kind), alarm.about) for alarm in lived.raised)
    wrong += [f"alarms: raised {raised}"] if raised != [UNREAD, OUTAGE, SILENCE, WALL] else []
    wrong += [f"{len(lived.too_fast)} requests came too fast"] if lived.too_fast else []
    wrong += [f"{lived.closed} requests for what robots.txt closes"] if lived.closed else []
    events = sum(map(len, lived.events.values()))
    print(f"{lived.runs} runs in {time.monotonic() - begun:.0f} s; {len(newsroom.articles)} articles, {events} versions with events")
    print(f"{lived.fetches / len(newsroom.articles):.2f} fetches an article; alarms: {raised}")
    print("\n".join(wrong) or "everything is as in the script")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
