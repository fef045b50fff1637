"""Good files with something done to them that nobody asked for: what a validator must outlive.

Contract: ``mutated`` is pure: the same numbers make the same file.  A change may lie in the bytes of the file or, in half of them, in what
is compressed or packed within, so that it reaches the readers behind the checksums.
"""

import gzip
import random
from collections.abc import Callable

from support.indexcases import INDEX, cdx, zipnum
from support.verifycases import FILE, PLAIN, RECORDS
from support.waczcases import listed, package_files, packed
from support.warcs import changed, write

_CODED = changed({
    "record": "response",
    "block": "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
    "body": {"coding": "gzip"},
})  # fmt: skip
_SEGMENT = {"WARC-Type": "continuation", "WARC-Segment-Origin-ID": "{2}", "WARC-Segment-Number": "2", "WARC-Segment-Total-Length": "89"}
_SEGMENTED = changed({
    "record": "response",
    "set": {"WARC-Segment-Number": "1"},
    "new": [{"like": "metadata", "block": "more", "set": _SEGMENT}],
})  # fmt: skip
_WORDS = (
    b"\r\n", b"\n", b"\r\n\r\n", b"WARC/1.1\r\n", b"\x1f\x8b\x08\0", b": ", b"\0", b"\xff\xfe", b"{", b"[" * 3000, b'"', b"\\ud800", b"-1",
    b"9" * 20, b"Content-Length: 0\r\n", b"WARC-Type: revisit\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: br\r\n",
    b"PK\x01\x02", b"PK\x05\x06", b"PK\x03\x04", b"WARC-Concurrent-To: <urn:x>\r\n", b"\t", b"NaN", b"1e999", b"null", b"\xed\xa0\x80",
)  # fmt: skip
_PLAIN = (PLAIN, write(_CODED, compressed=False), write(_SEGMENTED, compressed=False))
_WARCS = (FILE, write(_CODED), write(_SEGMENTED), *_PLAIN)

Files = dict[str, bytes]


def mutated(seed: int) -> Files:
    """A set of files, one of them changed in one to six places."""
    draw = random.Random(seed)
    return draw.choice(_KINDS)(draw)


def change(draw: random.Random, data: bytes) -> bytes:
    """``data`` with something flipped, cut, put in, doubled or taken from elsewhere."""
    result = bytearray(data)
    for _ in range(draw.randint(1, 6)):
        at, length = draw.randint(0, len(result)), draw.choice((0, 1, 4, 40, 400))
        match draw.randrange(6):
            case 0 if at < len(result):
                result[at] ^= 1 << draw.randrange(8)
            case 1:
                del result[at : at + length]
            case 2:
                result[at:at] = draw.choice(_WORDS)
            case 3:
                result[at:at] = result[at : at + length] * draw.randint(1, 3)
            case 4:
                result[at : at + length] = draw.randbytes(length)
            case _:
                other = draw.choice(_WARCS)
                start = draw.randint(0, len(other))
                result[at:] = other[start:] if draw.random() < 0.5 else other[start : start + length]
    return bytes(result)


def _warc(draw: random.Random) -> Files:
    return {draw.choice(("x.warc.gz", "x.warc")): change(draw, draw.choice(_WARCS))}


def _records(draw: random.Random) -> Files:
    """The records changed, the members whole."""
    parts = [record.data() for record in draw.choice((RECORDS, _CODED, _SEGMENTED))]
    at = draw.randrange(len(parts))
    parts[at] = change(draw, parts[at])
    return {"x.warc.gz": b"".join(gzip.compress(part, 1, mtime=0) for part in parts)}


def _index(draw: random.Random) -> Files:
    name, data = draw.choice(
        (("x.cdxj", INDEX), ("x.cdxj", INDEX), ("x.cdx", cdx("N b a m s k r M S V g")), ("x.cdx", cdx("a b a m s k r M V g")))
    )
    data = change(draw, data)
    return {"x.warc.gz": FILE, name: data} if draw.random() < 0.7 else {"x.warc.gz": FILE, f"{name}.gz": gzip.compress(data)}


def _zipnum(draw: random.Random) -> Files:
    idx, blocks = zipnum()
    if draw.random() < 0.6:
        idx = change(draw, idx)
    else:
        blocks = change(draw, blocks)
    return {"x.warc.gz": FILE, "x.idx": idx, "x.cdx.gz": blocks}


def _package(draw: random.Random) -> Files:
    return {"x.wacz": change(draw, packed(listed(package_files(draft=draw.random() < 0.5))))}


def _packed(draw: random.Random) -> Files:
    """What is in the package changed, the ZIP file whole; its list is true of it or not."""
    files = package_files()
    before = draw.random() < 0.5
    if not before:
        files = listed(files)
    name = draw.choice(sorted(set(files) - ({"datapackage.json"} if before else set())))
    files[name] = change(draw, files[name])
    return {"x.wacz": packed(listed(files) if before else files, deflated=(name,) if draw.random() < 0.3 else ())}


_KINDS: tuple[Callable[[random.Random], Files], ...] = (_warc, _warc, _records, _records, _index, _zipnum, _package, _packed)
