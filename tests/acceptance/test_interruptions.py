"""A crawl that is stopped, killed, or robbed of disk, store or catalogue: nothing acknowledged is lost, and the next crawl goes on."""

import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from support.badweb import serving
from support.doors import CONTACT, ROOT, Door, open_door, run_door
from support.manypages import different_pages
from support.weed import BUCKET, weed_server
from support.wireserver import WireServer

from archive.findings import Tally
from archive.kinds import Verdict
from archive.records import Capture
from archive.settings import Settings
from archive.store import open_store
from archive.vault import open_archive
from archive.verify import verify
from crawlers.run import run_story, system_clock
from crawlers.stories import add_seeds, story_named

URLS = [f"http://slow.example/{number}" for number in range(6)]
SIZE = 60_000  # bytes of each that no gzip makes shorter: four are more than MOST
MOST = 200  # KiB that a file may have where there is no room
MANY = [f"http://many.example/{number}" for number in range(60)]  # Scrapy has 16 under way at once, and ends them after Ctrl-C


@pytest.fixture(scope="module")
def server() -> Iterator[WireServer]:
    """Few large pages and many small ones, all of which take their time."""
    wire = WireServer(different_pages(URLS, 0.15, SIZE) | different_pages(MANY, 0.05))
    with serving(wire):
        yield wire


@pytest.fixture
def told(server: WireServer, tmp_path: Path) -> dict[str, Any]:
    """The settings of a new archive; what was asked of the server before is forgotten."""
    server.log.clear()
    return {"store": tmp_path / "archive", "connect_to": server.connect_to, "max_hops": 0}


def waiting_story(store: Path, urls: Sequence[str]) -> None:
    """A story ``ferry`` in whose frontier ``urls`` wait."""
    with open_archive(Settings(store=str(store))) as archive:
        add_seeds(archive, "ferry", urls, system_clock())


def waited_for(condition: Callable[[], bool], door: Door) -> None:
    """Wait until something has happened while ``door`` runs."""
    deadline = time.monotonic() + 60
    while not condition():
        assert door.running, door.wait()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def pages_asked(server: WireServer) -> list[str]:
    """The URLs that were asked for, without robots.txt; each but the last is acknowledged, because one at a time is asked."""
    return [f"http://{item.host}{item.path}" for item in server.log if item.path != "/robots.txt"]


def captures(store: Path, url: str) -> list[Capture]:
    """The whole captures of a page, each read back from the store."""
    with open_archive(Settings(store=str(store))) as archive:
        found = [item for item in archive.catalogue.captures_of(url) if item.status == 200]
        assert all(b"Ferry number" in archive.page(item).body for item in found)
    return found


def assert_whole(store: Path, urls: Sequence[str]) -> None:
    """Every page is captured, read and a member; the last outcome of each is good; nothing waits; every byte is right."""
    with open_archive(Settings(store=str(store))) as archive:
        assert {member.url for member in story_named(archive, "ferry").members} == set(urls)
        assert archive.catalogue.waiting("ferry") == []
        last = {item.url: item.verdict for item in archive.catalogue.outcomes_of("ferry")}
        assert set(last) == set(urls)
        assert set(last.values()) <= {Verdict.KEPT, Verdict.UNCHANGED}
    assert list(store.glob(".work/open/*.warc.gz*")) == list(store.glob(".work/open/*.cut"))
    assert_sound(str(store))


def assert_sound(store: str) -> None:
    tally = Tally()
    findings = [f"{item.file}: {item.message}" for item in verify([open_store(store)], open_store, tally)]
    assert tally.errors == 0, findings


def test_ctrl_c_seals_what_came_and_the_next_crawl_goes_on(server: WireServer, told: dict[str, Any], tmp_path: Path) -> None:
    """Stopped in the middle: each URL has its outcome, the files are sealed, and nothing is asked for twice."""
    waiting_story(told["store"], MANY)
    with open_door(["copytrail", "crawl", "ferry"], tmp_path, told) as door:
        waited_for(lambda: len(pages_asked(server)) > 3, door)
        door.send(signal.SIGINT)
        stopped = door.wait()
    verdicts = {url: verdict for verdict, url, *_ in map(str.split, stopped.out.splitlines())}

    assert (stopped.code, stopped.clear) == (3, True), stopped.err
    assert "stopped before the end: copytrail crawl ferry goes on from here" in stopped.err
    assert verdicts.keys() == set(MANY)
    assert {url for url, verdict in verdicts.items() if verdict == "kept"} == set(pages_asked(server)) < set(MANY)
    assert set(verdicts.values()) == {"kept", "over_budget"}
    assert list(told["store"].glob(".work/open/*")) == []

    again = run_door(["copytrail", "crawl", "ferry"], tmp_path, told)

    assert again.code == 0, again.err
    assert sorted(pages_asked(server)) == sorted(MANY)
    assert_whole(told["store"], MANY)


