"""The tools of ``capture_fidelity``, each doing what it does best, and the records that it leaves.

Contract: a tool is given the stands and an empty folder and gives its records by the name of its column; it asks once for everything that
it can be asked for, follows no redirect, and keeps every answer in full.  WARCs are read by warcio, record by record and without a look
into the blocks, ours too.
"""

import asyncio
import base64
import json
import os
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scrapy import Request
from support.crawling import crawl, session_for
from warcio.archiveiterator import ArchiveIterator

from archive.layout import warc_name
from archive.records import Exchange
from archive.warcwrite import WarcFile
from benchmarks.fidelity_cases import Record, Stand
from benchmarks.plain_client import ask_all
from crawlers.session import Kept

ROOT = Path(__file__).resolve().parent.parent
JUDGES = ROOT / ".venv-judges"
SECONDS = 180.0
AT_ONCE = 6
Records = Mapping[str, Sequence[Record]]


@dataclass(frozen=True, slots=True)
class Round:
    """What a tool gets."""

    stands: Sequence[Stand]
    folder: Path
    ca_file: Path

    @property
    def asks(self) -> list[dict[str, Any]]:
        """Of all cases."""
        return [ask for stand in self.stands for ask in stand.asks]

    def written(self) -> str:
        """The asks in a file."""
        path = self.folder / "asks.json"
        path.write_text(json.dumps(self.asks), encoding="utf-8")
        return str(path)


class _Sink:
    """Our writer without revisits: each answer in full, as the others keep it."""

    def __init__(self, folder: Path) -> None:
        self._file = WarcFile.create(folder, warc_name(_now(), 1, "bench"), {}, _now())

    async def keep(self, exchange: Exchange) -> Kept:
        written = self._file.append(exchange)
        return Kept(capture=written.capture, record=written.id, ref=written.metadata)

    async def seal(self) -> None:
        """One file."""

    async def close(self) -> None:
        self._file.seal()


async def copytrail(given: Round) -> Records:
    """The download handler in a plain Scrapy project, with robots.txt and all."""
    ports = [stand.server.port for stand in given.stands]
    rules = [f"*:{port}=127.0.0.1:{port}" for port in (*ports, *(stand.proxy.port for stand in given.stands if stand.proxy))]
    sink = _Sink(given.folder)
    requests = [
        Request(
            ask["url"], method=ask["method"], headers=ask["headers"], body=ask["body"], meta={"dont_redirect": True, "proxy": _url(ask)}
        )
        for ask in given.asks
    ]
    await crawl(session_for(connect_to=",".join(rules), ca_file=given.ca_file, sink=sink), *requests)
    await sink.close()
    return {"copytrail": _records(given.folder)}


