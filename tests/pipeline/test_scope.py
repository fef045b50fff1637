"""The limits of a run: each one cuts, says its name, and lets through what lies within it."""

from datetime import UTC, datetime

import pytest

from archive.kinds import Found, Verdict
from archive.records import Lead, Outcome
from pipeline.scope import REQUISITES_A_PAGE, Scope, Spent, barren, refusal

SCOPE = Scope(max_hops=1, max_hosts=2, max_pages=10, max_host_pages=8, max_bytes=1000, max_seconds=60)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
LEAD = Lead(url="http://paper.example/a", found=Found.GIVEN, hop=1)


@pytest.mark.parametrize(
    ("hop", "spent", "verdict", "name"),
    [
        (2, Spent(), Verdict.REFUSED_SCOPE, "max_hops"),
        (0, Spent(hosts={"a.example": 1, "b.example": 1}), Verdict.REFUSED_SCOPE, "max_hosts"),
        (0, Spent(hosts={"paper.example": 8}), Verdict.OVER_BUDGET, "max_host_pages"),
        (0, Spent(pages=10), Verdict.OVER_BUDGET, "max_pages"),
        (0, Spent(bytes=1000), Verdict.OVER_BUDGET, "max_bytes"),
        (0, Spent(seconds=60.0), Verdict.OVER_BUDGET, "max_seconds"),
    ],
)
def test_each_limit_cuts_and_names_itself(hop: int, spent: Spent, verdict: Verdict, name: str) -> None:
    """A refusal says which limit it was, with the figure reached and the figure allowed."""
    lead = Lead(url="http://paper.example/a", found=Found.GIVEN, hop=hop)

    refused = refusal(lead, "paper.example", SCOPE, spent)

    assert refused is not None
    assert refused[0] is verdict
    assert name in refused[1]


def test_within_the_limits_a_lead_is_fetched() -> None:
    """One below each limit is allowed, and so is another page of a host that counts already."""
    spent = Spent(hosts={"paper.example": 7, "b.example": 2}, pages=9, bytes=999, seconds=59.0)

    assert refusal(LEAD, "paper.example", SCOPE, spent) is None


def test_what_nobody_follows_is_refused_with_its_own_reason() -> None:
    """A sold slot costs no budget, however much of it is left."""
    lead = Lead(url="http://paper.example/sponsored/a", found=Found.FEED, refused="a sold slot: rel=sponsored")

    assert refusal(lead, "paper.example", SCOPE, Spent()) == (Verdict.REFUSED_SCOPE, "a sold slot: rel=sponsored")


def test_pages_in_a_row_without_a_new_member_are_counted() -> None:
    """A new member starts anew; what a person named, lists, and what was not answered do not count."""

    def ended(number: int, found: Found = Found.LINK, status: int | None = 200) -> Outcome:
        url = f"http://paper.example/{number}"
        lead = Lead(url=url, found=found)
        return Outcome(run="r", url=url, verdict=Verdict.KEPT, reason="captured", time=NOW, lead=lead, status=status)

    fruitless = [
        ended(1),
        ended(2, Found.FEED),
        ended(3, Found.GIVEN),
        ended(4, Found.FEED_LINK),
        ended(5, status=None),
        ended(6, status=404),
    ]

    assert barren(fruitless, set(), 2) == 5
    assert barren([*fruitless, ended(7), ended(8)], {"http://paper.example/7"}, 2) == 1


def test_requisites_have_a_share_of_their_own() -> None:
    """Their hosts and their number take nothing from the pages, and the pages' nothing from them; bytes and seconds are for both."""
    picture = Lead(url="http://cdn.example/a.png", found=Found.REQUISITE, hop=5)
    full = Spent(hosts={"a.example": 1, "b.example": 1}, pages=10, requisites=10 * REQUISITES_A_PAGE - 1)
    used_up = Spent(requisites=10 * REQUISITES_A_PAGE)

    assert refusal(picture, "cdn.example", SCOPE, full) is None
    assert refusal(picture, "cdn.example", SCOPE, used_up) == (
        Verdict.OVER_BUDGET,
        "this run has used 1000 requisites; the limit is 1000 (100 for each of max_pages)",
    )
    assert refusal(LEAD, "paper.example", SCOPE, used_up) is None
    for spent in (Spent(bytes=1000), Spent(seconds=60.0)):
        assert (refusal(picture, "cdn.example", SCOPE, spent) or [None])[0] is Verdict.OVER_BUDGET
