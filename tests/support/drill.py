"""The crash drill: processes that keep captures are killed with signal 9, again and again, and so is the S3 server; then it is counted.

Contract: ``drill(folder, "folder" or "s3", seed)`` is an archive whose lives (``drillchild.py``) the caller starts and kills; an S3 server
stands behind a proxy, so that it may be killed and come back at its address.  ``audit`` starts one more life that only recovers, and holds
everything that was acknowledged against what is in the store's WARC files, in their indexes, in the manifests and in the catalogue.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import pytest
from support.drillchild import STORY, Life, line_of
from support.faultproxy import Fault, FaultProxy, fault_proxy
from support.weed import BUCKET, weed_server

from archive import cdxj, manifest
from archive.findings import Tally
from archive.records import Lead
from archive.settings import Settings
from archive.store import Store, open_store
from archive.stories import read_log
from archive.vault import open_archive
from archive.verify import verify
from archive.warcread import WarcError, records

ROOT = Path(__file__).resolve().parents[2]
MOST = 200  # rounds of a life that is to be killed: one that is missed ends
PATIENCE = 60.0  # seconds for a step of a life that nothing kills
TORN = b"\x1f\x8b\x08 the beginning of a record"
Aim = tuple[str, str, int]
_UNLISTED = ("manifests/", "probe/")  # the lists themselves, and what a probe of the store leaves


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What is wrong, by kind; all empty when nothing is lost."""

    acknowledged: int  # exchanges
    lost: tuple[str, ...]  # acknowledged, and not once in the WARC files, their indexes and the catalogue
    doubled: tuple[str, ...]  # records, index lines or list entries that are there twice
    torn: tuple[str, ...]  # files that are not whole
    orphans: tuple[str, ...]  # objects that no manifest names, and halves of objects
    unequal: tuple[str, ...]  # what WARC files, indexes and catalogue do not agree on
    found: tuple[str, ...]  # errors of ``copytrail verify``
    left: tuple[str, ...]  # files in the work folder that nobody needs
    tails: int  # files with what was cut off

    @property
    def faults(self) -> list[str]:
        """Everything that should not be."""
        kinds = ("lost", "doubled", "torn", "orphans", "unequal", "found", "left")
        return [f"{kind}: {item}" for kind in kinds for item in getattr(self, kind)]


