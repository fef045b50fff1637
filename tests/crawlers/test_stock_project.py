"""A project as ``scrapy startproject`` makes it, with nothing of ours but the ADDONS line."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.crawling import CONTACT, archived
from support.wireserver import WireServer, page

ROOT = Path(__file__).resolve().parents[2]
SPIDER = """
import scrapy

class Front(scrapy.Spider):
    name = "front"
    start_urls = ["http://paper.example/"]

    def parse(self, response):
        yield {"url": response.url, "record": response.meta["copytrail"].record}
        yield from response.follow_all(css="a")
"""
FRONT = page(b'<html><a href="/a">A</a> <a href="/forbidden">F</a>')
ROBOTS = page(b"User-agent: *\nDisallow: /forbidden\n")


@dataclass(frozen=True)
class Ended:
    """How the process ended."""

    code: int
    log: str


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stock project with one line changed, and one stock spider."""
    folder = tmp_path_factory.mktemp("stock")
    subprocess.run([sys.executable, "-m", "scrapy", "startproject", "stock", "."], check=True, capture_output=True, cwd=folder)
    settings = folder / "stock" / "settings.py"
    text = settings.read_text(encoding="utf-8")
    assert "ADDONS = {}" in text
    settings.write_text(text.replace("ADDONS = {}", 'ADDONS = {"crawlers.addon.Copytrail": 100}'), encoding="utf-8")
    (folder / "stock" / "spiders" / "front.py").write_text(SPIDER, encoding="utf-8")
    return folder


async def scrapy_crawl(project: Path, *arguments: str, **settings: str) -> Ended:
    """``scrapy crawl front`` in a process of its own, as a person would call it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "scrapy",
        "crawl",
        "front",
        "-s",
        "DOWNLOAD_DELAY=0",
        *arguments,
        cwd=project,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]), **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip -- the command reads as it is typed
    output, _ = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, output.decode())


@pytest.mark.parametrize("reactor", ["True", "False"], ids=["reactor", "no reactor"])
async def test_one_line_gives_a_project_the_capture(project: Path, tmp_path: Path, reactor: str) -> None:
    """Every byte of robots.txt and of both pages lies in a sealed WARC, the forbidden page is not fetched, and the items say where."""
    async with WireServer({"/robots.txt": ROBOTS, "/": FRONT, "/a": page()}) as server:
        settings = {
            "COPYTRAIL_CONTACT": CONTACT,
            "COPYTRAIL_CONNECT_TO": server.connect_to,
            "COPYTRAIL_STORE": str(tmp_path / "store"),
            "COPYTRAIL_DELAY": "0",
        }
        ended = await scrapy_crawl(project, "-O", str(tmp_path / "out.jsonl"), "-s", f"TWISTED_REACTOR_ENABLED={reactor}", **settings)

    assert ended.code == 0, ended.log
    assert server.paths == ["/robots.txt", "/", "/a"], ended.log
    blocks = archived(tmp_path / "store")
    assert blocks["request"] == [served.request for served in server.log]
    assert blocks["response"] == [bytes(served.response) for served in server.log]
    items = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [item["url"] for item in items] == ["http://paper.example/", "http://paper.example/a"]
    assert all(item["record"].startswith("urn:uuid:") for item in items)
    assert not list((tmp_path / "store").glob("**/*.open"))


@pytest.mark.parametrize(
    ("arguments", "settings", "reason"),
    [
        ((), {}, "set COPYTRAIL_CONTACT"),
        (("-s", "HTTPCACHE_ENABLED=1"), {"COPYTRAIL_CONTACT": CONTACT}, "turn HTTPCACHE_ENABLED off"),
    ],
    ids=["no contact", "cache"],
)
async def test_a_refused_crawl_says_why(
    project: Path, tmp_path: Path, arguments: tuple[str, ...], settings: dict[str, str], reason: str
) -> None:
    """The process ends with an error and the reason, has asked nobody, and has made no archive."""
    async with WireServer({"/": FRONT}) as server:
        store = tmp_path / "store"
        ended = await scrapy_crawl(project, *arguments, COPYTRAIL_STORE=str(store), COPYTRAIL_CONNECT_TO=server.connect_to, **settings)

    assert ended.code != 0
    assert reason in ended.log
    assert server.connections == 0
    assert not store.exists()
