"""Crawls of deployed runs that are ended from outside, each in its own way, and what is left of each.

Contract: ``ended(engine, folder)`` starts one worker, flow and crawl for each of ``WAYS`` on a server that has our deployments, all of
stories, stores and domains of their own; ends every one while its crawl has sixteen requests waiting for a delay of two seconds; and gives
what was seen.  ``goes_on`` runs the next crawl of a story.  Nothing that was started is left running.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from support.badweb import serving
from support.doors import CONTACT, Ended, run_door
from support.engine import FINAL, POOL, Engine, wait_for
from support.manypages import different_pages
from support.wireserver import WireServer

from archive.kinds import Verdict
from archive.settings import Settings
from archive.vault import open_archive
from crawlers.run import system_clock
from crawlers.stories import add_seeds

DELAY = 2.0  # seconds
PAGES = 120  # sixteen wait in Scrapy's slot, the others for a place there; enough for the time until its turn has come
WAYS: Mapping[str, tuple[str, signal.Signals | None]] = {
    "cancel": ("flow", None),
    "SIGTERM worker": ("worker", signal.SIGTERM),
    "SIGTERM flow": ("flow", signal.SIGTERM),
    "SIGTERM crawl": ("crawl", signal.SIGTERM),
    "SIGKILL worker": ("worker", signal.SIGKILL),
    "SIGKILL flow": ("flow", signal.SIGKILL),
    "SIGKILL crawl": ("crawl", signal.SIGKILL),
}
TOLD = ("cancel", "SIGTERM flow", "SIGTERM crawl", "SIGKILL crawl")  # of the others the server's automation says it, minutes later


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What was seen of one run."""

    way: str
    seconds: float  # until the crawl's process was gone
    state: str  # of the run, when its processes were gone
    state_seconds: float  # until then
    left: tuple[int, ...]  # processes of the run that were there still
    pages: int  # that were asked for
    verdicts: Mapping[str, int]  # the outcomes that the run wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A story that is being crawled."""

    way: str
    folder: Path
    run: str
    worker: "Popen[bytes]"

    @property
    def story(self) -> str:
        """Its name, which is its domain's too."""
        return name_of(self.way)

    @property
    def settings(self) -> Settings:
        """Where its archive lies."""
        return Settings(store=str(self.folder / self.story), contact=CONTACT)

    @property
    def crawl(self) -> int | None:
        """The process of its crawl."""
        story = f"story={self.story}".encode()
        return next((pid for pid, words in _processes() if b"scrapy" in words and story in words and not _is_leash(words)), None)


def name_of(way: str) -> str:
    """The story of a way to end."""
    return way.lower().replace(" ", "-")


def pages_of(way: str) -> list[str]:
    """What is to be crawled."""
    return [f"http://{name_of(way)}.example/{number}" for number in range(PAGES)]


@contextmanager
def web() -> Iterator[WireServer]:
    """All pages, which are there at once."""
    wire = WireServer(different_pages([url for way in WAYS for url in pages_of(way)], 0.0))
    with serving(wire):
        yield wire


def ended(engine: Engine, folder: Path, wire: WireServer, tell: Callable[[End], None] = lambda _: None) -> Mapping[str, tuple[Run, End]]:
    """Start them all, end them all, one after another; ``tell`` hears of each."""
    with ExitStack() as stack:
        environ = {"COPYTRAIL_HOME": str(folder), "COPYTRAIL_CONTACT": CONTACT}
        spared = stack.enter_context(engine.worker(POOL, environ, queue="spared"))
        own = {way: stack.enter_context(engine.worker(POOL, environ, queue=name_of(way))) for way in WAYS if WAYS[way][0] == "worker"}
        runs = [_begin(engine, folder, way, wire, own.get(way, spared)) for way in WAYS]
        for run in runs:
            stack.callback(_clear_away, run)
        ends = {}
        for run in runs:
            end = _end(engine, run, wire)
            tell(end)
            ends[run.way] = (run, end)
        return ends


def _clear_away(run: Run) -> None:
    """Kill what is left of a run: a flow is in a session of its own, and outlives its worker."""
    mark = f"PREFECT__FLOW_RUN_ID={run.run}".encode()
    for pid, _ in list(_processes()):
        with suppress(OSError):
            if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                os.kill(pid, signal.SIGKILL)


