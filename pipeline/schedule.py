"""When an article is due for its next visit, why, and which visits come first when not all can be made.

Contract: pure, without a clock: from what is known of an article (:class:`Watched`) and the time that it is ``now`` to a :class:`Due`.
The same values give the same answer; the work is linear in the visits and signals.

* While an article is watched, the next visit comes when the versions that waiting would lose outweigh a fetch (``pipeline.hazard``), and no
  later than ``Plan.gap`` times its age; an announced change pulls it forward, never back.
* Visits at 30, 90 and 365 days after it was first seen look for deletions; then there are none.  A page that is gone is asked for once more
  soon, and then at these ages alone.  A visit without an answer tells nothing and is repeated after a growing pause.
* :func:`wanted` puts the visits that promise most first, and those that wait gain; how many are made is cut by ``pipeline.scope``.
* What a page says of its own past counts like a visit: an edit before it was first seen shows that somebody comes back to it.

The numbers of :class:`Plan` are those that the simulator, ``python -m benchmarks.recrawl_schedule``, found best at 9 fetches an article.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from pipeline.hazard import DEAF, GENERAL, Channel, Prior, Seen, pressure, share, truth, unseen

HOUR = timedelta(hours=1)
SOONEST = timedelta(minutes=10)
STOPS = (timedelta(days=30), timedelta(days=90), timedelta(days=365))
WATCHED = STOPS[0]
LATER = HOUR  # a change stated sooner after publication is often the publishing itself: 129 of 257 pages state one (text.md)
USUAL = Channel(recall=0.7, lag=1 / 6, false_a_day=0.05)  # of a feed or sitemap that has not proved itself (coverage.md §5)


class Finding(StrEnum):
    """What a visit told."""

    SAME = "same"
    EDITED = "edited"
    GONE = "gone"
    NOTHING = "nothing"  # no answer, a wall, an error of the server


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit and what it told; the first can only be SAME, GONE or NOTHING."""

    time: datetime
    finding: Finding = Finding.SAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Word of a change that came without a visit."""

    seen: datetime
    source: str  # in words: "its sitemap", "its feed"
    modified: datetime | None = None  # when it says that the change was made


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The parameters of the schedule."""

    weight: float = 0.16  # of what waits unseen (``hazard.pressure``) that is worth a fetch: the simulator, 9 fetches an article
    gap: float = 8.0  # times its age, until the next visit
    chance: float = 0.1  # that an announcement is true, from which it is followed at once
    signal_gap: float = 2.0  # times the age at an announcement, until it is followed whatever its chance
    confirm: timedelta = HOUR  # from the first word that a page is gone to the second question


_STEPS = 24  # points between the shortest wait and the longest at which the search for the next visit looks

PLAN = Plan()
LISTENING = Plan(weight=0.08)  # silence saves visits, and they are better spent on the edits of which nobody tells: the same 9 fetches


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An article as the schedule knows it."""

    first_seen: datetime
    published: datetime | None = None
    modified: datetime | None = None  # what its first text said of its last change
    visits: tuple[Visit, ...] = ()
    signals: tuple[Signal, ...] = ()
    prior: Prior = GENERAL
    channel: Channel = DEAF  # whose silence can be trusted

    @property
    def born(self) -> datetime:
        """From when its age counts: never after it was first seen."""
        return min(self.published or self.first_seen, self.first_seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The next visit; ``time`` is None when there is none any more."""

    time: datetime | None
    why: str
    worth: float = 0.0  # edits expected unseen at ``now``, and a share for the time that a visit is late


def publication(stated: str | None) -> datetime | None:
    """A page's time of publication where it is exact: a date alone, or a time without its zone, could be half a day off."""
    try:
        time = datetime.fromisoformat(stated) if stated else None
    except ValueError:
        return None
    if time is None:
        return None
    if time.tzinfo is None:
        return _end_of_day(time.date())
    return time.astimezone(UTC)


