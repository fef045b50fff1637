"""A few megabytes that unpack to ten gigabytes are neither held in memory nor read to their end, and the verdict says so."""

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
from support.warcs import good, write

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
