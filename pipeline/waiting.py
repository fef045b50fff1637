"""What waits in a story's frontier, and when it is asked for again, by how earlier runs ended it.

Contract: pure.  A URL that was asked for and gave no article, because of a wall, an error or a page without a word in it, is no member of
the story and may become one: it is asked for again on the schedule of visits without an answer (``pipeline.schedule``), and read as if it
had come for the first time.  What a run refused or left alone was not asked for, and says nothing of the page.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from archive.kinds import PageKind, Verdict
from archive.records import Document, Outcome
from pipeline.schedule import Due, Finding, Visit, Watched, next_visit

_LEFT = frozenset({Verdict.OVER_BUDGET, Verdict.DUPLICATE})


class Wait(StrEnum):
    """Why a URL of the frontier has not been settled."""

    NEW = "new"  # no run has come to it
    LEFT = "left"  # a run left it to the next: a limit, another worker, a site that wanted to be left alone
    TRIED = "tried"  # it was asked for, and no article came
    REFUSED = "refused"  # outside the run's scope; another run's may be wider


def wait_of(tries: Sequence[Outcome]) -> Wait:
    """Why a URL waits, by how runs ended it, oldest first."""
    if not tries:
        return Wait.NEW
    if tries[-1].verdict is Verdict.REFUSED_SCOPE:
        return Wait.REFUSED
    return Wait.TRIED if is_visit(tries[-1]) else Wait.LEFT


def is_visit(outcome: Outcome) -> bool:
    """Whether the URL was asked for; where robots.txt could not be had, its site was."""
    if outcome.verdict is Verdict.THROTTLED:
        return outcome.status is not None
    return outcome.verdict not in _LEFT and outcome.verdict is not Verdict.REFUSED_SCOPE


def next_try(tries: Sequence[Outcome], now: datetime) -> Due:
    """When a URL that was tried is asked for again, and why; the pause doubles with each visit."""
    visits = tuple(Visit(time=item.time, finding=Finding.NOTHING) for item in tries if is_visit(item))
    due = next_visit(Watched(first_seen=visits[0].time, visits=visits), now)
    return due if due.time is None else Due(time=due.time, why=f"{due.why} (the last time: {tries[-1].reason})", worth=due.worth)


def is_wordless(document: Document) -> bool:
    """Whether a page has no text that would say whether it belongs: it may have some later, or be filled by a script."""
    return document.quality.kind is PageKind.EMPTY
