"""A few megabytes that unpack to ten gigabytes are neither held in memory nor read to their end, and the verdict says so.

Nor is there a file that takes more than its share of time: what once would have taken hours ends, or these tests never do.
"""

import gzip
import io
import json
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from support.waczcases import listed, package_files, packed
from support.warcs import DATE, URL, Rec, good, name_of, write

from archive.findings import Tally
from archive.store import open_store
from archive.verify import verify

GIGABYTES = 10
ZEROS = bytes(1024 * 1024)
CHILD = """
import json, resource, sys
from archive.findings import Tally
from archive.store import open_store
from archive.verify import verify
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rules = sorted({item.rule for item in verify(sys.argv[1:], open_store, Tally())})
print(json.dumps([rules, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024]))
"""


def deflated(head: bytes = b"") -> bytes:
    """A raw deflate stream of ``head`` and ten gigabytes of nothing, made without unpacking it."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    begin = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)
    return begin + piece * (GIGABYTES * 1024) + packer.flush()


def gzipped(head: bytes = b"") -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\3" + deflated(head) + struct.pack("<II", 0, 0)


def in_a_member(length: int) -> bytes:
    """A record whose member goes on and on: in its block, or behind it."""
    head = f"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:x:1>\r\nContent-Length: {length}\r\n\r\n"
    return gzipped(head.encode()) + write(good().values())


def in_a_body() -> bytes:
    records = good()
    body = gzipped()
    records["response"].block = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    records["response"].set("WARC-Payload-Digest", None)
    return write([records[name] for name in ("warcinfo", "response", "request", "metadata")])


def in_an_entry() -> bytes:
    """A package with one more index, whose size is as it says."""
    out, data = io.BytesIO(packed(listed(package_files()))), deflated()
    with zipfile.ZipFile(out, "a") as package:
        assert package.fp is not None
        info = zipfile.ZipInfo("indexes/more.cdxj")
        info.compress_type, info.compress_size, info.file_size, info.CRC = zipfile.ZIP_DEFLATED, len(data), GIGABYTES * 2**30, 0
        info.header_offset = package.start_dir
        package.fp.seek(package.start_dir)
        package.fp.write(info.FileHeader(zip64=True) + data)
        package.start_dir = package.fp.tell()
        package.filelist.append(info)
        package._didModify = True  # type: ignore[attr-defined]
    return out.getvalue()


BOMBS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "in a block": (lambda: in_a_member(GIGABYTES * 2**30), "x.warc.gz", "gzip-bomb"),
    "behind a block": (lambda: in_a_member(5), "x.warc.gz", "gzip-bomb"),
    "in a body": (in_a_body, "x.warc.gz", "http-coding-limit"),
    "in an entry": (in_an_entry, "x.wacz", "wacz-zip"),
}


@pytest.mark.parametrize(("make", "name", "rule"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_not_read_into_memory(make: Callable[[], bytes], name: str, rule: str, tmp_path: Path) -> None:
    """Ten gigabytes, wherever they are packed."""
    (tmp_path / name).write_bytes(make())
    done = subprocess.run([sys.executable, "-c", CHILD, str(tmp_path / name)], capture_output=True, text=True, timeout=120, check=True)
    rules, megabytes = json.loads(done.stdout)

    assert rule in rules
    assert megabytes < 64


def record(kind: str, number: int, *fields: tuple[str, str], block: bytes = b"") -> Rec:
    return Rec([("WARC-Type", kind), ("WARC-Record-ID", name_of(number)), ("WARC-Date", DATE), ("WARC-Target-URI", URL), *fields], block)


def folded(record: Rec) -> Rec:
    record.raw = [(b"WARC-Date", b"X: a\r\n" + b" c\r\n" * 60_000 + b"WARC-Date")]
    return record


HTTP = ("Content-Type", "application/http")
GET = b"GET / HTTP/1.1\r\n\r\n"
FIELDS = ("Content-Type", "application/warc-fields")
SLOW: dict[str, tuple[list[Rec], str]] = {
    "a media type of blanks": ([record("resource", 1, ("Content-Type", "a/b" + ";  " * 60_000 + "/"))], "field-value"),
    "a media type of backslashes": ([record("resource", 1, ("Content-Type", 'a/b;c="' + "\\" * 200_000))], "field-value"),
    "a request line of blanks": ([record("request", 1, HTTP, block=b"GET /x" + b" " * 240_000 + b"\r\n\r\n")], "http-head"),
    "a header of folds": ([folded(record("resource", 1))], "header-folded"),
    "an HTTP head of folds": ([record("response", 1, HTTP, block=b"HTTP/1.1 200 OK\r\na: b\r\n" + b" c\r\n" * 60_000)], "http-head"),
    "fields of folds": ([record("metadata", 1, FIELDS, block=b"x\r\na: b\r\n" + b" c\r\n" * 500_000)], "fields-line"),
    "one id for all records": ([record("resource", 1)] * 5000, "id-repeated"),
    "one id for all requests": ([record("request", 1, HTTP, ("WARC-Concurrent-To", name_of(2)))] * 5000, "request-alone"),
    "one URL for all records": ([record("request", number, HTTP, block=GET) for number in range(5000)], "request-alone"),
}


@pytest.mark.parametrize(("records", "rule"), SLOW.values(), ids=SLOW)
def test_no_file_takes_more_time_than_it_is_long(records: list[Rec], rule: str, tmp_path: Path) -> None:
    """Values that a pattern could read in a thousand ways, lines that go on and on, records that are all the same."""
    (tmp_path / "x.warc.gz").write_bytes(write(records))

    assert rule in {item.rule for item in verify([str(tmp_path)], open_store, Tally())}


def test_a_file_full_of_marks_is_not_searched_for_ever(tmp_path: Path) -> None:
    """Each of them might begin a gzip member; that the rest was not searched is said."""
    (tmp_path / "x.warc.gz").write_bytes(gzip.compress(b"WARC/")[:12] + b"\x1f\x8b\x08" * 200_000)

    assert "file-given-up" in {item.rule for item in verify([str(tmp_path)], open_store, Tally())}