def _end_of_day(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def next_visit(article: Watched, now: datetime, plan: Plan = PLAN) -> Due:
    """When to come again, and why."""
    if not article.visits:
        return Due(time=article.first_seen, why="never visited", worth=1.0)
    last = max(visit.time for visit in article.visits)
    stop = next((article.first_seen + stop for stop in STOPS if article.first_seen + stop > last), None)
    if stop is None:
        return Due(time=None, why=f"not watched any more: first seen {_span(last - article.first_seen)} before its last visit")
    answered = sorted((visit for visit in article.visits if visit.finding is not Finding.NOTHING), key=lambda visit: visit.time)
    if not answered:
        due = _again(last, stop, len(article.visits), Due(time=last, why="never seen"))
        return replace(due, worth=1.0)
    due = _planned(article, answered, stop, plan)
    if failures := sum(visit.time > answered[-1].time for visit in article.visits):
        due = _again(last, stop, failures, due)
    return replace(due, worth=_worth(article, answered, due, now, plan))


def _again(last: datetime, stop: datetime, failures: int, due: Due) -> Due:
    """After visits without an answer: when it was due anyway, but after a pause that doubles with each."""
    pause = min(SOONEST * 2 ** min(failures, 20), stop - last)
    if due.time is not None and due.time >= last + pause:
        return due
    return Due(time=last + pause, why=f"{due.why}; no answer {_times(failures)}: asked again after {_span(pause)}")


def _planned(article: Watched, answered: Sequence[Visit], stop: datetime, plan: Plan) -> Due:
    last = answered[-1].time
    gone = next((number for number, visit in enumerate(reversed(answered)) if visit.finding is not Finding.GONE), len(answered))
    since = answered[-gone].time if gone else last
    if gone and last - since < plan.confirm and since + plan.confirm < stop:
        return Due(time=since + plan.confirm, why=f"not at its address any more: asked once more {_span(plan.confirm)} after that was seen")
    last_look = Due(time=stop, why=f"a last look for a deletion, {_span(stop - article.first_seen)} after it was first seen")
    seen = _seen(article, answered)
    if gone:
        due = replace(last_look, why=f"gone, {_times(gone)}: {last_look.why}")
    elif last - article.first_seen < WATCHED:
        hours, cause = _interval(article.prior, article.channel, seen, _hours(article.first_seen + WATCHED - article.born), plan)
        time = article.born + hours * HOUR
        due = last_look if time >= stop else Due(time=time, why=f"{_history(seen)}: {cause.format(_span(time - last))}")
    else:
        due = last_look
    return _pulled(article, seen, last, due, plan)


def _seen(article: Watched, answered: Sequence[Visit]) -> Seen:
    """What the visits told; exact edits between two of them count as one, because only one version of theirs is known."""
    first, last = (_hours(visit.time - article.born) for visit in (answered[0], answered[-1]))
    found = sum(visit.finding is Finding.EDITED for visit in answered)
    if article.modified is not None and article.born + LATER < article.modified <= answered[0].time:
        found, first = found + 1, 0.0
    return Seen(found=found, exposure=share(last) - share(first), age=last)


@lru_cache(maxsize=8192)
def _interval(prior: Prior, channel: Channel, seen: Seen, end: float, plan: Plan) -> tuple[float, str]:
    """The age at the next visit, before ``end``, and why; ages in hours."""
    soonest = seen.age + _hours(SOONEST)
    bound = min(max(_bound(seen.age, end, plan.gap), soonest), end)
    if bound <= soonest or pressure(prior, channel, seen, soonest) >= plan.weight:
        return min(soonest, end), "due after {}, the shortest pause"
    # First where it is reached at all: behind a feed that announces nearly everything, what waits unseen may shrink again with its silence.
    ages = [soonest * (bound / soonest) ** (step / _STEPS) for step in range(_STEPS + 1)]
    high = next((age for age in ages if pressure(prior, channel, seen, age) >= plan.weight), None)
    if high is None:
        return bound, f"due after {{}}, before {plan.gap:g} times its age"
    low = max(age for age in ages if age < high)
    while high - low > 1 / 3600:
        middle = (low + high) / 2
        low, high = (middle, high) if pressure(prior, channel, seen, middle) < plan.weight else (low, middle)
    return high, "due after {}"


def _bound(age: float, end: float, gap: float) -> float:
    """The age beyond which the article is not left alone.

    The visits that remain until ``end`` are spread evenly over the logarithm of the age: as many as the multiple asks for, and none just
    before the end.  In the simulator this takes a quarter off the longest delays at the same number of fetches.
    """
    if age < 1 / gap:
        return 1.0
    steps = max(1, math.ceil(math.log(end / age) / math.log(gap) - 1e-9))
    return age * math.pow(end / age, 1 / steps)


def _pulled(article: Watched, seen: Seen, last: datetime, due: Due, plan: Plan) -> Due:
    """The visit pulled forward by what was announced since the last one; what was changed before it has been seen by it."""
    channel = article.channel if article.channel.recall else USUAL
    chance = 0.0
    news = [signal for signal in article.signals if signal.seen > last and (signal.modified is None or signal.modified > last)]
    for signal in sorted(news, key=lambda signal: (signal.seen, signal.source)):
        age = _hours(signal.seen - article.born)
        chance += truth(article.prior, channel, seen, age)
        said = f"{signal.source} announced a change at {signal.seen:%Y-%m-%d %H:%M}"
        if chance >= plan.chance:
            wanted = Due(time=max(signal.seen, last + SOONEST), why=f"{said}: due at once")
        else:
            time = max(article.born + age * plan.signal_gap * HOUR, last + SOONEST)
            wanted = Due(time=time, why=f"{said}, late for an edit: due at {plan.signal_gap:g} times the age that it had")
        if wanted.time is not None and due.time is not None and wanted.time < due.time:
            due = wanted
    return due


def _worth(article: Watched, answered: Sequence[Visit], due: Due, now: datetime, plan: Plan) -> float:
    seen = _seen(article, answered)
    channel = article.channel if article.channel.recall else USUAL
    last = answered[-1].time
    news = [signal for signal in article.signals if last < signal.seen <= now and (signal.modified is None or signal.modified > last)]
    told = sum(truth(article.prior, channel, seen, _hours(signal.seen - article.born)) for signal in news)
    waiting = unseen(article.prior, article.channel, seen, max(_hours(now - article.born), seen.age))
    assert due.time is not None
    late = max((now - due.time) / max(due.time - last, SOONEST), 0.0)
    return waiting + told + late * plan.weight


def wanted(articles: Iterable[tuple[str, Due]], now: datetime) -> list[tuple[str, Due]]:
    """The URLs that are due, the most valuable visit first."""
    ready = [(url, due) for url, due in articles if due.time is not None and due.time <= now]
    return sorted(ready, key=lambda item: (-item[1].worth, item[1].time or now, item[0]))


def _hours(span: timedelta) -> float:
    return span / HOUR


def _history(seen: Seen) -> str:
    edits = f"edited {_times(seen.found)}" if seen.found else "no edit seen"
    return f"{edits} in its first {_span(seen.age * HOUR)}"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _span(span: timedelta) -> str:
    """A length of time in the unit that a person would take."""
    if span < 2 * HOUR:
        return f"{round(span / timedelta(minutes=1))} min"
    return f"{round(span / HOUR)} h" if span < timedelta(days=2) else f"{round(span / timedelta(days=1))} days"
