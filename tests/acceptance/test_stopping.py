"""A crawl that is told to stop ends soon, however long its delay is: what waits is handed back, what is on the wire gets a last moment."""

import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.badweb import message, serving
from support.doors import CONTACT, ROOT, open_door
from support.manypages import different_article, different_pages
from support.wireserver import Pause, WireServer

from archive.findings import Tally
from archive.kinds import Deed, Verdict
from archive.records import Outcome, RequestEvent
from archive.requestlog import events_of
from archive.settings import Settings
from archive.store import open_store
from archive.vault import open_archive
from archive.verify import verify
from crawlers.run import system_clock
from crawlers.stories import add_seeds
from flows import child

QUICK = [f"http://quick.example/{number}" for number in range(30)]
SLOW = ["http://silent.example/never", "http://endless.example/never"]
DELAY = 6.0  # seconds: Scrapy has 16 requests under way, and without our own end would send one after the other
PATIENCE = 60.0  # seconds: less than that takes; on a quiet machine it is over in ten


@pytest.fixture(scope="module")
def server() -> Iterator[WireServer]:
    """Many pages that are there at once, one that never comes, and one that never ends."""
    body = message({"body": different_article(99)})
    wire = WireServer(
        different_pages(QUICK, 0.0)
        | {"silent.example /never": (Pause(300.0), body), "endless.example /never": (body[:-500], Pause(300.0), body[-500:])}
    )
    with serving(wire):
        yield wire


@pytest.fixture
def told(server: WireServer, tmp_path: Path) -> dict[str, Any]:
    """The settings of an archive with a story in whose frontier all pages wait."""
    server.log.clear()
    with open_archive(Settings(store=str(tmp_path / "archive"), contact=CONTACT)) as archive:
        add_seeds(archive, "ferry", [*SLOW, *QUICK], system_clock())
    return {"store": tmp_path / "archive", "connect_to": server.connect_to, "max_hops": 0, "delay": DELAY, "timeout": 300}


def under_way(server: WireServer) -> bool:
    """Whether both slow pages have been asked for, and a quick one has been answered."""
    asked = {f"http://{item.host}{item.path}" for item in server.log}
    return {*SLOW, QUICK[0]} <= asked


def ended(told: Mapping[str, Any]) -> tuple[list[Outcome], list[RequestEvent]]:
    """The outcomes of the one run, and its request log; every byte of the archive is right, and nothing waits to be brought home."""
    store = told["store"]
    with open_archive(Settings(store=str(store))) as archive:
        outcomes = archive.catalogue.outcomes_of("ferry")
        assert {lead.url for lead in archive.catalogue.waiting("ferry")} == {
            item.url for item in outcomes if item.verdict in {Verdict.OVER_BUDGET, Verdict.FAILED}
        }
        log = list(events_of(archive.store, outcomes[0].run))
    assert list(store.glob(".work/open/*")) == []
    tally = Tally()
    findings = [item.message for item in verify([open_store(str(store))], open_store, tally)]
    assert tally.errors == 0, findings
    return outcomes, log


def assert_handed_back(server: WireServer, outcomes: list[Outcome], log: list[RequestEvent]) -> None:
    """Each URL has one outcome: what was asked for says how it went, the others that the run was stopped; the log tells the same."""
    asked = {f"http://{item.host}{item.path}" for item in server.log}
    assert sorted(item.url for item in outcomes) == sorted([*SLOW, *QUICK])
    verdicts = {item.url: item.verdict for item in outcomes}
    assert {url for url, verdict in verdicts.items() if verdict is Verdict.KEPT} == asked & set(QUICK)
    assert [verdicts[url] for url in SLOW] == [Verdict.OVER_BUDGET, Verdict.FAILED]  # the first would have been tried again
    assert {verdicts[url] for url in set(QUICK) - asked} == {Verdict.OVER_BUDGET}
    assert {event.url for event in log if event.deed is Deed.REQUESTED} == asked
    handed_back = {event.url for event in log if event.deed is Deed.REFUSED}
    assert handed_back
    assert handed_back <= set(QUICK) - asked


def test_a_term_signal_ends_a_crawl_soon(server: WireServer, told: dict[str, Any], tmp_path: Path) -> None:
    """Before anybody loses patience and kills it: every URL has its outcome, and what waits is in the frontier for the next run."""
    with open_door(["copytrail", "crawl", "ferry"], tmp_path, told) as running:
        while not under_way(server):
            assert running.running, running.wait()
            time.sleep(0.05)
        running.send(signal.SIGTERM)
        stopped = running.wait(PATIENCE)

    assert (stopped.code, stopped.clear) == (3, True), stopped.err
    assert_handed_back(server, *ended(told))


class _Cancelled(BaseException):
    """As a workflow engine's comes."""


def test_a_cancelled_flow_ends_its_crawl_soon(server: WireServer, told: dict[str, Any]) -> None:
    """The crawl of a flow that is cancelled ends by itself within its grace, and nothing of it is left running."""
    environ = {f"COPYTRAIL_{name.upper()}": str(value) for name, value in told.items()} | {"COPYTRAIL_CONTACT": CONTACT}
    pids: list[int] = []

    def listen(line: str) -> None:
        pids.extend(int(word) for word in line.split() if line.startswith("pid ") and word.isdigit())
        if under_way(server):
            raise _Cancelled

    crawl = [sys.executable, "-m", "scrapy", "crawl", "story", "-a", "story=ferry", "-L", "DEBUG"]
    program = ["/bin/sh", "-c", 'echo "pid $$"; exec "$@"', "sh", *crawl]
    with pytest.raises(_Cancelled):
        child.run(program, folder=ROOT, environ={**os.environ, **environ}, on_line=listen, timeout=100.0, grace=PATIENCE)

    assert len(pids) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
    assert_handed_back(server, *ended(told))
