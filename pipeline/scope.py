"""How far a run may go: hops, hosts, pages, bytes and time, and what nobody follows.

Contract: pure; :func:`refusal` is asked right before a page would be fetched and says why not, or None.  Hops and hosts are a matter of
scope; pages, bytes and seconds are a budget, and what they cut off waits for the next run.

What pages need to be shown takes no part of that from them: requisites are fetched when the run's pages have been, whatever host they lie
on (which is their page's choice, and no step further from the seeds), and are counted apart: ``REQUISITES_A_PAGE`` for each page that the
run may fetch.  Bytes and seconds are the run's own, for both together.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from archive.kinds import Found, Verdict
from archive.records import Lead, Outcome

_NAMED = frozenset({Found.GIVEN, Found.SEED_URL, Found.SEED_ROW, Found.MEMBER, Found.REQUISITE})
_LISTS = frozenset({Found.FEED_LINK, Found.SITEMAP_LINK, Found.CREDIT, Found.QUERY})
REQUISITES_A_PAGE = 100  # 308 news pages name 67 each on average; their style sheets add some, and what they share is fetched once


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The limits of one run."""

    max_hops: int
    max_hosts: int
    max_pages: int
    max_host_pages: int
    max_bytes: int
    max_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the run has used up so far."""

    hosts: Mapping[str, int] = field(default_factory=dict)  # pages by registered domain
    pages: int = 0
    requisites: int = 0
    bytes: int = 0
    seconds: float = 0.0


def refusal(lead: Lead, host: str, scope: Scope, spent: Spent) -> tuple[Verdict, str] | None:
    """Why this lead is not fetched now, or None when it may be."""
    if lead.refused is not None:
        return Verdict.REFUSED_SCOPE, lead.refused
    if lead.found is Found.REQUISITE:
        share = f"{REQUISITES_A_PAGE} for each of max_pages"
        return _overdrawn(scope, spent, (spent.requisites, scope.max_pages * REQUISITES_A_PAGE, "requisites", share))
    if lead.hop > scope.max_hops:
        return Verdict.REFUSED_SCOPE, f"{lead.hop} hops from the seeds; the limit is {scope.max_hops} (max_hops)"
    if host not in spent.hosts and len(spent.hosts) >= scope.max_hosts:
        return Verdict.REFUSED_SCOPE, f"this run has visited {len(spent.hosts)} hosts; the limit is {scope.max_hosts} (max_hosts)"
    if (pages := spent.hosts.get(host, 0)) >= scope.max_host_pages:
        return Verdict.OVER_BUDGET, f"this run has used {pages} pages of {host}; the limit is {scope.max_host_pages} (max_host_pages)"
    return _overdrawn(scope, spent, (spent.pages, scope.max_pages, "pages", "max_pages"))


def barren(outcomes: Iterable[Outcome], members: Collection[str], before: int) -> int:
    """How many pages in a row gave no new member, ``before`` of them in earlier rounds; ``members`` are the URLs of the new ones.

    Only what the run found by itself is counted, and only what was answered.
    """
    for outcome in outcomes:
        if outcome.url in members:
            before = 0
        elif outcome.status is not None and is_found(outcome.lead):
            before += 1
    return before


def is_found(lead: Lead) -> bool:
    """Whether a lead is an article that the run found by itself: nobody named it, and it is no list."""
    return lead.found not in _NAMED and lead.found not in _LISTS


def _overdrawn(scope: Scope, spent: Spent, share: tuple[float, float, str, str]) -> tuple[Verdict, str] | None:
    """Whether the lead's own share of the budget, or the run's, is used up."""
    used = (
        share,
        (spent.bytes, scope.max_bytes, "bytes", "max_bytes"),
        (spent.seconds, scope.max_seconds, "seconds", "max_seconds"),
    )
    for value, limit, unit, name in used:
        if value >= limit:
            return Verdict.OVER_BUDGET, f"this run has used {value:.0f} {unit}; the limit is {limit:.0f} ({name})"
    return None