def test_ctrl_c_at_the_scrapy_door(server: WireServer, told: dict[str, Any]) -> None:
    """The same archive, the same end: partly done, sealed, and each URL has its outcome."""
    waiting_story(told["store"], MANY)
    with open_door(["scrapy", "crawl", "story", "-a", "story=ferry"], ROOT, told) as door:
        waited_for(lambda: len(pages_asked(server)) > 3, door)
        door.send(signal.SIGINT)
        stopped = door.wait()

    assert (stopped.code, stopped.clear) == (3, True), stopped.err
    with open_archive(Settings(store=str(told["store"]))) as archive:
        outcomes = {item.url: item.verdict for item in archive.catalogue.outcomes_of("ferry")}
    assert outcomes.keys() == set(MANY)
    assert {url for url, verdict in outcomes.items() if verdict is Verdict.KEPT} == set(pages_asked(server)) < set(MANY)
    assert list(told["store"].glob(".work/open/*")) == []
    assert_sound(str(told["store"]))


def test_kill_9_and_then_a_full_store(server: WireServer, told: dict[str, Any], tmp_path: Path) -> None:
    """What was acknowledged is recovered, and that is said; it waits while the store has no room, and comes home with the next start."""
    waiting_story(told["store"], URLS)
    with open_door(["copytrail", "crawl", "ferry"], tmp_path, told) as door:
        waited_for(lambda: len(pages_asked(server)) > 4, door)
        door.send(signal.SIGKILL)
        assert door.wait().code == -signal.SIGKILL
    acknowledged = pages_asked(server)[:-1]
    (left,) = told["store"].glob(".work/open/*")
    name = left.name.removesuffix(".open")
    with left.open("ab") as file:
        file.write(b"\x1f\x8ba torn end")

    full = run_door(["copytrail", "crawl", "ferry"], tmp_path, told, most=MOST)

    assert (full.code, full.clear) == (4, True), full.err
    said, error = full.err.splitlines()
    assert f"recovered {name}: " in said
    assert "12 bytes of a torn tail cut" in said
    assert "File too large (warc/" in error
    assert sorted(path.name for path in told["store"].glob(".work/open/*")) == [name, f"{name}.cut"]

    again = run_door(["copytrail", "crawl", "ferry"], tmp_path, told)

    assert again.code == 0, again.err
    assert all(captures(told["store"], url)[0].ref.key.endswith(name) for url in acknowledged)
    assert_whole(told["store"], URLS)


def test_a_full_disk_stops_the_crawl_and_costs_nothing(server: WireServer, told: dict[str, Any], tmp_path: Path) -> None:
    """No room for an exchange: the crawl stops with the reason, asks for no more pages, and what came before is in the archive."""
    waiting_story(told["store"], URLS)

    full = run_door(["copytrail", "crawl", "ferry"], tmp_path, told, most=MOST)

    assert (full.code, full.clear) == (4, True), full.err
    assert "File too large" in full.err
    assert "copytrail: an exchange could not be written" in full.err
    asked = pages_asked(server)
    assert 2 < len(asked) < len(URLS)

    again = run_door(["copytrail", "crawl", "ferry"], tmp_path, told)

    assert again.code == 0, again.err
    assert all(len(captures(told["store"], url)) == 1 for url in asked[:-1])  # read from the archive, not asked for again
    assert_whole(told["store"], URLS)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param(10_000, "copytrail: {store}/.work/open: File too large (seeds/", id="no room in the work folder"),
        pytest.param(20_000, "copytrail: there is no room: File too large", id="no room for temporary files"),
    ],
)
def test_no_room_for_seeds(tmp_path: Path, lines: int, said: str) -> None:
    """A store without room refuses a story's seeds; with room again, they are taken as if nothing had been."""
    seed, store = tmp_path / "seed.txt", tmp_path / "archive"
    seed.write_text("The ferry returns\n\n" + "The old ferry returns to the island, the harbour office said.\n" * lines, encoding="utf-8")

    # There is room for the catalogue and not for the seed; beyond 1 MiB it goes through a temporary file.
    full = run_door(["copytrail", "new", "ferry", str(seed)], tmp_path, {"store": store}, most=2 * MOST)
    waiting_story(store, [str(seed)])

    assert (full.code, full.clear) == (4, True)
    assert full.err.startswith(said.format(store=store))
    assert_sound(str(store))


