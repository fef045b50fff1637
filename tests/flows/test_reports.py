"""How a run ends, decided from what it kept and lost."""

from datetime import UTC, datetime

import pytest

from archive.kinds import Found, Verdict
from archive.manifest import Finding
from archive.records import Lead, Outcome
from flows.reports import Audited, Crawled, Ending, Recrawled, Report, Tabled

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
URL = "http://paper.example/"


def crawled(*verdicts: Verdict, story: str = "bridge", trouble: str | None = None) -> Crawled:
    outcomes = tuple(
        Outcome(run="r", url=f"{URL}{n}", verdict=verdict, reason="so", time=NOON, lead=Lead(url=f"{URL}{n}", found=Found.LINK))
        for n, verdict in enumerate(verdicts)
    )
    return Crawled(story=story, outcomes=outcomes, trouble=trouble)


V = Verdict
KEPT = crawled(V.KEPT)
NOTHING = crawled()
CASES: list[tuple[str, Report, Ending]] = [
    ("all kept", crawled(V.KEPT, V.EDITED, V.UNCHANGED, V.GONE, V.DUPLICATE), Ending.COMPLETED),
    ("nothing to do", NOTHING, Ending.COMPLETED),
    ("a rule refused", crawled(V.KEPT, V.REFUSED_ROBOTS, V.REFUSED_SCOPE), Ending.COMPLETED),
    ("some wait for the next run", crawled(V.KEPT, V.OVER_BUDGET), Ending.COMPLETED),
    ("a host was down", crawled(V.KEPT, V.UNREACHABLE), Ending.DEGRADED),
    ("a wall", crawled(V.KEPT, V.BLOCKED), Ending.DEGRADED),
    ("for legal reasons", crawled(V.KEPT, V.LEGAL_BLOCK), Ending.DEGRADED),
    ("too often", crawled(V.KEPT, V.THROTTLED), Ending.DEGRADED),
    ("cut short", crawled(V.KEPT, V.FAILED), Ending.DEGRADED),
    ("kept, then killed", crawled(V.KEPT, trouble="stopped"), Ending.DEGRADED),
    ("all lost", crawled(V.UNREACHABLE, V.FAILED), Ending.FAILED),
    ("all refused", crawled(V.REFUSED_ROBOTS), Ending.FAILED),
    ("did not start", crawled(trouble="no contact"), Ending.FAILED),
    ("no story due", Recrawled(crawls=()), Ending.COMPLETED),
    ("every story well", Recrawled(crawls=(KEPT, NOTHING)), Ending.COMPLETED),
    ("one story failed", Recrawled(crawls=(KEPT, crawled(V.FAILED))), Ending.DEGRADED),
    ("one story degraded", Recrawled(crawls=(crawled(V.KEPT, V.FAILED),)), Ending.DEGRADED),
    ("every story failed", Recrawled(crawls=(crawled(V.FAILED), crawled(trouble="no"))), Ending.FAILED),
    ("published", Tabled(added={"captures": 3}, problems={}), Ending.COMPLETED),
    ("nothing new", Tabled(added={}, problems={}), Ending.COMPLETED),
    ("published in part", Tabled(added={"captures": 3}, problems={"warc/x": "no index"}), Ending.DEGRADED),
    ("nothing published", Tabled(added={}, problems={"warc/x": "no index"}), Ending.FAILED),
    ("sound", Audited(objects=2, findings=()), Ending.COMPLETED),
    ("damage", Audited(objects=2, findings=(Finding(key="warc/x", problem="missing"),)), Ending.FAILED),
]


@pytest.mark.parametrize(("report", "ending"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_run_ends_as_its_outcomes_say(report: Report, ending: Ending) -> None:
    """Losses degrade, nothing kept or damage fails; what a rule refuses or a budget puts off is no loss."""
    assert report.ending is ending


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_its_ending(verdict: Verdict) -> None:
    """No verdict is left out: alone it completes or fails, beside a page that was kept it completes or degrades."""
    assert crawled(verdict).ending in {Ending.COMPLETED, Ending.FAILED}
    assert crawled(Verdict.KEPT, verdict).ending in {Ending.COMPLETED, Ending.DEGRADED}


def test_a_crawl_says_what_went_wrong_first() -> None:
    """In the table losses come before refusals, refusals before what was kept; each URL has its reason."""
    report = crawled(V.KEPT, V.REFUSED_ROBOTS, V.KEPT, V.UNREACHABLE)

    assert [(row["verdict"], row["url"]) for row in report.rows] == [
        ("unreachable", f"{URL}3"),
        ("refused_robots", f"{URL}1"),
        ("kept", f"{URL}0"),
        ("kept", f"{URL}2"),
    ]
    assert report.rows[0] == {"story": "bridge", "verdict": "unreachable", "url": f"{URL}3", "reason": "so"}
    assert report.summary == "bridge: 2 kept, 1 refused_robots, 1 unreachable"


def test_a_summary_is_one_line() -> None:
    """Whatever was done can be read in a list of runs."""
    assert crawled(trouble="stopped").summary == "bridge: nothing to fetch; stopped"
    assert Recrawled(crawls=(KEPT, crawled(V.GONE, story="ferry"))).summary == "bridge: 1 kept | ferry: 1 gone"
    assert Recrawled(crawls=()).summary == "nothing was due"
    assert Tabled(added={"outcomes": 2, "captures": 1}, problems={}).summary == "published: 1 captures, 2 outcomes"
    assert Tabled(added={}, problems={"x": "y"}).summary == "published: nothing new; 1 left out"
    assert Audited(objects=7, findings=()).summary == "7 objects read, 0 not as the manifests say"
