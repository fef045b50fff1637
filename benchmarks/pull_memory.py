"""What a pull holds in memory and costs, form by form, as the selection grows: peak resident memory and CPU seconds of a process.

``python -m benchmarks.pull_memory [CAPTURES …]`` (default 1000 10000 100000).  Each archive is made anew in a folder: articles of some 2 KB
of text, each captured ten times, one capture in two a revisit; an edit for every article and an outcome for every capture.  A pull is a
process of its own; its peak is the kernel's figure (``VmHWM``; ``ru_maxrss`` of a child begins with its parent's), and what a process needs
that only opens the archive stands apart.  Memory is constant when a row of the table does not grow.
"""

import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.http import ResponseParser
from archive.kinds import Change, Found, PageKind, Verdict
from archive.pull import FORMATS, pull
from archive.records import Block, Capture, Document, Exchange, Lead, Member, Outcome, Quality, Revision, Selection, Story
from archive.settings import Settings
from archive.stories import save_story
from archive.vault import Archive, open_archive

STARTED = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
TIMES = 10  # captures of one article
STEP = 1000  # rows written at a time
WORDS = [f"word{number}" for number in range(4000)]


def exchange(number: int, day: int) -> Exchange:
    """A small page; every second visit finds what the one before it found."""
    body = f"<p>{number} {day // 2}</p>".encode() + b"x" * 400
    parser = ResponseParser("GET")
    parser.feed(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    return Exchange(
        url=f"http://site{number % 40}.example/{number}",
        started=STARTED + timedelta(days=day, seconds=number),
        request=b"GET / HTTP/1.1\r\n\r\n",
        response=parser.response,
        head_length=parser.head.length if parser.head else 0,
        status=200,
        payload_digest=parser.payload_digest,
        payload_length=parser.payload_length,
        found=Found.LINK,
    )


def document(capture: Capture, chance: random.Random) -> Document:
    """A text of forty lines."""
    lines = [" ".join(chance.choices(WORDS, k=8)) for _ in range(40)]
    blocks, at = [], 0
    for line in lines:
        blocks.append(Block(text=line, start=at, end=at + len(line)))
        at += len(line) + 1
    quality = Quality(kind=PageKind.ARTICLE)
    text = "\n".join(lines)
    return Document(
        capture=capture.id,
        url=capture.url,
        extractor="one 1",
        quality=quality,
        title=lines[0],
        text=text,
        blocks=tuple(blocks),
        original=text,
    )


def build(settings: Settings, count: int) -> None:
    """An archive of one story with so many captures."""
    chance = random.Random(1)  # noqa: S311 -- the same texts every time
    articles = count // TIMES
    with open_archive(settings) as archive:
        for day in range(TIMES):
            deposit = archive.deposit(clock=lambda day=day: STARTED + timedelta(days=day), info={"software": "benchmark"})  # type: ignore[misc]
            for number in range(articles):
                deposit.keep(exchange(number, day))
            understand(archive, deposit.seal(), chance)
        members = tuple(
            Member(url=f"http://site{number % 40}.example/{number}", why="benchmark", since=STARTED) for number in range(articles)
        )
        story = Story(slug="all", version=1, created=STARTED, title="All", members=members)
        save_story(archive, story, lambda newest: newest, STARTED)


def understand(archive: Archive, captures: list[Capture], chance: random.Random) -> None:
    """Texts, edits and outcomes of one day."""
    known = archive.catalogue
    for start in range(0, len(captures), STEP):
        some = captures[start : start + STEP]
        known.put_documents([document(item, chance) for item in some if item.kind == "response"])
        known.put_revisions(
            Revision(url=item.url, number=2, change=Change.EDIT, before=item.id, after=item.id, time=item.time, extractor="one 1")
            for item in some
            if item.kind == "response"
        )
        lead = Lead(url="", found=Found.LINK)
        run = f"run{some[0].time:%Y%m%d}"
        ended = (
            Outcome(
                run=run, url=item.url, verdict=Verdict.KEPT, reason="", time=item.time, lead=replace(lead, url=item.url), capture=item.id
            )
            for item in some
        )
        known.add_outcomes("all", ended)


def child(store: str, form: str, out: str) -> None:
    """Pull in one form, as a folder where the form has one, and print the peak in MB and the CPU seconds."""
    with open_archive(Settings(store=store, contact="nobody@copytrail.example")) as archive:
        if form in FORMATS:
            pull(archive, Selection(story="all"), form, Path(out), "benchmark")
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = next(line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
    print(int(peak.split()[1]) / 1024, used.ru_utime + used.ru_stime)


def measured(folder: Path, count: int) -> Iterator[tuple[str, float, float, int]]:
    """Form, peak in MB, CPU seconds and bytes of the pull."""
    settings = replace(Settings(), store=str(folder / "archive"), contact="nobody@copytrail.example")
    build(settings, count)
    out = folder / "out"
    for form in ("nothing", *FORMATS):
        command = [sys.executable, "-m", "benchmarks.pull_memory", "--child", settings.store, form, str(out)]
        peak, seconds = map(float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
        files = [out] if out.is_file() else list(out.rglob("*"))
        yield form, peak, seconds, sum(item.stat().st_size for item in files if item.exists())
        shutil.rmtree(out) if out.is_dir() else out.unlink(missing_ok=True)


def main() -> None:
    """Print the table."""
    for count in map(int, sys.argv[1:] or ("1000", "10000", "100000")):
        folder = Path(tempfile.mkdtemp(prefix="copytrail-pull-memory-"))
        try:
            for form, peak, seconds, size in measured(folder, count):
                print(f"{count:7} captures  {form:8} peak {peak:6.0f} MB  CPU {seconds:7.1f} s  {size / 1e6:8.1f} MB", flush=True)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main()
