"""What an operator is told without asking, decided from the history of outcomes: outages that look like quiet days (peers.md §3).

Contract: pure; ``now`` is an argument, times are UTC.  ``alarms`` gives what is wrong at the end of a history, ``changes`` what of it is to
be said: raised once, and over once.  Every statistic is against the subject's own past, which must be long enough: an alarm says nothing
of what is new.

* **Silence** of a feed, or of all feeds together: since its last news it has brought nothing, while in the same hours of each of the days
  before, up to ``DAYS`` of them, it brought at least ``LEAST`` entries.  ``SPARED`` of those days may have been outages too.  Nights are
  so their own measure, and a day at the week-end is held against week-ends.  A feed that lists nothing at all, which it never did, is told
  at once.
* **Walls and losses** of an outlet: more of its URLs turned bad than chance makes of its own past: binomial tail below ``CHANCE``.  A URL
  counts when it turns bad, not as long as it stays so: an article behind a wall for ever is no outage.
* **Clock**: the median over the outlets of what their Date headers say of ours.  One outlet's clock is its own affair.
* **Store** and **schedule**: what is left, and how long nothing has run although something was due.
"""

import math
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate, groupby, pairwise, takewhile
from statistics import median

from archive.kinds import AlarmKind, Found, Verdict
from archive.records import Alarm, Outcome
from pipeline.losses import NO_ARTICLES, outlet_of
from pipeline.outcomes import GOOD, REFUSED