@dataclass(kw_only=True)
class Drill:
    """An archive, and the processes that work on it one after the other."""

    folder: Path
    kind: str
    chance: random.Random
    proxy: FaultProxy | None
    nursery: subprocess.Popen[str]
    servers: ExitStack
    lives: int = 0
    kills: Counter[str] = field(default_factory=Counter)  # by what the process was at
    server_kills: int = 0
    refusals: int = 0  # lives that ended by themselves, because the store was away for too long

    @property
    def store_url(self) -> str:
        return f"s3://{BUCKET}/lab" if self.proxy else str(self.folder / "store")

    @property
    def settings(self) -> Settings:
        return Settings(store=self.store_url, work=self.folder / "work", s3_endpoint=self.proxy.endpoint if self.proxy else None)

    def start(self, *, rounds: int = MOST, aim: Aim | None = None) -> int:
        """Begin a life; its process id, which stays its own until :meth:`end`."""
        self.lives += 1
        life = Life(
            store=self.store_url,
            work=str(self.folder / "work"),
            endpoint=self.settings.s3_endpoint,
            diary=str(self.folder / "diary"),
            name=f"{self.lives:05}",
            rounds=rounds,
            aim=aim,
        )
        return int(self._tell(line_of(life)))

    def end(self) -> int:
        """Wait until the life has ended; its exit code."""
        code = int(self._tell("wait\n"))
        if code == -signal.SIGKILL:
            self.kills[self.stage] += 1
        elif code:
            self.refusals += 1
        return code

    def _tell(self, line: str) -> str:
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(line)
        self.nursery.stdin.flush()
        return self.nursery.stdout.readline()

    @property
    def said(self) -> list[list[str]]:
        """The diary: what was acknowledged, word by word."""
        with suppress(FileNotFoundError):
            text = (self.folder / "diary").read_text(encoding="utf-8")
            return [line.split(" ") for line in text.split("\n")[:-1]]
        return []

    @property
    def stage(self) -> str:
        """What the last process was at."""
        words = next(words for words in reversed(self.said) if words[0] in {"stage", "keep", "recovered"})
        return " ".join(words[1:]).strip() if words[0] == "stage" else "work capture" if words[0] == "keep" else "work"

    def aimed(self, aim: Aim) -> int:
        """A life that is killed where ``aim`` says; its exit code."""
        self.start(aim=aim, rounds=30)
        return self.end()

    def upload_cut(self, about: str, share: float) -> int:
        """A life that is killed when the server has a share of the body of the next PUT whose path holds ``about``."""
        assert self.proxy is not None
        lives: SimpleQueue[int] = SimpleQueue()
        self.proxy.faults = [Fault(about=about, cut=share, then=lambda: os.kill(lives.get(), signal.SIGKILL))]
        lives.put(self.start())
        return self.end()

    def server_cut(self, about: str, share: float) -> int:
        """A life of one round, under which the server is killed when it has a share of the body of the next PUT."""
        assert self.proxy is not None
        self.proxy.faults = [Fault(about=about, cut=share, then=self.kill_server)]
        self.start(rounds=1)
        return self.end()

    def tear(self) -> None:
        """Append the beginning of a record to the open file that the last life left."""
        (left,) = (self.folder / "work/open").glob("*.open")
        with left.open("ab") as file:
            file.write(TORN)

    def random_round(self, *, longest: float, server: bool = False) -> None:
        """A life that is killed within ``longest`` seconds of its recovery or of its start; before that the ``server`` under it."""
        began = len(self.said)
        pid = self.start()
        if self.chance.random() < 0.7:
            deadline = time.monotonic() + PATIENCE
            while not any(words[0] == "recovered" for words in self.said[began:]) and time.monotonic() < deadline:
                time.sleep(0.005)
        time.sleep(self.chance.random() * longest)
        if self.proxy and server:
            self.kill_server()
            time.sleep(self.chance.random() * longest)
        os.kill(pid, signal.SIGKILL)
        self.end()

    def kill_server(self) -> None:
        """Kill the S3 server, and start it again on the same data."""
        assert self.proxy is not None
        self.server_kills += 1
        self.servers.close()
        self._serve()

    def _serve(self) -> None:
        assert self.proxy is not None
        self.proxy.upstream = _port(self.servers.enter_context(weed_server(self.folder / "weed")).endpoint)

    def recovery_times(self) -> list[float]:
        """Seconds of each recovery that found something to do."""
        return [float(words[1]) for words in self.said if words[0] == "recovered" and words[2:] != ["[]"]]

    def audit(self) -> Audit:
        """Recover a last time, and count."""
        if self.proxy:
            self.proxy.faults = []
        self.start(rounds=0)
        assert self.end() == 0, (self.folder / "stderr").read_text(encoding="utf-8")[-3000:]
        with open_archive(self.settings) as archive:
            return _audit(self, archive.store, {item.id: item for item in archive.catalogue.all_captures()})


def _port(endpoint: str) -> int:
    return int(endpoint.rpartition(":")[2])


@contextmanager
def drill(folder: Path, kind: str, seed: int) -> Iterator[Drill]:
    """A new archive in ``folder``; ``kind`` is of its store."""
    with ExitStack() as running:
        servers, proxy = running.enter_context(ExitStack()), None
        if kind == "s3":
            weed = servers.enter_context(weed_server(folder / "weed"))
            patch = running.enter_context(pytest.MonkeyPatch.context())
            patch.setenv("AWS_ACCESS_KEY_ID", weed.access)
            patch.setenv("AWS_SECRET_ACCESS_KEY", weed.secret)
            proxy = running.enter_context(fault_proxy(weed.endpoint))
        errors = running.enter_context((folder / "stderr").open("w", encoding="utf-8"))
        nursery = running.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "support.drillchild"],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        )
        yield Drill(folder=folder, kind=kind, chance=random.Random(seed), proxy=proxy, nursery=nursery, servers=servers)
        assert nursery.stdin is not None
        nursery.stdin.close()


