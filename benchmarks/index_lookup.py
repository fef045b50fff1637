"""How long a look-up takes in a large catalogue: wall milliseconds, median and 99th percentile, of the catalogue's own functions.

``python -m benchmarks.index_lookup [ROWS [LOOKUPS]]``; ten million rows are the default, take some 14 GB of temporary disk and a few
minutes to make.  Keys are taken by chance from the whole table, so that neighbours share no page of the database.  Told besides: how many
rows a second are added, to an empty catalogue and to the full one, and the memory of the process, which must not grow with the rows.
"""

import random
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from archive import codec
from archive.catalogue import Catalogue
from archive.kinds import Found
from archive.records import Capture, RecordRef
from archive.urls import surt

STARTED = datetime(2026, 1, 1, tzinfo=UTC)
VERSIONS = 5  # captures of one URL, the last of them a revisit; all revisits have one payload
HOSTS = 2000
BATCH = 500
SPREAD = 0x9E3779B97F4A7C15  # odd: digests that do not come in the order of the rows


def capture(number: int, rows: int) -> Capture:
    """Row ``number`` of a catalogue of so many."""
    page, version = number % (rows // VERSIONS), number // (rows // VERSIONS)
    url = f"http://www.paper{page % HOSTS}.example/news/2026/{page % 12 + 1:02}/the-story-of-page-{page}.html"
    return Capture(
        id=f"urn:uuid:{number:032x}",
        url=url,
        surt=surt(url),
        time=STARTED + timedelta(days=version, seconds=page % 86400),
        kind="revisit" if version == VERSIONS - 1 else "response",
        status=200,
        mime="text/html",
        ref=RecordRef(key="warc/2026/01/01/copytrail-20260101000000000-0001-host.warc.gz", offset=number * 30000, length=27000),
        payload_digest=f"sha256:{(number if version < VERSIONS - 1 else 0) * SPREAD % 2**64:064x}",
        payload_length=60000,
        block_digest=f"sha256:{number:064x}",
        found=Found.LINK,
        via=f"http://www.paper{page % HOSTS}.example/",
        hop=1,
        etag='"5f3a-1"',
        ip="192.0.2.7",
        event_length=30000,
    )


def columns(rows: int) -> Iterator[tuple[object, ...]]:
    """The rows of the captures' table as the catalogue writes them, made from one of them: ten million nouns would take an hour."""
    first = _varying(1, rows)
    model = codec.text_of(capture(1, rows))
    parts = re.split("(" + "|".join(re.escape(value) for value in sorted(first, key=len, reverse=True)) + ")", model)
    places = [first.index(part) if part in first else -1 for part in parts]
    for number in range(rows):
        made = _varying(number, rows)
        body = "".join(made[place] if place >= 0 else part for place, part in zip(places, parts, strict=True))
        identifier, url, key, day, kind, digest = made[:6]
        yield identifier, url, key, f"{day[:-1]}.000000Z", kind.strip('"'), digest, True, body


def _varying(number: int, rows: int) -> tuple[str, ...]:
    """What differs from row to row, as it stands in the noun's JSON."""
    page, version = number % (rows // VERSIONS), number // (rows // VERSIONS)
    site, second = page % HOSTS, page % 86400
    path = f"/news/2026/{page % 12 + 1:02}/the-story-of-page-{page}.html"
    return (
        f"urn:uuid:{number:032x}",
        f"http://www.paper{site}.example{path}",
        f"example,paper{site}){path}",
        f"2026-01-{version + 1:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z",
        '"revisit"' if version == VERSIONS - 1 else '"response"',
        f"sha256:{(number if version < VERSIONS - 1 else 0) * SPREAD % 2**64:064x}",
        f"sha256:{number:064x}",
        f"http://www.paper{site}.example/",
        f'"offset":{number * 30000}',
    )


def fill(path: str, rows: str) -> None:
    """Make the catalogue's file: its rows in the order of their ids, and then its indexes."""
    Catalogue(f"sqlite:///{path}").close()
    base = sqlite3.connect(path, isolation_level=None)
    base.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-1000000")
    indexes = base.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'captures' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        base.execute(f"DROP INDEX {name}")
    base.execute("BEGIN")
    names = "id, url, surt, time, kind, payload_digest, whole, body"
    base.executemany(f"INSERT INTO captures ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", columns(int(rows)))  # noqa: S608 -- our own words
    base.execute("COMMIT")
    for _, made in indexes:
        base.execute(made)
    base.close()


def measured(name: str, lookup: Callable[[int], object], numbers: list[int]) -> None:
    """Print how long a look-up takes, on the clock and of the processor: on a busy machine they differ."""
    walls, cpus = [], []
    for number in numbers:
        begun = time.perf_counter(), time.process_time()
        found = lookup(number)
        walls.append((time.perf_counter() - begun[0]) * 1000)
        cpus.append((time.process_time() - begun[1]) * 1000)
        if not found:
            raise LookupError(f"{name}: nothing was found for row {number}")
    wall, cpu = (f"median {statistics.median(times):6.3f}  p99 {statistics.quantiles(times, n=100)[98]:6.3f} ms" for times in (walls, cpus))
    print(f"{name:40} wall {wall}   CPU {cpu}")


def added(catalogue: Catalogue, rows: int, begin: int) -> str:
    """How fast some thousand new rows go in."""
    items = [replace(capture(number % rows, rows), id=f"urn:new:{number}") for number in range(begin, begin + 20 * BATCH)]
    begun = time.perf_counter()
    for at in range(0, len(items), BATCH):
        catalogue.add_captures(items[at : at + BATCH])
    return f"{len(items) / (time.perf_counter() - begun):.0f} rows/s"


def memory() -> float:
    """The most that this process has taken, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def look_up(full: Catalogue, rows: int, numbers: list[int]) -> None:
    """Print every kind of look-up."""
    for number in numbers[:20]:  # what was made by hand is what the catalogue would have written
        made = capture(number, rows)
        if full.capture(made.id) != made:
            raise LookupError(f"row {number} is not what it should be")
    measured("newest capture of a URL", lambda number: full.latest(capture(number, rows).url), numbers)
    measured("all captures of a URL (5)", lambda number: full.captures_of(capture(number, rows).url), numbers)
    measured("capture by its id", lambda number: full.capture(capture(number, rows).id), numbers)
    held = [number % (rows - rows // VERSIONS) for number in numbers]
    measured("capture by its payload's digest", lambda number: full.with_payload(capture(number, rows).payload_digest or ""), held)
    common = capture(0, rows).payload_digest or ""
    measured(f"capture by a payload of {rows // VERSIONS} rows", lambda _: full.with_payload(common), held)
    measured("first capture of a host", lambda number: next(full.all_captures(f"example,paper{number % HOSTS})")), numbers)
    measured("first 20 captures under a path", lambda number: list(islice(full.all_captures(capture(number, rows).surt[:-7]), 20)), numbers)


def main() -> None:
    """Print the table."""
    rows, count = (int(value) for value in (*sys.argv[1:], *("10000000", "2000")[len(sys.argv) - 1 :]))
    chance = random.Random(1)  # noqa: S311 -- the same look-ups every time
    folder = Path(tempfile.mkdtemp(prefix="copytrail-index-"))
    try:
        print(f"adding to an empty catalogue: {added(Catalogue(f'sqlite:///{folder}/empty.sqlite'), rows, 0)}")
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "benchmarks.index_lookup", "--fill", str(folder / "full.sqlite"), str(rows)], check=True)
        size = (folder / "full.sqlite").stat().st_size
        print(f"{rows} rows, {size / 1e9:.1f} GB, made in {time.perf_counter() - begun:.0f} s")
        full, before = Catalogue(f"sqlite:///{folder}/full.sqlite"), memory()
        look_up(full, rows, [chance.randrange(rows) for _ in range(count)])
        print(f"memory: {memory():.0f} MB at most, {before:.0f} MB before the look-ups")
        print(f"adding to the full catalogue: {added(full, rows, 10**9)}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fill"]:
        fill(*sys.argv[2:])
    else:
        main()
