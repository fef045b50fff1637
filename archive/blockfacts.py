"""What one pass over a record's block tells: digests, the HTTP head, and whether the body is what the head says.

Contract: ``read_block`` reads the block to its end, once, in pieces of 64 KiB, and keeps none of it but the head (at most 256 KiB).  It
never raises for what the bytes say.  ``faults`` holds the rules that the block breaks by itself (``archive/verify_rules.py``) with words;
what depends on another record (the method of the request) stands in ``absent``.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import IO

from archive import labelled, warcfields
from archive.captures import media_type
from archive.framing import Chunks, End, Framing, framing
from archive.heads import BadHead, Head, parse_head
from archive.labelled import Digests, Labelled
from archive.warcfields import WarcError
from archive.warcscan import Scanned

OURS = "sha256"  # every payload is hashed so, to be held against indexes and our metadata records
FIELDS_LIMIT = 8 * 1024 * 1024  # a metadata block beyond it is not read as fields
_PIECE = 64 * 1024
_HEAD_ENDS = (b"\r\n\r\n", b"\n\n", b"\n\r\n")


@dataclass(slots=True, kw_only=True)
class Facts:
    """What was found in one block."""

    faults: list[tuple[str, str]] = field(default_factory=list)
    head: Head | None = None
    payload: Digests | None = None  # of the entity body, transfer coding removed; of the block where there is no HTTP
    absent: tuple[str, str] | None = None  # the fault that an empty body is, unless the request was HEAD
    framed: bool = False  # the payload digest in the header is of the body with its chunk framing
    fields: warcfields.Fields = ()  # of a warcinfo or metadata record
    block_digest: bytes = b""  # sha256

    def fault(self, rule: str, message: str) -> None:
        """Note a rule that is broken."""
        self.faults.append((rule, message))


class _Hashed(io.RawIOBase):
    """A block whose bytes are hashed as they are read; ``tail`` is the last four of them."""

    def __init__(self, block: io.RawIOBase, digests: Digests) -> None:
        self._block = block
        self._digests = digests
        self.tail = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        count = self._block.readinto(buffer) or 0
        data = bytes(memoryview(buffer)[:count])
        self._digests.update(data)
        self.tail = (self.tail + data[-4:])[-4:]
        return count


def read_block(record: Scanned) -> Facts:
    """Everything that the block of ``record`` tells."""
    facts = Facts()
    stated = _stated(record, "WARC-Block-Digest", facts), _stated(record, "WARC-Payload-Digest", facts)
    block = Digests({OURS, *(item.algorithm for item in stated if item)})
    hashed = _Hashed(record.block, block)
    stream = io.BufferedReader(hashed, _PIECE)
    if is_http(record):
        _read_message(record, stream, hashed, stated[1], facts)
    elif record.type in {"warcinfo", "metadata"} and media_type(record.first("Content-Type")) == "application/warc-fields":
        _read_fields(stream, facts)
    while stream.read(_PIECE):
        pass
    facts.block_digest = block.of(OURS)
    if record.block.missing:
        return facts  # what is not there cannot have the digest, and that it is not there is said already
    if stated[0] and not block.agrees(stated[0]):
        facts.fault("block-digest", f"the block has {_shown(block, stated[0])}, not {record.first('WARC-Block-Digest')}")
    if not is_http(record):
        facts.payload = block
    _check_payload(record, facts, stated[1])
    return facts


def is_http(record: Scanned) -> bool:
    """Whether the block is an HTTP message."""
    return record.type in {"response", "request", "revisit"} and media_type(record.first("Content-Type")) == "application/http"


def _stated(record: Scanned, name: str, facts: Facts) -> Labelled | None:
    value = record.first(name)
    found = labelled.parse(value) if value else None
    if value and ":" in value and found is None:
        facts.fault("digest-unknown", f"{name} {value[:100]!r} cannot be checked")
    return found


def _shown(digests: Digests, stated: Labelled) -> str:
    return f"{stated.algorithm}:{digests.of(stated.algorithm).hex()}"


def _read_message(record: Scanned, stream: IO[bytes], hashed: _Hashed, stated: Labelled | None, facts: Facts) -> None:
    try:
        head = parse_head(stream)
    except BadHead as error:
        facts.fault("http-head", str(error))
        return
    if record.type == "revisit" and not head.start_line:
        return  # §6.7.2: a revisit may have no block
    facts.head = head
    _check_head(record, head, hashed, facts)
    frame = _request_framing(head) if record.type == "request" else framing(head, "GET")
    body = _Body(frame, {OURS, stated.algorithm} if stated else {OURS})
    while data := stream.read(_PIECE):
        body.take(data)
    facts.payload = body.entity
    if record.type == "revisit":
        return
    if not record.block.missing:
        _check_body(record, body, facts)
    if stated and body.chunks and not body.entity.agrees(stated) and body.framed.agrees(stated):
        facts.fault("payload-digest-framing", "the payload digest is of the body with its chunk framing, as several tools write it")
        facts.framed = True


class _Body:
    """A message's body as it comes: hashed with and without its transfer coding; ``behind`` bytes follow the last chunk."""

    def __init__(self, frame: Framing, algorithms: set[str]) -> None:
        self.frame = frame
        self.chunks = Chunks() if frame.end is End.CHUNKED else None
        self.entity, self.framed = Digests(algorithms), Digests(algorithms if self.chunks else ())
        self.behind = 0

    def take(self, data: bytes) -> None:
        if self.chunks is None:
            self.entity.update(data)
            return
        self.framed.update(data)
        payload, used = self.chunks.take(data)
        self.entity.update(payload)
        if self.chunks.done:
            self.behind += len(data) - used


