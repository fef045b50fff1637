"""The reading room on a loopback port, in a thread of the test's own process, and a client that sends just what it is told.

Contract: ``reading_room(settings)`` yields an open ``Visitor``; the server is gone after it.  ``Visitor.ask`` sends one request over a new
connection, byte for byte as given, and reads the answer whole.
"""

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message

import uvicorn

from archive.settings import Settings
from archive.vault import Archive
from copytrail.room.serving import Place, built, config, listening

_PATIENCE = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who asks the room at ``address`` (HOST:PORT)."""

    address: str

    @property
    def base(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://{self.address}"

    def ask(self, target: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Answer:
        """One request."""
        connection = http.client.HTTPConnection(self.address, timeout=_PATIENCE)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": self.address, **(headers or {})}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


Room = tuple[Visitor, Archive]  # and the archive that is read


@contextmanager
def reading_room(settings: Settings, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), **place: object) -> Iterator[Visitor]:
    """The room over the archive of ``settings``, on a free port."""
    where = Place(port=0, **place)  # type: ignore[arg-type]
    with listening(where) as listener, built(settings, clock, where) as app:
        server = uvicorn.Server(config(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.005)
            yield Visitor(f"127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join(_PATIENCE)
