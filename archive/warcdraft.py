"""One exchange as WARC records, before any of them is written: a pure mapping.

Contract: ``event`` gives the records of one capture event in the order in which they are written: response or revisit, request, metadata.
All carry the same WARC-Date, the moment the exchange began (§5.4), and name each other in WARC-Concurrent-To (§5.7).  Blocks are the bytes
of the wire, untouched.  The metadata record comes last and is always there, so that it marks an event as whole (``archive.recover``).  Its
fields beyond the standard's ``via`` and ``fetchTimeMs`` begin with ``copytrail-``:

found, hop, attempt, conditional · phases (``name=milliseconds``, comma-separated) · payload-digest, payload-length (entity body, transfer
coding removed) · decoded-digest, decoded-length (content codings undone too, where there are any and they can be undone whole: the same
page under two codings is told by it) · robots-record (id of the record with the robots.txt on which the permission rests) · interim,
trailing (base64: bytes before and after the message; of the latter the first MiB, and trailing-length; where a proxy answered in the
site's place, what it said) · failure-phase, failure-kind, failure-message · proxy (HOST:PORT; WARC-IP-Address is then the proxy's) ·
certificate (base64 of the leaf's DER) and, for each certificate above it, chain

A response has a WARC-Payload-Digest only where the public tools agree on it: not a chunked one, over whose framing ``warcio check`` and
``fastwarc check`` compute it although the standard does not (archival.md §0.3).
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from archive.codings import decoded_digest
from archive.heads import Head
from archive.records import Capture, Exchange
from archive.spool import Spool
from archive.warcfields import Fields, WarcError, bracketed, checked, date_text, visible, written

REVISIT = "http://netpreserve.org/warc/1.1/revisit/"
IDENTICAL = "identical-payload-digest"
NOT_MODIFIED = "server-not-modified"
_RESPONSE_TYPE = "application/http; msgtype=response"
_REQUEST_TYPE = "application/http; msgtype=request"
_FIELDS_TYPE = "application/warc-fields"
TRAILING_LIMIT = 1024 * 1024  # of the bytes after a message; more is noise, and its length says so
DECODED_LIMIT = 32 * 1024 * 1024  # bytes behind a content coding that are looked at while a record is written
METADATA_LIMIT = 8 * 1024 * 1024  # of a metadata block; no reader has to take more


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One record: its id, its header fields in order, its block."""

    id: str
    fields: Fields
    block: Spool


class Event(NamedTuple):
    """The records of one capture event, and the fields in the block of the last."""

    drafts: tuple[Draft, ...]
    told: Fields


def event(
    exchange: Exchange, head: Head | None, *, warcinfo: str, original: Capture | None, certificate: bool, new_id: Callable[[], str]
) -> Event:
    """The records of one exchange; a revisit when ``original`` proves to hold its payload, with the certificate when asked for.

    ``head`` is that of the response, where there is one.
    """
    told = tuple(_metadata(exchange, head, certificate=certificate))
    metadata = held(written(told))
    if metadata.length > METADATA_LIMIT:
        raise WarcError(f"metadata longer than {METADATA_LIMIT} bytes")
    parts: list[tuple[Fields, str, Spool]] = [((("WARC-Type", "metadata"),), _FIELDS_TYPE, metadata)]
    if exchange.request:
        parts.insert(0, ((("WARC-Type", "request"), *_wire(exchange)), _REQUEST_TYPE, held(exchange.request)))
    if exchange.response is not None:
        parts.insert(0, _answer(exchange, exchange.response, original))
    ids, date = [new_id() for _ in parts], date_text(exchange.started)
    drafts = []
    for record_id, (fields, content_type, block) in zip(ids, parts, strict=True):
        common = (
            ("WARC-Date", date),
            ("WARC-Target-URI", exchange.url),
            ("WARC-Warcinfo-ID", bracketed(warcinfo)),
            *(("WARC-Concurrent-To", bracketed(other)) for other in ids if other != record_id),
        )
        drafts.append(draft(record_id, (fields[0], *common, *fields[1:]), content_type, block))
    return Event(tuple(drafts), told)


def draft(record_id: str, fields: Fields, content_type: str, block: Spool) -> Draft:
    """A record of any type, with the fields that every record has; ``fields`` begin with WARC-Type."""
    every = (
        fields[0],
        ("WARC-Record-ID", bracketed(record_id)),
        *fields[1:],
        ("WARC-Block-Digest", block.digest),
        ("Content-Type", content_type),
        ("Content-Length", str(block.length)),
    )
    return Draft(id=record_id, fields=checked(every), block=block)


def held(data: bytes) -> Spool:
    """A block of bytes that are in memory already, and stay there."""
    return Spool(data, limit=len(data))


