"""The index of any file: what is whole is in it, what is not is named, and nothing that the bytes say stops it."""

import gzip
import hashlib
import io
import tracemalloc
import zlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import warcs
from support.exchanges import STARTED, exchange, page
from support.warcs import BODY, HEAD, digest, good, name_of

from archive import cdxj
from archive.cdxj import Resource
from archive.indexing import at_path, index_of, indexed
from archive.records import Capture
from archive.warcfields import WarcError
from archive.warcstream import records
from archive.warcwrite import WarcFile

NAME = "copytrail-20261121103000123-0001-host.warc.gz"
KEY = f"warc/2026/11/21/{NAME}"
LIMIT = 1024 * 1024


def index(data: bytes) -> tuple[list[Capture | Resource], list[tuple[int, str]]]:
    """What is listed of a file, and what is said not to be."""

    def open_at(offset: int) -> io.BytesIO:
        return io.BytesIO(data[offset:])

    faults: list[tuple[int, str]] = []
    return list(indexed(open_at, "warc/of/somebody", lambda *fault: faults.append(fault))), faults


def ours(folder: Path) -> tuple[Path, list[Capture]]:
    """A file of six events and a resource, and the captures that were acknowledged."""
    file, kept = WarcFile.create(folder, NAME, {}, STARTED), []
    for number in range(3):
        later = STARTED + timedelta(minutes=number)
        first = file.append(page(b"<p>Page %d.</p>" % number, url=f"http://news.example/{number}", started=later)).capture
        revisit = exchange(b"HTTP/1.1 304 Not Modified\r\n\r\n", url=f"http://news.example/{number}", started=later)
        kept += [first, file.append(revisit, revisit_of=first).capture]
    file.resource("urn:seed:1", b"The dam holds.\n", "text/plain", STARTED)
    return file.seal(), [capture for capture in kept if capture]


def test_a_file_of_ours_gives_what_was_acknowledged(tmp_path: Path) -> None:
    """Every capture is equal to the one that the writer gave, the length of its event included; the resource is listed beside them."""
    path, kept = ours(tmp_path)

    items = index_of(path, KEY)

    assert sorted((item for item in items if isinstance(item, Capture)), key=lambda item: item.ref.offset) == kept
    assert [(item.url, item.mime, item.digest) for item in items if isinstance(item, Resource)] == [
        ("urn:seed:1", "text/plain", digest(b"The dam holds.\n"))
    ]
    ends = [capture.ref.offset + capture.event_length for capture in kept]
    assert ends[:-1] == [capture.ref.offset for capture in kept[1:]]


