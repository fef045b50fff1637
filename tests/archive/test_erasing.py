"""Erasure: the bytes are gone from every object, everything else is as it was, and the archive says so itself."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from botocore.config import Config
from support.exchanges import page
from support.postgres import postgres_server
from support.smallarchive import AGENCY, DAYS, GONE, PAPER, SLUG, settings, small_archive
from support.weed import Weed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import layout
from archive.catalogue import Catalogue
from archive.catalogueerase import forget
from archive.compact import compact
from archive.erasing import carry_out, order, resume_erasures, unfinished
from archive.findings import Finding, Severity, Tally
from archive.fulltext import Query
from archive.importing import bring
from archive.kinds import Found
from archive.publish import publish
from archive.pull import pull
from archive.rebuild import rebuild
from archive.records import Selection
from archive.resume import resume
from archive.selecting import chosen
from archive.settings import Settings
from archive.store import ObjectLocked, Store, open_store
from archive.trust import Trust
from archive.vault import Archive, open_archive
from archive.verify_ledger import Ledger
from archive.verify_store import verify_store
from archive.warcread import record_at
from archive.withdrawals import Mode, Withdrawal, withdrawals
from archive.withdrawing import Request, WithdrawalError, find

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOW = DAYS[2] + timedelta(days=1)
WORDS = b"ferries sail"  # stands in both versions of the paper's article, and nowhere else


def request(*urls: str, copies: bool = False, records: tuple[str, ...] = ()) -> Request:
    return Request(reason="takedown", mode=Mode.ERASE, urls=urls, records=records, copies=copies)


@pytest.fixture
def in_folder(tmp_path: Path) -> Iterator[Archive]:
    """The small archive with tables and merged files, in a folder."""
    with small_archive(tmp_path):
        pass
    yield from opened(settings(tmp_path))


@pytest.fixture
def in_bucket(weed: Weed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """The same in a bucket that keeps every version."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", weed.secret)
    with small_archive(tmp_path) as made:
        bucket = f"kept-{uuid4().hex}"
        s3(weed).create_bucket(Bucket=bucket)
        s3(weed).put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        there = open_store(f"s3://{bucket}", endpoint=weed.endpoint)
        for key in made.store.keys(""):
            there.create(key, made.store.read(key))
    yield from opened(replace(settings(tmp_path), store=f"s3://{bucket}", s3_endpoint=weed.endpoint, work=tmp_path / "archive" / ".work"))


@pytest.fixture(params=["in_folder", "in_bucket"])
def archive(request: pytest.FixtureRequest) -> Archive:
    """Both."""
    found: Archive = request.getfixturevalue(request.param)
    return found


def opened(told: Settings) -> Iterator[Archive]:
    with open_archive(told, everything=True) as archive:
        list(publish(archive, NOW))
        list(compact(archive, NOW))
        yield archive


def s3(weed: Weed) -> "S3Client":
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    client: S3Client = boto3.client(
        "s3",
        endpoint_url=weed.endpoint,
        region_name="us-east-1",
        config=config,
        aws_access_key_id=weed.access,
        aws_secret_access_key=weed.secret,
    )
    return client


def erase(archive: Archive, *urls: str, copies: bool = False) -> Withdrawal:
    done = order(archive, request(*urls, copies=copies), NOW)
    carry_out(archive, done, NOW)
    return done


def found(store: Store) -> list[Finding]:
    with Ledger() as ledger:
        return [*verify_store(store, ledger, Tally(), Trust()), *ledger.conclude()]


def faults(store: Store) -> list[Finding]:
    return [item for item in found(store) if item.severity is not Severity.NOTE]


def whole(data: bytes) -> bytes:
    """An object as a reader sees it: WARC files and the pages of Parquet files are compressed."""
    if data.startswith(b"PAR1"):
        return json.dumps(pq.read_table(BytesIO(data)).to_pylist(), default=str).encode()
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def test_the_words_are_nowhere_any_more(archive: Archive, tmp_path: Path) -> None:
    """No object, no version of one, no row and no free page of the catalogue holds the erased text; that of others is all there."""
    before = {key: archive.store.read(key) for key in archive.store.keys("")}
    assert any(WORDS in whole(data) for data in before.values())

    erase(archive, PAPER)

    after = {key: archive.store.read(key) for key in archive.store.keys("")}
    assert not [key for key, data in after.items() if WORDS in whole(data) or b"Three" in whole(data)]
    base = next(tmp_path.rglob("catalogue.sqlite")).parent
    assert not [path.name for path in base.iterdir() if path.is_file() and WORDS in path.read_bytes()]
    assert b"It was said." in b"".join(whole(data) for key, data in after.items() if key.startswith("warc/"))


