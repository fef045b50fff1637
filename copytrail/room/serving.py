"""The room on a socket, until it is told to end.

Contract: ``listening`` binds before anything else, so that a port that is taken is known at once; BadPlace for a public address without
a token, for a short token, and for a place that cannot be bound.  ``run`` serves until SIGINT or SIGTERM, lets answers under way end for a
few seconds, and returns.
"""

import ipaddress
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from archive.settings import Settings
from archive.vault import open_archive
from copytrail.room.app import application
from copytrail.room.replaying import origin_of
from copytrail.room.rooms import opened
from copytrail.room.safety import Rules

FEWEST = 16  # characters of a token: what can be guessed is none
AT_ONCE = 64  # connections; more get 503
_HEAD_LIMIT = 32 * 1024  # bytes of a request's head
_GRACE = 5  # seconds


class BadPlace(ValueError):
    """The room cannot be opened there, or not like that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the room is opened, and for whom."""

    host: str = "127.0.0.1"
    port: int = 8700
    names: tuple[str, ...] = ()  # besides the host
    token: str | None = None
    replay: str | None = None


def listening(place: Place) -> socket.socket:
    """A socket that listens."""
    if place.token is not None and len(place.token) < FEWEST:
        raise BadPlace(f"the token has fewer than {FEWEST} characters: anybody could guess it")
    if place.token is None and not _is_loopback(place.host):
        raise BadPlace(f"{place.host} can be reached by others: set COPYTRAIL_TOKEN, so that only those who have the token come in")
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        return socket.create_server((place.host, place.port), family=family)
    except OSError as error:
        raise BadPlace(f"{place.host}:{place.port}: {error.strerror or error}; --port 0 takes a free port") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def address(place: Place, listener: socket.socket) -> str:
    """``http://127.0.0.1:8700/``."""
    name = f"[{place.host}]" if ":" in place.host else place.host
    return f"http://{name}:{listener.getsockname()[1]}/"


@contextmanager
def built(settings: Settings, clock: Callable[[], datetime], place: Place) -> Iterator[ASGIApp]:
    """The application over the archive that the settings name; what it made is removed with it."""
    replay = origin_of(place.replay) if place.replay else None
    rules = Rules(names=frozenset(name.lower() for name in (place.host, *place.names)), token=place.token, replay=replay)
    with (
        tempfile.TemporaryDirectory(prefix="copytrail-room-") as folder,
        open_archive(settings) as archive,
        opened(archive, settings, clock, Path(folder), place.replay) as room,
    ):
        yield application(room, rules)


class _Server(uvicorn.Server):
    """A server that ends when it is told to, and is done: uvicorn's own raises the signal once more."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear SIGINT and SIGTERM while it runs."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def config(app: ASGIApp) -> uvicorn.Config:
    """How the room is served."""
    return uvicorn.Config(
        app,
        interface="asgi3",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=AT_ONCE,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=_GRACE,
        h11_max_incomplete_event_size=_HEAD_LIMIT,
    )


def run(app: ASGIApp, listener: socket.socket) -> None:
    """Serve until a signal."""
    _Server(config(app)).run(sockets=[listener])
