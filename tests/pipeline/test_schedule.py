"""The next visit: soon while an article is young or restless, seldom when it is old, never at once and never beyond the last check."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.hazard import DEAF, GENERAL, SCALE, Channel, Prior, Seen, believe, learned, pressure
from pipeline.schedule import (
    HOUR,
    PLAN,
    SOONEST,
    STOPS,
    USUAL,
    WATCHED,
    Due,
    Finding,
    Plan,
    Signal,
    Visit,
    Watched,
    next_visit,
    publication,
    wanted,
)

BORN = datetime(2026, 5, 13, tzinfo=UTC)
DAY = 24 * HOUR
FINDINGS = st.sampled_from(Finding)
AGES = st.timedeltas(timedelta(0), WATCHED - timedelta(seconds=1))


def visited(
    *findings: tuple[timedelta, Finding],
    first: timedelta = timedelta(0),
    signals: tuple[Signal, ...] = (),
    prior: Prior = GENERAL,
    channel: Channel = DEAF,
) -> Watched:
    """An article published at BORN and first seen ``first`` later, with these visits."""
    visits = tuple(Visit(time=BORN + age, finding=finding) for age, finding in findings)
    return Watched(first_seen=BORN + first, published=BORN, visits=visits, signals=signals, prior=prior, channel=channel)


@st.composite
def histories(draw: st.DrawFn) -> Watched:
    """An article with any visits and signals, of any outlet."""
    ages = sorted(draw(st.lists(st.timedeltas(timedelta(0), timedelta(days=400)), min_size=1, max_size=12, unique=True)))
    visits = tuple(Visit(time=BORN + age, finding=draw(FINDINGS)) for age in ages)
    heard = draw(st.lists(st.timedeltas(timedelta(0), timedelta(days=400)), max_size=4))
    prior = Prior(editable=draw(st.floats(0.01, 1)), edits=draw(st.floats(0.1, 20)))
    channel = draw(st.sampled_from([DEAF, USUAL]))
    published = draw(st.sampled_from([None, BORN - timedelta(days=900), BORN - HOUR, BORN + DAY]))
    signals = tuple(Signal(seen=BORN + age, source="its feed") for age in heard)
    return Watched(first_seen=BORN + ages[0], published=published, visits=visits, signals=signals, prior=prior, channel=channel)


@given(article=histories())
def test_a_visit_comes_after_the_one_before_it(article: Watched) -> None:
    """Whatever was found and heard, the next visit lies behind the last by the shortest pause, or at one of the last looks."""
    due = next_visit(article, BORN)
    last = max(visit.time for visit in article.visits)

    assert due.time is None or due.time > last
    looks = {article.first_seen + stop for stop in STOPS}
    assert due.time is None or due.time - last >= SOONEST or due.time in looks


@given(article=histories())
def test_no_last_look_is_passed_over(article: Watched) -> None:
    """The next visit comes no later than the next of the looks at 30, 90 and 365 days, and there is none after the last of them."""
    due = next_visit(article, BORN)
    last = max(visit.time for visit in article.visits)
    ahead = [article.first_seen + stop for stop in STOPS if article.first_seen + stop > last]

    assert (due.time is None) == (not ahead)
    assert due.time is None or due.time <= ahead[0]


@given(age=AGES, edits=st.integers(0, 12), gap=st.floats(2, 20))
def test_the_gap_grows_no_faster_than_the_age(age: timedelta, edits: int, gap: float) -> None:
    """An article is not left alone for longer than a multiple of its age; below one hour the hour counts."""
    steps = [(age * step / 13, Finding.EDITED if step <= edits else Finding.SAME) for step in range(14)]
    due = next_visit(visited(*steps), BORN, Plan(gap=gap))

    assert due.time is not None
    assert due.time - BORN <= max(age * gap, age + SOONEST, HOUR) + timedelta(seconds=2)


@given(age=st.timedeltas(HOUR / 6, timedelta(days=20)), edits=st.integers(0, 10))
def test_an_article_that_changed_more_is_visited_sooner(age: timedelta, edits: int) -> None:
    """Each edit that was seen pulls the next visit forward, or leaves it where it is."""

    def due(found: int) -> datetime:
        steps = [(age * step / 11, Finding.EDITED if step <= found and step else Finding.SAME) for step in range(12)]
        time = next_visit(visited(*steps), BORN).time
        assert time is not None
        return time

    assert due(edits + 1) <= due(edits) + timedelta(seconds=2)


@given(article=histories(), after=st.timedeltas(timedelta(0), timedelta(days=100)))
def test_a_signal_never_puts_a_visit_off(article: Watched, after: timedelta) -> None:
    """One more announcement leaves the next visit where it is or pulls it forward, and one after it changes nothing."""
    more = Signal(seen=BORN + after, source="its sitemap")
    told = Watched(
        first_seen=article.first_seen,
        published=article.published,
        visits=article.visits,
        signals=(*article.signals, more),
        prior=article.prior,
        channel=article.channel,
    )
    before, now = next_visit(article, BORN).time, next_visit(told, BORN).time

    assert (before is None) == (now is None)
    assert before is None or now is None or now <= before
    assert before is None or more.seen < before or now == before


@given(article=histories())
def test_the_watch_ends(article: Watched) -> None:
    """Followed to the letter, with nothing more found, the visits of any article come to an end after a year."""
    due = next_visit(article, BORN)
    for _ in range(400):
        if due.time is None:
            break
        visits = (*article.visits, Visit(time=due.time))
        article = Watched(first_seen=article.first_seen, published=article.published, visits=visits, prior=article.prior)
        due = next_visit(article, BORN)

    assert due.time is None
    assert max(visit.time for visit in article.visits) >= article.first_seen + STOPS[-1]


@given(article=histories(), seed=st.randoms())
def test_the_order_in_which_visits_are_told_does_not_matter(article: Watched, seed: Random) -> None:
    """The answer is a function of what happened alone."""
    visits, signals = list(article.visits), list(article.signals)
    seed.shuffle(visits)
    seed.shuffle(signals)
    turned = Watched(
        first_seen=article.first_seen,
        published=article.published,
        visits=tuple(visits),
        signals=tuple(signals),
        prior=article.prior,
        channel=article.channel,
    )

    assert next_visit(turned, BORN + DAY) == next_visit(article, BORN + DAY)


@pytest.mark.parametrize(
    ("article", "after", "why"),
    [
        (visited((HOUR / 6, Finding.SAME), first=HOUR / 6), HOUR / 2, "no edit seen in its first 10 min: due after"),
        (
            visited((HOUR, Finding.SAME), (2 * HOUR, Finding.EDITED), (DAY, Finding.EDITED), first=HOUR),
            12 * DAY,
            "edited twice in its first 24 h: due after",
        ),
        (
            visited((HOUR, Finding.SAME), (2 * HOUR, Finding.GONE)),
            HOUR,
            "not at its address any more: asked once more 60 min after that was seen",
        ),
        (
            visited((HOUR, Finding.SAME), (2 * HOUR, Finding.GONE), (9 * HOUR / 4, Finding.GONE)),
            3 * HOUR / 4,
            "not at its address any more: asked once more 60 min after that was seen",
        ),
        (visited((HOUR, Finding.SAME), (2 * HOUR, Finding.GONE), (3 * HOUR, Finding.GONE)), 30 * DAY, "gone, twice: a last look"),
        (visited((timedelta(0), Finding.SAME), (20 * DAY, Finding.SAME)), 10 * DAY, "a last look for a deletion, 30 days after"),
        (visited((timedelta(0), Finding.SAME), (30 * DAY, Finding.SAME)), 60 * DAY, "a last look for a deletion, 90 days after"),
        (visited((timedelta(0), Finding.SAME), (90 * DAY, Finding.SAME)), 275 * DAY, "a last look for a deletion, 365 days after"),
        (visited((timedelta(0), Finding.NOTHING), (DAY, Finding.NOTHING)), HOUR, "never seen; no answer twice: asked again after 40 min"),
    ],
)
def test_the_answer_says_why(article: Watched, after: timedelta, why: str) -> None:
    """The reason stands beside the time, in words; no visit waits longer than the case allows."""
    due = next_visit(article, BORN)
    last = max(visit.time for visit in article.visits)

    assert due.time is not None
    assert due.time - last <= after
    assert due.why.startswith(why)


def test_an_article_that_was_never_visited_is_due_from_its_birth() -> None:
    """Without a visit the article is due at once; after the last look it is not watched any more."""
    assert next_visit(Watched(first_seen=BORN), BORN) == Due(time=BORN, why="never visited", worth=1.0)
    assert next_visit(visited((365 * DAY, Finding.SAME)), BORN).time is None


def test_a_likely_signal_is_followed_at_once_and_a_late_one_in_time() -> None:
    """Hours after publication an announcement is believed; weeks after it is followed before the age has doubled."""
    young = visited((HOUR, Finding.SAME), signals=(Signal(seen=BORN + 1.5 * HOUR, source="its feed"),))
    old = visited((5 * DAY, Finding.SAME), signals=(Signal(seen=BORN + 6 * DAY, source="its feed"),))

    assert next_visit(young, BORN).time == BORN + 1.5 * HOUR
    assert next_visit(young, BORN).why == "its feed announced a change at 2026-05-13 01:30: due at once"
    assert next_visit(old, BORN).time == BORN + 12 * DAY


def test_a_signal_of_what_was_seen_already_is_none() -> None:
    """A change that was made before the last visit was seen by it, however late the word of it comes."""
    quiet = visited((HOUR, Finding.SAME))
    told = visited((HOUR, Finding.SAME), signals=(Signal(seen=BORN + 2 * HOUR, source="its feed", modified=BORN + HOUR / 2),))

    assert next_visit(told, BORN + 3 * HOUR) == next_visit(quiet, BORN + 3 * HOUR)


def test_silence_of_a_trusted_feed_saves_visits() -> None:
    """Where edits are announced, nothing announced means that less waits unseen."""
    quiet, trusted = visited((HOUR, Finding.EDITED)), visited((HOUR, Finding.EDITED), channel=USUAL)
    first, second = next_visit(quiet, BORN).time, next_visit(trusted, BORN).time

    assert first is not None
    assert second is not None
    assert second > first


def test_a_restless_outlet_is_visited_sooner() -> None:
    """An outlet whose articles change more often than most has a prior of its own, and shorter waits."""
    restless = learned(watched=200, changed=120, edits=500)
    general, own = (next_visit(visited((HOUR, Finding.SAME), prior=prior), BORN).time for prior in (GENERAL, restless))

    assert general is not None
    assert own is not None
    assert own < general
    assert learned(watched=0, changed=0, edits=0).edits == pytest.approx(GENERAL.edits)
    assert learned(watched=0, changed=0, edits=0).editable == pytest.approx(GENERAL.editable)


@pytest.mark.parametrize("wrong", [(1, 2, 2), (3, 2, 1), (1, -1, 0)])
def test_figures_that_cannot_be_are_refused(wrong: tuple[int, int, int]) -> None:
    """More changed articles than articles, or fewer edits than changed articles, are an error."""
    with pytest.raises(ValueError, match="cannot be"):
        learned(*wrong)


def test_a_share_is_a_share() -> None:
    """A prior outside its bounds is an error."""
    with pytest.raises(ValueError, match="no prior"):
        Prior(editable=1.5, edits=1)


@given(found=st.integers(0, 20), first=st.floats(0, 0.5), second=st.floats(0.5, 1))
def test_what_is_believed_falls_with_each_quiet_hour(found: int, first: float, second: float) -> None:
    """The longer nothing more is found, the fewer edits are expected."""
    assert believe(GENERAL, found, second).edits <= believe(GENERAL, found, first).edits


@given(age=st.floats(0, 700), wait=st.floats(0, 300), more=st.floats(0, 300), found=st.integers(0, 9))
def test_what_waits_unseen_grows(age: float, wait: float, more: float, found: int) -> None:
    """Where nothing is announced, waiting longer never makes less wait unseen."""
    seen = Seen(found=found, exposure=0.3, age=age)

    assert pressure(GENERAL, DEAF, seen, age + wait) <= pressure(GENERAL, DEAF, seen, age + wait + more) + 1e-9


@given(age=st.floats(0, 100), recall=st.floats(0, 0.95), found=st.integers(0, 9))
def test_nothing_waits_unseen_longer_than_it_is_worth(age: float, recall: float, found: int) -> None:
    """Between two visits there is no age at which clearly more waits unseen than a fetch is worth, but in the shortest pause."""
    steps = [(age * HOUR * step / 10, Finding.EDITED if 0 < step <= found else Finding.SAME) for step in range(11)]
    channel = Channel(recall=recall, lag=1 / 6)
    due = next_visit(visited(*steps, channel=channel), BORN).time
    assert due is not None
    soonest, end = age + SOONEST / HOUR, (due - BORN) / HOUR
    seen = Seen(found=found, exposure=age / (age + SCALE), age=age)

    between = [soonest + (end - soonest) * step / 40 for step in range(40)] if end > soonest + 0.01 else []
    assert all(pressure(GENERAL, channel, seen, point) < PLAN.weight * 1.05 for point in between)


@given(articles=st.lists(st.tuples(st.floats(0, 1), st.integers(-5, 5)), max_size=30))
def test_the_worthiest_visit_comes_first(articles: list[tuple[float, int]]) -> None:
    """Nothing early is visited, nothing due is lost, and none stands before a worthier one."""
    every = [(f"a/{number}", Due(time=BORN + days * DAY, why="", worth=worth)) for number, (worth, days) in enumerate(articles)]
    chosen = wanted([*every, ("ended", Due(time=None, why=""))], BORN)

    assert {url for url, _ in chosen} == {url for url, due in every if due.time is not None and due.time <= BORN}
    assert [due.worth for _, due in chosen] == sorted((due.worth for _, due in chosen), reverse=True)


def test_a_change_before_the_first_visit_brings_the_next_one_forward() -> None:
    """What a page says of its own past counts like an edit that was seen; a change within the first hour may be the publishing itself."""
    article = visited((10 * HOUR, Finding.SAME), first=10 * HOUR)
    due = {span: next_visit(replace(article, modified=BORN + span), BORN).time for span in (HOUR / 2, 5 * HOUR, 11 * HOUR)}

    assert due[HOUR / 2] == due[11 * HOUR] == next_visit(article, BORN).time
    assert str(due[5 * HOUR]) < str(due[HOUR / 2])


def test_a_visit_that_waits_gains() -> None:
    """What is left over run after run moves to the front: nothing starves."""
    article = visited((timedelta(0), Finding.SAME), (30 * DAY, Finding.SAME))

    assert next_visit(article, BORN + 600 * DAY).worth > next_visit(article, BORN + 95 * DAY).worth
    assert next_visit(article, BORN + 2000 * DAY).worth > 1 > PLAN.weight


@pytest.mark.parametrize(
    ("stated", "time"),
    [
        (None, None),
        ("yesterday", None),
        ("2026-05-13T02:00:00+02:00", BORN),
        ("2026-05-12", BORN),
        ("2026-05-12T22:00:00", BORN),
    ],
)
def test_a_date_alone_counts_from_its_end(stated: str | None, time: datetime | None) -> None:
    """A page's time of publication is taken where it is exact; a date, or a time of no zone, means the end of that day, never too early."""
    assert publication(stated) == time
