"""What one pass over a record's block tells: digests, the HTTP head, and whether the body is what the head says.

Contract: ``read_block`` reads the block to its end, once, in pieces of 64 KiB, and keeps none of it but the head (at most 256 KiB) or named
fields (at most a mebibyte of them).  It never raises for what the bytes say.  ``faults`` holds the rules that the block breaks by itself
(``archive/verify_rules.py``) with words; ``excusable`` those that another record may excuse, and by what.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from archive import labelled, warcfields
from archive.bodyfacts import Body, Budget
from archive.heads import HEAD_LIMIT, BadHead, Head, media_type, parse_head
from archive.labelled import OURS, Digests, Labelled
from archive.warcscan import Scanned, named_fields

_FIELDS_LIMIT = 1024 * 1024  # of a metadata block that is read as fields: a million of them would take a hundred times as much memory
_HEAD_END = re.compile(rb"\n\r?\n")
_METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HTTP_VERSION = re.compile(rb"HTTP/\d(?:\.\d)?", re.IGNORECASE)
_INTERIM = (100, *range(102, 200))  # 101 is the last that is said in HTTP
_CUT_SHORT = "cut short"
_HTTP_TYPES = ("application/http", "message/http")  # the latter in the standard's own example B.6 (annotation #55)
_SIGNS = {
    "image/png": (b"\x89PNG",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF8",),
    "image/webp": (b"RIFF",),
    "application/gzip": (b"\x1f\x8b",),
    "application/zip": (b"PK",),
}

Excuse = Literal["head", "wire"]  # the request was HEAD; our metadata record vouches for what came over the wire


@dataclass(slots=True, kw_only=True)
class Facts:
    """What was found in one block."""

    faults: list[tuple[str, str]] = field(default_factory=list)
    excusable: list[tuple[Excuse, str, str]] = field(default_factory=list)
    head: Head | None = None
    status: int | None = None  # of a response or revisit
    payload: Digests | None = None  # of the entity body, transfer coding removed; of the block where there is no HTTP
    payload_digest: bytes | None = None  # sha256
    begun: bool = False  # of a coded body the beginning was decoded alone
    framed: bool = False  # the payload digest in the header is of the body with its chunk framing
    fields: warcfields.Fields = ()  # of a warcinfo or metadata record
    block_digest: bytes = b""  # sha256

    def fault(self, rule: str, message: str) -> None:
        """Note a rule that is broken."""
        self.faults.append((rule, message))


def read_block(record: Scanned, budget: Budget) -> Facts:
    """Everything that the block of ``record`` tells; ``budget`` limits what is decoded."""
    facts = Facts()
    stated = _stated(record, "WARC-Block-Digest", facts), _stated(record, "WARC-Payload-Digest", facts)
    block = Digests({OURS, *[item.algorithm for item in stated if item is not None]})
    begin = record.block.piece()
    block.update(begin)
    pieces = iter(()) if record.block.seen == record.block.length else _hashed(record.block.pieces(), block)
    if is_http(record) or (record.type in _MESSAGES and record.first("Content-Type") is None and begin.startswith(b"HTTP/")):
        _read_message(record, begin, pieces, stated[1], facts, budget)
    elif record.type in {"warcinfo", "metadata"} and record.media == "application/warc-fields":
        _read_fields(begin, pieces, facts)
    elif record.type in _MESSAGES and begin.startswith(b"HTTP/"):
        facts.fault("content-type-wrong", f"Content-Type is {record.first('Content-Type')!r}, and the block is an HTTP message")
    for _ in pieces:
        pass
    facts.block_digest = block.of(OURS)
    if record.block.missing:
        return facts  # what is not there cannot have the digest, and that it is not there is said already
    if stated[0] and stated[0] != (OURS, facts.block_digest) and not block.agrees(stated[0]):
        facts.fault("block-digest", f"the block has {_shown(block, stated[0])}, not {record.first('WARC-Block-Digest')}")
    if facts.head is None and not is_http(record):
        facts.payload, facts.payload_digest = block, facts.block_digest
        _check_start(record, begin, facts)
    _check_payload(record, facts, stated[1])
    return facts


_MESSAGES = ("response", "request", "revisit")


def is_http(record: Scanned) -> bool:
    """Whether the block is said to be an HTTP message."""
    return record.type in _MESSAGES and record.media in _HTTP_TYPES


def _hashed(pieces: Iterable[bytes], digests: Digests) -> Iterator[bytes]:
    for data in pieces:
        digests.update(data)
        yield data


def _stated(record: Scanned, name: str, facts: Facts) -> Labelled | None:
    value = record.first(name)
    if not value or ":" not in value:
        return None
    found = labelled.parse(value)
    if found is None:
        facts.fault("digest-form" if labelled.is_known(value) else "digest-unknown", f"{name} {value[:150]!r} cannot be checked")
    return found


def _shown(digests: Digests, stated: Labelled) -> str:
    return f"{stated.algorithm}:{digests.of(stated.algorithm).hex()}"


def _read_message(record: Scanned, begin: bytes, pieces: Iterator[bytes], stated: Labelled | None, facts: Facts, budget: Budget) -> None:
    try:
        head, begin, ended = _final_head(begin, pieces)
    except BadHead as error:
        facts.fault("http-head", str(error))
        return
    if record.type == "revisit" and not head.start_line:
        return  # §6.7.2: a revisit may have no block
    if not ended and "warc-truncated" in record.held:
        return  # cut within its head
    facts.head, facts.status = head, head.status
    _check_head(record, head, facts, ended=ended)
    body = Body(head, facts.status, {OURS, stated.algorithm} if stated else {OURS}, request=record.type == "request")
    body.read(chain((begin,) if begin else (), pieces), budget)
    facts.payload, facts.payload_digest, facts.begun = body.entity, body.entity.of(OURS), body.begun
    if record.type == "revisit" or record.block.missing or "warc-segment-number" in record.held:
        return  # what is left out or elsewhere cannot be held against the head
    _check_body(record, body, facts)
    if stated and body.chunks and not body.entity.agrees(stated) and body.framed.agrees(stated):
        facts.fault("payload-digest-framing", "the payload digest is of the body with its chunk framing, as several tools write it")
        facts.framed = True


def _final_head(begin: bytes, pieces: Iterator[bytes]) -> tuple[Head, bytes, bool]:
    """The head of the message, behind those of 1xx answers, which raw records keep; what follows it, and whether it ends."""
    while True:
        ends = _HEAD_END.search(begin)
        while ends is None and len(begin) <= HEAD_LIMIT and (more := next(pieces, b"")):
            begin += more
            ends = _HEAD_END.search(begin)
        head = parse_head(begin)
        ended = ends is not None or head.length < len(begin)
        begin = begin[head.length :]
        if head.status not in _INTERIM or not (begin := begin or next(pieces, b"")).startswith(b"HTTP/"):
            return head, begin, ended


def _check_head(record: Scanned, head: Head, facts: Facts, *, ended: bool) -> None:
    if record.type == "request":
        version = head.start_line.rpartition(b"/")[2]
        if facts.status is not None or not _is_request_line(head.start_line):
            facts.fault("http-head", f"not a request line: {head.start_line[:80]!r}")
    else:
        version = head.start_line[5:6]
        if facts.status is None:
            version = b""
            facts.fault("http-head", f"not a status line: {head.start_line[:80]!r}")
    if version[:1] > b"1":
        facts.fault("http-version", f"the first line says {head.start_line[:40]!r}, which replay tools do not read")
    if record.type == "response" and not ended and not record.block.missing:
        facts.fault("http-head", "no empty line ends the head")


def _is_request_line(line: bytes) -> bool:
    words = line.split()
    return len(words) > 2 and _METHOD.fullmatch(words[0]) is not None and _HTTP_VERSION.fullmatch(words[-1]) is not None


def _check_body(record: Scanned, body: Body, facts: Facts) -> None:
    """The body against what the head says of it."""
    truncated = "warc-truncated" in record.held
    if body.conflict:
        facts.fault("http-lengths", body.conflict)
    wrong = body.wrong_end()
    if wrong is not None and (not truncated or wrong[0] == "http-long"):
        if body.entity.length or body.framed.length:
            facts.fault(*wrong)
        else:
            facts.excusable.append(("head", *wrong))
    if truncated and wrong is None and body.is_whole() and record.type == "response":
        facts.fault("truncated-whole", f"WARC-Truncated is {record.first('WARC-Truncated')}, and the body is as long as its head says")
    if body.coding is not None:
        rule, words = body.coding
        if rule != "http-coding":
            facts.fault(rule, words)
        elif not (truncated and words.endswith(_CUT_SHORT)):
            facts.excusable.append(("wire", rule, words))
    _check_start(record, body.start, facts)


def _check_start(record: Scanned, start: bytes, facts: Facts) -> None:
    """WARC-Identified-Payload-Type (§5.19) against how the payload begins."""
    if "warc-identified-payload-type" not in record.held:
        return
    stated = record.first("WARC-Identified-Payload-Type")
    signs = _SIGNS.get(media_type(stated) or "")
    if start and signs and not start.startswith(signs):
        facts.fault("payload-type", f"identified as {stated}, and begins with {start[:16]!r}")


def _check_payload(record: Scanned, facts: Facts, stated: Labelled | None) -> None:
    """WARC-Payload-Digest against the payload, where the record holds it and all of it."""
    if stated is None or facts.payload is None or facts.framed or record.type in {"revisit", "warcinfo", "metadata", "continuation"}:
        return
    if "warc-segment-number" not in record.held and stated != (OURS, facts.payload_digest) and not facts.payload.agrees(stated):
        facts.fault("payload-digest", f"the payload has {_shown(facts.payload, stated)}, not {record.first('WARC-Payload-Digest')}")


def _read_fields(begin: bytes, pieces: Iterator[bytes], facts: Facts) -> None:
    parts, length = [begin], len(begin)
    while length <= _FIELDS_LIMIT and (data := next(pieces, b"")):
        parts.append(data)
        length += len(data)
    lines = b"".join(parts)
    if length > _FIELDS_LIMIT:
        lines = lines[: lines.rfind(b"\n", 0, _FIELDS_LIMIT) + 1]
    strange: list[str] = []

    def fault(rule: str, message: str) -> None:
        if rule not in {"header-line-end", "header-folded"}:  # B.1 of the standard folds
            strange.append(message)

    facts.fields = named_fields(lines, fault)
    if strange:
        facts.fault("fields-line" if facts.fields else "fields-block", strange[0])
