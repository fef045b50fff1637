"""Several workers with work folders of their own on one store and one catalogue: no domain hears two of them at once."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.badweb import serving
from support.doors import CONTACT, Door, open_door
from support.manypages import different_pages
from support.postgres import fresh_database, postgres_server
from support.wireserver import Served, WireServer

from archive.catalogue import Catalogue
from archive.findings import Tally
from archive.kinds import Verdict
from archive.leases import Lease, Leases
from archive.settings import Settings
from archive.store import open_store
from archive.vault import open_archive
from archive.verify import verify
from crawlers.run import system_clock
from crawlers.stories import add_seeds

DELAY = 0.4  # seconds
SITES = ("east.example", "west.example", "north.example")
PAGES = {site: [f"http://{host}{site}/{number}" for number in range(3) for host in ("", "www.")] for site in SITES}
ALL = [url for urls in PAGES.values() for url in urls]


@pytest.fixture
def server() -> Iterator[WireServer]:
    """Three sites with six pages each, on two hosts each."""
    wire = WireServer(different_pages(ALL, 0.05))
    with serving(wire):
        yield wire


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A running server."""
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest, server: WireServer, tmp_path: Path) -> dict[str, Any]:
    """The settings that all workers share, and a story in whose frontier all pages wait."""
    sqlite = request.param == "sqlite"
    catalogue = f"sqlite:///{tmp_path}/catalogue.sqlite" if sqlite else fresh_database(request.getfixturevalue("postgres"))
    store = str(tmp_path / "archive")
    with open_archive(Settings(store=store, catalogue=catalogue, contact=CONTACT, work=tmp_path / "desk")) as archive:
        add_seeds(archive, "ferry", ALL, system_clock())
    shared = {"store": store, "catalogue": catalogue, "connect_to": server.connect_to, "delay": DELAY}
    return {**shared, "max_hops": 0, "lease_seconds": 6, "max_pages": 100}


def worker(stack: ExitStack, told: dict[str, Any], folder: Path, name: str) -> Door:
    """A worker of its own: ``copytrail crawl ferry`` with another work folder."""
    return stack.enter_context(open_door(["copytrail", "crawl", "ferry"], folder, {**told, "work": folder / name}))


def requests_to(server: WireServer, site: str) -> list[Served]:
    return [item for item in server.log if item.host.endswith(site)]


def assert_polite(server: WireServer) -> None:
    """No registered domain was asked twice within the delay, whoever asked."""
    for site in SITES:
        gaps = [after.time - before.time for before, after in pairwise(requests_to(server, site))]
        assert min(gaps) >= DELAY, (site, gaps)


def assert_whole(told: dict[str, Any], tmp_path: Path) -> None:
    """Each page has its capture, its last outcome is good, nothing waits, every byte is right, and each run has its log."""
    with open_archive(Settings(store=told["store"], catalogue=told["catalogue"], work=tmp_path / "desk")) as archive:
        assert archive.catalogue.waiting("ferry") == []
        outcomes = archive.catalogue.outcomes_of("ferry")
        good = {item.url for item in outcomes if item.verdict in {Verdict.KEPT, Verdict.UNCHANGED}}
        assert good == set(ALL)
        assert all(archive.catalogue.captures_of(url) for url in ALL)
        assert {key.split("/")[1] for key in archive.store.keys("requests/")} <= {item.run for item in outcomes}
    tally = Tally()
    findings = [item.message for item in verify([open_store(told["store"])], open_store, tally)]
    assert tally.errors == 0, findings


def test_two_workers_share_the_work(server: WireServer, told: dict[str, Any], tmp_path: Path) -> None:
    """Both fetch, no page is fetched twice, no domain is asked by both within its delay, and each ends when all is done."""
    with ExitStack() as stack:
        doors = [worker(stack, told, tmp_path, name) for name in ("one", "two")]
        ended = [door.wait() for door in doors]

    assert [(item.code, item.clear) for item in ended] == [(0, True)] * 2, ended
    pages = [f"http://{item.host}{item.path}" for item in server.log if item.path != "/robots.txt"]
    assert sorted(pages) == sorted(ALL)
    assert_polite(server)
    assert_whole(told, tmp_path)


def test_a_killed_worker_is_followed_by_another(server: WireServer, told: dict[str, Any], tmp_path: Path) -> None:
    """Kill -9 leaves a lease behind: the other keeps away until it is over, keeps the delay after it, and fetches what is left."""
    with ExitStack() as stack:
        one = worker(stack, told, tmp_path, "one")
        while len(server.log) < 8:
            assert one.running, one.wait()
            time.sleep(0.02)
        two = worker(stack, told, tmp_path, "two")
        time.sleep(1.0)
        one.send(signal.SIGKILL)
        one.wait()
        asked = len(server.log)
        killed = time.monotonic()
        ended = two.wait()

    assert (ended.code, ended.clear) == (0, True), ended
    assert all(item.time > killed for item in server.log[asked:])
    assert_polite(server)
    with open_door(["copytrail", "crawl", "ferry"], tmp_path, {**told, "work": tmp_path / "one"}) as again:
        assert again.wait().code == 0  # brings home what the killed one had fetched
    assert_whole(told, tmp_path)


def test_a_worker_that_was_asleep_sends_nothing_under_its_old_lease(server: WireServer, told: dict[str, Any], tmp_path: Path) -> None:
    """Stopped for longer than its leases last, it finds the domains in other hands, and leaves them there."""
    with ExitStack() as stack:
        one = worker(stack, told, tmp_path, "one")
        while len(server.log) < 8:
            assert one.running, one.wait()
            time.sleep(0.02)
        one.send(signal.SIGSTOP)
        time.sleep(told["lease_seconds"] + 0.5)
        catalogue = Catalogue(told["catalogue"])
        other = Leases(catalogue, "another", 8.0)
        taken = [other.take(site) for site in SITES]
        asked = len(server.log)
        one.send(signal.SIGCONT)
        time.sleep(3.0)
        meanwhile = server.log[asked:]
        for lease in taken:
            assert isinstance(lease, Lease)
            assert other.release(lease.domain, lease.fence, 0.0)
        catalogue.close()
        ended = one.wait()

    assert [f"{item.host}{item.path}" for item in meanwhile] == []
    assert (ended.code, ended.clear) == (3, True), ended
    assert_polite(server)
