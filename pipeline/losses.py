"""The account of a run: that every URL which it knew has one outcome, and what each outlet gave and lost.

Contract: pure.  ``balance`` holds what a run knew against its outcomes (law 3): a difference is a fault of ours and never silent.
``by_outlet`` counts the outcomes by registered domain, with the commonest reason for what was lost.  Robots.txt files and requisites are in
the balance, because the run knew them, and not in the outlets, whose articles and listings are meant.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from archive.kinds import Found, Verdict
from archive.records import Outcome
from archive.urls import host, registered_domain
from pipeline.outcomes import GOOD, REFUSED

LOSSES = frozenset({Verdict.BLOCKED, Verdict.FAILED, Verdict.LEGAL_BLOCK, Verdict.THROTTLED, Verdict.UNREACHABLE})
NO_ARTICLES = frozenset({Found.ROBOTS, Found.REQUISITE})
SHOWN = 3  # URLs that are named of a balance that does not come out


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Discovered URLs held against outcomes; the three lists are empty where all is well."""

    known: int
    outcomes: int
    without: tuple[str, ...] = ()  # known, but no outcome says how they ended
    twice: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()  # with an outcome, though the run never knew them

    @property
    def problem(self) -> str | None:
        """What is wrong, in words; None when discovered is the sum of the outcomes."""
        wrong = {"without an outcome": self.without, "with two outcomes": self.twice, "with an outcome but not known": self.unknown}
        words = [
            f"{len(urls)} {what} ({', '.join(urls[:SHOWN])}{' …' if len(urls) > SHOWN else ''})" for what, urls in wrong.items() if urls
        ]
        return f"{self.known} URLs discovered, {self.outcomes} outcomes: {'; '.join(words)}" if words else None


def balance(known: Iterable[str], ended: Iterable[str]) -> Balance:
    """Hold the URLs that a run knew against those for which it wrote an outcome, one for each time."""
    entered, counts = set(known), Counter(ended)
    return Balance(
        known=len(entered),
        outcomes=counts.total(),
        without=tuple(sorted(entered - counts.keys())),
        twice=tuple(sorted(url for url, count in counts.items() if count > 1)),
        unknown=tuple(sorted(counts.keys() - entered)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletAccount:
    """What became of one outlet's URLs."""

    outlet: str  # registered domain
    found: int
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    why: str = ""  # the commonest reason for a loss, or where nothing was lost for a refusal

    @property
    def lost(self) -> int:
        """URLs that were wanted and could not be had."""
        return sum(self.verdicts[verdict] for verdict in LOSSES)

    @property
    def row(self) -> dict[str, str | int]:
        """Flat: every verdict has its column, so that rows of several runs can be put together."""
        counts = {verdict.value: self.verdicts[verdict] for verdict in Verdict}
        return {"outlet": self.outlet, "found": self.found, **counts, "lost": self.lost, "why": self.why}


def by_outlet(outcomes: Iterable[Outcome]) -> list[OutletAccount]:
    """The accounts of the outlets, those that lost most first."""
    outlets: defaultdict[str, list[Outcome]] = defaultdict(list)
    for item in outcomes:
        if item.lead.found not in NO_ARTICLES:
            outlets[outlet_of(item.url)].append(item)
    accounts = [
        OutletAccount(outlet=outlet, found=len(items), verdicts=Counter(item.verdict for item in items), why=_why(items))
        for outlet, items in outlets.items()
    ]
    return sorted(accounts, key=lambda item: (-item.lost, item.outlet))


@lru_cache(maxsize=2**16)
def outlet_of(url: str) -> str:
    """The registered domain of a URL."""
    return registered_domain(host(url))


def _why(items: Sequence[Outcome]) -> str:
    for verdicts in (LOSSES, REFUSED, frozenset(Verdict) - GOOD):
        reasons = Counter(f"{item.verdict}: {item.reason}" for item in items if item.verdict in verdicts)
        if reasons:
            return min(reasons, key=lambda reason: (-reasons[reason], reason))
    return ""
