"""When an article is due for its next visit.

Contract: pure; from the times of an article's captures and of its changes to the time of the next visit.  The hazard of an edit falls with
the article's age: the share of edits made by age t is t / (t + 2 h), which reproduces the published edit ages (coverage.md §0.9).  The next
visit comes when the expected number of unseen edits reaches a threshold, and no later than ``GAP`` times the age; after 30 days only
the visits at 90 and 365 days remain, which look for deletions (coverage.md §5).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

HALF = timedelta(hours=2)  # age by which half of all edits are made
PRIOR = 0.25  # weight of the prior in the gamma-Poisson update
MEAN_EDITS = 0.7  # edits an article: 27.39 % of articles change, 2.6 times on average (coverage.md §0.8, §0.9)
THRESHOLD = 0.10  # expected unseen edits that make a visit worth while
GAP = 4.0  # the next visit comes before this multiple of the age
SOONEST = timedelta(minutes=10)
WATCHED = timedelta(days=30)
LAST_VISITS = (timedelta(days=90), timedelta(days=365))


def share(age: timedelta) -> float:
    """The share of all edits that is made by this age."""
    return age / (age + HALF) if age > timedelta(0) else 0.0


def next_visit(born: datetime, visits: Sequence[datetime], changes: int) -> datetime | None:
    """When to come again after the last of ``visits``; None when the article is not watched any more.

    ``born`` is the time of publication, or of the first capture where that is not known; ``changes`` counts the edits seen.
    """
    if not visits:
        return born
    last = max(visits)
    age = max(last - born, timedelta(0))
    for stop in (WATCHED, *LAST_VISITS):
        if age < stop:
            wanted = _due_age(age, changes) if stop is WATCHED else stop
            return born + min(wanted, stop)
    return None


def _due_age(age: timedelta, changes: int) -> timedelta:
    expected = (PRIOR + changes) / (PRIOR / MEAN_EDITS + share(age))
    wanted = share(age) + THRESHOLD / expected
    due = HALF * (wanted / (1 - wanted)) if wanted < 1 else WATCHED
    return max(min(due, max(age * GAP, HALF / 2)), age + SOONEST)
