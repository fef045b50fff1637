"""WARC and WACZ files that other tools wrote of one small site: wget, warcio, warcprox, py-wacz.

Contract: ``made(folder)`` gives them by name.  ``COUNTS`` says how many answers each WARC holds; every one has those of ``PATHS``.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zlib
from contextlib import suppress
from pathlib import Path

from support.wireserver import CLOSE, WireServer
from support.wireserver import page as answer

ROOT = Path(__file__).resolve().parents[2]
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
COUNTS = {"wget.warc.gz": 5, "wget-plain.warc": 5, "warcio.warc.gz": 4, "warcprox.warc.gz": 8}


def made(folder: Path, *, warcprox: Path, wacz: Path) -> dict[str, Path]:
    """Make them; ``warcprox`` is the Python of its environment, ``wacz`` py-wacz's program."""
    asyncio.run(_crawl(folder, warcprox))
    for name, source in (("wget", "wget.warc.gz"), ("plain", "wget-plain.warc")):
        subprocess.run([wacz, "create", "-o", folder / f"{name}.wacz", folder / source], check=True, capture_output=True, timeout=60)
    (proxied,) = (folder / "warcprox").glob("*.warc.gz")
    names = ("wget.warc.gz", "wget-plain.warc", "warcio.warc.gz", "wget.wacz", "plain.wacz")
    return {name: folder / name for name in names} | {"warcprox.warc.gz": proxied}


async def _crawl(folder: Path, warcprox: Path) -> None:
    async with WireServer(SITE) as server:
        url = f"http://127.0.0.1:{server.port}"
        plain = ["wget", "--no-config", "--no-proxy", "-q", "-r", "-l", "2", "-P", str(folder / "site")]
        await _run(*plain, f"--warc-file={folder}/wget", f"{url}/")
        await _run(*plain, "--no-warc-compression", f"--warc-file={folder}/wget-plain", f"{url}/")
        await _run(sys.executable, "-c", CAPTURE, str(folder / "warcio.warc.gz"), url, *PATHS)
        await _warcprox(warcprox, folder, url)


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
    _, talk = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode in {0, 8}, talk  # wget calls a 404 an error


async def _warcprox(python: Path, folder: Path, url: str) -> None:
    """Each page twice, so that the second is a revisit."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    command = [str(python), "-m", "benchmarks.peer_warcprox", "--quiet", "--gzip", "--address", "127.0.0.1", "--port", str(port)]
    command += ["--dir", str(folder / "warcprox"), "--cacert", str(folder / "ca.pem"), "--certs-dir", str(folder / "certs")]
    command += ["--stats-db-file", os.devnull, "--dedup-db-file", str(folder / "dedup.db"), "--method-filter", "GET"]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=quiet, stderr=quiet)
    try:
        await asyncio.to_thread(_through, port, [f"{url}{path}" for path in (*PATHS, *PATHS)])
        await asyncio.to_thread(_written, folder / "warcprox")
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


def _written(folder: Path) -> None:
    """Wait until warcprox has written the answers: its writer is a process of its own, and an end that comes early costs one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if sum(_answers(path) for path in folder.iterdir()) >= COUNTS["warcprox.warc.gz"]:
            return
        time.sleep(0.1)
    raise TimeoutError(f"warcprox wrote fewer than {COUNTS['warcprox.warc.gz']} answers into {sorted(folder.iterdir())}")


def _answers(path: Path) -> int:
    """How many responses and revisits the file holds; its last member may be unfinished."""
    rest, count = path.read_bytes(), 0
    while rest:
        member = zlib.decompressobj(wbits=31)
        record = member.decompress(rest)
        if not member.eof:
            break
        count += b"\r\nWARC-Type: response\r\n" in record or b"\r\nWARC-Type: revisit\r\n" in record
        rest = member.unused_data
    return count
