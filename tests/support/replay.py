"""An archive shown again: pywb replays a file of ours on loopback, and a real browser that reaches nothing else opens it.

Contract: ``replayed(file, folder, judge)`` adds a WARC or WACZ to a collection of its own and yields the address before which a time and a
URL are put; the server is ended by its id.  ``shown(address, folder)`` gives the page as the browser has it when everything is loaded.
"""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from support.programs import program

Judge = Callable[[str], Path]
COLLECTION = "story"
_PATIENCE = 60.0  # seconds
_NOWHERE_ELSE = (
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
    folder.mkdir()
    (folder / "config.yaml").write_text("framed_replay: false\n", encoding="utf-8")
    manager = judge("wb-manager")
    more = ["--unpack-wacz"] if file.suffix == ".wacz" else []
    for command in (["init", COLLECTION], ["add", *more, COLLECTION, str(file)]):
        subprocess.run([manager, *command], cwd=folder, check=True, capture_output=True, timeout=_PATIENCE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "wayback.log").open("wb") as log:
        command = [str(manager.with_name("wayback")), "-p", str(port), "-b", "127.0.0.1"]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}/{COLLECTION}"
            _wait(address, process)
            yield address
        finally:
            process.kill()
            process.wait()


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


def shown(address: str, folder: Path) -> str:
    """The document of a page in Chromium, after all that it needs is loaded."""
    command = [program("chromium"), *_NOWHERE_ELSE, f"--user-data-dir={folder}", "--dump-dom", address]
    return subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=True).stdout
