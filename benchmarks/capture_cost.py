"""What it costs to archive a page: CPU milliseconds of a page for Scrapy alone, ours, and Scrapy through warcprox, in one run.

``python -m benchmarks.capture_cost [ROUNDS] [PAGES]``.  The rows take turns; the minimum of each over all rounds is printed, because other
work on the machine only ever adds.  CPU is user and system time of the process that crawls (and of warcprox), from the first request to
the end of the spider; *with sealing* goes on until everything is in the store, indexed and verified.  What a run costs once, such as
the list of public suffixes, is in these figures; *further page* is without it, from a second crawl of a quarter of the pages, and *once* is
what is left.  Spider, scheduler, 32 hosts, 32 requests at a time and a robots.txt for each host are the same in all rows; ours obeys
robots.txt and the delay through its own middlewares, and keeps no cookies, which Scrapy does unless told not to (*plain, no cookies*).
The pages are ``benchmarks.pageserver``'s; their addresses end in ``.html`` as those of much news do: without a charset in its head such an
answer makes Scrapy 2.19 guess one from compressed bytes.  warcprox writes gzip, and neither looks for duplicates nor counts: its cheapest
way.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.capture_crawl import ROWS

FEW = 4  # the second crawl has one page in so many
WARCPROX = Path(__file__).resolve().parents[1] / ".venv-judges/warcprox/bin/warcprox"
PATIENCE = 30.0  # seconds until warcprox listens
GOALS = (
    ("ours, charset", "plain, charset", "at most", 1.3),
    ("ours, no charset", "plain, charset", "at most", 1.3),
    ("ours, no charset", "plain, as it comes", "at most", 0.5),
    ("warcprox", "ours, charset", "at least", 1.8),
)


@contextmanager
def page_server(pages: int) -> Iterator[int]:
    """The pages, in a process of their own; its port."""
    command = [sys.executable, "-m", "benchmarks.pageserver", str(pages)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.stdin.close()


@contextmanager
def warcprox(folder: Path) -> Iterator[tuple[int, int]]:
    """A running warcprox: its process id and port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    off = ("--dedup-db-file=/dev/null", "--stats-db-file=/dev/null")
    command = [str(WARCPROX), f"--port={port}", "--address=127.0.0.1", f"--dir={folder}", "--gzip", "--quiet", *off]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait()


def cpu_of(pid: int) -> float:
    """CPU seconds of a running process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def crawl(row: str, port: int, pages: int, folder: str, *proxy: str) -> tuple[float, float]:
    """One crawl in a process of its own; CPU seconds without and with sealing."""
    command = [sys.executable, "-m", "benchmarks.capture_crawl", row, str(port), str(pages), folder, *proxy]
    done = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
    if done["pages"] != pages:
        raise SystemExit(f"{row}: {done['pages']} of {pages} pages came")
    return done["cpu"], done["sealed"]


def once(row: str, port: int, pages: int) -> tuple[float, float]:
    """One round of a row; CPU seconds of all processes that belong to it."""
    with tempfile.TemporaryDirectory(prefix="capture-cost-") as folder:
        if row != "warcprox":
            return crawl(row, port, pages, folder)
        with warcprox(Path(folder)) as (pid, proxy):
            before = cpu_of(pid)
            own, sealed = crawl(row, port, pages, folder, f"http://127.0.0.1:{proxy}")
            beside = cpu_of(pid) - before
            return own + beside, sealed + beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The least that a row has cost, in milliseconds."""

    page: float
    sealed: float
    further: float
    once: float

    @classmethod
    def of(cls, all_pages: list[tuple[float, float]], few_pages: list[tuple[float, float]], pages: int) -> "Cost":
        """From the CPU seconds of each round, over all pages and over a few."""
        spent, sealed = (1000 * min(column) for column in zip(*all_pages, strict=True))
        few, fewer = 1000 * min(own for own, _ in few_pages), pages // FEW
        further = (spent - few) / (pages - fewer)
        return cls(page=spent / pages, sealed=sealed / pages, further=further, once=few - further * fewer)


def main(arguments: list[str]) -> None:
    """Print the table, and how it stands against the goals of issue 3."""
    rounds, pages = (int(value) for value in (arguments + ["7", "1000"][len(arguments) :]))
    rows = [row for row in ROWS if row != "warcprox" or WARCPROX.exists()]
    found: dict[tuple[str, int], list[tuple[float, float]]] = {(row, count): [] for row in rows for count in (pages, pages // FEW)}
    with page_server(pages) as port:
        for _ in range(rounds):
            for (row, count), times in found.items():
                times.append(once(row, port, count))
    costs = {row: Cost.of(found[row, pages], found[row, pages // FEW], pages) for row in rows}
    base = costs["plain, charset"]
    print(f"{'':20} ms/page of plain  further page of plain   once  with sealing of plain   each round")
    for row, cost in costs.items():
        each = " ".join(f"{own * 1000 / pages:.2f}" for own, _ in found[row, pages])
        print(
            f"{row:20} {cost.page:7.2f} {cost.page / base.page:8.2f} {cost.further:13.2f} {cost.further / base.further:8.2f}"
            f" {cost.once:6.0f} {cost.sealed:13.2f} {cost.sealed / base.sealed:8.2f}   {each}"
        )
    for left, right, word, goal in GOALS:
        if left in costs and right in costs:
            print(f"{left} : {right} = {costs[left].page / costs[right].page:.2f}, wanted {word} {goal}")
    print("load average", *(f"{load:.1f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main(sys.argv[1:])
