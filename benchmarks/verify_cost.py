"""What it costs to check a WARC: ``copytrail verify FILE`` against ``zcat FILE | sha256sum``, in one run.

``python -m benchmarks.verify_cost [ROUNDS] [MB]``.  The two take turns over the same file, and the minimum of the CPU seconds (user and
system, of all processes) is printed.  What verification does beyond ``sha256sum`` it does once a record, so the ratio depends on how long
records are.  Three files are checked:

*news*: pages as long as real ones.  Of 308 saved news pages of many papers a quarter, half and three quarters have at most 81, 149 and
289 KB of HTML, and 17, 32 and 58 KB of gzip.  Those made here are near these quartiles, with the fields in their heads that papers send.
*plain*: pages of half that gzip, 14 KB, with three fields, as other benchmarks here have them.
*small*: answers of 2 KB, a tenth of the megabytes: what robots.txt, redirects and errors cost.
"""

import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.corpus import DIFFERENT, sealed_warc
from benchmarks.pageserver import html

GOAL = 2.0
COPYTRAIL = Path(sys.executable).with_name("copytrail")
PARTS = (1, 2, 2, 4)  # of which pages of news are made, a quarter of the pages of each number
FIELDS = (
    b"Server: nginx\r\nDate: Sat, 21 Nov 2026 10:30:00 GMT\r\nConnection: keep-alive\r\nVary: Accept-Encoding, X-Device\r\n"
    b"Cache-Control: public, max-age=60, stale-while-revalidate=600\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: SAMEORIGIN\r\n"
    b"Strict-Transport-Security: max-age=31536000; includeSubDomains\r\nReferrer-Policy: no-referrer-when-downgrade\r\n"
    b"Via: 1.1 varnish, 1.1 varnish\r\nX-Cache: MISS, HIT\r\nX-Served-By: cache-fra-1, cache-lhr-2\r\nAge: 17\r\nAccept-Ranges: bytes\r\n"
)
_MARKUP = 35_000  # bytes to each part, which gzip makes nearly nothing of


def news() -> list[bytes]:
    """Pages of invented news, as long as real ones."""
    parts = [html(number) for number in range(DIFFERENT)]
    row = '<div class="teaser teaser--standard js-teaser" data-position="%d"><span class="teaser__label"></span></div>\n'
    rows = "".join(row % number for number in range(_MARKUP // len(row))).encode()
    draw = random.Random(1)  # noqa: S311 -- the same pages in every run
    return [b"".join((*draw.sample(parts, count), rows * count)) for count in PARTS * (DIFFERENT // len(PARTS) // 2)]


def small() -> list[bytes]:
    """Short answers."""
    return [b"<h1>" + html(number)[-2000:] for number in range(DIFFERENT)]


FILES: dict[str, Callable[[Path, int], Path]] = {
    "news": lambda folder, size: sealed_warc(folder, size, news(), FIELDS),
    "plain": sealed_warc,
    "small": lambda folder, size: sealed_warc(folder, size // 10, small()),
}


def spent(*commands: list[str]) -> float:
    """CPU seconds of programs that are piped one into the next."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    processes: list[subprocess.Popen[bytes]] = []
    for command in commands:
        source = processes[-1].stdout if processes else subprocess.DEVNULL
        last = command is commands[-1]
        processes.append(subprocess.Popen(command, stdin=source, stdout=subprocess.DEVNULL if last else subprocess.PIPE))
        if processes[1:] and processes[-2].stdout is not None:
            processes[-2].stdout.close()
    codes = [process.wait() for process in processes]
    if any(codes):
        raise SystemExit(f"{commands}: ended with {codes}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(name: str, path: Path, rounds: int) -> None:
    """Print both, and the ratio."""
    found: dict[str, list[float]] = {"zcat | sha256sum": [], "copytrail verify": []}
    for _ in range(rounds):
        found["zcat | sha256sum"].append(spent(["zcat", str(path)], ["sha256sum"]))
        found["copytrail verify"].append(spent([str(COPYTRAIL), "verify", str(path)]))
    print(f"{name}: {path.stat().st_size / 1e6:.0f} MB", flush=True)
    for program, times in found.items():
        print(f"  {program:17} {min(times):.2f} CPU s   each " + " ".join(f"{time:.2f}" for time in times))
    ratio = min(found["copytrail verify"]) / min(found["zcat | sha256sum"])
    print(f"  copytrail verify : zcat | sha256sum = {ratio:.2f}, wanted at most {GOAL:g}", flush=True)


def main(arguments: list[str]) -> None:
    """Make each file and check it."""
    rounds, megabytes = (int(value) for value in (arguments + ["5", "200"][len(arguments) :]))
    for name, make in FILES.items():
        with tempfile.TemporaryDirectory(prefix="verify-cost-") as folder:
            compare(name, make(Path(folder), megabytes * 1_000_000), rounds)


if __name__ == "__main__":
    main(sys.argv[1:])
