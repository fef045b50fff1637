"""How far a run may go: hops, hosts, pages, bytes and time.

Contract: pure; :func:`refusal` is asked right before a page would be fetched and says why not, or None.  Hops and hosts are a matter of
scope; pages, bytes and seconds are a budget, and what they cut off waits for the next run.
"""

from dataclasses import dataclass

from archive.records import Lead, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The limits of one run."""

    max_hops: int
    max_hosts: int
    max_pages: int
    max_bytes: int
    max_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the run has used up so far."""

    hosts: frozenset[str] = frozenset()
    pages: int = 0
    bytes: int = 0
    seconds: float = 0.0


def refusal(lead: Lead, host: str, scope: Scope, spent: Spent) -> tuple[Verdict, str] | None:
    """Why this lead is not fetched now, or None when it may be."""
    if lead.hop > scope.max_hops:
        return Verdict.REFUSED_SCOPE, f"{lead.hop} hops from the seeds; the limit is {scope.max_hops} (max_hops)"
    if host not in spent.hosts and len(spent.hosts) >= scope.max_hosts:
        return Verdict.REFUSED_SCOPE, f"this run has visited {len(spent.hosts)} hosts; the limit is {scope.max_hosts} (max_hosts)"
    used = (
        (spent.pages, scope.max_pages, "pages", "max_pages"),
        (spent.bytes, scope.max_bytes, "bytes", "max_bytes"),
        (spent.seconds, scope.max_seconds, "seconds", "max_seconds"),
    )
    for value, limit, unit, name in used:
        if value >= limit:
            return Verdict.OVER_BUDGET, f"this run has used {value:.0f} {unit}; the limit is {limit:.0f} ({name})"
    return None
