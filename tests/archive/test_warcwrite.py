"""What is written: record by record, byte by byte, and as the public tools judge it."""

import base64
import gzip
import hashlib
import itertools
import re
import resource
import secrets
import subprocess
import sys
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.exchanges import STARTED, URL, big_page, exchange, page
from support.readback import captures_in

from archive.kinds import Found, Phase, Truncation
from archive.records import Capture, Exchange, Failure, RecordRef
from archive.spool import Spool
from archive.warcfields import WarcError
from archive.warcread import records
from archive.warcwrite import WarcFile

NAME = "copytrail-20261121103000123-0001-host.warc.gz"
KEY = f"warc/2026/11/21/{NAME}"
MIB = 1024 * 1024


@pytest.fixture
def warc(tmp_path: Path) -> WarcFile:
    """An open file whose record ids count from 1."""
    return WarcFile.create(
        tmp_path, NAME, {"operator": "desk@news.example"}, STARTED, new_id=map("urn:uuid:{}".format, itertools.count(1)).__next__
    )


def content(path: Path) -> bytes:
    """What stands in the gzip members of a file, one after another, each of which is one record."""
    with path.open("rb") as stream:
        spans = [(record.offset, record.length) for record in records(stream)]
    data = path.read_bytes()
    assert sum(length for _, length in spans) == len(data)
    found = [gzip.decompress(data[offset : offset + length]) for offset, length in spans]
    assert all(member.count(b"WARC/1.1\r\n") == 1 for member in found)
    return b"".join(found)


def read_back(path: Path) -> list[Capture]:
    return captures_in(path, KEY)


FULL = page(
    b"<p>The dam holds.</p>",
    ip="203.0.113.7",
    protocols=("http/1.1", "tls/1.3"),
    cipher="TLS_AES_256_GCM_SHA384",
    certificate=b"0\x82",
    phases={"dns": 1.5, "body": 20.26},
    found=Found.LINK,
    via="http://agency.example/",
    hop=1,
    attempt=2,
    robots="urn:uuid:robots",
    conditional=True,
)
LATER: dict[str, Any] = {"started": STARTED + timedelta(days=7), "url": "http://www.news.example/flood"}
SCRAPPY = exchange(
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 caf\xe9\nX: 1\n no colon\nTransfer-Encoding: Chunked\n\n5;a\nhello\n0\nT: 1\n\nmore"
)
NOT_MODIFIED = exchange(b'HTTP/1.1 304 Not Modified\r\nETag: "2"\r\n\r\n', **LATER)
CUT = exchange(
    b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
    truncated=Truncation.DISCONNECT,
    failure=Failure(phase=Phase.BODY, kind="reset", message="connection\r\nreset"),
)
REFUSED = exchange(b"", request=b"", failure=Failure(phase=Phase.CONNECT, kind="refused", message="connection refused"))


def test_every_kind_of_record_is_written_byte_for_byte(warc: WarcFile) -> None:
    """A page, the same again, odd framing, a 304, a cut answer, a refused connection, a resource: the records in cases/records.warc."""
    original = warc.append(FULL).capture
    warc.append(replace(FULL, **LATER), revisit_of=original)
    warc.append(SCRAPPY)
    warc.append(NOT_MODIFIED, revisit_of=original)
    warc.append(CUT)
    warc.append(REFUSED)
    warc.resource("urn:seed:1", b"The dam holds.\n", "text/plain", STARTED)

    written = content(warc.seal())

    assert written == (Path(__file__).parent / "cases" / "records.warc").read_bytes()


def test_every_block_has_its_digest_and_length(warc: WarcFile) -> None:
    """Digest and length in the header are those of the block, in every record."""
    warc.append(FULL)
    warc.append(SCRAPPY)
    with warc.seal().open("rb") as stream:
        for record in records(stream):
            block = record.block.read()

            assert record.sole("WARC-Block-Digest") == f"sha256:{hashlib.sha256(block).hexdigest()}"
            assert record.sole("Content-Length") == str(len(block))


