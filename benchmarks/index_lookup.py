"""How long a look-up takes in a large catalogue: wall milliseconds, median and 99th percentile, of the catalogue's own functions.

``python -m benchmarks.index_lookup [ROWS [LOOKUPS]]``; ten million rows are the default, take some 14 GB of temporary disk and a few
minutes to make.  Keys are taken by chance from the whole table, so that neighbours share no page of the database.  Told besides: how many
rows a second are added, to an empty catalogue and to the full one, and the memory of the process, which must not grow with the rows.
"""

import random
import resource
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from archive import codec
from archive.catalogue import Catalogue
from archive.records import Capture, Found, RecordRef
from archive.urls import surt

STARTED = datetime(2026, 1, 1, tzinfo=UTC)
VERSIONS = 5  # captures of one URL, the last of them a revisit
HOSTS = 2000
BATCH = 500


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
        ref=RecordRef(
            key=f"warc/2026/01/01/copytrail-20260101000000000-{page // 20000:04}-host.warc.gz", offset=number * 30000, length=27000
        ),
        payload_digest=f"sha256:{number * 0x9E3779B97F4A7C15 % 2**64:064x}",
        payload_length=60000,
        block_digest=f"sha256:{number:064x}",
        found=Found.LINK,
        via=f"http://www.paper{page % HOSTS}.example/",
        hop=1,
        etag='"5f3a-1"',
        ip="192.0.2.7",
        event_length=30000,
    )


def fill(path: Path, rows: int) -> float:
    """Make the catalogue's file with its rows, in the order of their ids; seconds that it took."""
    begun = time.perf_counter()
    Catalogue(f"sqlite:///{path}").close()
    base = sqlite3.connect(path, isolation_level=None)
    base.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-1000000; PRAGMA temp_store=FILE")
    indexes = base.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'captures' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        base.execute(f"DROP INDEX {name}")
    base.execute("BEGIN")
    base.executemany(
        "INSERT INTO captures (id, url, surt, time, kind, payload_digest, whole, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (item.id, item.url, item.surt, f"{item.time:%Y-%m-%dT%H:%M:%S.%fZ}", item.kind, item.payload_digest, True, codec.text_of(item))
            for item in (capture(number, rows) for number in range(rows))
        ),
    )
    base.execute("COMMIT")
    for _, made in indexes:
        base.execute(made)
    base.close()
    return time.perf_counter() - begun


def measured(name: str, lookup: Callable[[int], object], numbers: list[int]) -> None:
    """Print how long a look-up takes."""
    times = []
    for number in numbers:
        begun = time.perf_counter()
        found = lookup(number)
        times.append((time.perf_counter() - begun) * 1000)
        if not found:
            raise LookupError(f"{name}: nothing was found for row {number}")
    print(f"{name:42} median {statistics.median(times):6.3f} ms   p99 {statistics.quantiles(times, n=100)[98]:6.3f} ms")


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


def main() -> None:
    """Print the table."""
    rows, count = (int(value) for value in (*sys.argv[1:], *("10000000", "2000")[len(sys.argv) - 1 :]))
    chance = random.Random(1)  # noqa: S311 -- the same look-ups every time
    folder = Path(tempfile.mkdtemp(prefix="copytrail-index-"))
    try:
        empty = Catalogue(f"sqlite:///{folder}/empty.sqlite")
        print(f"adding to an empty catalogue: {added(empty, rows, 0)}")
        seconds = fill(folder / "full.sqlite", rows)
        print(f"{rows} rows, {(folder / 'full.sqlite').stat().st_size / 1e9:.1f} GB, made in {seconds:.0f} s")
        full = Catalogue(f"sqlite:///{folder}/full.sqlite")
        before = memory()
        numbers = [chance.randrange(rows) for _ in range(count)]
        measured("newest capture of a URL", lambda number: full.latest(capture(number, rows).url), numbers)
        measured("all captures of a URL (5)", lambda number: full.captures_of(capture(number, rows).url), numbers)
        measured("capture by its id", lambda number: full.capture(capture(number, rows).id), numbers)
        measured(
            "capture by the digest of its payload",
            lambda number: full.with_payload(capture(number, rows).payload_digest or ""),
            [number % (rows - rows // VERSIONS) for number in numbers],
        )
        measured(
            "first capture of a host", lambda number: next(full.all_captures(f"example,paper{number % HOSTS})")), numbers[: count // 10]
        )
        measured(
            "first 20 captures under a path",
            lambda number: list(islice(full.all_captures(capture(number, rows).surt[:-8]), 20)),
            numbers[: count // 10],
        )
        print(f"memory: {memory():.0f} MB at most, {before:.0f} MB before the look-ups")
        print(f"adding to the full catalogue: {added(full, rows, 10**9)}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