@dataclass
class _Held:
    """What a store holds, counted."""

    records: Counter[str] = field(default_factory=Counter)
    captures: Counter[str] = field(default_factory=Counter)
    indexed: Counter[str] = field(default_factory=Counter)
    listed: Counter[str] = field(default_factory=Counter)
    torn: list[str] = field(default_factory=list)


def _audit(work: Drill, store: Store, catalogued: dict[str, object]) -> Audit:
    held = _held(store)
    keys = set(store.keys())
    acknowledged = [words[1] for words in work.said if words[0] == "keep"]
    lost = [item for item in acknowledged if held.records[item] != 1]
    lost += [item for item in acknowledged if item in held.captures and (held.indexed[item] != 1 or item not in catalogued)]
    twice = [*held.records.items(), *held.indexed.items(), *held.listed.items(), *Counter(acknowledged).items()]
    files = [path for path in (work.folder / "work").rglob("*") if path.is_file()]
    tally = Tally()
    found = verify([store], partial(open_store, endpoint=work.settings.s3_endpoint), tally)
    return Audit(
        acknowledged=len(acknowledged),
        lost=(*lost, *_lost_logs(work, store)),
        doubled=tuple(item for item, count in twice if count > 1),
        torn=tuple(held.torn),
        orphans=(*sorted(key for key in keys - set(held.listed) if not key.startswith(_UNLISTED)), *_halves(work)),
        unequal=tuple(sorted(set(held.captures) ^ set(held.indexed) | set(held.captures) ^ set(catalogued))),
        found=tuple(f"{item.rule} {item.file}: {item.message}" for item in found if item.severity == "error"),
        left=tuple(str(path) for path in files if path.suffix != ".cut" and not path.name.startswith("catalogue.")),
        tails=sum(path.suffix == ".cut" for path in files),
    )


def _held(store: Store) -> _Held:
    held = _Held()
    for key in store.keys("warc/"):
        try:
            with store.open(key) as stream:
                for record in records(stream):
                    held.records[record.id] += 1
                    held.captures[record.id] += record.type in {"response", "revisit"}
        except WarcError as error:
            held.torn.append(f"{key}: {error}")
    held.captures = +held.captures
    for key in store.keys("cdxj/"):
        held.indexed.update(cdxj.parse(line).id for line in store.read(key).decode().splitlines())
    for writer in manifest.writers(store):
        held.listed.update(item.key for link in manifest.read_chain(store, writer) for item in link.objects)
    return held


def _lost_logs(work: Drill, store: Store) -> Iterator[str]:
    """What was acknowledged of run logs and stories, and is not in the store and the catalogue."""
    logged = Counter(item.url for key in store.keys("outcomes/") for _, item in read_log(store.read(key)) if not isinstance(item, Lead))
    with open_archive(work.settings) as archive:
        ended = Counter(item.url for item in archive.catalogue.outcomes_of(STORY))
        newest = archive.catalogue.story(STORY)
    for words in work.said:
        if words[0] == "log":
            yield from (f"outcome of {url}" for url in words[1:] if (logged[url], ended[url]) != (1, 1))
    versions = [int(words[1]) for words in work.said if words[0] == "story"]
    if versions != sorted(set(versions)) or (versions and (newest is None or newest.version < versions[-1])):
        yield f"a story: {versions}, and the catalogue has {newest.version if newest else None}"
    if logged != ended:
        yield f"outcomes that the store has and the catalogue has not, or the other way round: {(logged - ended) + (ended - logged)}"


def _halves(work: Drill) -> Sequence[str]:
    return [str(path) for path in (work.folder / "store").rglob(".copytrail-*")]
