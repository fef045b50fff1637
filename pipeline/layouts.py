"""An outlet whose pages we cannot read any more as we did: told by how many of today's texts lack something.

``layout_breaks(rows, history, now)`` holds the texts of one run against the last ``LAST`` of each outlet before it.  A text *lacks*
something when it raised an alarm that a new layout would raise (``pipeline.completeness``), or when a page that should be an article's gave
none.  Walls, lists and players say nothing either way.

The statistic: with a of A earlier texts lacking, the rate at which an outlet's texts lack something is taken to be Beta(P·W + a,
(1 - P)·W + A - a), where P is the rate on 308 real pages of 200 outlets and W the weight of that, in texts.  The chance of k or more among
today's n is then the tail of the beta-binomial: a binomial tail that knows how little a short history proves.  An alarm is raised when k is
at least ``FEWEST`` and the chance, times the number of outlets that were held against their past, is below ``CHANCE``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import exp, lgamma

from archive.kinds import AlarmKind, PageKind, TextAlarmKind
from archive.records import Alarm, Document
from pipeline.completeness import CARRIES_TEXT
from pipeline.losses import outlet_of

LAST = 30  # texts of an outlet's past
FEWEST = 3  # texts of today
CHANCE = 1e-3  # of a false alarm in one run
_RATE, _WEIGHT = 0.025, 20.0  # 7 of 308 real pages
# What a page says of itself (another page, a cut) is no matter of layout.
_OF_LAYOUT = frozenset(TextAlarmKind) - {TextAlarmKind.TRUNCATED, TextAlarmKind.NEXT_PAGE}
_SHOWN = 3  # URLs that are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One page that should be an article's, and what its text lacks; nothing where it is whole."""

    url: str
    time: datetime
    lacks: tuple[TextAlarmKind, ...] = ()


def row_of(document: Document, time: datetime) -> Row | None:
    """A document as a row; None for a page that says nothing about layout."""
    lacks = tuple(dict.fromkeys(alarm.kind for alarm in document.alarms if alarm.kind in _OF_LAYOUT))
    empty = document.quality.kind is PageKind.EMPTY and not lacks
    if document.quality.kind not in CARRIES_TEXT and not lacks and not empty:
        return None
    return Row(url=document.url, time=time, lacks=(TextAlarmKind.EMPTY,) if empty else lacks)


def layout_breaks(rows: Iterable[Row], history: Mapping[str, Sequence[Row]], now: datetime) -> tuple[Alarm, ...]:
    """The outlets of which more texts of this run lack something than their past makes likely; ``history`` is by registered domain."""
    by_outlet: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_outlet[outlet_of(row.url)].append(row)
    found = (_broken(outlet, items, history.get(outlet, ())[-LAST:], len(by_outlet), now) for outlet, items in sorted(by_outlet.items()))
    return tuple(alarm for alarm in found if alarm is not None)


def _broken(outlet: str, items: Sequence[Row], before: Sequence[Row], outlets: int, now: datetime) -> Alarm | None:
    lacking = [row for row in items if row.lacks]
    was = sum(bool(row.lacks) for row in before)
    chance = tail(len(lacking), len(items), was, len(before))
    if len(lacking) < FEWEST or chance * outlets >= CHANCE:
        return None
    kinds = ", ".join(dict.fromkeys(str(kind) for row in lacking for kind in row.lacks))
    return Alarm(
        kind=AlarmKind.LAYOUT_BREAK,
        about=outlet,
        time=now,
        since=min(row.time for row in lacking),
        evidence={"lacking": len(lacking), "texts": len(items), "lacking_before": was, "texts_before": len(before), "chance": chance},
        message=f"{len(lacking)} of {len(items)} texts are not whole ({kinds}); before it was {was} of {len(before)}: "
        f"{', '.join(row.url for row in lacking[:_SHOWN])}{' …' if len(lacking) > _SHOWN else ''}",
        advice="the outlet may have a new layout: look at one of these pages with copytrail text --explain; the captures are kept, and a "
        "better extractor can read them again (copytrail reprocess)",
    )


def tail(lacking: int, texts: int, lacking_before: int, texts_before: int) -> float:
    """The chance that so many or more texts lack something, by the beta-binomial that the module describes."""
    alpha = _RATE * _WEIGHT + lacking_before
    beta = (1 - _RATE) * _WEIGHT + texts_before - lacking_before
    return min(1.0, sum(exp(_log_chance(count, texts, alpha, beta)) for count in range(lacking, texts + 1)))


def _log_chance(count: int, texts: int, alpha: float, beta: float) -> float:
    ways = lgamma(texts + 1) - lgamma(count + 1) - lgamma(texts - count + 1)
    return ways + _log_beta(alpha + count, beta + texts - count) - _log_beta(alpha, beta)


def _log_beta(one: float, other: float) -> float:
    return lgamma(one) + lgamma(other) - lgamma(one + other)
