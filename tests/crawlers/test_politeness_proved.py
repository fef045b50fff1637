"""Random webs of hostile sites, asked at full speed: what the servers saw, and what the log says, breaks no rule."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from support.crawling import crawl, now, session_for
from support.hostileweb import MIRROR, HostileWeb, path_of, violations

from archive.kinds import Deed
from archive.records import RequestEvent
from crawlers.rules import origin_of

WEBS = 16
DELAY = 0.1
AGES = (timedelta(), timedelta(hours=23), timedelta(hours=25))  # after the first visit: then robots.txt is too old


async def visited(seed: int) -> tuple[HostileWeb, list[RequestEvent]]:
    """A web that was asked for all its pages in each of three visits a day apart, and the log of all three."""
    age = [AGES[0]]

    def clock() -> datetime:
        return now() + age[0]

    async with HostileWeb(seed, clock) as web:
        session = session_for(clock, connect_to=web.connect_to, delay=DELAY, timeout=4.0)
        for age[0] in AGES:
            await crawl(session, *web.wanted)
    return web, session.log.take()


def contradictions(web: HostileWeb, log: Sequence[RequestEvent]) -> Iterator[str]:
    """What the log does not know of what the server saw, what it says too much, and what breaks a rule by its own words."""
    requests = [event for event in log if event.deed is Deed.REQUESTED]
    seen = Counter((visit.host, visit.path) for visit in web.visits)
    told = Counter((event.url.split("/")[2], path_of(event.url)) for event in requests)
    lost = Counter((event.url.split("/")[2], path_of(event.url)) for event in requests if event.status is None)  # perhaps on the way there
    for key in seen | told:
        if not told[key] - lost[key] <= seen[key] <= told[key]:
            yield f"seen {seen[key]} times, in the log {told[key]} times, {lost[key]} of them without an answer: {key}"
    times: dict[str, list[datetime]] = {}
    for event in requests:
        times.setdefault(event.domain, []).append(event.time)
    for domain, sent in times.items():
        gaps = [(after - before).total_seconds() for before, after in pairwise(sorted(sent))]
        yield from (f"{domain} was asked after {gap} s" for gap in gaps if gap < DELAY - 0.002)  # two clocks
    yield from _without_permission(log)


def _without_permission(log: Sequence[RequestEvent]) -> Iterator[str]:
    good: dict[str, RequestEvent] = {}
    let_through: set[str] = set()
    for event in log:
        robots = good.get(origin_of(event.url))
        if event.deed is Deed.ROBOTS:
            good[origin_of(event.url)] = event
        elif event.deed is Deed.REDIRECT:
            let_through.add(event.url)
        elif event.deed is Deed.REQUESTED and path_of(event.url) != "/robots.txt" and "/r/" not in event.url:
            if robots is None or robots.until is None or (event.robots, event.time < robots.until) != (robots.record, True):
                yield f"{event} rests on no robots.txt that is good"
            if event.via is not None and event.url not in let_through:
                yield f"{event} was not asked about anew"


async def test_no_rule_is_broken_anywhere() -> None:
    """Robots.txt of every shape and state, Crawl-delay, Retry-After, redirects and addresses inside: zero violations in all webs."""
    results = await asyncio.gather(*(visited(seed) for seed in range(WEBS)))

    assert sum(len(web.visits) for web, _ in results) > 20 * WEBS
    found = [(seed, text) for seed, (web, log) in enumerate(results) for text in (*violations(web, DELAY), *contradictions(web, log))]
    assert found == []
    assert {event.deed for _, log in results for event in log} == set(Deed)
    assert {visit.host == MIRROR for web, _ in results for visit in web.visits} == {True, False}
    reasons = _reasons(log for _, log in results)
    assert {"robots.txt forbids it", "there is no robots.txt", "Retry-After (answer 429)", "Retry-After (answer 503)"} <= reasons
    assert any(reason.startswith("robots.txt answered 5") for reason in reasons)


def _reasons(logs: Iterable[Sequence[RequestEvent]]) -> set[str]:
    """Why something was refused or delayed, or what a robots.txt was, without the line that says so."""
    return {event.why.split(": ")[0] for log in logs for event in log if event.deed in {Deed.ROBOTS, Deed.REFUSED, Deed.DELAYED}}