def test_every_other_record_keeps_its_bytes_and_its_place(archive: Archive) -> None:
    """A WARC file keeps its length, and all its bytes outside the erased events; every other capture is read as before."""
    before = {key: archive.store.read(key) for key in archive.store.keys("warc/")}
    others = [capture for capture in archive.catalogue.all_captures() if capture.url != PAPER]

    done = erase(archive, PAPER)

    for key, old in before.items():
        new = archive.store.read(key)
        gone = [range(place.offset, place.offset + place.length) for place in done.places if place.key == key]
        assert len(new) == len(old)
        assert [at for at in range(len(old)) if old[at] != new[at] and not any(at in part for part in gone)] == []
    for capture in others:
        with record_at(archive.store, capture.ref) as record:
            assert record.id == capture.id
    assert len(done.places) == 3


def test_verification_knows_why_objects_changed(archive: Archive) -> None:
    """After an erasure the whole archive verifies, and a note says of each changed object which withdrawal changed it and what it was."""
    assert faults(archive.store) == []

    done = erase(archive, PAPER)

    assert faults(archive.store) == []
    notes = [item for item in found(archive.store) if item.rule == "erasure"]
    assert {item.file.partition("warc/")[2] for item in notes if "warc/" in item.file} == {
        place.key.removeprefix("warc/") for place in done.places
    }
    assert all(done.id in item.message and "takedown" in item.message for item in notes)


def test_a_tombstone_says_what_stood_there(archive: Archive) -> None:
    """In the place of each event lies a record with the withdrawal's id, and ids and digests of what was erased; no address, no words."""
    capture = archive.catalogue.captures_of(PAPER)[0]

    done = erase(archive, PAPER)

    place = next(item for item in done.places if item.offset == capture.ref.offset and item.key == capture.ref.key)
    with record_at(archive.store, replace(capture.ref, length=place.length)) as record:
        said = record.block.read().decode()
    assert f"copytrail-withdrawal: {done.id}\r\ncopytrail-erased: response {capture.id} {capture.block_digest}\r\n" in said
    assert "paper.example" not in said


def test_two_erasures_in_one_file(archive: Archive) -> None:
    """A second erasure in the same WARC is told from the first, and both are explained."""
    erase(archive, PAPER)

    erase(archive, GONE)

    assert faults(archive.store) == []
    assert {capture.url for capture in archive.catalogue.all_captures()} == {AGENCY, "http://paper.example/robots.txt"}


def test_what_nobody_ordered_is_a_fault(in_folder: Archive) -> None:
    """A byte that changed beside what was erased is found, by the digest of the whole and by that of what was to stay."""
    done = erase(in_folder, PAPER)
    path = Path(in_folder.store.url) / done.places[0].key
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(bytes(data))

    rules = {item.rule for item in faults(in_folder.store)}

    assert {"manifest-object", "erasure-more"} <= rules


def test_a_rebuild_does_not_bring_it_back(archive: Archive) -> None:
    """The catalogue made anew from the store has the others and nothing of what was erased; tables are published as before."""
    erase(archive, PAPER)
    left = {capture.id for capture in archive.catalogue.all_captures()}

    problems = [item for item in rebuild(archive.store, archive.catalogue) if item.problem]

    assert problems == []
    assert {capture.id for capture in archive.catalogue.all_captures()} == left
    assert PAPER not in {capture.url for capture in chosen(archive, Selection())}


@pytest.mark.parametrize("step", range(1, 22, 4))
def test_a_kill_in_the_middle_is_made_good(in_folder: Archive, step: int) -> None:
    """An erasure that was killed anywhere hides already, is named by verify, and is finished by the next start."""
    done = order(in_folder, request(PAPER), NOW)

    child = os.fork()
    if child == 0:
        _die_at(step)
        carry_out(in_folder, done, NOW)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert code == DIED
    assert in_folder.veil().hides_url(PAPER) == done
    assert "erasure-open" in {item.rule for item in faults(in_folder.store)}
    deposit = in_folder.deposit(clock=lambda: NOW, info={})
    list(resume(deposit))
    assert [item.id for item in resume_erasures(in_folder, lambda: NOW)] == [done.id]
    assert faults(in_folder.store) == []
    assert not [key for key in in_folder.store.keys("") if WORDS in whole(in_folder.store.read(key))]
    assert list(unfinished(in_folder)) == []


DIED = 77


