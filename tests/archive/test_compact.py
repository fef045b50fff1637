"""The files of a day put together: each row once, nothing replaced, the same again for nothing."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.exchanges import page
from support.smallarchive import DAYS, SLUG, small_archive

from archive import manifest, tables
from archive.compact import INDEX, PARTS, compact, unmerged
from archive.findings import Tally
from archive.kinds import Found, Verdict
from archive.publish import publish
from archive.records import Lead, Outcome
from archive.stories import RunLog
from archive.trust import Trust
from archive.vault import Archive
from archive.verify_ledger import Ledger
from archive.verify_store import verify_store

LATER = DAYS[-1] + timedelta(days=1)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Three days of one WARC each, on the first of which came a second WARC and two runs; published."""
    with small_archive(tmp_path) as archive:
        keep_more(archive, "one")
        list(publish(archive, LATER))
        yield archive


def keep_more(archive: Archive, run: str) -> None:
    """One more WARC and two more runs, on the first day."""
    deposit = archive.deposit(clock=lambda: DAYS[0] + timedelta(minutes=len(run)), info={"operator": "tests"})
    url = f"http://paper.example/{run}"
    deposit.keep(replace(page(b"<p>More.</p>", b"Content-Type: text/html", url=url), started=DAYS[0]))
    deposit.seal()
    lead = Lead(url=url, found=Found.GIVEN)
    for number in range(2):
        outcome = Outcome(run=f"{run}-{number}", url=url, verdict=Verdict.FAILED, reason="no answer", time=DAYS[0], lead=lead)
        RunLog(archive, SLUG, outcome.run, DAYS[0]).write([], [outcome])


def rows(archive: Archive, prefix: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for key in archive.store.keys(prefix):
        found += pq.read_table(io.BytesIO(archive.store.read(key))).to_pylist()
    return sorted(found, key=str)


def lines(archive: Archive, prefix: str) -> list[bytes]:
    return sorted(line for key in archive.store.keys(prefix) for line in archive.store.read(key).splitlines())


def test_each_row_of_the_days_before_is_there_once(archive: Archive) -> None:
    """Under ``merged/`` as under ``tables/``; a day with one file is left as it is, and so is the WARC."""
    warcs = {key: archive.store.read(key) for key in archive.store.keys("warc/")}

    made = list(compact(archive, LATER))

    assert [(item.table, item.day, item.parts, item.rows, item.problem) for item in made] == [
        ("captures", "2026/11/21", 2, 5, None),
        ("outcomes", "2026/11/21", 2, 2, None),
        (INDEX, "2026/11/21", 2, 5, None),
    ]
    assert rows(archive, "merged/captures/") == rows(archive, "tables/captures/2026/11/21/")
    assert rows(archive, "merged/outcomes/") == rows(archive, "tables/outcomes/")
    merged = b"".join(archive.store.read(key) for key in archive.store.keys("merged/cdxj/"))
    assert merged.splitlines() == lines(archive, "cdxj/2026/11/21/")
    assert {key: archive.store.read(key) for key in archive.store.keys("warc/")} == warcs


def test_a_reader_of_both_takes_what_is_not_merged(archive: Archive) -> None:
    """Merged files and the parts that ``unmerged`` lists have each row once."""
    whole = rows(archive, "tables/captures/")
    list(compact(archive, LATER))

    left = [row for key in unmerged(archive.store, "captures") for row in rows(archive, key)]

    assert sorted(rows(archive, "merged/captures/") + left, key=str) == whole


def test_again_writes_nothing_and_late_parts_make_one_more_file(archive: Archive) -> None:
    """What a day gains later is merged by itself: no row is there twice."""
    list(compact(archive, LATER))
    there = list(archive.store.keys("merged/"))

    assert list(compact(archive, LATER)) == []
    keep_more(archive, "two")
    keep_more(archive, "three")
    list(publish(archive, LATER))
    made = {item.table: item for item in compact(archive, LATER)}

    assert (made["captures"].parts, made["outcomes"].parts, made[INDEX].parts) == (2, 4, 2)
    assert set(there) < set(archive.store.keys("merged/"))
    assert rows(archive, "merged/captures/") == rows(archive, "tables/captures/2026/11/21/")
    assert rows(archive, "merged/outcomes/") == rows(archive, "tables/outcomes/")
    assert lines(archive, "merged/cdxj/") == lines(archive, "cdxj/2026/11/21/")
    assert list(compact(archive, LATER)) == []


def test_today_is_not_over(archive: Archive) -> None:
    """A day is merged when nothing more is begun on it."""
    assert list(compact(archive, DAYS[0])) == []


def test_merged_files_are_vouched_for(archive: Archive) -> None:
    """The manifests name them, and a check of the whole store finds nothing that it did not find before."""
    before = problems(archive)
    made = list(compact(archive, LATER))

    listed = {
        item.key
        for writer in manifest.writers(archive.store)
        for link in manifest.read_chain(archive.store, writer)
        for item in link.objects
    }
    assert {item.key for item in made} <= listed
    assert problems(archive) == before


def problems(archive: Archive) -> list[str]:
    with Ledger() as ledger:
        return sorted(f"{item.rule} {item.file}" for item in verify_store(archive.store, ledger, Tally(), Trust()))


def test_columns_that_came_later_are_null(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts that an older release wrote are merged with the columns of today."""
    grown = tables.SCHEMAS["outcomes"].append(pa.field("novel", pa.string()))
    monkeypatch.setitem(tables.SCHEMAS, "outcomes", grown)

    list(compact(archive, LATER))

    assert {row["novel"] for row in rows(archive, "merged/outcomes/")} == {None}


def test_a_part_that_cannot_be_read_is_said_and_costs_no_other_table(archive: Archive, tmp_path: Path) -> None:
    """The day of that table is left as it is until it can be read."""
    part = next(key for key in archive.store.keys("tables/captures/2026/11/21/"))
    (tmp_path / "archive" / part).write_bytes(b"PAR1 and nothing")

    made = {item.table: item for item in compact(archive, LATER)}

    assert made["captures"].problem
    assert made["outcomes"].problem is None
    assert list(archive.store.keys("merged/captures/")) == []


def test_a_merged_file_names_its_parts(archive: Archive) -> None:
    """Whoever finds the file alone knows what it stands for."""
    (made, *_) = compact(archive, LATER)

    told = pq.read_schema(io.BytesIO(archive.store.read(made.key))).metadata[PARTS]

    assert json.loads(told) == list(archive.store.keys("tables/captures/2026/11/21/"))
