"""What is read back: pages with their codings undone, and nothing but WarcError from hostile files."""

import gzip
import io
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.exchanges import STARTED, exchange, page

from archive import layout, warcread
from archive.records import Capture, Exchange, Page
from archive.store import ObjectMissing, Store, open_store
from archive.warcread import WarcError, record_at, records
from archive.warcwrite import WarcFile

NAME = "copytrail-20261121103000123-0001-host.warc.gz"
KEY = layout.warc_key(NAME)
LIMIT = 1024 * 1024
HTML = "<p>Der Damm hält.</p>".encode("latin-1")
PAGE = page(
    gzip.compress(HTML, mtime=0), b"Content-Type: Text/HTML; Charset='ISO-8859-1'", b"Content-Encoding: gzip", b'ETag: "1"', b"X-\xe9: \xff"
)

Archived = Callable[..., tuple[Store, list[Capture]]]


@pytest.fixture
def archived(tmp_path: Path) -> Archived:
    """Write exchanges into a store; a later one is a revisit of the first where it can be."""

    def archive(*exchanges: Exchange) -> tuple[Store, list[Capture]]:
        file = WarcFile.create(tmp_path, NAME, {}, STARTED)
        kept: list[Capture] = []
        for item in exchanges:
            capture = file.append(item, revisit_of=kept[0] if kept else None).capture
            assert capture is not None
            kept.append(capture)
        store = open_store(str(tmp_path / "store"))
        store.create(KEY, file.seal())
        return store, kept

    return archive


def read(store: Store, known: list[Capture], number: int, limit: int = LIMIT) -> Page:
    return warcread.page(store, known[number], {capture.id: capture for capture in known}.get, limit)


def test_a_page_is_read_with_its_codings_undone(archived: Archived) -> None:
    """Body, headers and charset are what the server meant; names and values are as sent."""
    store, known = archived(PAGE)

    assert read(store, known, 0) == Page(
        capture=known[0],
        headers=(
            ("Content-Type", "Text/HTML; Charset='ISO-8859-1'"),
            ("Content-Encoding", "gzip"),
            ("ETag", '"1"'),
            ("X-é", "ÿ"),
            ("Content-Length", str(PAGE.payload_length)),
        ),
        body=HTML,
        charset="iso-8859-1",
    )


def test_a_revisit_is_read_through_its_original(archived: Archived) -> None:
    """The body is the original's, undone as the original says; the headers are those that came this time."""
    other = replace(page(gzip.compress(HTML, mtime=0), b"Content-Type: text/plain", b"X: 2"), started=STARTED + timedelta(days=1))
    store, known = archived(PAGE, other)

    revisit = read(store, known, 1)

    assert known[1].kind == "revisit"
    assert (revisit.body, revisit.charset, revisit.problem) == (HTML, None, None)
    assert revisit.headers[:2] == (("Content-Type", "text/plain"), ("X", "2"))