def _die_at(step: int) -> None:
    """End this process without any goodbye when it renames, links or removes a file for the ``step``-th time."""
    left = step

    def hook(event: str, _: object) -> None:
        nonlocal left
        if event in {"os.rename", "os.link", "os.remove"}:
            left -= 1
            if left == 0:
                os._exit(DIED)

    sys.addaudithook(hook)


def test_no_version_stays_in_a_bucket(in_bucket: Archive, weed: Weed) -> None:
    """Of each object that an erasure touched the bucket has one version, the new one, and no mark of a deletion."""
    done = erase(in_bucket, PAPER)

    bucket = in_bucket.store.url.removeprefix("s3://")
    for item in done.objects:
        listed = s3(weed).list_object_versions(Bucket=bucket, Prefix=item.key)
        assert len(listed.get("Versions", [])) == 1
        assert not listed.get("DeleteMarkers")


def test_a_lock_is_named_before_anything_is_changed(in_bucket: Archive, weed: Weed) -> None:
    """An object under retention is not erased: the error names version, mode and time, and nothing was stored or changed."""
    client, bucket = s3(weed), f"locked-{uuid4().hex}"
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    locked = open_store(f"s3://{bucket}", endpoint=weed.endpoint)
    for key in in_bucket.store.keys(""):
        locked.create(key, in_bucket.store.read(key))
    key = in_bucket.catalogue.captures_of(PAPER)[1].ref.key
    until = datetime.now(UTC) + timedelta(days=3)
    client.put_object_retention(Bucket=bucket, Key=key, Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until})
    before = {name: locked.read(name) for name in locked.keys("")}

    with pytest.raises(ObjectLocked, match=f"{key}: version .* is retained .COMPLIANCE. until {until:%Y-%m-%d}"):
        order(replace(in_bucket, store=locked), request(PAPER), NOW)
    with pytest.raises(ObjectLocked, match="is retained"):
        locked.erase(key, [], sha256="sha256:none")

    assert {name: locked.read(name) for name in locked.keys("")} == before


def test_what_stands_for_it_goes_with_it(in_folder: Archive) -> None:
    """A revisit at another address, which shows the words of an erased record and has none of its own, is found and erased too."""
    deposit = in_folder.deposit(clock=lambda: NOW, info={"software": "copytrail/test"})
    mirror = page(b"<p>It was said.</p>", b"Content-Type: text/html", url="http://mirror.example/c")
    deposit.keep(replace(mirror, started=NOW, found=Found.GIVEN))
    deposit.seal()
    assert [(item.url, item.kind) for item in find(in_folder, request(GONE)).revisits] == [("http://mirror.example/c", "revisit")]

    erase(in_folder, GONE)

    assert faults(in_folder.store) == []
    assert in_folder.catalogue.captures_of("http://mirror.example/c") == []


def test_copies_go_with_it_when_they_are_meant(in_folder: Archive, tmp_path: Path) -> None:
    """Another address with the same bytes is listed, stays when one address is meant, and goes when all copies are."""
    mirror = "http://mirror.example/c"
    bring(in_folder, others(tmp_path / "mirror.warc.gz", {mirror: b"<p>It was said.</p>"}), lambda: NOW)

    assert [item.url for item in find(in_folder, request(GONE)).copies] == [mirror]
    erase(in_folder, GONE)
    assert [item.url for item in in_folder.catalogue.captures_of(mirror)] == [mirror]
    bring(in_folder, others(tmp_path / "again.warc.gz", {"http://third.example/c": b"<p>It was said.</p>"}), lambda: NOW)
    erase(in_folder, mirror, copies=True)

    assert faults(in_folder.store) == []
    assert not [key for key in in_folder.store.keys("") if b"It was said" in whole(in_folder.store.read(key))]


def others(path: Path, pages: Mapping[str, bytes]) -> Path:
    """A WARC as warcio writes it."""
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=path.suffix == ".gz")
        for url, body in pages.items():
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))], protocol="HTTP/1.1")
            record = writer.create_warc_record(url, "response", payload=BytesIO(body), http_headers=head)
            writer.write_record(record)
            record.raw_stream.close()
    return path


