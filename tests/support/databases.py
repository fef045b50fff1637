"""A database that was taken home, shown by datasette on loopback; the server is ended by its id."""

import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

_PATIENCE = 60.0  # seconds


@contextmanager
def shown(base: Path, judge: Callable[[str], Path]) -> Iterator[Callable[[str], bytes]]:
    """What the server answers to a path."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(judge("datasette")), "serve", str(base), "--host", "127.0.0.1", "--port", str(port)]
    with base.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/-/versions.json", process)
            yield lambda path: _answer(f"http://127.0.0.1:{port}{path}")
        finally:
            process.kill()
            process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            _answer(address)
        except (URLError, ConnectionError):
            assert process.poll() is None, "datasette has ended"
            assert time.monotonic() < end, "datasette does not answer"
            time.sleep(0.2)
        else:
            return


def _answer(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 -- loopback
        data: bytes = answer.read()
    return data
