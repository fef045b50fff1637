"""A ZipNum index verified: every line of the ``.idx`` points at one gzip member of the compressed CDXJ, and none is left out.

Contract: lines as cdxj-indexer and py-wacz write them, ``key time {"offset": …, "length": …, "digest": …}`` behind
``!meta 0 {"filename": …}``, or as pywb has them in columns, ``key time<TAB>shard<TAB>offset<TAB>length<TAB>number``.  ``open_shard`` opens
a shard by the name that a line uses, None where there is none.  Of each member the first line is read and, where a digest is stated, its
bytes are hashed; the rows in it are for ``archive/verify_index.py``.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple

from archive import labelled
from archive.findings import Finding
from archive.gzipmembers import End, Member, OpenAt, Tape
from archive.indexrows import number
from archive.labelled import Labelled
from archive.verify_rules import broken

LINE_LIMIT = 64 * 1024
_PIECE = 64 * 1024
_DEFAULT = "index.cdx.gz"

OpenShard = Callable[[str], OpenAt | None]


class _Block(NamedTuple):
    """A line: where a member should be, and what should begin it."""

    prefix: bytes
    shard: str
    offset: int
    length: int
    digest: str | None


def verify_zipnum(name: str, open_at: OpenAt, open_shard: OpenShard) -> Iterator[Finding]:
    """Check every line of the ``.idx`` called ``name``."""
    default, before, ends = _DEFAULT, b"", dict[str, int]()
    with open_at(0) as stream:
        for offset, line in _lines(stream):
            if line.startswith(b"!"):
                default = _named(line) or default
                continue
            block = _block(line, default)
            if block is None:
                yield broken("zipnum-line", name, f"not a key, a time and the place of a block: {line[:80]!r}", offset=offset)
                continue
            if block.prefix < before:
                yield broken("index-order", name, f"after a greater line: {line[:80]!r}", offset=offset)
            before = block.prefix
            for rule, message in _check(block, open_shard, ends):
                yield broken(rule, name, message, offset=offset)
    for shard, end in ends.items():
        opened = open_shard(shard)
        if opened is not None and (left := _left(opened, end)):
            yield broken("zipnum-gap", name, f"no line for the last {left} bytes of {shard}")


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while line := stream.readline(LINE_LIMIT):
        if line.strip():
            yield offset, line.rstrip(b"\r\n")
        offset += len(line)


def _named(line: bytes) -> str | None:
    try:
        held = json.loads(line.split(b" ", 2)[2])
        return str(held["filename"]) if held.get("filename") else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _block(line: bytes, default: str) -> _Block | None:
    try:
        if b"\t" in line:
            prefix, shard, offset, length = line.decode().split("\t")[:4]
            place = number(offset), number(length)
            digest = None
        else:
            key, time, text = line.decode().split(" ", 2)
            held = json.loads(text)
            prefix, shard = f"{key} {time}", str(held.get("filename") or default)
            place = number(held.get("offset")), number(held.get("length"))
            digest = str(held["digest"]) if held.get("digest") else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    if place[0] is None or not place[1]:
        return None
    return _Block(prefix.encode(), shard.replace("\\", "/").rpartition("/")[2], place[0], place[1], digest)


def _check(block: _Block, open_shard: OpenShard, ends: dict[str, int]) -> Iterator[tuple[str, str]]:
    opened = open_shard(block.shard)
    if opened is None:
        yield "zipnum-file", f"{block.shard[:200]} is not there"
        return
    expected = ends.get(block.shard, 0)
    if block.offset > expected:
        yield "zipnum-gap", f"no line for {block.offset - expected} bytes of {block.shard} from {expected} on"
    ends[block.shard] = max(expected, block.offset + block.length)
    begin, length = _member(opened, block.offset)
    if length != block.length:
        words = f"has {length} bytes" if length else "cannot be read"
        yield "zipnum-block", f"says {block.length} bytes at {block.offset}; what begins there in {block.shard} {words}"
    elif not begin.startswith(block.prefix):
        yield "zipnum-key", f"says that {block.prefix[:80]!r} is first, and {begin[:80]!r} is"
    if block.digest and labelled.parse(block.digest) != Labelled("sha256", _sha256(opened, block.offset, block.length)):
        yield "zipnum-digest", f"the {block.length} bytes at {block.offset} do not have the digest {block.digest[:100]}"


def _member(open_at: OpenAt, offset: int) -> tuple[bytes, int]:
    """How the member at ``offset`` begins, and its length; 0 when there is no whole one."""
    tape = Tape(lambda start: open_at(offset + start))
    try:
        member = Member(tape)
        begin = member.take()
        while member.take():
            pass
        return begin, member.length if member.end is End.WHOLE else 0
    finally:
        tape.close()


def _sha256(open_at: OpenAt, offset: int, length: int) -> bytes:
    digest = hashlib.sha256()
    with open_at(offset) as stream:
        while length and (data := stream.read(min(length, _PIECE))):
            digest.update(data)
            length -= len(data)
    return digest.digest()


def _left(open_at: OpenAt, offset: int) -> int:
    """How many bytes follow ``offset``."""
    count = 0
    with open_at(offset) as stream:
        while data := stream.read(_PIECE):
            count += len(data)
    return count