def test_the_index_of_a_file_of_ours_is_read_back(tmp_path: Path) -> None:
    """The captures of an index are those of the file; the lines of other records are passed over."""
    path, kept = ours(tmp_path)
    data = cdxj.write(index_of(path, KEY))

    assert data.count(b"\n") == len(kept) + 1
    assert sorted(cdxj.captures(data.splitlines(keepends=True)), key=lambda item: item.ref.offset) == kept


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("damage", ["a bit", "the end", "the beginning"])
def test_a_damaged_record_hides_no_other(tmp_path: Path, number: int, damage: str) -> None:
    """Whichever answer is damaged, and however, all others are in the index as they were, and the fault is named once, where it is."""
    path, kept = ours(tmp_path)
    data, ref = bytearray(path.read_bytes()), kept[number].ref
    at = {"a bit": ref.offset + ref.length // 2, "the end": ref.offset + ref.length - 2, "the beginning": ref.offset}[damage]
    data[at] ^= 0x10

    items, faults = index(bytes(data))

    assert [replace(item, ref=replace(item.ref, key=KEY)) for item in items if isinstance(item, Capture)] == [
        capture for capture in kept if capture != kept[number]
    ]
    assert [offset for offset, _ in faults] == [ref.offset]


def test_a_cut_file_is_indexed_up_to_the_cut(tmp_path: Path) -> None:
    """The last capture counts when its own record is whole, though what is said of it is lost; then the fault lies behind it."""
    path, kept = ours(tmp_path)
    last = kept[-1].ref

    within, faults = index(path.read_bytes()[: last.offset + last.length - 1])
    behind, more = index(path.read_bytes()[: last.offset + last.length + 5])

    assert (len(within), [offset for offset, _ in faults]) == (len(kept) - 1, [last.offset])
    assert (len(behind), [offset for offset, _ in more]) == (len(kept), [last.offset + last.length])
    assert isinstance(behind[-1], Capture)
    assert behind[-1].event_length == 0


def test_a_file_that_must_be_whole_is_an_error_when_it_is_not(tmp_path: Path) -> None:
    """What is about to be stored is never indexed in part."""
    path, kept = ours(tmp_path)
    data = bytearray(path.read_bytes())
    data[kept[2].ref.offset + 30] ^= 1
    path.write_bytes(data)

    with pytest.raises(WarcError, match=f"{KEY}: offset {kept[2].ref.offset}: "):
        index_of(path, KEY)


@pytest.mark.parametrize("compressed", [True, False])
def test_digests_that_are_not_stated_are_those_of_the_bytes(*, compressed: bool) -> None:
    """A record without digests has those of what is there: of its block, and of the payload with its chunks undone."""
    record = good()["response"]
    record.block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n" + BODY + b"\r\n0\r\n\r\n"
    record.set("WARC-Payload-Digest", None)
    stated = warcs.digest(record.block)
    record.raw = [(f"WARC-Block-Digest: {stated}\r\n".encode(), b"")]

    (item,), faults = index(warcs.write([record], compressed=compressed))

    assert isinstance(item, Capture)
    assert (item.block_digest, item.payload_digest, item.payload_length, faults) == (stated, digest(BODY), len(BODY), [])


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_what_has_no_payload_has_no_digest_of_it(status: str) -> None:
    """An answer that stands for a page without carrying it is not a page with nothing in it."""
    record = good()["response"]
    record.block = f"HTTP/1.1 {status}\r\n\r\n".encode()
    record.set("WARC-Payload-Digest", None)

    (item,), _ = index(warcs.write([record]))

    assert isinstance(item, Capture)
    assert (item.payload_digest, item.payload_length) == (None, None)


def test_a_digest_that_is_stated_is_not_another() -> None:
    """What the writer said stays as it said it, whatever the bytes are; verification holds one against the other."""
    record = good()["response"]
    record.set("WARC-Payload-Digest", "sha1:PE72ADHPG3N4VLNB5NR6KL77GLM7ZG6S")
    record.set("WARC-Block-Digest", "md5:x")

    (item,), _ = index(warcs.write([record]))

    assert isinstance(item, Capture)
    assert (item.block_digest, item.payload_digest, item.payload_length) == ("md5:x", "sha1:PE72ADHPG3N4VLNB5NR6KL77GLM7ZG6S", None)


@pytest.mark.parametrize("number", [1, 2])
def test_an_event_that_is_not_whole_has_no_length(tmp_path: Path, number: int) -> None:
    """Where its request or its metadata is damaged, or stands elsewhere, a pull has to look for what belongs to a capture."""
    path, kept = ours(tmp_path)
    data, first = path.read_bytes(), kept[0]
    whole = [(record.offset, record.length) for record in records(io.BytesIO(data))][1:4]
    at, length = whole[number]
    damaged = data[: at + length - 8] + bytes(8) + data[at + length :]
    moved = data[:at] + data[at + length :] + data[at : at + length]

    apart = data[:at] + b"between" + data[at:]

    for changed in (damaged, moved, apart):
        found = [item for item in index(changed)[0] if isinstance(item, Capture) and item.id == first.id]
        assert [item.event_length for item in found] == [0]
    assert first.event_length == sum(length for _, length in whole)


def test_what_another_writer_says_of_an_answer_is_read() -> None:
    """A metadata record of named fields gives its via, wherever in the event it stands; where the event ends is not known."""
    records = good()

    for order in (("response", "metadata"), ("response", "request", "metadata")):
        (item,), _ = index(warcs.write([records[name] for name in order]))
        assert isinstance(item, Capture)
        assert (item.via, item.event_length, item.payload_digest) == ("http://news.example/", 0, digest(BODY))


def test_metadata_of_another_kind_is_listed_and_not_read() -> None:
    """JSON about an answer is a record of its own, and no fault."""
    records = good()
    records["metadata"].block = b"{}"
    records["metadata"].set("Content-Type", "application/json")

    items, faults = index(warcs.write([records["response"], records["metadata"]]))

    assert [(type(item), item.mime) for item in items] == [(Capture, "text/html"), (Resource, "application/json")]
    assert not faults


@pytest.mark.parametrize("ends", [b"", b"\n", b"\r\n", b"\n\n", b"\r\n\r\n\r\n"])
@pytest.mark.parametrize("compressed", [True, False])
def test_line_ends_after_a_block_may_be_others(ends: bytes, *, compressed: bool) -> None:
    """A record whose block is whole is whole, with none, one or three line ends after it; only between plain records one is needed."""
    loose = [record.data().removesuffix(b"\r\n\r\n") + (ends or (b"" if compressed else b"\n")) for record in good().values()]
    data = b"".join(gzip.compress(record, mtime=0) if compressed else record for record in loose)

    items, faults = index(data)

    assert ([item.url for item in items], faults) == (["http://news.example/flood"] * 2, [])
    assert [data[item.ref.offset :][: item.ref.length].rstrip() for item in items if not compressed] == [
        loose[number].rstrip() for number in (1, 4) if not compressed
    ]


def test_any_number_of_records_may_end_loosely() -> None:
    """A file of an old writer with one line end after each record is read to its end."""
    records = b"".join(record.data().removesuffix(b"\r\n") for record in good().values()) * 100

    items, faults = index(records)

    assert (len(items), faults) == (200, [])


def test_a_page_about_records_is_no_record() -> None:
    """The text of a record inside a block is not listed, also where the search for the next record passes over it."""
    outer = good()["response"]
    outer.block = HEAD + b"\n" + good()["request"].data() + good()["revisit"].data()
    outer.set("WARC-Payload-Digest", None)
    data = outer.data().removesuffix(b"\r\n\r\n") + b"\n" + good()["revisit"].data()

    items, faults = index(data)

    assert [(item.id, item.ref.offset) for item in items if isinstance(item, Capture)] == [
        (name_of(2).strip("<>"), 0),
        (name_of(5).strip("<>"), data.rindex(b"WARC/1.1\r\nWARC-Type: revisit")),
    ]
    assert not faults


def test_two_records_in_a_member_are_named() -> None:
    """No line can point at the second, so neither is listed, and the fault is told."""
    items, faults = index(gzip.compress(b"".join(record.data() for record in good().values())))

    assert (items, [offset for offset, _ in faults]) == ([], [0])


def test_an_answer_that_is_no_http_is_listed_and_no_capture() -> None:
    """A replay tool may show it; the archive counts what HTTP servers answered, and says what it left out."""
    record = good()["response"]
    record.block = b"ICY 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n"

    (item,), faults = index(warcs.write([record]))

    assert isinstance(item, Resource)
    assert (item.status, item.mime) == (200, "audio/mpeg")
    assert [message for _, message in faults] == ["listed, but no capture: no status line: b'ICY 200 OK'"]


@given(
    damage=st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=4),
    inside=st.booleans(),
    compressed=st.booleans(),
)
def test_damage_anywhere_never_raises(*, damage: list[tuple[int, bytes]], inside: bool, compressed: bool) -> None:
    """Bytes changed anywhere, before or after packing, give an index of some records; every one lies where it says."""
    records = [bytearray(record.data()) for record in good().values()]
    packed = bytearray(b"".join(gzip.compress(record, mtime=0) for record in records) if compressed else b"".join(records))
    for place, noise in damage:
        target = records[place % len(records)] if inside else packed
        target[place % len(target) : place % len(target) + len(noise)] = noise
    if inside:
        packed = bytearray(b"".join(gzip.compress(record, mtime=0) for record in records) if compressed else b"".join(records))

    items, _ = index(bytes(packed))

    for item in items:
        record = bytes(packed[item.ref.offset : item.ref.offset + item.ref.length])
        assert (zlib.decompress(record, wbits=31) if compressed else record).startswith(b"WARC/")


