"""A real S3 server on loopback: SeaweedFS ``weed mini``, its telemetry and everything that is not S3 turned off.

Contract: ``weed_server(folder)`` yields endpoint, access key and secret when the bucket ``copytrail`` takes objects, and ends the process
by its id.  Starting the same folder again finds what was acknowledged before.  The command and its traps: orchestration.md §1.1.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

BUCKET = "copytrail"
_GRPC = 10000  # weed listens for gRPC at each HTTP port plus this
_PATIENCE = 30.0  # seconds; a start takes one


class Weed(NamedTuple):
    """Where the server is, and who may use it."""

    endpoint: str
    access: str
    secret: str


@contextmanager
def weed_server(folder: Path) -> Iterator[Weed]:
    """Run a server whose data lie in ``folder``."""
    s3, master, volume, filer, admin = _free_ports(5)
    weed = Weed(f"http://127.0.0.1:{s3}", "admin", "a secret of this test")
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        *(str(Path(sys.executable).with_name("weed")), "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
        *("-master.telemetry=false", "-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0"),
        "-s3.autoCreateBucket=false",
        *(f"-s3.port={s3}", f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-admin.port={admin}"),
    ]
    keys = {"AWS_ACCESS_KEY_ID": weed.access, "AWS_SECRET_ACCESS_KEY": weed.secret, "S3_BUCKET": BUCKET}
    with (folder / "weed.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=os.environ | keys, stdout=log, stderr=log)
        try:
            _wait_until_it_takes_objects(weed, process, folder / "weed.log")
            yield weed
        finally:
            # Two seconds faster than asking, and it has lost nothing acknowledged when killed (orchestration.md §1.1).
            process.kill()
            process.wait()


def open_to_all(weed: Weed, prefix: str) -> None:
    """Let everybody read what lies under a prefix of the bucket, without a key."""
    config = Config(s3={"addressing_style": "path"}, signature_version="s3v4")
    session = boto3.session.Session(weed.access, weed.secret, region_name="us-east-1")
    rule = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/{prefix}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
    session.client("s3", endpoint_url=weed.endpoint, config=config).put_bucket_policy(Bucket=BUCKET, Policy=policy)


def _free_ports(count: int) -> list[int]:
    """Ports that are free, and free again 10000 higher."""
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < count:
            # An ephemeral port (32768 and up on Linux) leaves too little room above: go down instead.
            pair = [held.enter_context(socket.socket()) for _ in range(2)]
            pair[1].bind(("127.0.0.1", 0))
            low = pair[1].getsockname()[1] - _GRPC
            with suppress(OSError, OverflowError):
                pair[0].bind(("127.0.0.1", low))
                found.append(low)
    return found


def _wait_until_it_takes_objects(weed: Weed, process: subprocess.Popen[bytes], log: Path) -> None:
    config = Config(retries={"mode": "standard", "max_attempts": 1}, s3={"addressing_style": "path"})
    session = boto3.session.Session(weed.access, weed.secret, region_name="us-east-1")
    client = session.client("s3", endpoint_url=weed.endpoint, config=config)
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with suppress(BotoCoreError, ClientError):
            client.put_object(Bucket=BUCKET, Key="ready", Body=b"")
            client.delete_object(Bucket=BUCKET, Key="ready")
            return
        time.sleep(0.1)
    raise RuntimeError(f"weed does not take objects: {log.read_text(errors='replace')[-2000:]}")
