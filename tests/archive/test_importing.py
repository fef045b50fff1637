"""Files of others come in with every byte as it was, are read like ours, and decide nothing that was not looked at."""

import asyncio
import gzip
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.exchanges import page
from support.warcs import BODY, DATE, HEAD, LATER, URL, Rec, changed, digest, good, name_of, write
from support.wireserver import CLOSE, WireServer
from support.wireserver import page as answer

from archive import layout, manifest
from archive.findings import Severity, Tally
from archive.importing import Import, NotImportable, bring, find, rejoined
from archive.rebuild import rebuild
from archive.records import Capture
from archive.settings import Settings
from archive.store import open_store
from archive.vault import Archive, open_archive
from archive.verify import verify

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TEXT = b"<p>The bridge is shut.</p>" * 40
SITE = {
    "/": answer(b'<a href="chunked">a</a> <a href="same">b</a> <a href="again">c</a>'),
    "/chunked": (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n2;x=1\r\nab\r\n0\r\n\r\n",),
    "/same": answer(TEXT),
    "/again": answer(TEXT),
    "/robots.txt": (b"HTTP/1.0 404 Not Found\r\n\r\n", CLOSE),
}
PATHS = ("/", "/chunked", "/same", "/again")
CAPTURE = """
import sys
from warcio.capture_http import capture_http
import requests
with capture_http(sys.argv[1], warc_version="1.1"):
    for path in sys.argv[3:]:
        requests.get(sys.argv[2] + path, timeout=20)
"""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive in a folder."""
    with open_archive(Settings(store=str(tmp_path / "archive"), contact="tests@copytrail.example")) as opened:
        yield opened


def take(archive: Archive, path: Path) -> Import:
    done, is_new = bring(archive, path, lambda: NOW)
    assert is_new
    return done


def file(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def sha(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def errors(archive: Archive) -> list[str]:
    found = verify([archive.store], open_store, Tally())
    return [f"{item.file} {item.rule} {item.message}" for item in found if item.severity is Severity.ERROR]


def rebuilt(archive: Archive) -> list[Capture]:
    """What the catalogue holds after it was made anew."""
    assert not [item for item in rebuild(archive.store, archive.catalogue) if item.problem]
    return list(archive.catalogue.all_captures())


# Files that other tools really wrote


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory, judge: Callable[[str], Path]) -> dict[str, Path]:
    """The same small site by wget, compressed and not, by warcio and by warcprox, and as packages by py-wacz."""
    folder = tmp_path_factory.mktemp("strangers")

    async def make() -> None:
        async with WireServer(SITE) as server:
            url = f"http://127.0.0.1:{server.port}"
            plain = ["wget", "--no-config", "--no-proxy", "-q", "-r", "-l", "2", "-P", str(folder / "site")]
            await _run(*plain, f"--warc-file={folder}/wget", f"{url}/")
            await _run(*plain, "--no-warc-compression", f"--warc-file={folder}/wget-plain", f"{url}/")
            await _run(sys.executable, "-c", CAPTURE, str(folder / "warcio.warc.gz"), url, *PATHS)
            await _warcprox(folder, url)

    asyncio.run(make())
    for name, source in (("wget", "wget.warc.gz"), ("plain", "wget-plain.warc")):
        command = [judge("wacz"), "create", "-o", folder / f"{name}.wacz", folder / source]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    (proxied,) = (folder / "warcprox").glob("*.warc.gz")
    names = ("wget.warc.gz", "wget-plain.warc", "warcio.warc.gz", "wget.wacz", "plain.wacz")
    return {name: folder / name for name in names} | {"warcprox.warc.gz": proxied}


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
    _, talk = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode in {0, 8}, talk  # wget calls a 404 an error


async def _warcprox(folder: Path, url: str) -> None:
    """Each page twice, so that the second is a revisit."""
    program = sorted(ROOT.glob(".venv-judges/warcprox/bin/python"))
    if not program:
        pytest.skip("no judge called warcprox: make judges")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    command = [str(program[0]), "-m", "benchmarks.peer_warcprox", "--quiet", "--gzip", "--address", "127.0.0.1", "--port", str(port)]
    command += ["--dir", str(folder / "warcprox"), "--cacert", str(folder / "ca.pem"), "--certs-dir", str(folder / "certs")]
    command += ["--stats-db-file", os.devnull, "--dedup-db-file", str(folder / "dedup.db"), "--method-filter", "GET"]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=quiet, stderr=quiet)
    try:
        await asyncio.to_thread(_through, port, [f"{url}{path}" for path in (*PATHS, *PATHS)])
    finally:
        process.terminate()
        await process.wait()


def _through(port: int, urls: list[str]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": f"http://127.0.0.1:{port}"}))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        time.sleep(0.1)
    for url in urls:
        opener.open(url, timeout=20).read()
        time.sleep(0.3)  # its writer notes a payload some time after it was answered
