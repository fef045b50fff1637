"""The account of a run: nothing vanishes, and each outlet's losses have their reason."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from archive.kinds import Found, Verdict
from archive.records import Lead, Outcome
from pipeline.losses import balance, by_outlet

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
URLS = st.lists(st.sampled_from([f"https://paper.example/{number}" for number in range(6)]))


def outcome(url: str, verdict: Verdict, reason: str = "so", found: Found = Found.LINK) -> Outcome:
    return Outcome(run="r", url=url, verdict=verdict, reason=reason, time=NOON, lead=Lead(url=url, found=found))


@given(URLS, URLS)
def test_discovered_is_the_sum_of_the_outcomes_or_it_is_said(known: list[str], ended: list[str]) -> None:
    """There is no problem exactly where each known URL has one outcome and no other URL has any."""
    assert (balance(known, ended).problem is None) == (sorted(set(known)) == sorted(ended))


def test_what_is_missing_is_named() -> None:
    """The message has the numbers and the first few addresses."""
    problem = balance(["a", "b", "c", "d", "e"], ["a", "a", "x"]).problem

    assert problem == (
        "5 URLs discovered, 3 outcomes: 4 without an outcome (b, c, d …); 1 with two outcomes (a); 1 with an outcome but not known (x)"
    )


def test_each_outlet_has_its_account() -> None:
    """Counted by registered domain, the losses first, with the commonest reason; robots.txt and pictures are nobody's articles."""
    accounts = by_outlet(
        [
            outcome("https://www.paper.example/1", Verdict.KEPT),
            outcome("https://amp.paper.example/1", Verdict.REFUSED_SCOPE, "a sold slot"),
            outcome("https://daily.example/1", Verdict.BLOCKED, "forbidden (403)"),
            outcome("https://daily.example/2", Verdict.BLOCKED, "forbidden (403)"),
            outcome("https://daily.example/3", Verdict.FAILED, "cut"),
            outcome("https://daily.example/4", Verdict.EDITED),
            outcome("https://daily.example/p.png", Verdict.FAILED, found=Found.REQUISITE),
        ]
    )

    assert [(item.outlet, item.found, item.lost, item.why) for item in accounts] == [
        ("daily.example", 4, 3, "blocked: forbidden (403)"),
        ("paper.example", 2, 0, "refused_scope: a sold slot"),
    ]
    assert accounts[0].row == {
        "outlet": "daily.example",
        "found": 4,
        **dict.fromkeys((verdict.value for verdict in Verdict), 0),
        "blocked": 2,
        "failed": 1,
        "edited": 1,
        "lost": 3,
        "why": "blocked: forbidden (403)",
    }


def test_an_outlet_that_lost_nothing_needs_no_reason() -> None:
    """What was kept is no news."""
    assert [item.why for item in by_outlet([outcome("https://paper.example/1", Verdict.KEPT)])] == [""]