def revisit_profile(exchange: Exchange, original: Capture | None) -> str | None:
    """Which kind of revisit of ``original`` the exchange is; None when it must be kept in full.

    Only what is proved counts: an answer 304, or a whole payload, not empty, with the very digest.  And nothing revisits what began after
    it: of two fetches at once the later may be written first.
    """
    if original is None or exchange.truncated is not None or (original.refers_to_time or original.time) > exchange.started:
        return None
    if exchange.status == 304:
        return NOT_MODIFIED
    same = exchange.payload_digest is not None and exchange.payload_digest == original.payload_digest
    return IDENTICAL if same and exchange.payload_length and original.truncated is None else None


def _answer(exchange: Exchange, response: Spool, original: Capture | None) -> tuple[Fields, str, Spool]:
    profile = revisit_profile(exchange, original)
    if profile is None or original is None:
        agreed = (("WARC-Payload-Digest", exchange.payload_digest),) if exchange.payload_digest and not exchange.chunked else ()
        cut = (("WARC-Truncated", exchange.truncated.value),) if exchange.truncated else ()
        return (("WARC-Type", "response"), *_wire(exchange), *agreed, *cut), _RESPONSE_TYPE, response
    refers = original.refers_to or original.id, original.refers_to_url or original.url, original.refers_to_time or original.time
    with response.open() as stream:
        head = held(stream.read(exchange.head_length))
    return (
        (
            ("WARC-Type", "revisit"),
            *_wire(exchange),
            ("WARC-Profile", REVISIT + profile),
            ("WARC-Refers-To", bracketed(refers[0])),
            ("WARC-Refers-To-Target-URI", refers[1]),
            ("WARC-Refers-To-Date", date_text(refers[2])),
            *((("WARC-Payload-Digest", exchange.payload_digest or ""),) if profile == IDENTICAL else ()),
            ("WARC-Truncated", "length"),  # §6.7.2: the payload that is left out shall be marked
        ),
        _RESPONSE_TYPE,
        head,
    )


def _wire(exchange: Exchange) -> Fields:
    found = [("WARC-IP-Address", exchange.ip)] if exchange.ip else []
    found += [("WARC-Protocol", protocol) for protocol in exchange.protocols]
    found += [("WARC-Cipher-Suite", exchange.cipher)] if exchange.cipher else []
    return tuple(found)


def _metadata(exchange: Exchange, head: Head | None, *, certificate: bool) -> Iterator[tuple[str, str]]:
    if exchange.via is not None:
        yield "via", visible(exchange.via).strip(" \t")  # as it is read again
    if exchange.phases:
        yield "fetchTimeMs", str(round(max(exchange.phases.values())))
        yield "copytrail-phases", ",".join(f"{name}={time:.3f}" for name, time in exchange.phases.items())
    if exchange.found is not None:
        yield "copytrail-found", exchange.found.value
    yield "copytrail-hop", str(exchange.hop)
    yield "copytrail-attempt", str(exchange.attempt)
    if exchange.conditional:
        yield "copytrail-conditional", "yes"
    if exchange.payload_digest is not None and exchange.payload_length is not None:
        yield "copytrail-payload-digest", exchange.payload_digest
        yield "copytrail-payload-length", str(exchange.payload_length)
    decoded = _decoded(exchange, head)
    if decoded is not None:
        yield "copytrail-decoded-digest", decoded[0]
        yield "copytrail-decoded-length", str(decoded[1])
    if exchange.robots is not None:
        yield "copytrail-robots-record", bracketed(exchange.robots)
    if exchange.proxy is not None:
        yield "copytrail-proxy", exchange.proxy
    yield from _beside(exchange, certificate=certificate)


def _decoded(exchange: Exchange, head: Head | None) -> tuple[str, int] | None:
    """Digest and length of what a body under a content coding says without it."""
    if exchange.decoded_digest is not None and exchange.decoded_length is not None:
        return exchange.decoded_digest, exchange.decoded_length
    whole = exchange.truncated is None and exchange.payload_length
    if exchange.response is None or head is None or not whole or not head.tokens("content-encoding"):
        return None
    with exchange.response.open() as stream:
        stream.seek(head.length)
        return decoded_digest(head, stream, DECODED_LIMIT)


def _beside(exchange: Exchange, *, certificate: bool) -> Iterator[tuple[str, str]]:
    for head in exchange.interim:
        yield "copytrail-interim", _base64(head)
    if exchange.trailing:
        yield "copytrail-trailing", _base64(exchange.trailing[:TRAILING_LIMIT])
        yield "copytrail-trailing-length", str(len(exchange.trailing))
    if exchange.failure is not None:
        yield "copytrail-failure-phase", exchange.failure.phase.value
        yield "copytrail-failure-kind", visible(exchange.failure.kind)
        yield "copytrail-failure-message", visible(exchange.failure.message)
    if certificate and exchange.certificate is not None:
        yield "copytrail-certificate", _base64(exchange.certificate)
        for above in exchange.chain:
            yield "copytrail-chain", _base64(above)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