def test_a_304_is_read_as_what_it_stands_for(archived: Archived) -> None:
    """An answer that nothing has changed has the page's body, and its charset where the answer repeats none."""
    store, known = archived(PAGE, exchange(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'))

    unchanged = read(store, known, 1)

    assert (unchanged.body, unchanged.charset, unchanged.headers) == (HTML, "iso-8859-1", (("ETag", '"1"'),))


def test_a_limit_that_cuts_is_told(archived: Archived) -> None:
    """No more than the limit is decoded, and the page says so."""
    store, known = archived(page(gzip.compress(bytes(10_000)), b"Content-Encoding: gzip"))

    assert read(store, known, 0, limit=100) == replace(read(store, known, 0), body=bytes(100), problem="longer than 100 bytes")


def test_a_coding_that_fails_is_told(archived: Archived) -> None:
    """A body that is not what its head says gives what could be read, and the problem."""
    store, known = archived(page(b"no gzip", b"Content-Encoding: gzip"))

    assert (read(store, known, 0).body, (read(store, known, 0).problem or "")[:5]) == (b"", "gzip:")


def test_a_revisit_without_its_original_is_an_error(archived: Archived) -> None:
    """An answer that cannot be had is never an empty page."""
    store, known = archived(PAGE, PAGE)

    with pytest.raises(WarcError, match="not in the archive"):
        warcread.page(store, known[1], lambda _: None, LIMIT)
    with pytest.raises(WarcError, match="not in the archive"):
        warcread.page(store, known[1], lambda _: known[1], LIMIT)


def test_an_address_that_lies_is_an_error(archived: Archived) -> None:
    """A row that points elsewhere gives an error, never another page."""
    store, known = archived(PAGE, page(b"other"))

    for ref in (known[1].ref, replace(known[0].ref, offset=known[0].ref.offset + 1), replace(known[0].ref, offset=10**9)):
        with pytest.raises(WarcError, match=KEY):
            read(store, [replace(known[0], ref=ref)], 0)
    with pytest.raises(ObjectMissing):
        read(store, [replace(known[0], ref=replace(known[0].ref, key="warc/none"))], 0)


def test_a_flipped_bit_is_never_taken_for_text(tmp_path: Path) -> None:
    """Damage that still decodes is found by the record's checksum: the page is an error, not another text."""
    file = WarcFile.create(tmp_path, NAME, {}, STARTED)
    capture = file.append(page(secrets.token_bytes(3000))).capture
    assert capture is not None
    data = bytearray(file.seal().read_bytes())
    data[capture.ref.offset + 2000] ^= 1
    store = open_store(str(tmp_path / "store"))
    store.create(KEY, bytes(data))

    with pytest.raises(WarcError, match=KEY):
        read(store, [capture], 0)


def test_a_record_is_read_at_its_address(archived: Archived) -> None:
    """The bytes at a capture's address are one gzip member, readable with nothing but zlib."""
    store, known = archived(PAGE, page(b"other"))

    with record_at(store, known[1].ref) as record:
        block = record.block.read()
        assert (record.offset, record.length, record.target) == (known[1].ref.offset, known[1].ref.length, known[1].url)
    with store.open(KEY, known[1].ref.offset, known[1].ref.length) as stream:
        member = gzip.decompress(stream.read())
    assert member.endswith(block + b"\r\n\r\n")
    assert block.endswith(b"\r\n\r\nother")


def record(kind: bytes, name: bytes, fields: bytes, block: bytes) -> bytes:
    """A record as text."""
    common = b"WARC-Date: 2026-11-21T10:30:00Z\r\nWARC-Block-Digest: sha256:0\r\n"
    start = b"WARC/1.1\r\nWARC-Type: %s\r\nWARC-Record-ID: %s\r\n" % (kind, name)
    return start + common + b"%s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (fields, len(block), block)


GOOD = record(
    b"response", b"<urn:uuid:1>", b"WARC-Target-URI: http://a.example/\r\nContent-Type: application/http", b"HTTP/1.1 200 OK\r\n\r\nhello"
)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        pytest.param(b"no gzip", "no gzip member", id="not gzip"),
        pytest.param(GOOD, "no gzip member", id="not compressed"),
        pytest.param(gzip.compress(GOOD)[:-9], "cut short", id="cut in the member"),
        pytest.param(gzip.compress(GOOD)[:-8] + bytes(8), "incorrect data check", id="wrong checksum"),
        pytest.param(gzip.compress(GOOD) + bytes(512), "no gzip member", id="noise after it"),
        pytest.param(gzip.compress(GOOD + GOOD), "not the end of the record", id="two records in a member"),
        pytest.param(gzip.compress(b""), "not a WARC", id="an empty member"),
        pytest.param(gzip.compress(GOOD.replace(b"WARC/1.1", b"WARC/2.0")), "not a WARC", id="another version"),
        pytest.param(gzip.compress(GOOD[:80]), "header without an end", id="a header cut short"),
        pytest.param(
            gzip.compress(GOOD.replace(b"WARC-Type: response", b"WARC-Type response")), "not a named field", id="a line without a colon"
        ),
        pytest.param(gzip.compress(GOOD.replace(b"response", b"resp\xff")), "not UTF-8", id="not UTF-8"),
        pytest.param(gzip.compress(GOOD.replace(b"WARC-Type: response\r\n", b"")), "no WARC-Type", id="no type"),
        pytest.param(gzip.compress(GOOD.replace(b"21T10", b"41T10")), "not a WARC-Date", id="no date"),
        pytest.param(gzip.compress(GOOD.replace(b"Content-Length: 24", b"Content-Length: -1")), "no length", id="a negative length"),
        pytest.param(
            gzip.compress(GOOD.replace(b"Content-Length: 24", b"Content-Length: 23")), "not the end of the record", id="a short length"
        ),
        pytest.param(
            gzip.compress(GOOD.replace(b"Content-Length: 24", b"Content-Length: 99")), "bytes of the block are missing", id="a long length"
        ),
        pytest.param(gzip.compress(GOOD.replace(b"WARC-Date", b"warc-type: x\r\nWARC-Date")), "is there 2 times", id="a field twice"),
    ],
)
def test_a_broken_file_is_an_error_that_names_its_place(data: bytes, fault: str) -> None:
    """What is not a whole record is a WarcError with the offset and the fault."""
    good = gzip.compress(GOOD)
    found = records(io.BytesIO(good + data))

    with pytest.raises(WarcError, match=rf"offset ({len(good)}|{len(good + gzip.compress(GOOD))}): .*{fault}"):
        list(found)


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    """Any bytes, also as the content of a member, are refused, or are no records at all."""
    for data in (noise, gzip.compress(noise), gzip.compress(b"WARC/1.1\r\n" + noise)):
        with suppress(WarcError):
            assert [*records(io.BytesIO(data))] == []