def test_a_capture_is_rebuilt_from_the_file_alone(warc: WarcFile) -> None:
    """What the writer acknowledged and what a reader finds are equal, in every field (law 1)."""
    original = warc.append(FULL).capture
    acknowledged = [
        original,
        warc.append(replace(FULL, **LATER), revisit_of=original).capture,
        warc.append(SCRAPPY).capture,
        warc.append(NOT_MODIFIED, revisit_of=original).capture,
        warc.append(CUT).capture,
        warc.append(replace(FULL, via=" http://agency.example/\t")).capture,
    ]
    assert warc.append(REFUSED).capture is None

    assert read_back(warc.seal()) == acknowledged


def test_every_record_has_an_id_of_its_own(tmp_path: Path) -> None:
    """Random ones (RFC 9562 §5.4), however many records there are and whichever file they stand in."""
    found: list[uuid.UUID] = []
    for serial in range(2):
        file = WarcFile.create(tmp_path, NAME.replace("0001", f"000{serial}"), {}, STARTED)
        for _ in range(30):
            file.append(SCRAPPY)
        with file.seal().open("rb") as stream:
            found += [uuid.UUID((record.sole("WARC-Record-ID") or "").strip("<>")) for record in records(stream)]

    assert len(set(found)) == len(found) == 2 * (1 + 30 * 3)
    assert {(item.version, item.variant) for item in found} == {(4, uuid.RFC_4122)}


def test_a_capture_tells_what_the_exchange_was(warc: WarcFile) -> None:
    """The capture holds what the exchange was, found by its URL, time and digests."""
    written = warc.append(FULL)

    assert written.capture == Capture(
        id=written.id,
        url=URL,
        surt="example,news)/flood?page=1",
        time=STARTED,
        kind="response",
        status=200,
        mime="text/html",
        ref=RecordRef(key=KEY, offset=written.capture.ref.offset, length=written.capture.ref.length) if written.capture else None,  # type: ignore[arg-type]
        payload_digest=f"sha256:{hashlib.sha256(b'<p>The dam holds.</p>').hexdigest()}",
        payload_length=21,
        block_digest=FULL.response.digest if FULL.response else "",
        found=Found.LINK,
        via="http://agency.example/",
        hop=1,
        ip="203.0.113.7",
        robots="urn:uuid:robots",
        event_length=warc.size - written.capture.ref.offset if written.capture else 0,
    )


@pytest.mark.parametrize(
    ("later", "original", "kind"),
    [
        pytest.param(FULL, FULL, "revisit", id="the same payload"),
        pytest.param(page(b"Other words."), FULL, "response", id="another payload"),
        pytest.param(
            exchange(b"HTTP/1.1 404 Gone\r\nContent-Length: 21\r\n\r\n<p>The dam holds.</p>"), FULL, "revisit", id="another status"
        ),
        pytest.param(replace(FULL, truncated=Truncation.TIME), FULL, "response", id="a payload cut short"),
        pytest.param(FULL, replace(FULL, truncated=Truncation.LENGTH), "response", id="of a payload cut short"),
        pytest.param(page(b""), page(b""), "response", id="an empty payload"),
        pytest.param(NOT_MODIFIED, FULL, "revisit", id="not modified"),
        pytest.param(FULL, NOT_MODIFIED, "response", id="of an answer without payload"),
        pytest.param(FULL, replace(FULL, started=FULL.started + timedelta(seconds=1)), "response", id="of what began after it"),
    ],
)
def test_only_what_is_proved_is_a_revisit(warc: WarcFile, later: Exchange, original: Exchange, kind: str) -> None:
    """A claimed original counts only when it holds the very payload, whole and not empty, or the server says that nothing changed."""
    first = warc.append(original).capture

    second = warc.append(later, revisit_of=first).capture

    assert second is not None
    assert second.kind == kind


def test_a_revisit_of_a_revisit_refers_to_the_payload(warc: WarcFile) -> None:
    """A revisit refers to the record that holds the payload, never to another revisit."""
    original = warc.append(FULL).capture
    revisit = warc.append(replace(FULL, **LATER), revisit_of=original).capture

    third = warc.append(FULL, revisit_of=revisit).capture

    assert original is not None
    assert third is not None
    assert (third.refers_to, third.refers_to_url, third.refers_to_time) == (original.id, original.url, original.time)