async def wget(given: Round) -> Records:
    """A run takes a list of URLs and has one method, set of headers and proxy; several run at once, each with whole cases."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for number, stand in enumerate(given.stands):
        ask = stand.asks[0]
        key = json.dumps([ask["proxy"], ask["method"], ask["headers"], number % AT_ONCE])
        runs.setdefault(key, []).extend(stand.asks)
    async with asyncio.TaskGroup() as group:
        for number, asks in enumerate(runs.values()):
            group.create_task(_run(_wget_command(asks, given, number), given.folder))
    return {"wget": _records(given.folder)}


def _wget_command(asks: Sequence[Mapping[str, Any]], given: Round, number: int) -> list[str]:
    ask, urls = asks[0], given.folder / f"urls-{number}"
    urls.write_text("".join(f"{ask['url']}\n" for ask in asks), encoding="utf-8")
    options = "--no-config --no-verbose --tries=1 --timeout=3 --max-redirect=0 --content-on-error --inet4-only --output-document=/dev/null"
    command = ["wget", *shlex.split(options), f"--ca-certificate={given.ca_file}", f"--warc-file={given.folder / f'wget-{number}'}"]
    command += ["--input-file", str(urls)]
    if ask["proxy"]:
        command += ["-e", f"http_proxy={_url(ask)}", "-e", f"https_proxy={_url(ask)}"]
    command += [f"--header={name}: {value}" for name, value in ask["headers"].items()]
    if ask["method"] != "GET":
        command += [f"--method={ask['method']}"]
    return command + ([f"--body-data={ask['body']}"] if ask["body"] else [])


async def warcprox(given: Round) -> Records:
    """A plain client through it; deduplication off, this machine allowed."""
    asks = [ask for ask in given.asks if not ask["proxy"]]
    port = _free_port()
    command = [str(JUDGES / "warcprox/bin/python"), "-m", "benchmarks.peer_warcprox", "--quiet", "--gzip", "--address", "127.0.0.1"]
    command += ["--port", str(port), "--dir", str(given.folder), "--cacert", str(given.folder / "ca.pem")]
    command += ["--certs-dir", str(given.folder / "certs"), "--stats-db-file", os.devnull, "--dedup-db-file", os.devnull]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
    try:
        await _listening(port)
        await asyncio.to_thread(ask_all, asks, f"127.0.0.1:{port}")
    finally:
        process.terminate()
        await process.wait()
    return {"warcprox": _records(given.folder)}


async def capture_http(given: Round) -> Records:
    """Warcio's recorder around the same plain client."""
    target = given.folder / "capture.warc.gz"
    await _run([str(JUDGES / "wacz/bin/python"), "-m", "benchmarks.peer_capture_http", given.written(), str(target)], ROOT)
    return {"capture_http": _records(given.folder)}


async def scrapy(given: Round) -> Records:
    """Scrapy's own Response, at two places."""
    target = given.folder / "scrapy.jsonl"
    await _run([sys.executable, "-m", "benchmarks.peer_scrapy", given.written(), str(target)], ROOT)
    found: dict[str, list[Record]] = {"Scrapy, handler": [], "Scrapy, spider": []}
    for line in target.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found[row["tool"]] += [Record(kind, row["url"], base64.b64decode(row[kind])) for kind in ("request", "response")]
    return found


TOOLS: Mapping[str, Callable[[Round], Awaitable[Records]]] = {
    "copytrail": copytrail,
    "wget": wget,
    "warcprox": warcprox,
    "capture_http": capture_http,
    "scrapy": scrapy,
}


async def versions() -> dict[str, str]:
    """What was measured."""
    wgets = (await _run(["wget", "--version"], ROOT)).split()[2]
    judged = {name: await _run([str(JUDGES / name / "bin/python"), "-c", _VERSIONS], ROOT) for name in ("warcprox", "wacz")}
    found = {"copytrail": version("copytrail"), "Scrapy": version("scrapy"), "Python": sys.version.split()[0], "wget": wgets}
    return found | {"warcprox": json.loads(judged["warcprox"])["warcprox"], "warcio": json.loads(judged["wacz"])["warcio"]}


_VERSIONS = "import importlib.metadata as m, json; print(json.dumps({d.name.lower(): d.version for d in m.distributions()}))"


def _records(folder: Path) -> list[Record]:
    """The requests and responses in the WARCs of a folder."""
    found = []
    for path in sorted(folder.glob("*.warc.gz*")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, no_record_parse=True):
                if record.rec_type in ("request", "response"):
                    url = record.rec_headers.get_header("WARC-Target-URI").strip("<>")
                    found.append(Record(record.rec_type, url, record.raw_stream.read()))
    return found


async def _run(command: Sequence[str], folder: Path) -> str:
    """What a program prints; its exit code says that some answers were odd, which they are."""
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(SECONDS):
            return (await process.communicate())[0].decode()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise


async def _listening(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _url(ask: Mapping[str, Any]) -> str | None:
    """The proxy of an ask, as a URL."""
    return f"http://{ask['proxy']}" if ask["proxy"] else None


def _now() -> datetime:
    return datetime.now(UTC)
