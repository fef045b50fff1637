"""How others come back: each as a policy of ``recrawl_model``, at its own setting or stretched.

Contract: read in the sources named in coverage.md §5.  ``factor`` stretches every wait, so that policies can be compared at equal fetches.
None makes a visit at 30 days that its source does not make.
"""

from collections.abc import Callable
from itertools import pairwise

from benchmarks.recrawl_model import END, FOUND, Past, Policy

_NEWSDIFFS = ((3.0, 0.25), (24.0, 1.0), (7 * 24.0, 3.0), (30 * 24.0, 72.0), (360 * 24.0, 720.0))  # since the last change; wait; hours


def at_ages(ages: list[float]) -> Policy:
    """Visits at fixed ages, whatever they find."""
    following = dict(pairwise([FOUND, *ages]))
    return lambda past, _signals: following.get(past[-1][0])


def daily(days: int) -> Policy:
    """Once a day after it was found."""
    return at_ages([FOUND + 24 * day for day in range(1, days + 1)])


def geometric(fetches: int) -> Policy:
    """Ages that grow by one factor from the finding to 30 days."""
    steps = fetches - 1
    first = 0.5  # hours: half an hour before the first return, as the reference's K ages
    return at_ages([FOUND + first * ((END - FOUND) / first) ** (step / (steps - 1)) for step in range(steps)])


def newsdiffs(factor: float = 1.0) -> Policy:
    """NewsDiffs ``get_update_delay``: steps by the time since the last change."""

    def policy(past: Past, _signals: object) -> float | None:
        last = past[-1][0]
        quiet = last - max((age for age, changed in past if changed), default=0.0)
        wait = next((wait for limit, wait in _NEWSDIFFS if quiet < limit), None)
        return None if wait is None else last + factor * wait

    return policy


def diffengine(ratio: float) -> Policy:
    """``Entry.stale`` of diffengine without its wrap at 24 h: again when the time since the last check is ``ratio`` of the age."""
    return lambda past, _signals: past[-1][0] / (1 - ratio)


def adaptive(start: float, grow: float, shrink: float, shortest: float, longest: float) -> Policy:
    """Nutch's and StormCrawler's: an interval that grows when nothing has changed and shrinks when something has; hours."""

    def policy(past: Past, _signals: object) -> float | None:
        wait = start
        for _, changed in past[1:]:
            wait = min(max(wait * (1 - shrink if changed else 1 + grow), shortest), longest)
        return past[-1][0] + wait

    return policy


def nutch(factor: float = 1.0) -> Policy:
    """AdaptiveFetchSchedule with its .2 and .2, from one hour."""
    return adaptive(factor, 0.2, 0.2, 1 / 60, 365 * 24.0)


def stormcrawler(start: float = 24.0) -> Policy:
    """AdaptiveScheduler with its .5 and .5, 60 minutes to 14 days."""
    return adaptive(start, 0.5, 0.5, 1.0, 14 * 24.0)


def fitted(make: Callable[[float], Policy], low: float, high: float, fetches: Callable[[Policy], float], wanted: float) -> Policy:
    """The policy, among those that ask less the larger their setting, that comes closest to the fetches wanted from below."""
    for _ in range(12):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if fetches(make(middle)) > wanted else (low, middle)
    return make(high)
