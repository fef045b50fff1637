"""The process of the crash drill that is killed: an archive's floor at work on invented exchanges.

Contract: ``python -m support.drillchild`` reads one ``Life`` a line as JSON, forks a process that lives it, and answers with its id; at
``wait`` it waits for the end and answers with the exit code.  Until then the id stays taken, so that whoever kills by it kills nobody else.
A life recovers what the one before left, then keeps exchanges, seals and logs until it has done its ``rounds``.  What the archive has
acknowledged is a line in ``diary`` at once: ``keep`` and a record id, ``log`` and the URLs whose outcomes are stored, ``story`` and its
version; ``recovered`` has seconds and what was done, ``stage`` what the process is at.  An aim is an audit event (PEP 578; beside Python's
own ``drill.keep``, ``drill.create`` and ``drill.created``) at which the process kills itself with signal 9.
"""

import itertools
import json
import os
import random
import re
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from support.exchanges import exchange, page

from archive.deposit import Deposit
from archive.kinds import Found, Phase, Verdict
from archive.records import Exchange, Failure, Lead, Outcome, Story
from archive.resume import resume
from archive.settings import Settings
from archive.store import ObjectInfo, Patch, Store
from archive.stories import RunLog, save_story
from archive.vault import Archive, open_archive

STORY = "ferry"
SIZES = (0, 10, 300, 3_000, 30_000, 300_000)  # bytes of a page


@dataclass(frozen=True, kw_only=True)
class Life:
    """What one process is to do; ``aim`` is an audit event, a pattern that its arguments match, and which such event it is."""

    store: str
    work: str
    endpoint: str | None
    diary: str
    name: str  # of this life: no two exchanges of a drill are alike
    rounds: int
    aim: tuple[str, str, int] | None = None


class Diary:
    """What is acknowledged, written so that a kill takes none of it back."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def say(self, *words: object) -> None:
        os.write(self._fd, f"{' '.join(map(str, words))}\n".encode())


@dataclass
class Watched:
    """A store that says what it is at."""

    store: Store
    stage: Callable[[str], None]
    url: str

    def create(self, key: str, source: Path | bytes, *, sha256: str | None = None) -> ObjectInfo:
        kind = key.split("/", maxsplit=1)[0]
        self.stage(f"create {kind}")
        sys.audit("drill.create", key)
        info = self.store.create(key, source, sha256=sha256)
        sys.audit("drill.created", key)
        self.stage(f"after {kind}")
        return info

    def open(self, key: str, offset: int = 0, length: int | None = None) -> IO[bytes]:
        return self.store.open(key, offset, length)

    def read(self, key: str) -> bytes:
        return self.store.read(key)

    def info(self, key: str) -> ObjectInfo | None:
        return self.store.info(key)

    def keys(self, prefix: str = "") -> Iterator[str]:
        return self.store.keys(prefix)

    def erase(self, key: str, patches: Sequence[Patch], *, sha256: str) -> ObjectInfo:
        return self.store.erase(key, patches, sha256=sha256)

    def refuse_locked(self, key: str) -> None:
        self.store.refuse_locked(key)

    def remove(self, key: str) -> None:
        self.store.remove(key)


def live(life: Life) -> None:
    """Recover, then work."""
    diary = Diary(life.diary)
    _take_aim(life.aim)
    when = "open"

    def stage(step: str) -> None:
        diary.say("stage", when, step)

    stage("")
    with open_archive(Settings(store=life.store, work=Path(life.work), s3_endpoint=life.endpoint)) as opened:
        archive = replace(opened, store=Watched(opened.store, stage, opened.store.url))
        when = "recovery"
        stage("")
        started = time.monotonic()
        deposit = archive.deposit(clock=lambda: datetime.now(UTC), info={"software": "copytrail/drill"})
        done = [f"{item.name}: {item.outcome}" for item in resume(deposit)]
        diary.say("recovered", f"{time.monotonic() - started:.4f}", json.dumps(done))
        when = "work"
        _work(life, archive, deposit, diary)


def _take_aim(aim: tuple[str, str, int] | None) -> None:
    if aim is None:
        return
    event, pattern, number = aim
    counter = itertools.count(1)

    def hook(name: str, arguments: tuple[object, ...]) -> None:
        if name == event and any(re.search(pattern, str(item)) for item in arguments) and next(counter) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _work(life: Life, archive: Archive, deposit: Deposit, diary: Diary) -> None:
    chance = random.Random(life.name)
    log = RunLog(archive, STORY, life.name, datetime.now(UTC))
    for number in range(life.rounds):
        outcomes = []
        for step in range(chance.randrange(2, 6)):
            diary.say("stage", "work", "capture")
            item = _exchange(chance, f"http://news.example/{life.name}/{number}/{step}")
            sys.audit("drill.keep", item.url)
            written = deposit.keep(item)
            diary.say("keep", written.id)
            outcomes.append(_outcome(life.name, item))
        diary.say("stage", "work", "seal")
        deposit.seal()
        if chance.random() < 0.5:
            diary.say("stage", "work", "log")
            log.write([item.lead for item in outcomes], outcomes)
            diary.say("log", *(item.url for item in outcomes))
        if chance.random() < 0.2:
            known = archive.catalogue.story(STORY)
            now = datetime.now(UTC)
            story = Story(slug=STORY, version=known.version + 1 if known else 1, created=now, title=f"{life.name} {number}")
            diary.say("story", save_story(archive, story, lambda newest: newest, now).version)


def _exchange(chance: random.Random, url: str) -> Exchange:
    """A page like no other, one that others have answered with too, or a fetch without an answer."""
    kind = chance.random()
    known: dict[str, Any] = {"url": url, "started": datetime.now(UTC)}
    if kind < 0.1:
        return exchange(b"", request=b"", failure=Failure(phase=Phase.CONNECT, kind="refused", message="refused"), **known)
    if kind < 0.3:
        return page(b"the same for all %d" % chance.randrange(4), **known)
    return page(chance.randbytes(chance.choice(SIZES)) + url.encode(), **known)


def _outcome(run: str, item: Exchange) -> Outcome:
    lead = Lead(url=item.url, found=Found.GIVEN)
    return Outcome(run=run, url=item.url, verdict=Verdict.KEPT, reason="drill", time=item.started, lead=lead)


def main() -> None:
    """Fork lives as told on standard input."""
    for line in sys.stdin:
        life = Life(**json.loads(line))
        pid = os.fork()
        if pid == 0:
            code = 0
            try:
                live(life)
            except Exception:  # noqa: BLE001 -- the outcome is the exit code, and stderr has the rest
                traceback.print_exc()
                code = 1
            finally:
                os._exit(code)
        print(pid, flush=True)  # noqa: T201 -- the answer
        if not sys.stdin.readline():  # nobody waits any more
            os.kill(pid, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)  # noqa: T201 -- the answer


def line_of(life: Life) -> str:
    """What ``main`` reads."""
    return json.dumps(asdict(life)) + "\n"


if __name__ == "__main__":
    main()