def asked(wire: WireServer, way: str) -> Counter[str]:
    """How often each page was asked for."""
    host = f"{name_of(way)}.example"
    return Counter(f"http://{item.host}{item.path}" for item in wire.log if item.host == host and item.path != "/robots.txt")


def goes_on(run: Run, wire: WireServer) -> Ended:
    """The next crawl of the story, in the same work folder, without any engine."""
    told = {"store": run.settings.store, "connect_to": wire.connect_to, "max_hops": 0, "delay": 0.01}
    return run_door(["copytrail", "crawl", run.story], run.folder, told)


def _begin(engine: Engine, folder: Path, way: str, wire: WireServer, worker: "Popen[bytes]") -> Run:
    """A run on the queue of its worker."""
    name = name_of(way)
    environ = {
        "COPYTRAIL_STORE": str(folder / name),
        "COPYTRAIL_DELAY": str(DELAY),
        "COPYTRAIL_MAX_HOPS": "0",
        "COPYTRAIL_CONNECT_TO": wire.connect_to,
    }
    with open_archive(Settings(store=str(folder / name), contact=CONTACT)) as archive:
        add_seeds(archive, name, pages_of(way), system_clock())
    queue = name if WAYS[way][0] == "worker" else "spared"
    return Run(way=way, folder=folder, run=engine.start("collect/copytrail", environ, queue=queue, story=name), worker=worker)


def _end(engine: Engine, run: Run, wire: WireServer) -> End:
    """End a run when two of its pages are there."""
    crawl = wait_for(lambda: _at_work(engine, run, wire), 300)
    assert crawl is not None
    flow = _parent(_parent(crawl))  # the leash is between them
    whom, number = WAYS[run.way]
    begun = time.monotonic()
    if number is None:
        engine.ask(f"/flow_runs/{run.run}/set_state", {"state": {"type": "CANCELLING"}, "force": True})
    else:
        os.kill({"worker": run.worker.pid, "flow": flow, "crawl": crawl}[whom], number)
    wait_for(lambda: not _is_there(crawl), 60)
    seconds = time.monotonic() - begun
    with suppress(AssertionError):
        wait_for(lambda: not _is_there(flow), 60)
    if run.way in TOLD:
        wait_for(lambda: engine.state(run.run)["type"] in FINAL)
    state_seconds = time.monotonic() - begun
    with open_archive(run.settings) as archive:
        outcomes = archive.catalogue.outcomes_of(run.story)
    return End(
        way=run.way,
        seconds=seconds,
        state=engine.state(run.run)["type"],
        state_seconds=state_seconds,
        left=tuple(pid for pid in (crawl, flow) if _is_there(pid)),
        pages=len(asked(wire, run.way)),
        verdicts=Counter(str(item.verdict) for item in outcomes),
    )


def _at_work(engine: Engine, run: Run, wire: WireServer) -> int | None:
    """The process of a crawl that has asked for three pages."""
    state = engine.state(run.run)
    assert state["type"] not in FINAL, (run.way, state["message"], engine.log(run.run))
    return run.crawl if len(asked(wire, run.way)) >= 3 else None


def whole(run: Run) -> bool:
    """Whether every page is captured, and nothing waits."""
    with open_archive(run.settings) as archive:
        kept = {item.url for item in archive.catalogue.outcomes_of(run.story) if item.verdict in {Verdict.KEPT, Verdict.UNCHANGED}}
        captured = all(archive.catalogue.captures_of(url) for url in pages_of(run.way))
        return captured and kept == set(pages_of(run.way)) and archive.catalogue.waiting(run.story) == []


def _processes() -> Iterator[tuple[int, list[bytes]]]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield int(path.parent.name), path.read_bytes().split(b"\0")


def _is_leash(words: list[bytes]) -> bool:
    """Whether this is what stands between a flow and its crawl (``flows/child.py``)."""
    return any(word.endswith(b"flows/child.py") for word in words)


def _parent(pid: int) -> int:
    """The process that started another (proc_pid_stat(5))."""
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])


def _is_there(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not reaped is not there."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False
