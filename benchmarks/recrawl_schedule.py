"""What a schedule of visits sees: copytrail's against others', on simulated articles.

``python -m benchmarks.recrawl_schedule`` prints, for each policy, the fetches an article in 30 days, the share of the versions made after
the finding that were captured, the share of changed articles of which the last version was, and the delay from an edit to the next visit:
the mean of five seeds of 4,000 articles, and the lowest and highest share captured.  The second table has every policy at 9 fetches an
article.  copytrail's rows call ``pipeline.schedule.next_visit`` itself.  Signals: recall 0.7, lag 10 minutes, 0.05 false ones a day; the
fetches of feeds and sitemaps, which stand for many articles, are not counted.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from benchmarks import recrawl_policies as others
from benchmarks.recrawl_model import END, FALSE_A_DAY, FOUND, LAG, RECALL, Life, Past, Policy, Result, lives, measure
from pipeline.hazard import DEAF, GENERAL, Channel, Prior
from pipeline.schedule import HOUR, LISTENING, PLAN, Finding, Plan, Signal, Visit, Watched, next_visit

HEAD = "| policy, {} | fetches | captured | lowest, highest | final version | median delay h | p90 delay h |\n" + "| --- " * 7 + "|"
BORN = datetime(2026, 1, 1, tzinfo=UTC)
HEARING = Channel(recall=RECALL, lag=LAG, false_a_day=FALSE_A_DAY)
THOROUGH = Plan(weight=0.08)
LISTENING_THOROUGH = Plan(weight=0.045)
BBC = Prior(editable=2 / 3, edits=3.0)  # half of the articles change, 4 times each


def copytrail(plan: Plan = PLAN, channel: Channel = DEAF, prior: Prior = GENERAL) -> Policy:
    """The schedule of the product."""

    def policy(past: Past, heard: Sequence[float]) -> float | None:
        visits = tuple(Visit(time=BORN + age * HOUR, finding=Finding.EDITED if new else Finding.SAME) for age, new in past)
        signals = tuple(Signal(seen=BORN + age * HOUR, source="its feed") for age in heard)
        article = Watched(first_seen=BORN + FOUND * HOUR, published=BORN, visits=visits, signals=signals, prior=prior, channel=channel)
        due = next_visit(article, visits[-1].time, plan).time
        if due is None:
            return None
        age = (due - BORN) / HOUR
        return END if past[-1][0] < END < age < END + 1 else age  # the watch begins with the finding, 10 minutes after publication

    return policy


def main() -> int:
    """Simulate, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recrawl_schedule")
    parser.add_argument("--articles", type=int, default=4000)
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    worlds = [lives(seed, asked.articles) for seed in range(1, asked.seeds + 1)]
    print(
        "| policy, as it is | fetches | captured | lowest, highest | final version | median delay h | p90 delay h |\n" + "| --- " * 7 + "|"
    )
    for name, policy, listen in as_published():
        print(row(name, [measure(policy, world, listen=listen) for world in worlds]), flush=True)
    print(
        "| policy, at 9 fetches | fetches | captured | lowest, highest | final version | median delay h | p90 delay h |\n"
        + "| --- " * 7
        + "|"
    )
    for name, policy in at_nine(worlds[0]):
        print(row(name, [measure(policy, world, listen=False) for world in worlds]), flush=True)
    busy = [lives(seed, asked.articles, changed=0.5, edits=4.0) for seed in range(1, asked.seeds + 1)]
    for name, prior in (("half change, 4 times: general prior", GENERAL), ("half change, 4 times: its own prior", BBC)):
        print(row(name, [measure(copytrail(prior=prior), world, listen=False) for world in busy]), flush=True)
    return 0


def as_published() -> Iterator[tuple[str, Policy, bool]]:
    """Every policy with its own settings; copytrail's with and without signals."""
    yield "once", others.at_ages([]), False
    yield "daily, 7 days", others.daily(7), False
    yield "geometric, 12", others.geometric(12), False
    yield "newsdiffs", others.newsdiffs(), False
    yield "diffengine .2", others.diffengine(0.2), False
    yield "Nutch, from 1 h", others.nutch(), False
    yield "StormCrawler", others.stormcrawler(), False
    yield "StormCrawler, from 1 h", others.stormcrawler(1.0), False
    yield "copytrail", copytrail(), False
    yield "copytrail, 14 fetches", copytrail(THOROUGH), False
    yield "copytrail, signals", copytrail(LISTENING, HEARING), True
    yield "copytrail, signals, 14 fetches", copytrail(LISTENING_THOROUGH, HEARING), True


def at_nine(world: Sequence[Life]) -> Iterator[tuple[str, Policy]]:
    """Every policy set so that it asks as often as copytrail's may: 9 fetches an article."""

    def fetches(policy: Policy) -> float:
        return measure(policy, world[:1000], listen=False).fetches

    fit = partial(others.fitted, fetches=fetches, wanted=9.0)
    yield "daily, 8 days", others.daily(8)
    yield "geometric, 9", others.geometric(9)
    yield "newsdiffs, waits stretched", fit(others.newsdiffs, 1.0, 1000.0)
    yield "diffengine, larger ratio", fit(others.diffengine, 0.2, 0.9)
    yield "Nutch, from later", fit(others.nutch, 1.0, 100.0)
    yield "StormCrawler, from later", fit(others.stormcrawler, 1.0, 100.0)
    yield "copytrail", copytrail()


def row(name: str, results: Sequence[Result]) -> str:
    """One line of a table: the means of the seeds."""
    captured = [result.captured for result in results]
    means = [statistics.mean(getattr(result, field) for result in results) for field in ("fetches", "captured", "final", "median", "p90")]
    fetches, share, final, median, p90 = means
    return f"| {name} | {fetches:.1f} | {share:.3f} | {min(captured):.3f}, {max(captured):.3f} | {final:.3f} | {median:.2f} | {p90:.1f} |"


if __name__ == "__main__":
    sys.exit(main())
