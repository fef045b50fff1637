"""Where things stand on the page's time axis: pure geometry, in per cent of the width.

Contract: ``timeline`` spans from the first publication or capture to the last capture, with some room on both sides; ticks fall on whole
days, hours or months (UTC), six of them at most.  A lane is one article: when it was published, captured, changed and gone, and from when
to when it was seen to be there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from archive.kinds import Change
from copytrail.storyview import ArticleView, StoryView

MARGIN = 3.0  # per cent of the width that stay empty at either end
MOST_TICKS = 6
THERE = frozenset({200, 304})  # statuses of answers that may show an article
AWAY = frozenset({Change.SUSPECTED, Change.WITHDRAWN})
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_STEPS = tuple(_HOUR * hours for hours in (1, 3, 6, 12)) + tuple(_DAY * days for days in (1, 2, 3, 7, 14, 28, 91, 182, 365, 1826))


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across all lanes."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened: ``kind`` is published, capture or a Change."""

    x: float
    kind: str
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One article on the axis; seen to be there from ``start`` to ``end``, before that only published."""

    article: ArticleView
    published: Mark | None
    start: float
    end: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The whole drawing."""

    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]


class _Axis:
    """Times to per cent of the width."""

    def __init__(self, first: datetime, last: datetime) -> None:
        self.first, self.last = first, max(last, first + _HOUR)

    def x(self, time: datetime) -> float:
        share = (time - self.first) / (self.last - self.first)
        return round(MARGIN + share * (100 - 2 * MARGIN), 2)


def timeline(view: StoryView) -> Timeline | None:
    """The drawing of a story; None while nothing was captured."""
    captured = [capture.time for capture in view.captures]
    if not captured:
        return None
    published = [article.published for article in view.articles if article.published is not None and article.published <= max(captured)]
    axis = _Axis(min(captured + published), max(captured))
    lanes = tuple(_lane(article, axis) for article in view.articles if article.captures)
    return Timeline(ticks=tuple(_ticks(axis)), lanes=lanes)


def _lane(article: ArticleView, axis: _Axis) -> Lane:
    changed = dict(article.changes)
    times = [capture.time for capture in article.captures]
    published = article.published if article.published is not None and article.published < times[0] else None
    present = [capture.time for capture in article.captures if capture.status in THERE and changed.get(capture.time) not in AWAY]
    return Lane(
        article=article,
        published=Mark(axis.x(published), "published", published) if published else None,
        start=axis.x(times[0]),
        end=axis.x(max(present, default=times[0])),
        marks=tuple(Mark(axis.x(time), str(changed.get(time, "capture")), time) for time in times),
    )


def _ticks(axis: _Axis) -> Iterator[Tick]:
    span = axis.last - axis.first
    step = next((step for step in _STEPS if span / step <= MOST_TICKS - 1), _STEPS[-1])
    zero = datetime(2000, 1, 1, tzinfo=UTC)
    number = -(-(axis.first - zero) // step)  # the first whole step that is not before the axis
    while (time := zero + number * step) <= axis.last:
        yield Tick(axis.x(time), _label(time, step))
        number += 1


def _label(time: datetime, step: timedelta) -> str:
    if step < _DAY:
        return f"{time:%H:%M}" if time.hour else f"{time.day} {time:%b}"
    return f"{time.day} {time:%b}" if step < 91 * _DAY else f"{time:%b %Y}"
