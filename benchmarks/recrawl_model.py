"""Articles that are edited as the published ones are, and what a schedule of visits sees of them.

Contract: ages are hours since publication.  An article is found at ``FOUND`` and followed until ``END``.  27.4 % of the articles change,
2.6 times on average (a geometric number), at ages from a Lomax distribution with shape 1 and scale 2 h; that reproduces the ages that were
published (coverage.md §0.8, §0.9, §5).  Where there are signals, each edit is announced with the chance ``RECALL`` after ``LAG``, and each
article is announced for nothing ``FALSE_A_DAY`` times a day.
"""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log
from random import Random

SCALE = 2.0
FOUND = 1 / 6
END = 30 * 24.0
RECALL = 0.7
LAG = 1 / 6
FALSE_A_DAY = 0.05

Past = Sequence[tuple[float, bool]]  # the visits: age, and whether it found a new version
Policy = Callable[[Past, Sequence[float]], float | None]  # of the visits and the signals since the last: the age of the next visit


@dataclass(frozen=True, slots=True)
class Life:
    """One article: the ages of its edits after it was found, and of what announces them, rightly or not."""

    edits: tuple[float, ...]
    signals: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What a policy saw of many articles."""

    fetches: float  # an article, the one that found it included
    captured: float  # share of the versions made after that
    final: float  # share of the changed articles of which the last version was seen
    median: float  # hours from an edit to the next visit; one that never comes counts as coming at the end
    p90: float


def lives(seed: int, number: int, *, changed: float = 0.274, edits: float = 2.6, recall: float = RECALL) -> list[Life]:
    """So many articles; the same for the same seed."""
    random = Random(seed)  # noqa: S311 -- a simulation that must repeat itself
    return [_life(random, changed, edits, recall) for _ in range(number)]


def _life(random: Random, changed: float, edits: float, recall: float) -> Life:
    count = 1 + int(log(1 - random.random()) / log(1 - 1 / edits)) if random.random() < changed else 0
    ages = sorted(SCALE * share / (1 - share) for share in (random.random() for _ in range(count)))
    heard = [age + LAG for age in ages if random.random() < recall]
    age = random.expovariate(FALSE_A_DAY / 24)
    while age < END:
        heard.append(age)
        age += random.expovariate(FALSE_A_DAY / 24)
    return Life(tuple(age for age in ages if FOUND < age < END), tuple(sorted(age for age in heard if FOUND < age < END)))


def visits_of(policy: Policy, life: Life, *, listen: bool) -> list[float]:
    """The ages at which a policy visits an article."""
    past: list[tuple[float, bool]] = [(FOUND, False)]
    signals = list(life.signals) if listen else []
    while True:
        last = past[-1][0]
        coming = [age for age in signals if age > last]
        heard: list[float] = []
        due = policy(past, heard)
        while coming and (due is None or coming[0] < due):
            heard.append(coming.pop(0))
            due = policy(past, heard)
        if due is None or due > END + 1e-6:
            return [age for age, _ in past]
        past.append((due, any(last < edit <= due for edit in life.edits)))


def measure(policy: Policy, articles: Iterable[Life], *, listen: bool) -> Result:
    """What the policy sees of all of them."""
    articles = list(articles)
    fetches = seen = versions = final = changed = 0
    delays: list[float] = []
    for life in articles:
        ages = visits_of(policy, life, listen=listen)
        fetches += len(ages)
        versions += len(life.edits)
        after = [next((age for age in ages if age >= edit), None) for edit in life.edits]
        seen += len({age for age in after if age is not None})
        delays += [(END if age is None else age) - edit for age, edit in zip(after, life.edits, strict=True)]
        if life.edits:
            changed += 1
            final += after[-1] is not None
    tenths = statistics.quantiles(delays, n=10)
    return Result(fetches / len(articles), seen / versions, final / changed, statistics.median(delays), tenths[-1])
