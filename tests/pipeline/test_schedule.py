"""The next visit: soon while an article is young, seldom when it is old, never at once and never beyond the last check."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.schedule import GAP, LAST_VISITS, SOONEST, WATCHED, next_visit

BORN = datetime(2026, 5, 13, tzinfo=UTC)
YEAR = timedelta(days=365)


@given(age=st.timedeltas(timedelta(0), WATCHED - timedelta(seconds=1)), changes=st.integers(0, 50))
def test_a_watched_article_is_visited_again_in_time(age: timedelta, changes: int) -> None:
    """While an article is watched the next visit lies ahead, no closer than the shortest gap and no later than the end of the watch."""
    due = next_visit(BORN, [BORN + age], changes)

    assert due is not None
    assert min(BORN + age + SOONEST, BORN + WATCHED) <= due <= BORN + WATCHED


@given(age=st.timedeltas(timedelta(hours=1), WATCHED / 8), changes=st.integers(0, 50))
def test_the_gap_grows_no_faster_than_the_age(age: timedelta, changes: int) -> None:
    """No article is left alone for longer than a multiple of its age."""
    due = next_visit(BORN, [BORN + age], changes)

    assert due is not None
    assert due - BORN <= max(age * GAP, age + SOONEST)


@given(age=st.timedeltas(timedelta(0), timedelta(days=7)), changes=st.integers(0, 20))
def test_an_article_that_changed_more_is_visited_sooner(age: timedelta, changes: int) -> None:
    """Each edit that was seen pulls the next visit forward, or leaves it where it is."""
    calm, busy = next_visit(BORN, [BORN + age], changes), next_visit(BORN, [BORN + age], changes + 1)

    assert calm is not None
    assert busy is not None
    assert busy <= calm


def test_the_last_visits_look_for_deletions() -> None:
    """After the watch come one visit at 90 days and one at 365, then none."""
    assert next_visit(BORN, [BORN + WATCHED], 0) == BORN + LAST_VISITS[0]
    assert next_visit(BORN, [BORN + LAST_VISITS[0]], 0) == BORN + LAST_VISITS[1]
    assert next_visit(BORN, [BORN + YEAR], 3) is None


def test_an_article_that_was_never_visited_is_due_from_its_birth() -> None:
    """Without a visit the article is due at once."""
    assert next_visit(BORN, [], 0) == BORN