@given(st.binary(max_size=300))
def test_noise_gives_no_rows(noise: bytes) -> None:
    """Any bytes, also as the content of a member, are no records."""
    for data in (noise, gzip.compress(noise), gzip.compress(b"WARC/1.1\r\n" + noise), b"WARC/1.1\r\n" + noise):
        assert index(data)[0] == []


@pytest.mark.parametrize("key", ["hop", "found", "payload-length"])
def test_metadata_that_makes_no_sense_is_a_fault(key: str) -> None:
    """A word that is in none of our lists, or no number, is never read as a default: the capture is named, and not listed."""
    records = good()
    records["metadata"].block = b"copytrail-%s: \xc2\xb2nonsense\r\n" % key.encode()

    items, faults = index(warcs.write([records["response"], records["metadata"]]))

    assert items == []
    assert [offset for offset, message in faults if "nonsense" in message] == [0]


def test_what_is_said_after_the_next_answer_comes_too_late() -> None:
    """Metadata is read in its event alone; the capture is then what its own record tells."""
    records = good()

    items, _ = index(warcs.write([records["response"], records["revisit"], records["metadata"]]))

    assert [item.via for item in items if isinstance(item, Capture)] == [None, None]


@pytest.mark.parametrize("shape", ["block", "header", "line", "lines", "head"])
def test_a_bomb_stays_out_of_memory(shape: str) -> None:
    """Gigabytes packed into a record, wherever they stand, are read in bounded memory and not listed."""
    filler = {
        "block": bytes(LIMIT),
        "head": b"X: 1\r\n" * 170_000,
        "header": b"X-1: 1\r\n" * 130_000,
        "line": bytes(LIMIT),
        "lines": b"\n" * LIMIT,
    }[shape]
    record = good()["response"]
    record.set("Content-Length", "99999999999")
    start = record.data().partition(b"HTTP/1.1" if shape in ("block", "head") else b"WARC-Record-ID")[0]
    deflate = zlib.compressobj(9, wbits=31)
    packed = deflate.compress(start + (b"HTTP/1.1 200 OK\r\n" if shape in ("block", "head") else b"X: "))
    packed += b"".join(deflate.compress(filler) for _ in range(64)) + deflate.flush()

    tracemalloc.start()
    try:
        items, faults = index(packed)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert items == []
    assert faults
    assert peak < 4 * LIMIT


def test_memory_does_not_grow_with_a_block(tmp_path: Path) -> None:
    """Hundreds of megabytes packed into the block of a record without digests are hashed in pieces."""
    record = good()["response"]
    record.block = HEAD
    record.set("WARC-Payload-Digest", None)
    size = 200 * LIMIT
    record.set("Content-Length", str(len(HEAD) + size))
    deflate = zlib.compressobj(1, wbits=31)
    text = record.data().replace(f"WARC-Block-Digest: {digest(HEAD)}\r\n".encode(), b"").removesuffix(b"\r\n\r\n")
    path = tmp_path / "big.warc.gz"
    with path.open("wb") as file:
        file.write(deflate.compress(text))
        for _ in range(200):
            file.write(deflate.compress(bytes(LIMIT)))
        file.write(deflate.compress(b"\r\n\r\n") + deflate.flush())

    tracemalloc.start()
    try:
        (item,) = indexed(at_path(path), "x", lambda *_: None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert isinstance(item, Capture)
    assert (item.payload_length, item.payload_digest) == (size, f"sha256:{hashlib.sha256(bytes(size)).hexdigest()}")
    assert peak < 4 * LIMIT
