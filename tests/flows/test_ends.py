"""Deployed runs that are ended from outside, on a real server with real workers: nothing is left, nothing is lost, the next run goes on."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from support.ends import PAGES, WAYS, End, Run, asked, ended, goes_on, pages_of, web, whole
from support.engine import prefect_server
from support.wireserver import WireServer

COPYTRAIL = str(Path(sys.executable).with_name("copytrail"))
# Whoever is killed above it, the crawl hears of it, but by more than one signal, for which Scrapy ends at once: the kernel sends one each
# time that a dying thread of the parent hands its children to the next.  What was fetched lies in the open file.
CLEAN = [way for way in WAYS if not way.startswith("SIGKILL")]

pytestmark = pytest.mark.timeout(900)  # seven workers, flows and crawls are started


@pytest.fixture(scope="module")
def wire() -> Iterator[WireServer]:
    """The pages of all stories."""
    with web() as server:
        yield server


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, wire: WireServer) -> Mapping[str, tuple[Run, End]]:
    """One run for each way to end it, ended."""
    folder = tmp_path_factory.mktemp("ends")
    with prefect_server(folder) as engine:
        subprocess.run([COPYTRAIL, "--quiet", "deploy"], env={**os.environ, **engine.environ}, cwd=folder, check=True, capture_output=True)
        return ended(engine, folder, wire)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_left_running(seen: Mapping[str, tuple[Run, End]], way: str) -> None:
    """Neither the crawl nor its flow outlives what was ended."""
    assert seen[way][1].left == ()


@pytest.mark.parametrize("way", CLEAN)
def test_every_url_has_its_outcome(seen: Mapping[str, tuple[Run, End]], way: str) -> None:
    """Sixteen requests wait for a delay of two seconds: they go back, what came is kept, and nobody has to kill the crawl."""
    end = seen[way][1]

    assert sum(end.verdicts.values()) == PAGES
    assert set(end.verdicts) == {"kept", "over_budget"}
    assert end.pages - 1 <= end.verdicts["kept"] <= end.pages  # one may have been on the wire


@pytest.mark.parametrize(("way", "state"), [("cancel", "CANCELLED"), ("SIGTERM flow", "CRASHED"), ("SIGTERM crawl", "COMPLETED")])
def test_the_run_says_how_it_was_ended(seen: Mapping[str, tuple[Run, End]], way: str, state: str) -> None:
    """Where there is somebody left to say it; of the others the server's automation does."""
    assert seen[way][1].state == state


@pytest.mark.parametrize("way", WAYS)
def test_the_next_crawl_goes_on(seen: Mapping[str, tuple[Run, End]], wire: WireServer, way: str) -> None:
    """Every page is there in the end, and none is asked for again but the one that was on the wire."""
    run, _ = seen[way]
    done = goes_on(run, wire)

    assert (done.code, done.clear) == (0, True), done.err[-2000:]
    assert whole(run)
    counts = asked(wire, way)
    assert set(counts) == set(pages_of(way))
    assert sum(count - 1 for count in counts.values()) <= 1
