"""What it costs to bring a sealed WARC into S3: our ``create`` against boto3's plain ``put_object``, in one run.

``python -m benchmarks.upload_cost [ROUNDS] [MIB]``.  A real server (SeaweedFS) on loopback takes the same file in turns both ways; printed
are the minimum of the client's CPU seconds and of the wall clock.  Ours is more than a PUT: the digest that the server has to confirm, the
condition that nobody has taken the key, and the question what the server holds.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import boto3
from botocore.config import Config

from archive.store_s3 import S3Store
from benchmarks.corpus import sealed_warc

GOAL = 1.3
TESTS = Path(__file__).resolve().parents[1] / "tests"


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds of this process."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def main(arguments: list[str]) -> None:
    """Print both, and the ratios."""
    rounds, mib = (int(value) for value in (arguments + ["5", "256"][len(arguments) :]))
    sys.path.append(str(TESTS))
    from support.weed import BUCKET, weed_server  # noqa: PLC0415 -- the tests' server; they are not on the path of a program

    found: dict[str, list[tuple[float, float]]] = {"put_object": [], "ours": []}
    with tempfile.TemporaryDirectory(prefix="upload-cost-") as folder:
        path = sealed_warc(Path(folder), mib * 1024 * 1024)
        with weed_server(Path(folder) / "weed") as weed:
            os.environ |= {"AWS_ACCESS_KEY_ID": weed.access, "AWS_SECRET_ACCESS_KEY": weed.secret, "AWS_DEFAULT_REGION": "us-east-1"}
            client = boto3.session.Session().client("s3", endpoint_url=weed.endpoint, config=Config(s3={"addressing_style": "path"}))
            store = S3Store(f"s3://{BUCKET}", endpoint=weed.endpoint)

            def plain(key: str) -> None:
                with path.open("rb") as stream:
                    client.put_object(Bucket=BUCKET, Key=key, Body=stream)

            ways: dict[str, Callable[[str], object]] = {"put_object": plain, "ours": lambda key: store.create(key, path)}
            for number in range(rounds):
                for name, way in ways.items():
                    key = f"warc/{name}-{number}.warc.gz"
                    found[name].append(timed(lambda way=way, key=key: way(key)))  # type: ignore[misc]
                    client.delete_object(Bucket=BUCKET, Key=key)
    least = {name: [min(column) for column in zip(*times, strict=True)] for name, times in found.items()}
    for name, (cpu, wall) in least.items():
        print(f"{name:11} CPU {cpu:.3f} s  wall {wall:.3f} s   each " + " ".join(f"{one:.2f}/{two:.2f}" for one, two in found[name]))
    cpu, wall = (ours / theirs for ours, theirs in zip(least["ours"], least["put_object"], strict=True))
    print(f"ours : put_object = {cpu:.2f} CPU, {wall:.2f} wall, wanted at most {GOAL}")


if __name__ == "__main__":
    main(sys.argv[1:])
