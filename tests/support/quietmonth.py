"""A month of an invented newsroom's outcomes on a simulated clock, with the noise of ordinary days and, where wanted, an outage.

Contract: ``Month(seed=…)`` makes the outcomes of its cycles one after another; ``outage`` is asked for each answer and may replace it.
Feeds speak by day and hardly by night, less at week-ends, and some days twice as much.  Two answers of a hundred are walls, three fail, one
host restarts for half an hour every few days, one outlet's clock is wrong, one article of each outlet is behind a wall for ever.
"""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from archive.kinds import Found, Verdict
from archive.records import Lead, Outcome

BEGIN = datetime(2026, 9, 1, tzinfo=UTC)
CYCLE = timedelta(hours=1)
RATES = {
    "herald.example": 120.0,
    "courier.example": 60.0,
    "dispatch.example": 40.0,
    "gazette.example": 200.0,
    "weekly.example": 1.0,
}  # a day
ARTICLES = 12  # of an outlet that are watched; the youngest are visited most

Outage = Callable[[Outcome], Outcome]


def feed(outlet: str) -> str:
    """The address of an outlet's feed."""
    return f"https://www.{outlet}/feed"


@dataclass(slots=True, kw_only=True)
class Month:
    """A history that grows."""

    seed: int
    outcomes: list[Outcome] = field(default_factory=list)
    now: datetime = BEGIN
    _down: dict[str, datetime] = field(default_factory=dict)

    def copy(self) -> Self:
        """The same history, that goes on by itself."""
        return replace(self, outcomes=list(self.outcomes), _down=dict(self._down))

    def cycles(self, until: datetime, outage: Outage = lambda item: item) -> Iterator[datetime]:
        """Live through the cycles until then; the time after each of them."""
        while self.now < until:
            chance = random.Random(f"{self.seed} {self.now}")
            run = f"{self.now:%Y%m%dT%H%M}"
            for number, (outlet, rate) in enumerate(RATES.items()):
                time = self.now + timedelta(minutes=number)
                self.outcomes += [outage(item) for item in self._outlet(chance, run, outlet, rate, time)]
            self.now += CYCLE
            yield self.now

    def _outlet(self, chance: random.Random, run: str, outlet: str, rate: float, time: datetime) -> Iterator[Outcome]:
        if chance.random() < 0.01:
            self._down[outlet] = time + timedelta(minutes=30)
        fresh = _poisson(chance, rate * _rhythm(time) * (2 if random.Random(f"{self.seed} {time:%j} {outlet}").random() < 0.1 else 1))
        yield self._answer(chance, run, outlet, feed(outlet), Found.FEED_LINK, time, entries=30, fresh=fresh)
        for number in range(ARTICLES):
            if chance.random() < 2 / (number + 1):
                verdict = Verdict.BLOCKED if number == ARTICLES - 1 else Verdict.UNCHANGED
                url = f"https://www.{outlet}/{number}-{(time - BEGIN).days // (number + 1)}"
                yield self._answer(chance, run, outlet, url, Found.MEMBER, time, verdict=verdict)

    def _answer(
        self,
        chance: random.Random,
        run: str,
        outlet: str,
        url: str,
        found: Found,
        time: datetime,
        *,
        verdict: Verdict = Verdict.KEPT,
        entries: int | None = None,
        fresh: int | None = None,
    ) -> Outcome:
        skew = chance.gauss(3600 if outlet == "weekly.example" else 0, 3)
        item = Outcome(
            run=run,
            url=url,
            verdict=verdict,
            reason="as told",
            time=time,
            lead=Lead(url=url, found=found),
            entries=entries,
            fresh=fresh,
            skew=skew,
        )
        luck = chance.random()
        if self._down.get(outlet, BEGIN) > time:
            return lost(item, Verdict.UNREACHABLE)
        if luck < 0.02 and found is not Found.FEED_LINK:
            return lost(item, Verdict.BLOCKED)
        return lost(item, Verdict.FAILED) if luck < 0.05 else item


def lost(item: Outcome, verdict: Verdict) -> Outcome:
    """The same visit, from which nothing came."""
    return replace(item, verdict=verdict, reason="as told", entries=None, fresh=None, skew=None)


def _rhythm(time: datetime) -> float:
    """The share of a day's entries that come in the hour before ``time``."""
    by_hour = 0.1 if time.hour < 6 or time.hour >= 23 else 1.0
    return by_hour / (17 * 1.0 + 7 * 0.1) * (0.4 if time.weekday() >= 5 else 1.0)


def _poisson(chance: random.Random, mean: float) -> int:
    count, product = 0, chance.random()
    while product > math.exp(-mean):
        count, product = count + 1, product * chance.random()
    return count