def test_a_certificate_stands_once_for_a_host(warc: WarcFile) -> None:
    """The leaf certificate is written with the first exchange of each host that showed it."""
    for url, leaf in (
        ("https://a.example/", b"1"),
        ("https://a.example/x", b"1"),
        ("https://b.example/", b"1"),
        ("https://a.example/", b"2"),
    ):
        warc.append(replace(FULL, url=url, certificate=leaf))

    lines = [line for line in content(warc.seal()).split(b"\r\n") if line.startswith(b"copytrail-certificate")]
    assert [base64.b64decode(line.split()[1]) for line in lines] == [b"1", b"1", b"2"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://a.example/\r\nWARC-Type: forged"},
        {"ip": "1\n2"},
        {"cipher": "\0"},
        {"protocols": ("\u2028",)},
    ],
    ids=str,
)
def test_a_value_that_could_forge_a_field_is_refused(warc: WarcFile, wrong: dict[str, Any]) -> None:
    """A value that does not stay on its line is refused, and nothing of its exchange is in the file."""
    before = warc.size

    with pytest.raises(WarcError):
        warc.append(replace(FULL, **wrong))

    assert warc.size == before
    assert warc.append(FULL).capture in read_back(warc.seal())


def test_what_others_say_cannot_forge_a_field(warc: WarcFile) -> None:
    """Messages and referrers of strangers stand on one line, whatever they hold."""
    nasty = "a\r\nWARC-Type: forged\0\x85\u2028\ud800"

    warc.append(replace(CUT, via=nasty, failure=Failure(phase=Phase.BODY, kind=nasty, message=nasty)))

    assert b"\nWARC-Type: forged" not in content(warc.seal())


def test_bytes_after_a_message_are_kept_to_a_limit(warc: WarcFile) -> None:
    """What comes after a message is kept up to a MiB, and its length is told, so that every reader can read what any writer wrote."""
    warc.append(replace(FULL, trailing=b"x" * 20 * MIB))

    path = warc.seal()
    assert b"copytrail-trailing-length: 20971520\r\n" in content(path)
    assert len(read_back(path)) == 1


@pytest.mark.parametrize(
    ("answer", "stated"),
    [
        (page(gzip.compress(b"Copy", mtime=0), b"Content-Encoding: gzip"), b"Copy"),
        (page(b"Copy"), None),
        (page(b"Copy", b"Content-Encoding: gzip"), None),
        (page(gzip.compress(b"Copy")[:-3], b"Content-Encoding: gzip"), None),
        (page(gzip.compress(bytes(33 * 1024 * 1024)), b"Content-Encoding: gzip"), None),
    ],
    ids=["packed", "plain", "not packed", "cut", "bomb"],
)
def test_the_digest_behind_a_coding_is_noted(warc: WarcFile, answer: Exchange, stated: bytes | None) -> None:
    """A body under a content coding has the digest of what it says; none is stated where that cannot be read whole and within bounds."""
    warc.append(answer)
    noted = re.findall(rb"copytrail-decoded-(digest|length): (\S+)\r\n", content(warc.seal()))

    assert dict(noted) == ({} if stated is None else {b"digest": Spool(stated).digest.encode(), b"length": b"%d" % len(stated)})


def test_metadata_that_no_reader_would_take_is_refused(warc: WarcFile) -> None:
    """What would make the file unreadable is not written."""
    with pytest.raises(WarcError, match="metadata"):
        warc.append(replace(FULL, interim=(b"x" * 9 * MIB,)))


@given(
    request=st.binary(min_size=1),
    reason=st.binary(max_size=10).filter(lambda text: b"\n" not in text),
    fields=st.binary(max_size=60).filter(lambda text: b"\n\n" not in text and b"\n\r\n" not in text and text[:1] not in (b"\r", b"\n")),
    coding=st.sampled_from([b"", b"Content-Encoding: br\r\n"]),
    body=st.binary(),
    trailing=st.binary(max_size=20),
)
def test_any_bytes_go_in_and_come_out(
    tmp_path_factory: pytest.TempPathFactory, request: bytes, reason: bytes, fields: bytes, coding: bytes, body: bytes, trailing: bytes
) -> None:
    """Request and response blocks are the bytes of the wire, whatever they are, and the capture is rebuilt."""
    head = b"HTTP/1.1 200 " + reason + b"\r\n" + coding + fields + b"\r\n\r\n"
    sent = replace(FULL, request=request, response=Spool(head + body), head_length=len(head), trailing=trailing)
    warc = WarcFile.create(tmp_path_factory.mktemp("any"), NAME, {}, STARTED)
    capture = warc.append(sent).capture
    path = warc.seal()

    with path.open("rb") as stream:
        blocks = {record.type: record.block.read() for record in records(stream)}
    assert (blocks["request"], blocks["response"]) == (request, head + body)
    assert read_back(path) == [capture]


