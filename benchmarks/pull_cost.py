"""What a pull costs beside copying the same bytes: CPU seconds of a pull as WARC, and of ``cp`` and ``sha256sum`` over what was pulled.

``python -m benchmarks.pull_cost [MEGABYTES [ROUNDS]]``.  The archive is made anew, in a folder, of pages with the sizes of news pages as
they come over the wire (27 KB at the mean, compressed by the server).  Rows take turns; each shows its least round.  A pull is a process of
its own; what it costs to start one that only opens the archive is stated apart and taken off.  Ratios are what to quote.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.http import ResponseParser
from archive.kinds import Found
from archive.pull import pull
from archive.records import Exchange, Member, Selection, Story
from archive.settings import Settings
from archive.stories import save_story
from archive.vault import open_archive

STARTED = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
SITES = 40
LIMIT = 100_000_000  # bytes of a WARC
SELECTIONS = {
    "the whole archive": Selection(),
    "a story": Selection(story="all"),
    "one site in four": Selection(story="all", url="http://site?.*"),
}


def exchange(number: int, chance: random.Random) -> Exchange:
    """A page of which the server compressed the body."""
    body = chance.randbytes(int(min(max(chance.lognormvariate(9.9, 0.7), 3000), 200_000)))
    head = (
        b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sat, 21 Nov 2026 10:30:00 GMT\r\nContent-Type: text/html; charset=utf-8\r\n"
        b'Content-Encoding: gzip\r\nCache-Control: max-age=60\r\nETag: "%d"\r\nVary: Accept-Encoding\r\nContent-Length: %d\r\n\r\n'
    )
    parser = ResponseParser("GET")
    parser.feed(head % (number, len(body)) + body)
    site = f"site{number % SITES}.example"
    path = f"/news/2026/11/21/the-story-of-page-{number}.html"
    return Exchange(
        url=f"http://{site}{path}",
        started=STARTED + timedelta(seconds=number),
        request=f"GET {path} HTTP/1.1\r\nHost: {site}\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nUser-Agent: benchmark\r\n\r\n".encode(),
        response=parser.response,
        head_length=parser.head.length if parser.head else 0,
        status=200,
        payload_digest=parser.payload_digest,
        payload_length=parser.payload_length,
        ip="192.0.2.7",
        phases={"dns": 1.0, "connect": 20.0, "sent": 21.0, "head": 70.0, "body": 90.0},
        found=Found.LINK,
        via=f"http://{site}/",
        hop=1,
    )


def build(settings: Settings, size: int) -> int:
    """Fill an archive with ``size`` bytes of pages, all of them members of one story; how many there are."""
    chance = random.Random(1)  # noqa: S311 -- the same pages every time
    urls: list[str] = []
    with open_archive(settings) as archive:
        deposit = archive.deposit(clock=lambda: STARTED, info={"software": "benchmark"})
        deposit.limit = LIMIT
        filled = 0
        while filled < size:
            item = exchange(len(urls), chance)
            deposit.keep(item)
            deposit.rotate()
            urls.append(item.url)
            filled += item.payload_length or 0
        deposit.seal()
        members = tuple(Member(url=url, why="benchmark", since=STARTED) for url in urls)
        story = Story(slug="all", version=1, created=STARTED, title="All", members=members)
        save_story(archive, story, lambda newest: newest, STARTED)
    return len(urls)


def cpu(*command: str | Path) -> float:
    """CPU seconds of a command."""
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def child(store: str, name: str, out: str) -> None:
    """Open the archive, and pull a selection when one is named."""
    with open_archive(Settings(store=store, contact="nobody@copytrail.example")) as archive:
        if name in SELECTIONS:
            pull(archive, SELECTIONS[name], "warc", Path(out), "benchmark")


def rounds(folder: Path, store: str, count: int) -> Iterator[tuple[str, int, float, float, float]]:
    """Selection, bytes, and the least CPU of the start of a process, of the pull after it, and of ``cp`` with ``sha256sum``."""
    run = (sys.executable, "-m", "benchmarks.pull_cost", "--child", store)
    out, copy = folder / "pulled.warc.gz", folder / "copy"
    for name in SELECTIONS:
        starts, pulls, copies = [], [], []
        for _ in range(count):
            out.unlink(missing_ok=True)
            copy.unlink(missing_ok=True)
            starts.append(cpu(*run, "nothing", out))
            pulls.append(cpu(*run, name, out))
            copies.append(cpu("cp", "--reflink=never", out, copy) + cpu("sha256sum", out))
        yield name, out.stat().st_size, min(starts), min(pulls) - min(starts), min(copies)


def main() -> None:
    """Print the table."""
    size, count = (int(value) for value in (*sys.argv[1:], *("330", "5")[len(sys.argv) - 1 :]))
    folder = Path(tempfile.mkdtemp(prefix="copytrail-pull-cost-"))
    try:
        settings = replace(Settings(), store=str(folder / "archive"), contact="nobody@copytrail.example")
        pages = build(settings, size * 1_000_000)
        print(f"{pages} captures, {size} MB of payload, a store in a folder; least of {count} rounds, CPU seconds")
        for name, length, start, pulled, copied in rounds(folder, settings.store, count):
            print(
                f"{name:18} {length / 1e6:6.0f} MB  pull {pulled:.2f}  cp + sha256sum {copied:.2f}  ratio {pulled / copied:.2f}"
                f"  (start of the process {start:.2f}, with it {(pulled + start) / copied:.2f})"
            )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main()
