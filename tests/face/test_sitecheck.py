"""What a published site is asked for after it was published, on real web servers: a good one, and those that readers stumble over."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from urllib3 import PoolManager

from copytrail.sitecheck import Fault, check

PACKAGE, PAGE = "bridge/bridge.wacz", "index.html"


class Good(SimpleHTTPRequestHandler):
    """A web server that gives parts, and lets other origins read."""

    origin: ClassVar[str | None] = "*"

    def end_headers(self) -> None:
        """Let others read."""
        if self.origin:
            self.send_header("Access-Control-Allow-Origin", self.origin)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is the base class's
        """Say nothing."""

    def do_GET(self) -> None:
        """A part when one is asked for."""
        asked = self.headers.get("Range")
        if asked is None:
            super().do_GET()
            return
        data = Path(self.translate_path(self.path)).read_bytes()
        first, last = (int(text) for text in asked.removeprefix("bytes=").split("-"))
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        self.wfile.write(self.part(data, first, last))

    def part(self, data: bytes, first: int, last: int) -> bytes:
        """The part that was asked for."""
        return data[first : last + 1]


class Closed(Good):
    """Says nothing of other origins."""

    origin = None


class WithoutRange(Good):
    """Gives the whole, whatever is asked for, as Python's own web server does."""

    def do_GET(self) -> None:
        """All of it."""
        SimpleHTTPRequestHandler.do_GET(self)


class Crooked(Good):
    """Gives some other part."""

    def part(self, data: bytes, first: int, last: int) -> bytes:
        """One byte off."""
        return (b"x" + data)[first : last + 1]


class Moved(Good):
    """Has everything somewhere else."""

    def send_head(self) -> None:
        """Point there."""
        self.send_response(302)
        self.send_header("Location", "http://192.0.2.1/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """Nowhere else."""
        self.send_head()


@pytest.fixture
def site(tmp_path: Path) -> dict[str, Path]:
    """Two files."""
    files = {PAGE: b"<!doctype html><p>A page", PACKAGE: bytes(range(256)) * 40}
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    return {path: tmp_path / path for path in files}


@contextmanager
def served(handler: Callable[..., SimpleHTTPRequestHandler], folder: Path) -> Iterator[str]:
    """A folder on a web server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def faults(site: dict[str, Path], base: str) -> list[tuple[str, str]]:
    """The faults of a site, by path and kind."""
    return [(item.path, item.what) for item in check(base, site, PoolManager(retries=False))]


@pytest.mark.parametrize(
    ("handler", "wanted"),
    [
        (Good, []),
        (Closed, [(PACKAGE, "origin")]),
        (WithoutRange, [(PACKAGE, "range")]),
        (Crooked, [(PACKAGE, "range"), (PACKAGE, "range")]),
        (Moved, [(PAGE, "get"), (PACKAGE, "get")]),
    ],
    ids=lambda item: getattr(item, "__name__", ""),
)
def test_a_web_server_is_judged_by_what_it_answers(
    handler: type[SimpleHTTPRequestHandler], wanted: list[tuple[str, str]], site: dict[str, Path], tmp_path: Path
) -> None:
    """A good server has no fault; one without parts, without leave for other origins, with wrong bytes or that points away has its own."""
    with served(handler, tmp_path) as base:
        assert faults(site, base) == wanted


def test_other_bytes_and_other_lengths_are_seen(site: dict[str, Path], tmp_path: Path) -> None:
    """What is served must be what was published."""
    other = tmp_path / "other"
    (other / "bridge").mkdir(parents=True)
    (other / PAGE).write_bytes(b"another page")
    (other / PACKAGE).write_bytes(b"x" * 99)
    with served(Good, other) as base:
        assert {what for _, what in faults(site, base)} == {"get", "length", "range"}


def test_a_file_that_is_not_there_and_a_server_that_is_not_there(site: dict[str, Path], tmp_path: Path) -> None:
    """404 and no connection are faults, not errors; the message names the address."""
    (tmp_path / "empty").mkdir()
    with served(Good, tmp_path / "empty") as base:
        missing = list(check(base, site, PoolManager(retries=False)))
    silent = list(check(base, site, PoolManager(retries=False)))

    assert [(item.path, item.what) for item in missing] == [(PAGE, "get"), (PACKAGE, "get")]
    assert "404" in missing[0].message
    assert silent[0] == Fault(path=PAGE, what="get", message=silent[0].message)
    assert base in silent[0].message
