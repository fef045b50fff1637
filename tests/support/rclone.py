"""A bad S3 server on loopback: ``rclone serve s3`` over a folder, which takes every condition and keeps none (orchestration.md §1.2).

Contract: ``rclone_server(folder)`` yields endpoint, access key and secret when the bucket answers, and ends the process by its id.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

BUCKET = "copytrail"
_PATIENCE = 30.0  # seconds; a start takes a fraction of one


class Rclone(NamedTuple):
    """Where the server is, and who may use it."""

    endpoint: str
    access: str
    secret: str


@contextmanager
def rclone_server(folder: Path) -> Iterator[Rclone]:
    """Run a server whose buckets are the folders in ``folder``."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    rclone = Rclone(f"http://127.0.0.1:{port}", "admin", "a-secret-of-this-test")
    (folder / "data" / BUCKET).mkdir(parents=True)
    command = [
        *(str(Path(sys.executable).with_name("rclone")), "serve", "s3", str(folder / "data"), "--addr", f"127.0.0.1:{port}"),
        *("--auth-key", f"{rclone.access},{rclone.secret}", "--config", os.devnull, "--cache-dir", str(folder / "cache")),
    ]
    with (folder / "rclone.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            _wait_until_it_answers(port, process, folder / "rclone.log")
            yield rclone
        finally:
            process.kill()
            process.wait()


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"rclone does not answer: {log.read_text(errors='replace')[-2000:]}")
