"""``copytrail status STORY --requests``: what the newest run did towards the sites, from its log in the store."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.badweb import serving
from support.doors import run_door
from support.manypages import different_pages
from support.wireserver import CLOSE, WireServer

from archive.codec import read
from archive.kinds import Deed
from archive.records import RequestEvent

HOME = "http://paper.example"


@pytest.fixture
def server() -> Iterator[WireServer]:
    """A page that may be asked for, and one that may not."""
    robots = (b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /private\n", CLOSE)
    wire = WireServer({"/robots.txt": robots, **different_pages([f"{HOME}/open", f"{HOME}/private"], 0.0)})
    with serving(wire):
        yield wire


def test_the_log_of_the_newest_run_is_listed(server: WireServer, tmp_path: Path) -> None:
    """One row an event, as it stands in the store; without a story the command says what it needs."""
    told = {"store": tmp_path / "archive", "connect_to": server.connect_to, "max_hops": 0}
    for command in (["new", "ferry", f"{HOME}/open", f"{HOME}/private"], ["crawl", "ferry"]):
        assert run_door(["copytrail", *command], tmp_path, told).code == 0

    rows = run_door(["copytrail", "status", "ferry", "--requests", "--json"], tmp_path, told)
    lines = run_door(["copytrail", "status", "ferry", "--requests"], tmp_path, told)
    without = run_door(["copytrail", "status", "--requests"], tmp_path, told)

    events = [read(RequestEvent, json.dumps(json.loads(line))) for line in rows.out.splitlines()]
    assert {(event.deed, event.url) for event in events} == {
        (Deed.REQUESTED, f"{HOME}/robots.txt"),
        (Deed.ROBOTS, f"{HOME}/robots.txt"),
        (Deed.REQUESTED, f"{HOME}/open"),
        (Deed.REFUSED, f"{HOME}/private"),
    }
    assert next(line for line in lines.out.splitlines() if " refused " in line).endswith("robots.txt forbids it: Disallow: /private")
    assert len(lines.out.splitlines()) == len(events)
    assert (without.code, "--requests needs a STORY" in without.err) == (2, True)