def test_a_long_body_streams_through(warc: WarcFile) -> None:
    """A body of 32 MiB is written from disk without standing in memory."""
    big = big_page(b"HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n", 32, bytes(MIB))
    assert big.response is not None
    assert big.response._file is not None

    tracemalloc.start()
    with big.response._file:
        capture = warc.append(big).capture
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 2 * MIB
    assert read_back(warc.seal()) == [capture]


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 3 * MIB], ids=str)
def test_a_packed_body_is_stored_as_it_came(warc: WarcFile, size: int) -> None:
    """A body under a content coding costs its own bytes and a few; every reader undoes the member, and what is not packed is deflated."""
    packed = page(body := secrets.token_bytes(size), b"Content-Encoding: gzip")
    overhead = warc.append(page(b"x", b"Content-Encoding: gzip")).capture
    written = warc.append(packed).capture
    plain = warc.append(page(b"The dam holds. " * 4000)).capture

    path = warc.seal()
    assert overhead is not None
    assert written is not None
    assert plain is not None
    assert written.ref.length - size < overhead.ref.length + size / 1000 + 40
    assert plain.ref.length < 2000
    assert body in content(path)
    assert read_back(path) == [overhead, written, plain]


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], None]]:
    """Let no file of this process grow beyond a size, as a full disk would not."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_leaves_whole_records(warc: WarcFile, small_disk: Callable[[int], None], tmp_path: Path) -> None:
    """An exchange that does not fit is an OSError, and the file holds what it held before, and what fits after."""
    first = warc.append(FULL).capture
    before = warc.size
    small_disk(before + 3000)

    with pytest.raises(OSError, match="large"):
        warc.append(page(secrets.token_bytes(5000)))
    small = warc.append(replace(FULL, url="http://small.example/")).capture

    assert (tmp_path / f"{NAME}.open").stat().st_size == warc.size
    assert read_back(warc.seal()) == [first, small]


def test_a_disk_that_is_full_at_once_leaves_no_file(small_disk: Callable[[int], None], tmp_path: Path) -> None:
    """When not even the first record fits there is an OSError and no file."""
    small_disk(50)

    with pytest.raises(OSError, match="large"):
        WarcFile.create(tmp_path, NAME, {}, STARTED)

    assert list(tmp_path.iterdir()) == []


def test_an_open_file_is_readable_after_each_exchange(warc: WarcFile, tmp_path: Path) -> None:
    """When ``append`` returns, another process can read the records."""
    for number in range(3):
        capture = warc.append(replace(FULL, url=f"http://a.example/{number}")).capture

        assert read_back(tmp_path / f"{NAME}.open")[-1] == capture
        assert (tmp_path / f"{NAME}.open").stat().st_size == warc.size


def test_a_name_is_given_once(warc: WarcFile, tmp_path: Path) -> None:
    """Neither an open nor a sealed file is ever overwritten."""
    with pytest.raises(FileExistsError):
        WarcFile.create(tmp_path, NAME, {}, STARTED)
    path = warc.seal()
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        WarcFile.create(tmp_path, NAME, {}, STARTED)

    assert path == tmp_path / NAME
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("tool", ["warcio", "fastwarc"])
def test_public_tools_find_nothing(warc: WarcFile, tool: str, judge: Callable[[str], Path]) -> None:
    """``warcio check`` and ``fastwarc check`` pass a file with every kind of record and odd framing."""
    original = warc.append(FULL).capture
    for exchanged in (FULL, SCRAPPY, NOT_MODIFIED, CUT, REFUSED, page(b""), page(b"\x1f\x8b", b"Content-Encoding: gzip")):
        warc.append(exchanged)
        warc.append(exchanged, revisit_of=original)
    warc.resource("urn:seed:1", b"The dam holds.\n", "text/plain", STARTED)
    program = Path(sys.executable).with_name("warcio") if tool == "warcio" else judge("fastwarc")

    result = subprocess.run([program, "check", warc.seal()], capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr
