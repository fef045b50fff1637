"""One request at a time to one owner, with the promised pause, and back-off when a site asks for it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from scrapy.http import Response
from support.crawling import crawl, session_for
from support.wireserver import Pause, WireServer, page

from crawlers.domains import slot_of
from crawlers.politeness import PATIENCE, TRIES, Throttled, check_open, retry_after

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
HOME = "http://paper.example"


@pytest.mark.parametrize(
    ("url", "slot"),
    [
        ("http://example.org/a", "example.org"),
        ("https://www.example.org:8443/a", "example.org"),
        ("http://m.news.co.uk/", "news.co.uk"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("http://[2001:db8::1]/", "2001:db8::1"),
        ("http://localhost/", "localhost"),
    ],
)
def test_a_slot_is_what_somebody_registered(url: str, slot: str) -> None:
    """Scheme, port and subdomain do not multiply the requests that one owner gets."""
    assert slot_of(url) == slot


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": "Sat, 21 Nov 2026 10:01:00 GMT"}, 60.0),
        ({"Retry-After": "Sat, 21 Nov 2026 10:01:00 GMT", "Date": "Sat, 21 Nov 2026 10:00:30 GMT"}, 30.0),
        ({"Retry-After": "Sat, 21 Nov 2026 09:00:00 GMT"}, 0.0),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "99999999999999999999"}, None),
        ({"Retry-After": "Sat, 99 Nov 2026 10:01:00 GMT"}, None),
        ({}, None),
    ],
)
def test_how_long_a_site_wants_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds or a date, held against the server's own; what cannot be read is no wish."""
    assert retry_after(Response(HOME, headers=headers), NOW) == seconds


async def test_the_delay_holds_for_a_whole_domain() -> None:
    """Requests to www and to the bare name, robots.txt included, are never closer together than promised; another domain does not wait."""
    urls = ["http://example.org/", "http://www.example.org/", "http://m.example.org/", "http://other.example/"]
    async with WireServer({"/": page()}) as server:
        await crawl(session_for(connect_to=server.connect_to, delay=0.3), *urls)

    times = [served.time for served in server.log if served.host != "other.example"]
    assert len(times) == 6
    assert min(after - before for before, after in pairwise(times)) >= 0.24  # when the server saw them: a busy machine blurs that
    others = [served.time for served in server.log if served.host == "other.example"]
    assert others[-1] < times[2]


@pytest.mark.parametrize(
    "settings", [{}, {"CONCURRENT_REQUESTS_PER_DOMAIN": 8, "DOWNLOAD_SLOTS": {"paper.example": {"concurrency": 9, "delay": 0}}}]
)
async def test_one_request_at_a_time(settings: dict[str, Any]) -> None:
    """Without a delay too the next request waits for the answer, whatever the project's settings say."""
    slow = {f"/{number}": (Pause(0.05), *page()) for number in range(4)}
    async with WireServer(slow) as server:
        await crawl(session_for(connect_to=server.connect_to), *(HOME + path for path in slow), **settings)

    times = [server.served(path)[0].time for path in slow]
    assert min(after - before for before, after in pairwise(sorted(times))) >= 0.05


@pytest.mark.parametrize("status", [b"429 Too Many Requests", b"503 Service Unavailable"])
async def test_a_wish_for_patience_is_kept_by_the_whole_domain(status: bytes) -> None:
    """Retry-After delays all that wait for the domain; then the page is asked for again and kept."""
    busy = page(b"later", status=status, head=b"Retry-After: 1\r\n")
    async with WireServer({"/a": [busy, page()], "/b": page()}) as server:
        result = await crawl(session_for(connect_to=server.connect_to), HOME + "/a", HOME + "/b")

    refused = server.served("/a")[0].time
    after = [served.time for served in server.log if served.time > refused]
    assert len(after) == 2
    assert min(after) - refused >= 0.99
    assert [exchange.status for exchange in result.sink.of(HOME + "/a")] == [int(status[:3]), 200]
    assert sorted(response.status for response in result.responses) == [200, 200]


async def test_without_a_wish_the_wait_doubles() -> None:
    """Each answer in a row doubles the wait, and after the last try the answer goes on to the spider."""
    async with WireServer({"/a": page(status=b"503 Later")}) as server:
        result = await crawl(session_for(connect_to=server.connect_to, delay=0.05), HOME + "/a", RETRY_ENABLED=True)

    times = [served.time for served in server.served("/a")]
    gaps = [after - before for before, after in pairwise(times)]
    assert len(times) == TRIES + 1
    assert all(gap >= wait for gap, wait in zip(gaps, [0.09, 0.19, 0.39], strict=True))
    assert [response.status for response in result.responses] == [503]
    assert [exchange.attempt for exchange in result.pages] == [1, 2, 3, 4]


async def test_a_domain_that_wants_a_long_rest_gets_it() -> None:
    """Beyond our patience nothing more is sent to the domain, not even what waits in its slot already, and each request says until when."""
    busy = page(b"tomorrow", status=b"429 Too Many Requests", head=b"Retry-After: 3600\r\n")
    async with WireServer({f"/{number}": busy for number in range(5)} | {"/": page()}) as server:
        session = session_for(connect_to=server.connect_to, clock=lambda: NOW)
        result = await crawl(session, *(f"{HOME}/{number}" for number in range(5)), "http://other.example/")
        again = await crawl(session, HOME + "/")

    assert len([served for served in server.log if served.host == "paper.example"]) == 2
    assert sorted(response.status for response in result.responses) == [200, 429]
    assert [type(error) for _, error in result.errors + again.errors] == [Throttled] * 5
    assert "paper.example asked to be left alone until 2026-11-21T11:00:00+00:00" in str(again.errors[0][1])


def test_a_rest_ends() -> None:
    """Once the time has come the domain may be asked again."""
    times = [NOW]
    session = session_for(clock=lambda: times[-1])
    session.closed["example.org"] = NOW + timedelta(seconds=PATIENCE)

    with pytest.raises(Throttled):
        check_open(session, "https://www.example.org/a")
    check_open(session, "https://other.example/a")
    times.append(NOW + timedelta(seconds=PATIENCE))
    check_open(session, "https://www.example.org/a")
