"""How much memory a crawl takes when a body is long: the peak of a process of its own, as Linux counts it."""

import asyncio
import gzip
import hashlib
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.crawling import CONTACT

from archive.heads import parse_head
from archive.http import entity
from archive.warcstream import records

ROOT = Path(__file__).resolve().parents[2]
MB = 1_000_000
SIZE = 200 * MB
MOST = 300 * MB  # of resident memory, issue 3
PIECE = b"The dam holds. " * 4000
# VmHWM, because ru_maxrss of a child begins with the memory of the process that has started it.
PEAK = """
import atexit, json, pathlib, re, scrapy

seen = {}

def tell():
    peak = re.search(r"VmHWM:\\s*(\\d+) kB", pathlib.Path("/proc/self/status").read_text())
    print(json.dumps(seen | {"peak": int(peak[1]) * 1024}))

atexit.register(tell)
"""
SPIDER = """
class Long(scrapy.Spider):
    name = "long"
    start_urls = ["http://paper.example/long"]

    def parse(self, response):
        seen.update(length=len(response.body), flags=response.flags, kind=type(response).__name__)
"""
OURS = """
from crawlers.spiders.article import ArticleSpider

class Long(ArticleSpider):
    def __init__(self, **kwargs):
        super().__init__("http://paper.example/long", **kwargs)
"""


def plain() -> Iterable[bytes]:
    """The body, 200 MB of text."""
    for _ in range(SIZE // len(PIECE)):
        yield PIECE
    yield PIECE[: SIZE % len(PIECE)]


def chunked() -> Iterable[bytes]:
    for piece in plain():
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def packed() -> bytes:
    """The body as gzip; a bomb of 600 KB."""
    return gzip.compress(b"".join(plain()), 6, mtime=0)


@dataclass(frozen=True)
class Answer:
    """What the server sends for the page."""

    head: bytes
    body: Callable[[], Iterable[bytes]]


ANSWERS = {
    "with a length": Answer(b"Content-Length: %d\r\n" % SIZE, plain),
    "in chunks": Answer(b"Transfer-Encoding: chunked\r\n", chunked),
    "packed": Answer(b"Content-Encoding: gzip\r\n", lambda: [packed()]),
}


@asynccontextmanager
async def site(answer: Answer) -> AsyncIterator[int]:
    """A server that sends the long page and remembers nothing; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        found = asked.startswith(b"GET /long ")
        status = b"200 OK\r\nContent-Type: text/plain\r\n" + answer.head if found else b"404 Not Found\r\nContent-Length: 0\r\n"
        writer.write(b"HTTP/1.1 " + status + b"Connection: close\r\n\r\n")
        for piece in answer.body() if found else ():
            writer.write(piece)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def crawl(folder: Path, answer: Answer, spider: str = SPIDER) -> dict[str, Any]:
    """``scrapy runspider`` with the add-on; what the spider saw, and the peak of its process."""
    (folder / "long.py").write_text(PEAK + spider, encoding="utf-8")
    async with site(answer) as port:
        environ = {
            "COPYTRAIL_CONTACT": CONTACT,
            "COPYTRAIL_CONNECT_TO": f"*:*=127.0.0.1:{port}",
            "COPYTRAIL_STORE": str(folder / "store"),
            "COPYTRAIL_DELAY": "0",
            "COPYTRAIL_BODY_LIMIT": str(250 * MB),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        addon = 'ADDONS={"crawlers.addon.Copytrail": 100}'
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scrapy", "runspider", "long.py", "-s", addon, "-s", "LOG_LEVEL=WARNING"),
            cwd=folder,
            env={**os.environ, **environ},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, log = await process.communicate()
    assert process.returncode == 0, log.decode()
    found: dict[str, Any] = json.loads(output)
    return found


def archived(store: Path) -> tuple[str, int]:
    """Digest and length of the long page's payload in the archive."""
    (path,) = store.glob("warc/**/*.warc.gz")
    with path.open("rb") as stream:
        for record in records(stream):
            if record.type == "response" and record.sole("WARC-Target-URI") == "http://paper.example/long":
                digest, length = hashlib.sha256(), 0
                for piece in entity(parse_head(record.block), record.block):
                    digest.update(piece)
                    length += len(piece)
                return digest.hexdigest(), length
    raise AssertionError("the page is not in the archive")


@pytest.mark.parametrize("name", ANSWERS)
async def test_a_long_body_takes_little_memory(tmp_path: Path, name: str) -> None:
    """A body of 200 MB is in the archive, whole; the crawl stays below 300 MB, and the spider gets the beginning, marked as cut."""
    answer = ANSWERS[name]

    seen = await crawl(tmp_path, answer)

    assert (seen["length"], seen["flags"]) == (32 * 1024 * 1024, ["truncated"])
    wanted = hashlib.sha256()
    for piece in [packed()] if name == "packed" else plain():
        wanted.update(piece)
    assert archived(tmp_path / "store")[0] == wanted.hexdigest()
    assert seen["peak"] < MOST, f"{seen['peak'] / MB:.0f} MB"


@pytest.mark.parametrize("name", ["with a length", "packed"])
async def test_what_is_read_back_takes_little_memory(tmp_path: Path, name: str) -> None:
    """Our own spiders read the page from the archive, for its text, and stay below 300 MB too."""
    seen = await crawl(tmp_path, ANSWERS[name], OURS)

    assert archived(tmp_path / "store")[1] > 0
    assert seen["peak"] < MOST, f"{seen['peak'] / MB:.0f} MB"
