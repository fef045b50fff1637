"""The web, the store and the desk of the jobs."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.weed import Weed, weed_server

from archive.settings import load
from archive.vault import open_archive
from copytrail.newsroom import FIRST_CRAWL, MovableClock, Newsroom
from crawlers.stories import add_seeds
from flows.jobs import Desk

STORY = "bridge"


@pytest.fixture(scope="session")
def newsroom() -> Iterator[Newsroom]:
    """Five outlets on loopback, on the day of the first crawl."""
    with Newsroom(MovableClock(FIRST_CRAWL, seconds=time.monotonic)) as running:
        yield running


@pytest.fixture(scope="session")
def weed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weed]:
    """A running S3 server."""
    with weed_server(tmp_path_factory.mktemp("weed")) as server:
        yield server


@dataclass(frozen=True)
class Heard:
    """What a job said."""

    lines: list[tuple[int, str]] = field(default_factory=list)

    def log(self, level: int, line: str) -> None:
        self.lines.append((level, line))

    def __contains__(self, part: str) -> bool:
        return any(part in line for _, line in self.lines)


@dataclass(frozen=True)
class Office:
    """A desk in a project of its own, and what is heard there."""

    desk: Desk
    heard: Heard


@pytest.fixture
def office(tmp_path: Path, newsroom: Newsroom) -> Callable[..., Office]:
    """Make a desk whose settings are the newsroom's and ``changes``."""

    def make(**changes: str) -> Office:
        heard = Heard()
        environ = newsroom.environment() | {"COPYTRAIL_STORE": str(tmp_path / "store"), "COPYTRAIL_DELAY": "0.02"}
        environ |= {f"COPYTRAIL_{name.upper()}": value for name, value in changes.items()}
        settings = load(environ, folder=tmp_path).settings
        return Office(Desk(settings=settings, home=tmp_path, environ=os.environ, clock=lambda: datetime.now(UTC), log=heard.log), heard)

    return make


@pytest.fixture
def story(newsroom: Newsroom) -> Callable[[Desk], str]:
    """Start the newsroom's story at a desk."""

    def start(desk: Desk) -> str:
        with open_archive(desk.settings) as archive:
            assert add_seeds(archive, STORY, [str(newsroom.seeds)], desk.clock()).leads
        return STORY

    return start
