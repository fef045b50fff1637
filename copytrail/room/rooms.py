"""The open room: an archive, and the few things that the answers share.

Contract: a :class:`Room` is opened by ``opened`` and closed with it.  ``heavy`` lets few at a time do what costs seconds (a pull, a story
page, a search); who would wait too long gets 503.  ``here`` is the address under which the asker reached the room; the door has looked at
its host.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from starlette.requests import Request

from archive.records import Story
from archive.settings import Settings
from archive.vault import Archive
from archive.withdrawals import standing, withdrawals
from copytrail.room.refusals import Refused
from copytrail.room.spools import Spool
from pipeline.textpool import TextPool

PATIENCE = 60.0  # seconds that a request waits for its turn
AT_ONCE = 2  # requests that may do something heavy at the same time
READING = 15.0  # seconds for a page of strangers to be taken apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What every answer can ask for."""

    archive: Archive
    settings: Settings
    clock: Callable[[], datetime]
    files: Spool  # what is handed out
    readers: TextPool  # make the ledger of a page
    cleaners: TextPool  # make what can be shown of a page
    replay: str | None = None  # template of a replayer's address
    turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))

    @contextmanager
    def heavy(self) -> Iterator[None]:
        """Wait for a turn."""
        if not self.turns.acquire(timeout=PATIENCE):
            raise Refused(503, "Too much is asked of this room at once; try again in a minute.", headers={"retry-after": "60"})
        try:
            yield
        finally:
            self.turns.release()

    def state(self, story: Story) -> tuple[object, ...]:
        """What changes when a story's files must be made anew: its definition, and what is withdrawn."""
        hidden = tuple(item.id for item in standing(withdrawals(self.archive.store), self.clock()))
        return story.slug, story.version, hidden


@contextmanager
def opened(archive: Archive, settings: Settings, clock: Callable[[], datetime], folder: Path, replay: str | None = None) -> Iterator[Room]:
    """A room over an archive; its worker processes end with it."""
    with (
        TextPool(workers=1, deadline=READING, function="copytrail.textwork:ledger") as readers,
        TextPool(workers=1, deadline=READING, function="copytrail.room.shown:cleaned") as cleaners,
    ):
        yield Room(archive=archive, settings=settings, clock=clock, files=Spool(folder), readers=readers, cleaners=cleaners, replay=replay)


def room_of(request: Request) -> Room:
    """The room that a request came into."""
    room: Room = request.app.state.room
    return room


def here(request: Request) -> str:
    """``http://127.0.0.1:8700``."""
    return f"{request.url.scheme}://{request.headers['host']}"


def target(request: Request, after: str) -> str:
    """What was asked for behind a path, as it was sent, with its query."""
    raw: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    text = (raw + (b"?" + query if query else b"")).decode("latin-1")
    return text.partition(after)[2]
