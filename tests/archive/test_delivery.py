"""What was pulled lies in a bucket: whole and verified, had by a link without keys, each row a Range request away from its record."""

import gzip
import http.client
import io
import random
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow.parquet as pq
import pytest
from support.exchanges import exchange, page
from support.smallarchive import DAYS
from support.weed import BUCKET, Weed

from archive.catalogue import Catalogue
from archive.delivery import delivered, link
from archive.pull import pull
from archive.records import Selection
from archive.store import ObjectExists, StoreError, open_store
from archive.vault import Archive

PAGES = 40


@pytest.fixture(autouse=True)
def keys(weed: Weed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of the server, in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", weed.secret)


@pytest.fixture
def there(tmp_path: Path) -> str:
    """A prefix of this test."""
    return f"s3://{BUCKET}/{tmp_path.name}"


@pytest.fixture
def archive(weed: Weed, tmp_path: Path) -> Iterator[Archive]:
    """An archive on S3 with pages that were sent with a length, in chunks, or compressed, some of them twice."""
    store = open_store(f"s3://{BUCKET}/archive-{tmp_path.name}", endpoint=weed.endpoint)
    catalogue = Catalogue(f"sqlite:///{tmp_path}/catalogue.sqlite")
    opened = Archive(store=store, catalogue=catalogue, folder=tmp_path / "open", body_limit=1000, writer="tests")
    for day in (0, 1):
        deposit = opened.deposit(clock=lambda: DAYS[0], info={"software": "copytrail/test"})
        for number in range(PAGES):
            deposit.keep(replace(_answer(number, day), started=DAYS[day] + timedelta(seconds=number)))
        deposit.seal()
    yield opened
    catalogue.close()


def _answer(number: int, day: int) -> Any:
    body = f"<p>Page {number}, {'the same' if number % 4 else day}.</p>".encode()
    url = f"http://paper.example/{number}"
    if number % 3 == 0:
        chunks = b"3\r\n" + body[:3] + b"\r\n%x\r\n" % len(body[3:]) + body[3:] + b"\r\n0\r\n\r\n"
        return exchange(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, url=url)
    if number % 3 == 1:
        return page(gzip.compress(body, mtime=0), b"Content-Type: text/html", b"Content-Encoding: gzip", url=url)
    return page(body, b"Content-Type: text/html", url=url)


def answer(address: str, **headers: str) -> tuple[int, bytes]:
    """Status and body of a GET without any keys."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as got:  # noqa: S310 -- loopback
            return got.status, got.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


class _Wire(io.BytesIO):
    """Bytes as http.client reads them from a socket."""

    def makefile(self, *_: object) -> io.BytesIO:
        return self


def payload_of(member: bytes) -> tuple[str, bytes]:
    """Record id and entity body of a WARC record, read by the standard library alone."""
    head, _, rest = gzip.decompress(member).partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines()[1:])
    parsed = http.client.HTTPResponse(_Wire(rest[: int(fields["Content-Length"])]))  # type: ignore[arg-type]
    parsed.begin()
    return fields["WARC-Record-ID"].strip("<>"), parsed.read()


def test_every_row_is_a_range_away_from_its_record(archive: Archive, weed: Weed, tmp_path: Path) -> None:
    """Scenario 5: of 20 rows by chance the bytes at file, offset and length are one record with that id, and its payload has the digest.

    A revisit's are those of the record that it stands for, which is a row too.
    """
    pull(archive, Selection(), "parquet", tmp_path / "rows.parquet", "copytrail/test")
    rows = {row["warc_record_id"]: row for row in pq.read_table(tmp_path / "rows.parquet").to_pylist()}
    assert len(rows) == 2 * PAGES

    for row in random.Random(5).sample(sorted(rows.values(), key=lambda item: str(item["warc_record_id"])), 20):
        held = rows[row["warc_refers_to"]] if row["warc_refers_to"] else row
        first, last = held["warc_record_offset"], held["warc_record_offset"] + held["warc_record_length"] - 1
        address = link(archive.store.url, f"archive-{tmp_path.name}/{held['warc_filename']}", 60, weed.endpoint)
        status, member = answer(address, Range=f"bytes={first}-{last}")
        identifier, body = payload_of(member)
        assert (status, len(member), identifier) == (206, held["warc_record_length"], held["warc_record_id"])
        assert f"sha256:{sha256(body).hexdigest()}" == held["content_digest"] == row["content_digest"]


def test_a_link_needs_no_keys_and_ends(weed: Weed, there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenario 6: a SigV4 link works without AWS variables, also for a part; after its time it is 403, as an unsigned GET always is."""
    (tmp_path / "s.csv").write_bytes(b"url\r\n")
    (item,) = delivered(tmp_path / "s.csv", f"{there}/s.csv", weed.endpoint)
    good, short = (link(there, item.key, seconds, weed.endpoint) for seconds in (60, 1))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    asked = parse_qs(urlsplit(good).query)

    assert (asked["X-Amz-Algorithm"], asked["X-Amz-Expires"]) == (["AWS4-HMAC-SHA256"], ["60"])
    assert answer(good) == (200, b"url\r\n")
    assert answer(good, Range="bytes=0-2") == (206, b"url")
    assert answer(good.partition("?")[0])[0] == 403
    assert answer(good.replace("s.csv", "t.csv"))[0] == 403
    end = time.monotonic() + 20
    while answer(short)[0] != 403 and time.monotonic() < end:
        time.sleep(0.5)
    assert answer(short)[0] == 403
    assert answer(good)[0] == 200


def test_the_same_again_changes_nothing(weed: Weed, there: str, tmp_path: Path) -> None:
    """What is there with the same bytes is left, other bytes are an error, and a folder's manifest goes last."""
    folder = tmp_path / "pack"
    (folder / "zebra").mkdir(parents=True)
    for name in ("manifest.json", "README.md", "zebra/rows.csv"):
        (folder / name).write_text(name)
    first = [item.key.partition("/")[2] for item in delivered(folder, f"{there}/", weed.endpoint)]
    again = [item.key.partition("/")[2] for item in delivered(folder, there, weed.endpoint)]
    (folder / "README.md").write_text("other")

    assert first == again == ["README.md", "zebra/rows.csv", "manifest.json"]
    with pytest.raises(ObjectExists, match=r"README\.md"):
        list(delivered(folder, there, weed.endpoint))
    assert list(open_store(there, endpoint=weed.endpoint).keys()) == sorted(first)


@pytest.mark.parametrize("url", [f"s3://{BUCKET}/../x", f"s3://{BUCKET}//x", "s3:///x"])
def test_an_address_that_no_store_can_hold_is_said(weed: Weed, tmp_path: Path, url: str) -> None:
    """It is an error of the store, with the address, and nothing is sent."""
    (tmp_path / "x").write_bytes(b"x")

    with pytest.raises(StoreError, match="s3://"):
        list(delivered(tmp_path / "x", url, weed.endpoint))
