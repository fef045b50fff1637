"""Looking for alarms in a real archive: said once, kept as objects, over when they are over."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.quietmonth import BEGIN, CYCLE, Month
from support.smallarchive import PAPER, SLUG, settings, small_archive

from archive.kinds import AlarmKind, Verdict
from archive.records import Alarm
from archive.settings import Settings
from archive.vault import Archive
from flows.lookout import look, look_out, stored
from pipeline.alarms import PATIENCE

LEARNT = BEGIN + timedelta(days=2)


@pytest.fixture
def told(tmp_path: Path) -> Settings:
    return settings(tmp_path)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """A small archive, and under its story two days of an hourly schedule."""
    month = Month(seed=0)
    for _ in month.cycles(LEARNT):
        pass
    with small_archive(tmp_path) as archive:
        archive.catalogue.add_outcomes(SLUG, month.outcomes)
        yield archive


def names(alarms: tuple[Alarm, ...]) -> list[tuple[AlarmKind, str]]:
    return [(alarm.kind, alarm.about) for alarm in alarms]


def test_what_is_well_is_not_written(archive: Archive, told: Settings) -> None:
    """No alarm, no object."""
    seen = look_out(archive, told, LEARNT)

    assert (seen.standing, seen.raised, seen.over) == ((), (), ())
    assert list(archive.store.keys("alarms/")) == []


def test_a_full_store_is_said_once_and_its_end_too(archive: Archive, told: Settings) -> None:
    """Only whoever adds the store up can raise or end the alarm; who only looks changes nothing."""
    small = replace(told, quota=1000)
    assert look(archive, small, LEARNT).standing == ()
    assert names(look(archive, small, LEARNT, thorough=True).raised) == [(AlarmKind.STORE_FILLING, "quota")]
    assert list(stored(archive.store)) == []

    first = look_out(archive, small, LEARNT, thorough=True)
    second = look_out(archive, small, LEARNT + CYCLE, thorough=True)
    quick = look_out(archive, told, LEARNT + 2 * CYCLE)
    wide = look_out(archive, replace(told, quota=10**15), LEARNT + 3 * CYCLE, thorough=True)

    assert (
        names(first.raised) == names(second.standing) == names(quick.standing) == names(wide.over) == [(AlarmKind.STORE_FILLING, "quota")]
    )
    assert (second.raised, quick.over, wide.standing) == ((), (), ())
    assert [alarm.over for alarm in stored(archive.store)] == [False, True]


def test_a_schedule_that_stopped_is_seen_from_the_archive_alone(archive: Archive, told: Settings) -> None:
    """Articles of the story are due, and nothing has been for hours: also without any workflow server to ask."""
    stopped = LEARNT + timedelta(days=90)  # the articles of the small archive are due by now
    again = replace(archive.catalogue.outcomes_of(SLUG)[0], run="again", url=PAPER, time=stopped + CYCLE, verdict=Verdict.UNCHANGED)
    for hours in range(20):
        earlier = replace(again, run=f"run{hours}", time=stopped - PATIENCE - (20 - hours) * CYCLE)
        archive.catalogue.add_outcomes(SLUG, [earlier])

    raised = look_out(archive, told, stopped)
    archive.catalogue.add_outcomes(SLUG, [again])
    after = look_out(archive, told, stopped + 2 * CYCLE)

    assert names(raised.raised) == [(AlarmKind.SCHEDULE_STOPPED, "schedule")]
    assert (names(after.over), after.standing) == ([(AlarmKind.SCHEDULE_STOPPED, "schedule")], ())
