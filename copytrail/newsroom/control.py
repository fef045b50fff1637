"""The newsroom's control page: shows what time it is there and what happens when, and moves its clock.

``control(method, target, clock, environment) -> Response``.  GET / shows the page.  POST /move?days=7 and POST /move?to=2026-05-20T09:00Z
move the clock and answer 303 with the new time; days or a time that cannot be read give 400.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import parse_qs

from copytrail.newsroom.clock import FIRST_CRAWL, SECOND_CRAWL, MovableClock
from copytrail.newsroom.content import events, outlets
from copytrail.newsroom.pages import render_plain
from copytrail.newsroom.site import Response, plain

CONTROL_HOST = "control.newsroom.example"


def control(method: str, target: str, clock: MovableClock, environment: Mapping[str, str]) -> Response:
    """Answer a request to the control page; the only place in the newsroom where a request changes something."""
    path, _, query = target.partition("?")
    if (method, path) == ("POST", "/move"):
        return _move(query, clock)
    if method in {"GET", "HEAD"} and path == "/":
        return _page(clock(), environment)
    return plain(HTTPStatus.NOT_FOUND, "GET / or POST /move?days=7\n")


def _move(query: str, clock: MovableClock) -> Response:
    try:
        asked = {name: values[0] for name, values in parse_qs(query, strict_parsing=True).items()}
        now = clock.move(to=datetime.fromisoformat(asked["to"])) if "to" in asked else clock.move(by=timedelta(days=float(asked["days"])))
    except (KeyError, ValueError, OverflowError) as error:
        return plain(HTTPStatus.BAD_REQUEST, f"cannot move by {query!r} ({error}); ask for /move?days=7 or /move?to=2026-05-20T09:00Z\n")
    return plain(HTTPStatus.SEE_OTHER, f"{now.isoformat()}\n", (("location", "/"),))


def _page(now: datetime, environment: Mapping[str, str]) -> Response:
    stages = {"first crawl": FIRST_CRAWL, "second crawl, a week later": SECOND_CRAWL}
    text = render_plain(
        "control.html", now=now, stages=stages, events=events(), outlets=outlets().values(), environment=environment, host=CONTROL_HOST
    )
    body = text.encode()
    return Response(
        status=HTTPStatus.OK, headers=(("content-type", "text/html; charset=utf-8"), ("content-length", str(len(body)))), body=body
    )
