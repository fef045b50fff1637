"""Alarms: outages that look like quiet days are told, and quiet days are not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.quietmonth import BEGIN, CYCLE, RATES, Month, feed, lost

from archive.kinds import AlarmKind, Found, Verdict
from archive.records import Alarm, Outcome
from pipeline.alarms import HISTORY, PATIENCE, Room, State, changes, standing

LEARNT = BEGIN + timedelta(days=30)
OUTAGE = LEARNT + timedelta(days=1, hours=13)  # a Friday at noon, with everything awake
PAPER = "herald.example"


@pytest.fixture(scope="module")
def learnt() -> Month:
    """A month in which everything was as it is."""
    month = Month(seed=1)
    for _ in month.cycles(OUTAGE):
        pass
    return month


def told(
    month: Month, until: datetime, outage: Callable[[Outcome], Outcome] = lambda item: item, *, every: int = 1
) -> Iterator[tuple[datetime, Alarm]]:
    """What is said by somebody who looks after ``every`` so many cycles and remembers what was said before."""
    said: list[Alarm] = []
    for number, now in enumerate(month.cycles(until, outage)):
        if number % every == 0:
            fresh = changes(standing(said), State(outcomes=[item for item in month.outcomes if item.time > now - HISTORY]), now)
            said += fresh
            yield from ((now, alarm) for alarm in fresh)


def test_thirty_quiet_days_raise_no_alarm() -> None:
    """Nights, week-ends, walls and failures here and there, a host that restarts: nothing of it is an outage."""
    month = Month(seed=0)
    for _ in month.cycles(LEARNT):
        pass

    assert list(told(month, LEARNT + timedelta(days=30), every=5)) == []  # a look takes 50 ms


def frozen(item: Outcome) -> Outcome:
    """The same feed as before, for all feeds: what a proxy that serves from its cache for ever looks like (pain 15)."""
    return item if item.fresh is None else replace(item, verdict=Verdict.UNCHANGED, fresh=0)


def one_frozen(item: Outcome) -> Outcome:
    return frozen(item) if item.url == feed(PAPER) else item


def unread(item: Outcome) -> Outcome:
    """A feed that is well, all of whose articles turn our User-Agent away (pain 16)."""
    return lost(item, Verdict.BLOCKED) if PAPER in item.url and item.lead.found is Found.MEMBER else item


def turned_away(item: Outcome) -> Outcome:
    """An outlet that turns our User-Agent away altogether, feed and all (pain 16)."""
    return lost(item, Verdict.BLOCKED) if PAPER in item.url else item


def emptied(item: Outcome) -> Outcome:
    """A feed that answers 200 and lists nothing (pain 16)."""
    return replace(item, entries=0, fresh=0) if item.url == feed(PAPER) and item.entries is not None else item


def unreachable(item: Outcome) -> Outcome:
    return lost(item, Verdict.UNREACHABLE) if PAPER in item.url else item


def late(item: Outcome) -> Outcome:
    """Our clock is ten minutes behind."""
    return item if item.skew is None else replace(item, skew=item.skew + 600)


OUTAGES = [
    (frozen, AlarmKind.NOTHING_NEW, "feeds", 1),
    (one_frozen, AlarmKind.SILENT_FEED, feed(PAPER), 8),  # a feed of forty entries a day: in so many hours it was never silent
    (unread, AlarmKind.WALLS_RISING, PAPER, 1),
    (turned_away, AlarmKind.WALLS_RISING, PAPER, 1),
    (emptied, AlarmKind.SILENT_FEED, feed(PAPER), 1),
    (unreachable, AlarmKind.LOSSES_RISING, PAPER, 3),  # one cycle may be a restart
    (late, AlarmKind.CLOCK_SKEW, "clock", 1),
]


@pytest.mark.parametrize(("outage", "kind", "about", "cycles"), OUTAGES, ids=[item[0].__name__ for item in OUTAGES])
def test_an_outage_is_told_once_and_so_is_its_end(
    learnt: Month, outage: Callable[[Outcome], Outcome], kind: AlarmKind, about: str, cycles: int
) -> None:
    """Within one cycle, or as soon as it can be told from a pause; with numbers and advice; and nothing else is said of it."""
    month = learnt.copy()
    restored = OUTAGE + timedelta(hours=30)

    raised = list(told(month, restored, outage))
    ended = changes([alarm for _, alarm in raised], State(outcomes=month.outcomes), month.now)
    after = [
        alarm
        for now in month.cycles(restored + timedelta(hours=6))
        for alarm in changes([raised[0][1]], State(outcomes=month.outcomes), now)
    ]

    first, alarm = raised[0]
    assert (alarm.kind, alarm.about) == (kind, about)
    assert first <= OUTAGE + cycles * CYCLE
    assert OUTAGE - timedelta(hours=3) <= alarm.since <= first
    assert alarm.evidence
    assert alarm.message
    assert alarm.advice
    assert len({(item.kind, item.about) for _, item in raised}) == len(raised), raised
    assert not any(item.over for _, item in raised)
    assert ended == []
    assert [(item.kind, item.about) for item in after if item.over][:1] == [(kind, about)]


@pytest.mark.parametrize(
    ("outage", "kind", "about"),
    [
        pytest.param(frozen, AlarmKind.NOTHING_NEW, "feeds", id="15: it runs and discovers nothing"),
        pytest.param(unread, AlarmKind.WALLS_RISING, PAPER, id="16: the feed is well, no story comes"),
        pytest.param(emptied, AlarmKind.SILENT_FEED, feed(PAPER), id="16: the feed lists nothing"),
        pytest.param(turned_away, AlarmKind.WALLS_RISING, PAPER, id="16: feed and stories are refused"),
    ],
)
def test_what_went_unseen_for_weeks_elsewhere_is_told_by_the_first_look(
    learnt: Month, outage: Callable[[Outcome], Outcome], kind: AlarmKind, about: str
) -> None:
    """Pains 15 and 16 of other archives: nothing stands before the first cycle of the outage, and the look after that one cycle says it."""
    month = learnt.copy()
    before = changes([], State(outcomes=month.outcomes), month.now)

    (now,) = month.cycles(OUTAGE + CYCLE, outage)

    assert before == []
    assert [(item.kind, item.about) for item in changes([], State(outcomes=month.outcomes), now)] == [(kind, about)]


def test_a_new_outlet_raises_nothing() -> None:
    """What has no past cannot be held against it: not even when the first day brings nothing but walls."""
    month = Month(seed=3)
    walls = (item for item in told(month, BEGIN + timedelta(days=1), lambda item: lost(item, Verdict.BLOCKED)))

    assert list(walls) == []


def test_an_article_behind_a_wall_for_ever_is_no_outage(learnt: Month) -> None:
    """It is asked for again and again; only what was well before counts."""
    month = learnt.copy()
    wall = next(item for item in reversed(month.outcomes) if item.verdict is Verdict.BLOCKED)
    for number in range(50):
        month.outcomes.append(replace(wall, run=f"again{number}", time=OUTAGE + number * timedelta(minutes=1)))

    assert changes([], State(outcomes=month.outcomes), OUTAGE + timedelta(hours=1)) == []


@pytest.mark.parametrize(
    ("room", "alarmed"),
    [
        (Room(about="store", free=300_000_000_000, size=1_000_000_000_000, growth=1e9), False),
        (Room(about="store", free=60_000_000_000, size=10_000_000_000_000, growth=0.0), False),
        (Room(about="store", free=19_000_000_000, size=1_000_000_000_000, growth=0.0), True),
        (Room(about="store", free=1_000_000_000, size=30_000_000_000, growth=0.0), True),
        (Room(about="store", free=300_000_000_000, size=1_000_000_000_000, growth=30e9), True),
    ],
)
def test_a_store_that_fills_up(room: Room, *, alarmed: bool) -> None:
    """Little left, or two weeks at the present growth; the alarm ends when there is room, and not because nobody measured."""
    raised = changes([], State(outcomes=[], rooms=[room]), LEARNT)

    assert [alarm.kind for alarm in raised] == [AlarmKind.STORE_FILLING] * alarmed
    assert changes(raised, State(outcomes=[], rooms=[]), LEARNT) == []
    wide = replace(room, free=room.size, growth=0.0)
    assert [alarm.over for alarm in changes(raised, State(outcomes=[], rooms=[wide]), LEARNT)] == [True] * alarmed


def test_a_schedule_that_stopped(learnt: Month) -> None:
    """Something is due and nothing has run for hours; where nothing is due, or there never was a schedule, that is as it should be."""
    late = OUTAGE + PATIENCE + timedelta(hours=1)
    state = State(outcomes=learnt.outcomes, due=OUTAGE)

    (alarm,) = changes([], state, late)

    assert (alarm.kind, alarm.about) == (AlarmKind.SCHEDULE_STOPPED, "schedule")
    assert changes([], state, OUTAGE + timedelta(hours=1)) == []
    assert changes([], replace(state, due=None), late) == []
    by_hand = [replace(item, run="by hand") for item in learnt.outcomes]
    assert changes([], replace(state, outcomes=by_hand), late) == []
    resumed = replace(learnt.outcomes[-1], run="resumed", time=late + timedelta(minutes=1))
    assert [item.over for item in changes([alarm], replace(state, outcomes=[*learnt.outcomes, resumed]), late + CYCLE)] == [True]


def test_other_findings_are_passed_on_and_end_with_the_next_good_look(learnt: Month) -> None:
    """A layout break is found elsewhere: here it is told once, and over when the outlet was visited without it."""
    outlet = next(iter(RATES))
    broken = Alarm(
        kind=AlarmKind.LAYOUT_BREAK, about=outlet, time=OUTAGE, since=OUTAGE, message="texts are empty", advice="look at the page"
    )
    state = State(outcomes=learnt.outcomes, layout=[broken])

    assert changes([], state, OUTAGE) == [broken]
    assert changes([broken], state, OUTAGE) == []
    assert changes([broken], replace(state, layout=[]), OUTAGE) == []
    visited = replace(learnt.outcomes[-1], url=f"https://www.{outlet}/new", time=OUTAGE + CYCLE)
    ended = changes([broken], State(outcomes=[*learnt.outcomes, visited]), OUTAGE + CYCLE)
    assert [(item.kind, item.over) for item in ended] == [(AlarmKind.LAYOUT_BREAK, True)]


def test_only_the_last_word_on_an_alarm_counts() -> None:
    """Raised, over, raised again: it stands."""
    first = Alarm(kind=AlarmKind.CLOCK_SKEW, about="clock", time=BEGIN, since=BEGIN, message="m", advice="a")
    over = replace(first, over=True, time=BEGIN + CYCLE)
    again = replace(first, time=BEGIN + 2 * CYCLE)

    assert standing([first]) == [first]
    assert standing([first, over]) == []
    assert standing([first, over, again]) == [again]
