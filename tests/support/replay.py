"""An archive shown again: pywb replays a file of ours on loopback, and a real browser that reaches nothing else opens it.

Contract: ``replayed(file, folder, judge)`` adds a WARC or WACZ to a collection of its own, or takes a folder that is one, and yields the
address before which a time and a URL are put; the server is ended by its id.  ``shown(address, folder)`` gives the page as the browser has
it when everything is loaded, and what the browser asked for, by its own log.
"""

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener
from zipfile import ZipFile, is_zipfile

from support.programs import program

Judge = Callable[[str], Path]
COLLECTION = "story"
_PATIENCE = 60.0  # seconds
NOWHERE_ELSE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


@contextmanager
def replayed(file: Path, folder: Path, judge: Judge) -> Iterator[str]:
    """Serve ``file`` from ``folder``."""
    manager = judge("wb-manager")
    if file.is_dir():
        (collection,) = (item.name for item in (file / "collections").iterdir())
        folder = file
    else:
        collection = COLLECTION
        folder.mkdir()
        (folder / "config.yaml").write_text("framed_replay: false\n", encoding="utf-8")
        for command in (["init", COLLECTION], ["add", COLLECTION, *_warcs(file, folder)]):
            subprocess.run([manager, *command], cwd=folder, check=True, capture_output=True, timeout=_PATIENCE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "wayback.log").open("wb") as log:
        command = [str(manager.with_name("wayback")), "-p", str(port), "-b", "127.0.0.1"]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}/{collection}"
            _wait(address, process)
            yield address
        finally:
            process.kill()
            process.wait()


def _warcs(file: Path, folder: Path) -> list[str]:
    """The WARC files of a pull; pywb 2.10 itself takes no WACZ whose index is called ``.cdxj``."""
    if not is_zipfile(file):
        return [str(file)]
    with ZipFile(file) as package:
        return [package.extract(name, folder / "unpacked") for name in package.namelist() if name.endswith(".warc.gz")]


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    opener = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            opener.open(address, timeout=5).close()
        except (URLError, ConnectionError):
            assert process.poll() is None, "wayback has ended"
            assert time.monotonic() < deadline, "wayback does not answer"
            time.sleep(0.1)
        else:
            return


def shown(address: str, folder: Path) -> tuple[str, list[str]]:
    """The document of a page in Chromium after all that it needs is loaded, and every address that was asked for."""
    log = folder / "net.json"
    command = [program("chromium"), *NOWHERE_ELSE, f"--user-data-dir={folder}", f"--log-net-log={log}", "--dump-dom", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=True)
    return done.stdout, _asked(json.loads(log.read_text(encoding="utf-8")))


def _asked(log: dict[str, Any]) -> list[str]:
    started = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    return [event["params"]["url"] for event in log["events"] if event["type"] == started and "url" in event.get("params", {})]
