"""robots.txt decides, whatever it answers and however many ask at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from support.crawling import Crawl, crawl, session_for
from support.wireserver import CLOSE, Pause, Reply, WireServer, page

from archive.kinds import Deed, Found
from crawlers.robots import RobotsRefusal
from crawlers.rules import GOOD_FOR, SIZE_LIMIT, RobotsCache, Rules, origin_of, rules_of, unreachable

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
HOME = "http://paper.example"
FORBID_ALL = b"User-agent: *\nDisallow: /\n"


def rules(body: bytes, status: int = 200) -> Rules:
    return rules_of(HOME, NOW, status=status, body=body, record="urn:uuid:1")


def text(body: bytes) -> Reply:
    return (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body) + body,)


async def visit(robots: Reply | list[Reply], *paths: str, **settings: Any) -> tuple[Crawl, WireServer]:
    async with WireServer({"/robots.txt": robots, **{path: page() for path in paths}}) as server:
        return await crawl(session_for(connect_to=server.connect_to, **settings), *(HOME + path for path in paths)), server


async def test_many_that_wait_for_the_same_file_are_all_refused() -> None:
    """Ten forbidden pages asked for at the same moment: one fetch of robots.txt, none of a page (Scrapy's own lets 8 through)."""
    slow = (Pause(0.1), *text(FORBID_ALL))
    result, server = await visit(slow, *(f"/{number}" for number in range(10)))

    assert server.paths == ["/robots.txt"]
    assert [type(error) for _, error in result.errors] == [RobotsRefusal] * 10
    assert {(error.reason, error.record) for _, error in result.errors if isinstance(error, RobotsRefusal)} == {
        ("robots.txt forbids it", "urn:uuid:00000001")
    }


async def test_what_is_allowed_rests_on_a_record() -> None:
    """The file is archived as found by policy, and each page's exchange names its record; what is forbidden is not asked for."""
    result, server = await visit(text(b"User-agent: copytrail\nAllow: /a\nDisallow: /\n"), "/a", "/b")

    assert server.paths == ["/robots.txt", "/a"]
    robots, article = result.sink.exchanges
    assert (robots.found, robots.robots) == (Found.ROBOTS, None)
    assert article.robots == "urn:uuid:00000001"
    assert [request.url for request, _ in result.errors] == [f"{HOME}/b"]


@pytest.mark.parametrize(
    ("robots", "fetched"),
    [
        (page(FORBID_ALL, status=b"404 Not Found"), True),
        (page(FORBID_ALL, status=b"403 Forbidden"), True),
        (page(FORBID_ALL, status=b"410 Gone"), True),
        (page(b"<p>Welcome"), True),
        (text(b""), True),
        (page(b"", status=b"500 Oops"), False),
        (page(b"", status=b"503 Later", head=b"Retry-After: 0\r\n"), False),
        (page(b"", status=b"429 Slow", head=b"Retry-After: 0\r\n"), False),
        ((CLOSE,), False),
        ((Pause(9),), False),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nUser-agent: *\nAllow: /\n", CLOSE), False),
        ((b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz",), False),
    ],
    ids=["404", "403", "410", "html", "empty", "500", "503", "429", "no answer", "timeout", "cut short", "bad gzip"],
)
async def test_every_answer_has_its_meaning(robots: Reply, *, fetched: bool) -> None:
    """RFC 9309: 4xx means that there are no rules; a server that fails, or asks for patience, allows nothing."""
    result, server = await visit(robots, "/a", timeout=1.0)

    assert ("/a" in server.paths) is fetched
    assert bool(result.responses) is fetched
    assert all(isinstance(error, RobotsRefusal) for _, error in result.errors)


async def test_a_redirect_is_followed_to_the_rules() -> None:
    """Up to five redirects lead to the file, also on another host; the rules are those of the origin that was asked."""
    moved = (b"HTTP/1.1 301 Moved\r\nLocation: http://other.example/r\r\nContent-Length: 0\r\n\r\n",)
    async with WireServer({"paper.example /robots.txt": moved, "other.example /r": text(FORBID_ALL), "/a": page()}) as server:
        result = await crawl(session_for(connect_to=server.connect_to), HOME + "/a")

    assert server.paths == ["/robots.txt", "/r"]
    assert [type(error) for _, error in result.errors] == [RobotsRefusal]
    assert [exchange.found for exchange in result.sink.exchanges] == [Found.ROBOTS] * 2


async def test_a_redirect_without_end_means_no_rules() -> None:
    """After the fifth redirect the file counts as not there (§2.3.1.2)."""
    loop = (b"HTTP/1.1 302 Found\r\nLocation: /robots.txt\r\nContent-Length: 0\r\n\r\n",)
    result, server = await visit(loop, "/a")

    assert server.paths == ["/robots.txt"] * 6 + ["/a"]
    assert len(result.responses) == 1


async def test_each_origin_has_its_own_file() -> None:
    """Another port and another host are asked for their own rules."""
    async with WireServer({"paper.example /robots.txt": text(FORBID_ALL), "/": page()}) as server:
        session = session_for(connect_to=server.connect_to)
        result = await crawl(session, "http://paper.example/", "http://paper.example:8080/", "http://www.paper.example/")

    assert sorted(served.host for served in server.served("/robots.txt")) == ["paper.example", "paper.example:8080", "www.paper.example"]
    assert sorted(response.url for response in result.responses) == ["http://paper.example:8080/", "http://www.paper.example/"]


async def test_a_spider_cannot_switch_it_off() -> None:
    """``dont_obey_robotstxt`` and a project's ROBOTSTXT_OBEY change nothing."""
    async with WireServer({"/robots.txt": text(FORBID_ALL), "/a": page()}) as server:
        wanted = Request(HOME + "/a", meta={"dont_obey_robotstxt": True})
        result = await crawl(session_for(connect_to=server.connect_to), wanted, ROBOTSTXT_OBEY=True)

    assert server.paths == ["/robots.txt"]
    assert result.responses == []


async def test_rules_outlive_a_crawl_for_a_day() -> None:
    """The next crawl of the session uses them; after 24 hours, by the session's clock, the file is fetched again."""
    times = [NOW]
    async with WireServer({"/robots.txt": text(b""), "/a": page()}) as server:
        session = session_for(connect_to=server.connect_to, clock=lambda: times[-1])
        for later in (timedelta(), timedelta(hours=23), timedelta(hours=24)):
            times.append(NOW + later)
            await crawl(session, HOME + "/a")

    assert server.paths == ["/robots.txt", "/a", "/a", "/robots.txt", "/a"]


async def test_the_crawl_delay_of_a_site_is_kept() -> None:
    """A Crawl-delay that is longer than our own delays the slot."""
    _, server = await visit(text(b"User-agent: *\nCrawl-delay: 0.3\n"), "/a", "/b")

    first, second = (server.served(path)[0].time for path in ("/a", "/b"))
    assert abs(second - first) >= 0.29


async def test_announced_sitemaps_are_known() -> None:
    """Sitemap lines are there for whoever looks for coverage, absolute and each once."""
    body = b"Sitemap: https://cdn.example/s.xml\nSitemap: /news.xml\nSitemap: /news.xml\n"
    result, _ = await visit(text(body), "/a")

    assert result.session.robots.sitemaps(HOME + "/b") == ("https://cdn.example/s.xml", f"{HOME}/news.xml")
    assert result.session.robots.sitemaps("http://other.example/") == ()


async def test_why_nothing_could_be_asked_is_handed_on() -> None:
    """When the host cannot be reached at all, the refusal carries that failure, so that the outcome can say so."""
    result, _ = await visit((CLOSE,), "/a")

    ((_, error),) = result.errors
    assert isinstance(error, RobotsRefusal)
    assert error.failure is not None
    assert (error.failure.kind, error.record) == ("no_answer", "urn:uuid:00000001")
    assert "no_answer" in error.reason


async def test_an_answer_that_nobody_can_read_is_named() -> None:
    """A coding that cannot be undone forbids for now, and the refusal rests on the record of that answer."""
    broken = (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nno gzip!!",)
    result, server = await visit(broken, "/a")

    ((_, error),) = result.errors
    assert isinstance(error, RobotsRefusal)
    assert (error.record, error.again) == ("urn:uuid:00000001", True)
    assert server.paths == ["/robots.txt"]


async def test_a_later_crawl_of_the_session_names_the_earlier_record() -> None:
    """While the rules are good nobody asks again, and what is allowed or refused rests on the record of the first crawl."""
    async with WireServer({"/robots.txt": text(b"User-agent: *\nDisallow: /b\n"), "/a": page()}) as server:
        session = session_for(connect_to=server.connect_to)
        await crawl(session, HOME + "/a")
        later = await crawl(session, HOME + "/a", HOME + "/b")

    assert server.paths == ["/robots.txt", "/a", "/a"]
    assert [exchange.robots for exchange in later.pages] == ["urn:uuid:00000001"] * 2
    assert [error.record for _, error in later.errors if isinstance(error, RobotsRefusal)] == ["urn:uuid:00000001"]


def test_a_line_that_the_limit_cuts_is_not_read() -> None:
    """The first 500 KiB count, up to the last whole line: ``Disallow: /private`` cut to ``Disallow: /`` would forbid everything."""
    start = b"User-agent: *\n"
    filler = b"#" * (SIZE_LIMIT - len(start) - len(b"\nDisallow: /")) + b"\n"
    body = start + filler + b"Disallow: /private\nDisallow: /late\n"

    assert len(start + filler + b"Disallow: /") == SIZE_LIMIT
    assert rules(body).allows(f"{HOME}/a")
    assert not rules(start + b"Disallow: /private\n" + filler).allows(f"{HOME}/private")


@pytest.mark.parametrize(
    ("body", "path", "allowed"),
    [
        (b"User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/b/c", True),
        (b"User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/c", False),
        (b"User-agent: other\nDisallow: /\n", "/", True),
        (b"User-agent: other\nDisallow: /\n\nUser-agent: COPYTRAIL\nDisallow: /x\n", "/x", False),
        (b"User-agent: *\nDisallow: /\n\nUser-agent: copytrail\nAllow: /\n", "/x", True),
        (b"User-agent: *\nDisallow: /*.pdf$\n", "/a.pdf", False),
        (b"User-agent: *\nDisallow: /*.pdf$\n", "/a.pdf?x", True),
        (b"User-agent: *\nDisallow:\n", "/", True),
        (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /\r\n", "/", False),
        (b"User-agent: *\nDisallow: /\n", "/robots.txt", True),
        (b"User-agent: *\nDisallow: /caf%C3%A9\n", "/caf%C3%A9/1", False),
    ],
)
def test_the_standard_is_followed(body: bytes, path: str, *, allowed: bool) -> None:
    """The longest match wins, the group of our product token comes before the star, and the file itself is always allowed."""
    assert rules(body).allows(HOME + path) is allowed


@given(st.binary(max_size=300))
def test_any_bytes_are_rules(body: bytes) -> None:
    """Whatever a server sends under that name is read without an error, and answers the question."""
    read = rules(body)

    assert read.allows(f"{HOME}/a") or b"dis" in body.lower()  # Protego reads misspellings of Disallow too
    assert len(set(read.sitemaps)) == len(read.sitemaps)


def test_an_unreachable_file_is_asked_for_again_sooner() -> None:
    """No answer forbids everything, but only for an hour."""
    cache = RobotsCache()
    cache.put(unreachable(HOME, NOW, "it is down"))

    known = cache.get(HOME, NOW + timedelta(minutes=59))
    assert known is not None
    assert not known.allows(f"{HOME}/")
    assert "it is down" in known.reason
    assert cache.get(HOME, NOW + timedelta(hours=1)) is None


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Paper.example/a?b#c", "https://paper.example"),
        ("http://u:p@paper.example:8080/", "http://paper.example:8080"),
        ("http://[2001:db8::1]:80/", "http://[2001:db8::1]:80"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    """Credentials and the rest of the URL are no part of it."""
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("body", "path", "line"),
    [
        (b"User-agent: *\nDisallow: /a\nDisallow: /a/b # not this\n", "/a/b", "Disallow: /a/b # not this"),
        (b"User-agent: other\nDisallow: /a/b\n\nUser-agent: *\nDisallow: /a\n", "/a/b", "Disallow: /a"),
        (b"User-agent: *\nDisallow: /\nAllow: /a\nDisallow: /*.pdf$\n", "/a/b.pdf", "Disallow: /*.pdf$"),
        (b"# " + b"x" * 70_000 + b"\nUser-agent: *\nDisallow: /\n", "/a", None),
    ],
)
def test_a_refusal_names_its_line(body: bytes, path: str, line: str | None) -> None:
    """The longest line that forbids the page to us, as it stands; not one for others, and none from a file too long to search."""
    found = rules(body)

    assert not found.allows(HOME + path)
    assert found.line_against(HOME + path) == line


async def test_the_log_tells_what_was_done_and_why() -> None:
    """Each robots.txt with its state, each request and what it rests on, each refusal with its line, each redirect that was asked about."""
    moved = (b"HTTP/1.1 301 Moved\r\nLocation: http://other.example/b\r\nContent-Length: 0\r\n\r\n",)
    replies = {"/robots.txt": text(b"User-agent: *\nDisallow: /c\nCrawl-delay: 0.1\n"), "paper.example /a": moved, "/b": page()}
    async with WireServer(replies) as server:
        result = await crawl(session_for(connect_to=server.connect_to), HOME + "/a", HOME + "/c")

    log = result.session.log.take()
    told = [(event.deed, event.url, event.status, event.why) for event in log if event.domain == "paper.example"]
    assert told == [
        (Deed.REQUESTED, f"{HOME}/robots.txt", 200, ""),
        (Deed.ROBOTS, f"{HOME}/robots.txt", 200, "read"),
        (Deed.DELAYED, f"{HOME}/a", None, "Crawl-delay of 0.1 s between two requests"),
        (Deed.REFUSED, f"{HOME}/c", None, "robots.txt forbids it: Disallow: /c"),
        (Deed.REQUESTED, f"{HOME}/a", 301, ""),
    ]
    record = log[0].record
    assert {event.robots for event in log if event.domain == "paper.example" and event.deed in {Deed.REFUSED, Deed.DELAYED}} == {record}
    assert log[1].until == log[1].time + GOOD_FOR
    (redirect,) = (event for event in log if event.deed is Deed.REDIRECT)
    assert (redirect.url, redirect.via) == ("http://other.example/b", f"{HOME}/a")
    assert redirect.robots == next(event.record for event in log if event.deed is Deed.ROBOTS and event.domain == "other.example")
    assert (log[-1].url, log[-1].via, log[-1].robots) == (redirect.url, redirect.via, redirect.robots)