@pytest.mark.parametrize("suffix", [".warc", ".warc.gz"])
def test_files_of_others_too(in_folder: Archive, tmp_path: Path, suffix: str) -> None:
    """A WARC that somebody else wrote, compressed or not, keeps its length and its other records; it cannot be put together again."""
    pages = {
        f"http://others.example/{name}": f"<p>The {name} of it. {'It is long. ' * 40}</p>".encode() for name in ("one", "two", "three")
    }
    bring(in_folder, others(tmp_path / f"others{suffix}", pages), lambda: NOW)
    (capture,) = in_folder.catalogue.captures_of("http://others.example/two")
    before = in_folder.store.read(capture.ref.key)

    erase(in_folder, "http://others.example/two")

    after = in_folder.store.read(capture.ref.key)
    assert (len(after), b"The two of it" in whole(before), b"The two of it" in whole(after)) == (len(before), True, False)
    assert faults(in_folder.store) == []
    for name in ("one", "three"):
        (other,) = in_folder.catalogue.captures_of(f"http://others.example/{name}")
        assert in_folder.page(other).body.startswith(f"<p>The {name} of it.".encode())


def test_a_package_of_others_keeps_nothing_of_it(in_folder: Archive, tmp_path: Path) -> None:
    """Of an imported WACZ the WARC gets tombstones, and what lay beside it, pages and their texts, is removed; verify knows why."""
    package = tmp_path / "others.wacz"
    pull(in_folder, Selection(story=SLUG), "wacz", package, "copytrail/test")
    with open_archive(replace(settings(tmp_path), store=str(tmp_path / "another")), everything=True) as another:
        done, _ = bring(another, package, lambda: NOW)
        assert another.store.info(layout.rest_key(done.sha256)) is not None

        erase(another, PAPER)

        assert another.store.info(layout.rest_key(done.sha256)) is None
        assert faults(another.store) == []
        assert not [key for key in another.store.keys("") if WORDS in whole(another.store.read(key))]


@pytest.mark.parametrize("program", ["warcio", "fastwarc"])
def test_public_readers_take_the_file(in_folder: Archive, judge: Callable[[str], Path], program: str) -> None:
    """The public checkers find nothing wrong with a WARC in which records were erased, and read on behind them."""
    done = erase(in_folder, PAPER)

    for place in done.places:
        path = Path(in_folder.store.url) / place.key
        said = subprocess.run([judge(program), "check", path], capture_output=True, text=True, timeout=100, check=False)
        assert (said.returncode, "fail" in said.stdout.lower()) == (0, False), said


def test_nothing_is_erased_that_is_not_there(in_folder: Archive) -> None:
    """An address of which nothing was captured, and a record that nobody knows, are errors; nothing is stored."""
    with pytest.raises(WithdrawalError, match="nothing of it"):
        order(in_folder, request("http://paper.example/nowhere"), NOW)
    with pytest.raises(WithdrawalError, match="no capture urn:uuid:none"):
        order(in_folder, request(records=("urn:uuid:none",)), NOW)

    assert withdrawals(in_folder.store) == ()


def test_postgres_gives_up_what_it_only_marked_as_free(in_folder: Archive) -> None:
    """A catalogue on PostgreSQL forgets the records and is written anew; what is searched and the other texts stay."""
    with postgres_server() as url, closing(Catalogue(url)) as catalogue:
        catalogue.add_captures(in_folder.catalogue.all_captures())
        catalogue.put_documents(list(in_folder.catalogue.documents_with(item.id for item in in_folder.catalogue.all_captures()).values()))
        catalogue.put_revisions(in_folder.catalogue.revisions_of(PAPER))
        gone = {item.id for item in catalogue.captures_of(PAPER)}

        forget(catalogue, gone, {PAPER})

        assert catalogue.documents_with(gone) == {}
        assert (catalogue.captures_of(PAPER), catalogue.revisions_of(PAPER)) == ([], [])
        assert catalogue.hits(Query.read("ferries")) == []
        assert len(catalogue.hits(Query.read("said"))) == 1
        assert catalogue.read(sa.text("SELECT sum(n_dead_tup) FROM pg_stat_user_tables"))[0][0] in {0, None}  # type: ignore[arg-type]


def test_an_order_that_is_gone_is_a_fault(in_folder: Archive) -> None:
    """Who takes the withdrawal out of the store leaves objects that nobody ordered to be changed."""
    done = erase(in_folder, PAPER)
    (Path(in_folder.store.url) / done.key).unlink()

    assert "erasure-unordered" in {item.rule for item in faults(in_folder.store)}


def test_a_tombstone_that_is_none_is_a_fault(in_folder: Archive) -> None:
    """Something else in the place of an erased event is found."""
    done = erase(in_folder, PAPER)
    place = done.places[0]
    path = Path(in_folder.store.url) / place.key
    data = bytearray(path.read_bytes())
    data[place.offset : place.offset + place.length] = bytes(place.length)
    path.write_bytes(bytes(data))

    assert "erasure-tombstone" in {item.rule for item in faults(in_folder.store)}