def test_a_lost_store_costs_nothing(server: WireServer, tmp_path: Path) -> None:
    """S3 goes away in mid-crawl: the crawl ends with the reason, its WARC waits, and comes home when the store is back."""
    with ExitStack() as running, pytest.MonkeyPatch.context() as patch:
        weed = running.enter_context(weed_server(tmp_path / "weed"))
        patch.setenv("AWS_ACCESS_KEY_ID", weed.access)
        patch.setenv("AWS_SECRET_ACCESS_KEY", weed.secret)
        told: dict[str, Any] = {"store": f"s3://{BUCKET}/lab", "work": tmp_path / "work", "contact": CONTACT, "delay": 0.0, "max_hops": 0}
        settings = Settings(**told, s3_endpoint=weed.endpoint, connect_to=server.connect_to)
        with open_archive(settings) as archive:
            add_seeds(archive, "ferry", URLS[:3], system_clock())
            lost = run_story(archive, settings, story="ferry", watch=lambda url: running.close() if url == URLS[1] else None)

        assert lost.exit_code == 4
        assert "Could not connect to the endpoint URL" in (lost.trouble or "")
        assert "waits in" in (lost.trouble or "")
        assert len(list((tmp_path / "work/open").glob("*.warc.gz"))) == 1
        asked = len(pages_asked(server))

        weed = running.enter_context(weed_server(tmp_path / "weed"))
        settings = Settings(**told, s3_endpoint=weed.endpoint, connect_to=server.connect_to)
        with open_archive(settings) as archive:
            found = run_story(archive, settings, story="ferry")
            kept = [archive.catalogue.captures_of(url) for url in URLS[:3]]
            bodies = [archive.page(item).body for versions in kept for item in versions]

    assert found.exit_code == 0
    assert [[item.kind for item in versions] for versions in kept] == [["response"]] * 3
    assert all(b"Ferry number" in body for body in bodies)
    assert len(pages_asked(server)) - asked <= 2  # what waited is read from the archive; one may have been on the wire


def test_a_locked_catalogue_is_an_error_after_its_time(server: WireServer, told: dict[str, Any], tmp_path: Path) -> None:
    """Another program holds the catalogue: the crawl waits as long as it was told, asks nobody, and the next one does everything."""
    waiting_story(told["store"], URLS[:3])
    catalogue = tmp_path / "archive/.work/catalogue.sqlite"
    with closing(sqlite3.connect(catalogue, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        locked = run_door(["copytrail", "crawl", "ferry"], tmp_path, told | {"catalogue": f"sqlite:///{catalogue}?timeout=0.5"})

    assert (locked.code, locked.clear) == (4, True), locked.err
    assert len(locked.err.splitlines()) == 1
    assert "database is locked; what was captured waits in" in locked.err
    assert server.log == []  # whose domain it is could not be asked

    again = run_door(["copytrail", "crawl", "ferry"], tmp_path, told)

    assert again.code == 0, again.err
    assert all(len(captures(told["store"], url)) == 1 for url in URLS[:3])
    assert_whole(told["store"], URLS[:3])


def test_a_catalogue_that_is_soon_free_is_waited_for(told: dict[str, Any], tmp_path: Path) -> None:
    """A short lock, as another crawl of the same archive holds it, is no error."""
    waiting_story(told["store"], URLS)
    other = sqlite3.connect(tmp_path / "archive/.work/catalogue.sqlite", isolation_level=None, check_same_thread=False)
    with closing(other), open_door(["copytrail", "new", "ferry", "http://slow.example/more"], tmp_path, told) as door:
        other.execute("BEGIN EXCLUSIVE")
        stored = tmp_path / "archive/stories/ferry/v000002.json"
        waited_for(stored.exists, door)  # its next step is to tell the catalogue
        free = threading.Timer(1.0, other.execute, ["ROLLBACK"])
        free.start()
        ended = door.wait()
        free.join()

    assert ended.code == 0, ended.err
    with open_archive(Settings(store=str(told["store"]))) as archive:
        assert "http://slow.example/more" in {lead.url for lead in archive.catalogue.waiting("ferry")}
