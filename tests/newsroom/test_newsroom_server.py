"""The demo newsroom on real sockets: starting, stopping, its clock, its control page and its log."""

import http.client
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from copytrail.newsroom import FIRST_CRAWL, SECOND_CRAWL, MovableClock, Newsroom, respond

CONTROL = "control.newsroom.example"


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    """A newsroom at the time of the first crawl."""
    with Newsroom(MovableClock(FIRST_CRAWL)) as serving:
        yield serving


def ask(newsroom: Newsroom, host: str, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """Send one request to the newsroom by the name of an outlet."""
    connection = http.client.HTTPConnection(newsroom.address, timeout=5)
    connection.request(method, path, headers={"Host": host, **{name.replace("_", "-"): value for name, value in headers.items()}})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_it_serves_at_once_and_stops_clean() -> None:
    """It answers within a second of starting; after it nothing listens and no thread is left, an open connection or not."""
    before = set(threading.enumerate())
    started = time.monotonic()
    with Newsroom(MovableClock(FIRST_CRAWL)) as newsroom:
        host, _, port = newsroom.address.partition(":")
        idle = socket.create_connection((host, int(port)))
        assert ask(newsroom, "vesta.example", "/")[0].status == 200
        assert time.monotonic() - started < 1
    idle.close()
    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


@pytest.mark.parametrize(
    "host", ["vesta.example", "www.harbourtimes.example", "northcourier.example", "strandpost.example", "sixline.example"]
)
def test_the_wire_carries_what_the_function_answers(newsroom: Newsroom, host: str) -> None:
    """Status, headers and body are those of ``respond``; the answer without a length comes in chunks."""
    meant = respond(host, "/", {"accept-encoding": "gzip"}, FIRST_CRAWL)
    response, body = ask(newsroom, host, "/", Accept_Encoding="gzip")
    chunked = host == "northcourier.example"
    assert (response.status, body) == (meant.status, meant.body)
    assert {name.lower(): value for name, value in response.getheaders()} == dict(meant.headers) | (
        {"transfer-encoding": "chunked"} if chunked else {}
    )


def test_not_modified_and_head_have_no_body(newsroom: Newsroom) -> None:
    """A conditional request that holds gives 304; HEAD gives the length and no more."""
    tag = dict(respond("strandpost.example", "/", {}, FIRST_CRAWL).headers)["etag"]
    unchanged, body = ask(newsroom, "strandpost.example", "/", If_None_Match=tag)
    assert (unchanged.status, body) == (304, b"")
    head, body = ask(newsroom, "vesta.example", "/", "HEAD")
    assert (head.status, body) == (200, b"")
    assert int(head.headers["content-length"]) > 1000


def test_a_client_may_take_it_for_its_proxy(newsroom: Newsroom) -> None:
    """A browser whose HTTP proxy it is sees the outlets under their own names."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": f"http://{newsroom.address}"}))
    with opener.open("http://sixline.example/about/?a=b", timeout=5) as answer:
        assert b"About Sixline" in answer.read()
    assert newsroom.requests[-1].path == "/about/?a=b"


def test_the_log_tells_what_was_asked(newsroom: Newsroom) -> None:
    """Host, path with query, headers, times and status of each request to an outlet, in order; the control page is not in it."""
    ask(newsroom, "vesta.example", "/nothing?x=1", User_Agent="copytrail/1 (+desk@reader.example)")
    ask(newsroom, CONTROL, "/move?days=1", "POST")
    ask(newsroom, "www.example", "/")
    first, second = newsroom.requests
    assert (first.method, first.host, first.path, first.status, first.time) == ("GET", "vesta.example", "/nothing?x=1", 404, FIRST_CRAWL)
    assert ("user-agent", "copytrail/1 (+desk@reader.example)") in first.headers
    assert (second.host, second.status, second.time) == ("www.example", 404, FIRST_CRAWL + timedelta(days=1))
    assert first.received < second.received


def test_the_environment_names_every_outlet(newsroom: Newsroom) -> None:
    """One entry a host, so that the crawler reaches loopback for these names only."""
    entries = dict(entry.split("=") for entry in newsroom.environment()["COPYTRAIL_CONNECT_TO"].split(","))
    assert set(entries.values()) == {newsroom.address}
    for entry in entries:
        host, port = entry.split(":")
        assert port == "80"
        assert ask(newsroom, host, "/")[0].status == 200
    assert newsroom.environment()["COPYTRAIL_CONTACT"]


def test_anybody_can_move_the_pages_on(newsroom: Newsroom) -> None:
    """A POST to the control page moves the clock, by days or to a time; the outlets follow at once."""
    gone = "/en/society/skarra-bridge-closed-to-traffic-at-the-request-of-the-port-118602-2026"
    assert ask(newsroom, "vesta.example", gone)[0].status == 200
    moved, told = ask(newsroom, CONTROL, "/move?days=7", "POST")
    assert (moved.status, told.decode().strip()) == (303, SECOND_CRAWL.isoformat())
    assert ask(newsroom, "vesta.example", gone)[0].status == 404
    ask(newsroom, newsroom.address, "/move?to=2026-05-13T09:00Z", "POST")
    assert newsroom.clock() == FIRST_CRAWL


@pytest.mark.parametrize("query", ["", "days=soon", "days=nan", "days=1e99", "to=tomorrow", "to=2026-05-13T09:00", "weeks=1"])
def test_a_wrong_move_is_refused(newsroom: Newsroom, query: str) -> None:
    """What cannot be read moves nothing and says what can."""
    refused, told = ask(newsroom, CONTROL, f"/move?{query}", "POST")
    assert refused.status == 400
    assert b"/move?days=7" in told
    assert newsroom.clock() == FIRST_CRAWL


def test_the_control_page_shows_time_events_and_environment(newsroom: Newsroom) -> None:
    """Whoever opens the bare address in a browser sees what to do; reading it changes nothing."""
    page = ask(newsroom, newsroom.address, "/")[1].decode()
    for words in ["2026-05-13 09:00:00+00:00", "http://vesta.example/", "correction", "export COPYTRAIL_CONNECT_TO=", "curl -X POST"]:
        assert words in page
    assert ask(newsroom, CONTROL, "/move?days=7")[0].status == 404
    assert newsroom.clock() == FIRST_CRAWL


def test_the_clock_stands_still_or_runs() -> None:
    """It tells the time it was set to, plus the seconds that have run since; times come back in UTC."""
    standing = MovableClock(FIRST_CRAWL)
    assert standing() == standing() == FIRST_CRAWL
    ran = 100.0
    running = MovableClock(FIRST_CRAWL, seconds=lambda: ran)
    ran += 2.5
    assert running() == FIRST_CRAWL + timedelta(seconds=2.5)
    assert running.move(by=timedelta(days=1)) == FIRST_CRAWL + timedelta(days=1, seconds=2.5)
    assert running.move(to=SECOND_CRAWL, by=timedelta(hours=1)) == SECOND_CRAWL + timedelta(hours=1)
    ran += 60
    assert running() == SECOND_CRAWL + timedelta(hours=1, minutes=1)


def test_the_clock_wants_a_zone() -> None:
    """A time without a zone is a mistake."""
    with pytest.raises(ValueError, match="zone"):
        MovableClock(datetime(2026, 5, 13, 9))  # noqa: DTZ001 -- the mistake under test
    assert MovableClock(datetime.fromisoformat("2026-05-13T11:00:00+02:00"))().tzinfo is UTC
