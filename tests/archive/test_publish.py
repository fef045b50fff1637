"""Publishing: every row once, nothing replaced, a kill repaired by the next time."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pyarrow.parquet as pq
import pytest
from warcio.archiveiterator import ArchiveIterator

from archive import manifest
from archive.catalogue import Catalogue
from archive.kinds import Change, Found, PageKind, Verdict
from archive.publish import publish
from archive.records import Document, Exchange, Lead, Outcome, Quality, Revision
from archive.spool import Spool
from archive.store import ObjectInfo, Store, StoreUnreachable
from archive.stories import RunLog
from archive.vault import Archive

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
URL = "http://paper.example/bridge"


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> Iterator[Archive]:
    """An empty archive on each kind of store."""
    catalogue = Catalogue(f"sqlite:///{tmp_path}/catalogue.sqlite")
    yield Archive(store=store, catalogue=catalogue, folder=tmp_path / "open", body_limit=1000, writer="tests")
    catalogue.close()


def crawl(archive: Archive, run: str, *bodies: bytes) -> list[str]:
    """One run: each body a page, each page with its text and outcome; the ids of the captures."""
    deposit = archive.deposit(clock=lambda: NOON, info={"operator": "tests"})
    for number, body in enumerate(bodies):
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        deposit.keep(
            Exchange(
                url=f"{URL}/{run}/{number}",
                started=NOON,
                request=b"GET / HTTP/1.1\r\n\r\n",
                response=Spool(head + body),
                head_length=len(head),
                status=200,
                payload_digest=Spool(body).digest,
                payload_length=len(body),
            )
        )
    captures = deposit.seal()
    quality = Quality(kind=PageKind.ARTICLE)
    archive.catalogue.put_documents(
        [Document(capture=item.id, url=item.url, extractor="one 1.0", quality=quality, text="words") for item in captures]
    )
    first, last = captures[0], captures[-1]
    archive.catalogue.put_revisions(
        [Revision(url=last.url, number=2, change=Change.EDIT, before=first.id, after=last.id, time=NOON, extractor="one 1.0")]
    )
    refused = Lead(url=f"{URL}/{run}/private", found=Found.LINK)
    outcomes = [ended(run, Lead(url=item.url, found=Found.GIVEN), Verdict.KEPT, capture=item.id, ref=item.ref) for item in captures]
    outcomes.append(ended(run, refused, Verdict.REFUSED_ROBOTS))
    log = RunLog(archive, "bridge", run, NOON)
    log.write([refused], outcomes)
    log.write([Lead(url=f"{URL}/later", found=Found.LINK)], [])
    return [item.id for item in captures]


def ended(run: str, lead: Lead, verdict: Verdict, **address: Any) -> Outcome:
    return Outcome(run=run, url=lead.url or "", verdict=verdict, reason="because", time=NOON, lead=lead, **address)


def rows(store: Store, table: str) -> list[dict[str, Any]]:
    """The rows of all files of a table, as a reader of the whole folder gets them."""
    found: list[dict[str, Any]] = []
    for key in store.keys(f"tables/{table}/"):
        found += pq.read_table(io.BytesIO(store.read(key))).to_pylist()
    return found


def test_each_row_is_published_once(archive: Archive) -> None:
    """Publishing is repeated at will: what is new comes in files of its own, and no row comes twice."""
    first = crawl(archive, "run-1", b"one", b"two")
    assert [unit.problem for unit in publish(archive, NOON)] == [None, None, None]
    keys = list(archive.store.keys("tables/"))
    assert list(publish(archive, NOON)) == []

    second = crawl(archive, "run-2", b"three", b"four")
    added = [unit.rows for unit in publish(archive, NOON)]

    assert {"captures": 2} in added
    assert {"documents": 2, "revisions": 1, "outcomes": 3} in added
    assert set(keys) < set(archive.store.keys("tables/"))
    for table, name in (("captures", "warc_record_id"), ("documents", "warc_record_id")):
        assert sorted(row[name] for row in rows(archive.store, table)) == sorted(first + second)
    assert sorted(row["warc_record_id"] for row in rows(archive.store, "revisions")) == sorted([first[-1], second[-1]])
    assert sorted((row["run"], row["verdict"]) for row in rows(archive.store, "outcomes")) == [
        *[("run-1", "kept")] * 2, ("run-1", "refused_robots"), *[("run-2", "kept")] * 2, ("run-2", "refused_robots")
    ]  # fmt: skip


def test_a_row_leads_to_the_bytes_of_its_record(archive: Archive) -> None:
    """File, offset and length of a row are a range that holds one whole record, the one that the row names."""
    crawl(archive, "run-1", b"one", b"two")
    list(publish(archive, NOON))

    for table in ("captures", "documents"):
        for row in rows(archive.store, table):
            with archive.store.open(row["warc_filename"], row["warc_record_offset"], row["warc_record_length"]) as part:
                (record,) = ArchiveIterator(io.BytesIO(part.read()))
            assert record.rec_headers.get_header("WARC-Record-ID") == f"<{row['warc_record_id']}>"
            assert record.rec_headers.get_header("WARC-Target-URI") == row["url"]


@dataclass
class Killed:
    """A store that is there until ``left`` more objects have been created."""

    store: Store
    left: int
    url: str = "killed"
    created: list[str] = field(default_factory=list)

    def create(self, key: str, source: Path | bytes, *, sha256: str | None = None) -> ObjectInfo:
        if self.left == 0:
            raise StoreUnreachable("killed here")
        self.left -= 1
        return self.store.create(key, source, sha256=sha256)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return cast(Callable[..., Any], getattr(self.store, name))


def test_whatever_a_kill_leaves_the_next_time_completes(archive: Archive) -> None:
    """Stopped after any object, publishing again gives the same tables, and every file of them is in the manifest."""
    crawl(archive, "run-1", b"one", b"two")
    for left in range(100):
        try:
            list(publish(replace(archive, store=cast(Store, Killed(archive.store, left))), NOON))
        except StoreUnreachable:
            continue
        break
    list(publish(archive, NOON))

    assert len(rows(archive.store, "captures")) == len(rows(archive.store, "documents")) == 2
    assert len(rows(archive.store, "outcomes")) == 3
    assert list(manifest.check(archive.store)) == []
    links = [link for writer in manifest.writers(archive.store) for link in manifest.read_chain(archive.store, writer)]
    named = {item.key for link in links for item in link.objects}
    assert set(archive.store.keys("tables/")) <= named


def test_a_catalogue_that_lags_behind_is_a_problem(archive: Archive, tmp_path: Path) -> None:
    """Nothing is published of captures that the catalogue does not know; the rest is, and the problem says what to do."""
    crawl(archive, "run-1", b"one")
    empty = Catalogue(f"sqlite:///{tmp_path}/empty.sqlite")

    units = list(publish(replace(archive, catalogue=empty), NOON))
    empty.close()

    (problem,) = [unit for unit in units if unit.problem]
    assert problem.problem is not None
    assert problem.source.startswith("outcomes/")
    assert "copytrail rebuild" in problem.problem
    assert len(rows(archive.store, "captures")) == 1
    assert rows(archive.store, "documents") == []
    assert [unit.rows for unit in publish(archive, NOON)] == [{"documents": 1, "revisions": 1, "outcomes": 2}]


def test_what_is_not_ours_is_named(archive: Archive) -> None:
    """An object that is no WARC of this archive, or an index or log that cannot be read, is a problem and stops nothing else."""
    crawl(archive, "run-1", b"one")
    stray = {
        "warc/notes.txt": b"",
        "warc/2026/13/45/other.warc.gz": b"",
        "warc/2026/11/21/other.warc.gz": b"",
        "warc/2026/11/21/copytrail-20261121120000000-0009-host.warc.gz": b"",
        "warc/2026/11/21/copytrail-20261121120000000-0010-host.warc.gz": b"",
        "cdxj/2026/11/21/copytrail-20261121120000000-0010-host.cdxj": b"not an index\n",
        "outcomes/2026/11/21/run-000001.jsonl": b"{}\n",
    }
    for key, data in stray.items():
        archive.store.create(key, data)

    units = list(publish(archive, NOON))

    assert {unit.source for unit in units if unit.problem} == {key for key in stray if not key.startswith("cdxj/")}
    assert len(rows(archive.store, "outcomes")) == 2