def _request_framing(head: Head) -> Framing:
    lengths = set(head.tokens("content-length"))
    if "chunked" in head.tokens("transfer-encoding"):
        return Framing(end=End.CHUNKED)
    length = next(iter(lengths), "0")
    return Framing(end=End.LENGTH, length=int(length)) if length.isascii() and length.isdigit() else Framing(end=End.CLOSE)


def _check_head(record: Scanned, head: Head, hashed: _Hashed, facts: Facts) -> None:
    if record.type != "request" and head.status is None:
        facts.fault("http-head", f"not a status line: {head.start_line[:80]!r}")
    elif record.type == "request" and len(head.start_line.split()) != 3:
        facts.fault("http-head", f"not a request line: {head.start_line[:80]!r}")
    elif record.type != "request" and (head.version or "").startswith("2"):
        facts.fault("http-version", f"the status line says {head.start_line[:20]!r}, which replay tools do not read")
    if record.type == "response" and head.length == record.block.seen and not hashed.tail.endswith(_HEAD_ENDS):
        facts.fault("http-head", "no empty line ends the head")


def _check_body(record: Scanned, body: _Body, facts: Facts) -> None:
    """The body against what the head says of its end (RFC 9112 §6.3)."""
    if body.frame.conflict:
        facts.fault("http-lengths", "the Content-Length fields disagree or mean nothing")
    if body.chunks is None:
        _check_length(record, body, facts)
    elif not body.chunks.done and record.first("WARC-Truncated") is None:
        why = body.chunks.broken or "the last chunk is missing"
        words = f"the head says chunked, the body is not, and nothing marks it as truncated: {why}"
        _short(facts, "http-chunks", body.framed.length, words)
    if body.behind:
        facts.fault("http-long", f"{body.behind} bytes follow the last chunk")


def _check_length(record: Scanned, body: _Body, facts: Facts) -> None:
    length, end = body.entity.length, body.frame.end
    promised = {End.LENGTH: body.frame.length, End.NO_BODY: 0}.get(end, length)
    if length > promised:
        facts.fault("http-long", f"{length - promised} bytes follow the end of the message")
    elif length < promised and record.first("WARC-Truncated") is None:
        words = f"the body has {length} bytes, its Content-Length says {promised}, and nothing marks it as truncated"
        _short(facts, "http-short", length, words)


def _short(facts: Facts, rule: str, length: int, message: str) -> None:
    """A body that is shorter than its head says; when there is none at all, it may be the answer to a HEAD request."""
    if length:
        facts.fault(rule, message)
    else:
        facts.absent = (rule, message)


def _check_payload(record: Scanned, facts: Facts, stated: Labelled | None) -> None:
    """WARC-Payload-Digest against the payload, where the record holds it and all of it."""
    if stated is None or facts.payload is None or facts.framed or record.type in {"revisit", "warcinfo", "metadata", "continuation"}:
        return
    if record.first("WARC-Segment-Number") is None and not facts.payload.agrees(stated):
        facts.fault("payload-digest", f"the payload has {_shown(facts.payload, stated)}, not {record.first('WARC-Payload-Digest')}")


def _read_fields(stream: IO[bytes], facts: Facts) -> None:
    data = stream.read(FIELDS_LIMIT + 1)
    if len(data) > FIELDS_LIMIT:
        return
    try:
        facts.fields = warcfields.read(data)
    except WarcError as error:
        facts.fault("fields-block", str(error))


def stated_payloads(facts: Facts, record: Scanned) -> Iterable[Labelled]:
    """Every digest by which an index may call the payload of a record."""
    header = labelled.parse(record.first("WARC-Payload-Digest") or "")
    if header:
        yield header
    if facts.payload is not None and record.type != "revisit":
        yield Labelled(OURS, facts.payload.of(OURS))