DAYS = 28  # of the past that a silence is held against
ENOUGH_DAYS = 5
LEAST = 10  # entries; of a rhythm whose worst days bring so many, a silence by chance is one in 200,000 (Poisson)
SPARED = 0.08  # of the days before
HISTORY = timedelta(days=DAYS + 3)
WINDOW = timedelta(hours=24)
CHANCE = 1e-6  # 100 runs a day at 30 outlets make 90,000 tests a month
ENOUGH_TRIALS = 10
RAREST = 0.005  # no outlet is taken to be better than that
SPREAD = timedelta(hours=6)  # in which a part of an outlet's URLs must have turned bad, one after another
PERSISTING = timedelta(hours=2)  # a host that restarts is no outage
ENOUGH_CLOCKS = 3
SKEWED = 120.0  # seconds
RECENT = timedelta(hours=2)
LOW, LOW_BYTES = 0.05, 20e9  # of a store; a twentieth of a large one is much
LEFT = 14.0  # days at the present growth
ENOUGH_RUNS = 10
PATIENCE = timedelta(hours=3)  # feeds are looked at every hour
ALL_FEEDS = "feeds"
WALLS = frozenset({Verdict.BLOCKED, Verdict.LEGAL_BLOCK})
FAULTS = frozenset({Verdict.FAILED, Verdict.UNREACHABLE, Verdict.THROTTLED})
LISTINGS = frozenset({Found.FEED_LINK, Found.SITEMAP_LINK})
_DAY = timedelta(days=1)
_NO_ANSWER = REFUSED | {Verdict.OVER_BUDGET, Verdict.DUPLICATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a store has left."""

    about: str  # "store", "work" where open files wait, or "quota"
    free: int  # bytes
    size: int  # bytes in all
    growth: float  # bytes a day, as of late


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that alarms rest on."""

    outcomes: Sequence[Outcome]  # of all stories, at least the last ``HISTORY``, oldest first
    rooms: Sequence[Room] = ()
    due: datetime | None = None  # since when the article that waits longest has been due
    layout: Sequence[Alarm] = ()  # what ``pipeline.completeness`` found


def alarms(state: State, now: datetime) -> list[Alarm]:
    """Everything that is wrong now."""
    looks = _looks(state.outcomes)
    found = list(_rising(state.outcomes, now))
    found += _nothing_new(looks, now)
    found += [alarm for url, items in looks.items() if (alarm := _silent_feed(url, items, now))]
    found += _clock(state.outcomes, now)
    found += [alarm for room in state.rooms if (alarm := _filling(room, now))]
    found += _schedule(state, now)
    return [*found, *state.layout]


def standing(stored: Iterable[Alarm]) -> list[Alarm]:
    """The alarms that are not over, from everything that was ever said, in order of time."""
    last = {(alarm.kind, alarm.about): alarm for alarm in stored}
    return [alarm for alarm in last.values() if not alarm.over]


def changes(before: Iterable[Alarm], state: State, now: datetime) -> list[Alarm]:
    """What is to be said: alarms that were not standing ``before``, and those of before that are over."""
    found = {(alarm.kind, alarm.about): alarm for alarm in alarms(state, now)}
    known = {(alarm.kind, alarm.about): alarm for alarm in before}
    raised = [alarm for key, alarm in found.items() if key not in known]
    ended = [alarm for key, alarm in known.items() if key not in found and _is_over(alarm, state)]
    return raised + [replace(alarm, time=now, over=True, message=f"over: {alarm.message}", advice="nothing") for alarm in ended]


def _is_over(alarm: Alarm, state: State) -> bool:
    """Whether something speaks for its end: that it is no longer found may only mean that it has become the rule, or was not looked for."""
    after = [item for item in state.outcomes if item.time > alarm.time]
    match alarm.kind:
        case AlarmKind.SILENT_FEED:
            return any(item.fresh for item in after if item.url == alarm.about)
        case AlarmKind.NOTHING_NEW:
            return any(item.fresh for item in after)
        case AlarmKind.WALLS_RISING:
            articles = [item for item in after if item.lead.found not in LISTINGS]
            return not _goes_on([item for item in articles if _is_answer_of(item, alarm.about)], WALLS)
        case AlarmKind.LOSSES_RISING:
            return not _goes_on([item for item in after if _is_answer_of(item, alarm.about)], FAULTS)
        case AlarmKind.STORE_FILLING:
            return any(room.about == alarm.about for room in state.rooms)
        case AlarmKind.LAYOUT_BREAK:
            return any(_is_answer_of(item, alarm.about) for item in after)
        case _:
            return bool(after)


# Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at a feed: what was new in it; ``verdict`` is how the look ended."""

    time: datetime
    fresh: int
    entries: int | None
    verdict: Verdict


def _looks(outcomes: Iterable[Outcome]) -> Mapping[str, list[_Look]]:
    """The looks at each feed; everything is new in the first, which says nothing of a rhythm."""
    looks: defaultdict[str, list[_Look]] = defaultdict(list)
    for item in outcomes:
        if item.lead.found in LISTINGS and item.verdict not in _NO_ANSWER:
            fresh = item.fresh or 0 if looks[item.url] else 0
            looks[item.url].append(_Look(time=item.time, fresh=fresh, entries=item.entries, verdict=item.verdict))
    return {url: kept for url, items in looks.items() if (kept := _that_count(items))}


def _that_count(looks: Sequence[_Look]) -> list[_Look]:
    """The looks that saw the feed; those at the end that did not count too, when they are more than a restart."""
    lost = list(takewhile(lambda look: look.verdict not in GOOD, reversed(looks)))
    lasting = bool(lost) and lost[0].time - lost[-1].time >= PERSISTING
    return [look for look in looks if look.verdict in GOOD] + (lost[::-1] if lasting else [])


def _silent_feed(url: str, looks: Sequence[_Look], now: datetime) -> Alarm | None:
    last = looks[-1]
    entries = [look.entries for look in looks[:-1] if look.entries is not None]
    if last.entries == 0 and len(entries) >= ENOUGH_TRIALS and min(entries) > 0:
        return Alarm(
            kind=AlarmKind.SILENT_FEED,
            about=url,
            time=now,
            since=last.time,
            evidence={"entries": 0, "entries_before": float(median(entries)), "looks": len(entries)},
            message=f"the feed lists nothing; in the {len(entries)} looks before it listed {median(entries):g}",
            advice="open the feed in a browser: a feed that is empty for us alone means that the outlet turns our User-Agent away",
        )
    usual = _usual(looks)
    if usual is None:
        return None
    since, least, days = usual
    return Alarm(
        kind=AlarmKind.SILENT_FEED,
        about=url,
        time=now,
        since=since,
        evidence={"entries_usual": least, "days": days, "hours": _hours(last.time - since)},
        message=f"nothing new for {_hours(last.time - since):.1f} hours; in the same hours of {days} days before it was never less than "
        f"{least} entries, but for a few; the last look ended {last.verdict}",
        advice="compare the feed with the outlet's front page: it may have moved, be frozen, or turn us away",
    )


def _nothing_new(looks: Mapping[str, list[_Look]], now: datetime) -> Iterator[Alarm]:
    last = max((look.time for items in looks.values() for look in items if look.fresh), default=None)
    seen = {} if last is None else {url: items for url, items in looks.items() if items[-1].time > last}  # a feed that failed says nothing
    together = sorted((look for items in seen.values() for look in items), key=lambda look: look.time)
    usual = _usual(together) if len(seen) > 1 else None
    if usual is not None:
        since, least, days = usual
        cycles = len({look.time for look in together if look.time > since})
        yield Alarm(
            kind=AlarmKind.NOTHING_NEW,
            about=ALL_FEEDS,
            time=now,
            since=since,
            evidence={"feeds": len(seen), "looks": cycles, "entries_usual": least, "days": days},
            message=f"{cycles} looks at {len(seen)} feeds brought nothing new; in the same hours of {days} days before it was never less "
            f"than {least} entries, but for a few",
            advice="the fault is more likely here than there: network, proxy, User-Agent, or an extractor that reads no entries",
        )


def _usual(looks: Sequence[_Look]) -> tuple[datetime, int, int] | None:
    """Since when there has been no news, the least that was usual in these hours, and on how many days; None when that is nothing odd."""
    news = [look for look in looks if look.fresh]
    if not news or news[-1] is looks[-1]:
        return None
    since, until, first = news[-1].time, looks[-1].time, looks[0].time
    days = [timedelta(days=day) for day in range(max(1, math.ceil((until - since) / _DAY)), DAYS + 1)]
    if until - since < _DAY:
        days = [day for day in days if _is_week_end(until - day) == _is_week_end(until)]
    times, sums = [look.time for look in news], [0, *accumulate(look.fresh for look in news)]
    past = sorted(sums[bisect(times, until - day)] - sums[bisect(times, since - day)] for day in days if since - day >= first)
    if len(past) < ENOUGH_DAYS:
        return None
    least = past[int(len(past) * SPARED)]
    return (since, least, len(past)) if least >= LEAST else None


def _is_week_end(time: datetime) -> bool:
    return time.weekday() >= 5


# Walls and losses


def _rising(outcomes: Sequence[Outcome], now: datetime) -> Iterator[Alarm]:
    outlets: defaultdict[str, list[Outcome]] = defaultdict(list)
    for item in outcomes:
        if item.lead.found not in NO_ARTICLES and item.verdict not in _NO_ANSWER:
            outlets[outlet_of(item.url)].append(item)
    for outlet, items in outlets.items():
        articles = [item for item in items if item.lead.found not in LISTINGS]  # a wall leaves a feed open
        yield from _turned(AlarmKind.WALLS_RISING, outlet, articles, WALLS, now)
        yield from _turned(AlarmKind.LOSSES_RISING, outlet, items, FAULTS, now)


def _is_answer_of(item: Outcome, outlet: str) -> bool:
    return item.lead.found not in NO_ARTICLES and item.verdict not in _NO_ANSWER and outlet_of(item.url) == outlet


def _turned(kind: AlarmKind, outlet: str, items: Sequence[Outcome], bad: frozenset[Verdict], now: datetime) -> Iterator[Alarm]:
    """The alarm when of the URLs that were well more have turned bad than the outlet's past makes likely."""
    if not items:
        return
    trials = list(_trials(items, bad))
    for begin in _windows(kind, items, bad):
        before, late = [is_bad for time, is_bad in trials if time < begin], [(time, is_bad) for time, is_bad in trials if time >= begin]
        hits = [time for time, is_bad in late if is_bad]
        share = max(RAREST, (sum(before) + 1) / (len(before) + 2))
        if not hits or len(before) < ENOUGH_TRIALS or _tail(len(hits), len(late), share) >= CHANCE:
            continue
        yield Alarm(
            kind=kind,
            about=outlet,
            time=now,
            since=hits[0],
            evidence={"bad": len(hits), "of": len(late), "bad_before": sum(before), "of_before": len(before)},
            message=f"{len(hits)} of {len(late)} URLs that were well {_WHAT[kind]}; before it was {sum(before)} of {len(before)}",
            advice=_ADVICE[kind],
        )
        return


def _windows(kind: AlarmKind, items: Sequence[Outcome], bad: frozenset[Verdict]) -> Iterator[datetime]:
    """Since when it may have changed: with the runs that are mostly bad without a break; walls, of a part of the URLs, also in a day.

    Failures come in heaps: two restarts make a day that looks bad and is not.
    """
    begin = _worse_since(items, bad)
    if kind is AlarmKind.LOSSES_RISING:
        yield from () if begin is None or items[-1].time - begin < PERSISTING else (begin,)
        return
    if begin is not None:
        yield begin
    day = [item.time for item in items if item.time >= items[-1].time - WINDOW and item.verdict in bad]
    if day and day[-1] - day[0] >= SPREAD:
        yield items[-1].time - WINDOW


_WHAT = {
    AlarmKind.WALLS_RISING: "are behind a wall or forbidden",
    AlarmKind.LOSSES_RISING: "failed, could not be reached or were turned away",
}
_ADVICE = {
    AlarmKind.WALLS_RISING: "open an article in a browser: a new wall needs a rule, and an outlet that forbids us a word with its newsroom",
    AlarmKind.LOSSES_RISING: "see whether the site answers from elsewhere; if it does, go slower: raise the delay",
}


def _goes_on(items: Sequence[Outcome], bad: frozenset[Verdict]) -> bool:
    """Whether most answers of the newest run are bad; also when there is none."""
    newest = [item.verdict in bad for item in items if item.run == items[-1].run]
    return not newest or 2 * sum(newest) > len(newest)


def _worse_since(items: Sequence[Outcome], bad: frozenset[Verdict]) -> datetime | None:
    """When the runs began that are mostly bad up to the newest; None when that is not."""
    begin = None
    for _, run in groupby(reversed(items), key=lambda item: item.run):
        answers = list(run)
        if not _goes_on(answers, bad):
            break
        begin = answers[-1].time
    return begin


def _trials(items: Iterable[Outcome], bad: frozenset[Verdict]) -> Iterator[tuple[datetime, bool]]:
    """The answers of URLs that were not bad the time before, and whether they are now."""
    was_bad: set[str] = set()
    for item in items:
        if item.url not in was_bad:
            yield item.time, item.verdict in bad
        if item.verdict in bad:
            was_bad.add(item.url)
        else:
            was_bad.discard(item.url)


def _tail(count: int, trials: int, share: float) -> float:
    """The probability of at least ``count`` in so many trials of that probability each."""
    return math.fsum(
        math.exp(
            math.lgamma(trials + 1)
            - math.lgamma(number + 1)
            - math.lgamma(trials - number + 1)
            + number * math.log(share)
            + (trials - number) * math.log1p(-share)
        )
        for number in range(count, trials + 1)
    )


# Clock, store, schedule


def _clock(outcomes: Sequence[Outcome], now: datetime) -> Iterator[Alarm]:
    """By each outlet's newest run alone: its answers before may be from before the clock was moved."""
    recent = [item for item in outcomes if item.skew is not None and item.time > outcomes[-1].time - RECENT]
    newest = {outlet_of(item.url): item.run for item in recent}
    counted = [item for item in recent if newest[outlet_of(item.url)] == item.run]
    told: defaultdict[str, list[float]] = defaultdict(list)
    for item in counted:
        told[outlet_of(item.url)].append(item.skew or 0.0)
    if len(told) < ENOUGH_CLOCKS:
        return
    skew = median(median(skews) for skews in told.values())
    if abs(skew) > SKEWED:
        yield Alarm(
            kind=AlarmKind.CLOCK_SKEW,
            about="clock",
            time=now,
            since=counted[0].time,
            evidence={"seconds": skew, "outlets": len(told)},
            message=f"the clocks of {len(told)} outlets are {abs(skew):.0f} seconds {'ahead of' if skew > 0 else 'behind'} ours",
            advice="set this machine's clock (NTP): the dates of captures are its",
        )


def _filling(room: Room, now: datetime) -> Alarm | None:
    days = room.free / room.growth if room.growth > 0 else math.inf
    if room.free >= min(LOW * room.size, LOW_BYTES) and days >= LEFT:
        return None
    left = "" if days == math.inf else f"; at the present growth {days:.1f} days"
    return Alarm(
        kind=AlarmKind.STORE_FILLING,
        about=room.about,
        time=now,
        since=now,
        evidence={"free": room.free, "size": room.size, "growth": room.growth},
        message=f"{room.free / 1e9:.1f} of {room.size / 1e9:.1f} GB are left{left}",
        advice="make room or raise the quota: a crawl that finds no room stops",
    )


def _schedule(state: State, now: datetime) -> Iterator[Alarm]:
    runs = sorted({item.run: item.time for item in state.outcomes}.values())
    pace = [_hours(later - earlier) for earlier, later in pairwise(runs[-ENOUGH_RUNS:])]
    if state.due is None or len(runs) < ENOUGH_RUNS or median(pace) > _hours(PATIENCE):
        return  # nobody has ever run it on a schedule
    last = runs[-1]
    if now - max(state.due, last) < PATIENCE:
        return
    yield Alarm(
        kind=AlarmKind.SCHEDULE_STOPPED,
        about="schedule",
        time=now,
        since=max(state.due, last),
        evidence={"hours": _hours(now - last), "due_hours": _hours(now - state.due)},
        message=f"nothing was visited for {_hours(now - last):.1f} hours, though an article has been due for {_hours(now - state.due):.1f}",
        advice="look whether the worker runs and the schedules are on: prefect work-pool inspect copytrail",
    )


def _hours(time: timedelta) -> float:
    return time / timedelta(hours=1)
