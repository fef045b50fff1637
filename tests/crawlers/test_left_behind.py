"""What a killed crawl had fetched is not asked for again: the next one reads it from the archive, and goes on with the rest."""

import signal
import time
from collections import Counter
from pathlib import Path

from support.badweb import serving
from support.doors import CONTACT, open_door, run_door
from support.manypages import different_pages
from support.wireserver import WireServer

from archive.kinds import Verdict
from archive.settings import Settings
from archive.vault import open_archive
from crawlers.run import system_clock
from crawlers.stories import add_seeds, story_named

PAGES = [f"http://left.example/{number}" for number in range(12)]


def test_the_next_crawl_goes_on_where_the_killed_one_was(tmp_path: Path) -> None:
    """Kill -9 after some pages: each page is asked for once, but for the one that was on the wire, and all are members in the end."""
    wire = WireServer(different_pages(PAGES, 0.0))
    store = tmp_path / "archive"
    with open_archive(Settings(store=str(store), contact=CONTACT)) as archive:
        add_seeds(archive, "ferry", PAGES, system_clock())
    with serving(wire):
        told = {"store": store, "connect_to": wire.connect_to, "max_hops": 0, "delay": 0.3}
        with open_door(["copytrail", "crawl", "ferry"], tmp_path, told) as killed:
            while len(wire.log) < 7:
                assert killed.running, killed.wait()
                time.sleep(0.02)
            killed.send(signal.SIGKILL)
            killed.wait()
        done = run_door(["copytrail", "crawl", "ferry"], tmp_path, told)
    asked = Counter(f"http://{item.host}{item.path}" for item in wire.log if item.path != "/robots.txt")

    assert (done.code, done.clear) == (0, True), done.err
    assert set(asked) == set(PAGES)
    assert sum(asked.values()) <= len(PAGES) + 1
    with open_archive(Settings(store=str(store), contact=CONTACT)) as archive:
        assert {item.url: item.verdict for item in archive.catalogue.outcomes_of("ferry")} == dict.fromkeys(PAGES, Verdict.KEPT)
        assert {member.url for member in story_named(archive, "ferry").members} == set(PAGES)
        assert archive.catalogue.waiting("ferry") == []
