"""A month of an invented newsroom in minutes: what a careful observer would have written down is what the archive says, and no more.

Here with one life of each kind and few ticks; ``python -m benchmarks.simulated_month`` lives through it with 200 articles, every quarter of
an hour.
"""

from datetime import timedelta

import pytest
from support.monthlives import LIVES
from support.monthnews import CLOSED, DOWN, START, Newsroom
from support.monthrun import SILENCE, UNREAD, Lived, live

from archive.kinds import Verdict

pytestmark = pytest.mark.timeout(900)  # the fixture is the month
ARTICLES = 25  # one of each life, and quiet ones
EARLY, EARLY_TICK, TICK = timedelta(days=2), timedelta(hours=3), timedelta(days=2)
OUT = DOWN[0] - START, DOWN[0] - START + timedelta(hours=12)  # looked at closely too


def ticks(age: timedelta) -> timedelta:
    """A tick every three hours while articles are young and while an outlet is down, then every two days."""
    if age < EARLY or OUT[0] <= age < OUT[1]:
        return EARLY_TICK
    return min(TICK, OUT[0] - age) if age < OUT[0] else TICK


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> tuple[Newsroom, Lived]:
    """The month, lived through."""
    folder = tmp_path_factory.mktemp("month")
    return live(folder, ticks, ARTICLES, timedelta(days=1), batches=2)


def test_the_events_are_those_of_the_script(month: tuple[Newsroom, Lived]) -> None:
    """Edits of each class, ends and returns, in order, each once; nothing from walls, counters, typography, a new template."""
    newsroom, lived = month

    assert {item.name for item in newsroom.articles} >= LIVES.keys()
    assert lived.events == newsroom.expected


def test_every_run_adds_up(month: tuple[Newsroom, Lived]) -> None:
    """Each URL that a run knew has one outcome in it; nobody asked for what robots.txt closes, nor faster than the delay."""
    newsroom, lived = month

    assert lived.problems == []
    assert lived.too_fast == []
    assert lived.closed == 0
    assert {verdict for feed in newsroom.feeds for verdict in lived.verdicts[feed.replace("/feed", CLOSED)]} == {Verdict.REFUSED_ROBOTS}


def test_alarms_are_raised_where_the_script_has_an_outage(month: tuple[Newsroom, Lived]) -> None:
    """A silent feed and pages that nobody can read: each once, and nothing else.

    Five articles of an outlet give too few visits in a day or two to tell that it is down, or behind a wall.
    """
    _, lived = month

    assert sorted((str(alarm.kind), alarm.about) for alarm in lived.raised) == [UNREAD, SILENCE]
