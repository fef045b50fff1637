"""The archive as Parquet tables: their columns, and a file of any length written in steps.

Contract: a row of captures has all column names of Common Crawl's index (cc-index-table, flat schema), so that queries written for that
run here; offsets are 64-bit, because files are (theirs are 32-bit), and a record's id is text.  ``content_mime_detected``,
``content_charset``, ``content_languages`` and ``crawl`` are null: nobody here has looked.  ``warc_segment`` is the day.  Every row of every
table carries the record it rests on: ``warc_filename`` (the key in the store), ``warc_record_offset``, ``warc_record_length`` and
``warc_record_id``.  Times are UTC with microseconds; digests are labelled; what is not known is null.  Equal rows give equal bytes, with
one version of pyarrow.
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from archive.kinds import Found
from archive.records import Capture, Document, Outcome, RecordRef, Revision, Span
from archive.urls import suffixes

GROUP = 5000  # rows of one row group: what is in memory at a time
TEXTS = 1000  # the same of a table whose rows hold whole texts
Row = Mapping[str, object]

_TIME = pa.timestamp("us", tz="UTC")
_WORDS = pa.list_(pa.string())
_RECORD = {"warc_filename": pa.string(), "warc_record_offset": pa.int64(), "warc_record_length": pa.int64(), "warc_record_id": pa.string()}
_SPAN = {
    "before_start": pa.int64(),
    "before_end": pa.int64(),
    "after_start": pa.int64(),
    "after_end": pa.int64(),
    "removed": pa.string(),
    "added": pa.string(),
}
_SPANS = pa.list_(pa.struct(list(_SPAN.items())))
_EVENTS = pa.list_(pa.struct([("class", pa.string()), ("field", pa.string()), ("spans", _SPANS)]))
_TARGET = {f"target_{name}": kind for name, kind in _RECORD.items()}
_EVIDENCE = {
    "kind": pa.string(),
    "words": pa.string(),
    "note": pa.string(),
    "start": pa.int64(),
    "stop": pa.int64(),
    "target_start": pa.int64(),
    "target_stop": pa.int64(),
}
_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "captures": {
        "url_surtkey": pa.string(),
        "url": pa.string(),
        "url_host_name": pa.string(),
        "url_host_tld": pa.string(),
        "url_host_2nd_last_part": pa.string(),
        "url_host_3rd_last_part": pa.string(),
        "url_host_4th_last_part": pa.string(),
        "url_host_5th_last_part": pa.string(),
        "url_host_registry_suffix": pa.string(),
        "url_host_registered_domain": pa.string(),
        "url_host_private_suffix": pa.string(),
        "url_host_private_domain": pa.string(),
        "url_host_name_reversed": pa.string(),
        "url_protocol": pa.string(),
        "url_port": pa.int32(),
        "url_path": pa.string(),
        "url_query": pa.string(),
        "fetch_time": _TIME,
        "fetch_status": pa.int16(),
        "fetch_redirect": pa.string(),
        "content_digest": pa.string(),
        "content_length": pa.int64(),
        "content_mime_type": pa.string(),
        "content_mime_detected": pa.string(),
        "content_charset": pa.string(),
        "content_languages": pa.string(),
        "content_truncated": pa.string(),
        "warc_segment": pa.string(),
        "crawl": pa.string(),
        "subset": pa.string(),
        "warc_record_type": pa.string(),
        "warc_refers_to": pa.string(),
        "found": pa.string(),
        "via": pa.string(),
        "hop": pa.int32(),
        **_RECORD,
    },
    "documents": {
        "url": pa.string(),
        "fetch_time": _TIME,
        "content_digest": pa.string(),
        "quality": pa.string(),
        "title": pa.string(),
        "standfirst": pa.string(),
        "authors": _WORDS,
        "outlet": pa.string(),
        "published": pa.string(),
        "modified": pa.string(),
        "language": pa.string(),
        "canonical": pa.string(),
        "credits": _WORDS,
        "rights": pa.string(),
        "section": pa.string(),
        "agencies": _WORDS,
        "expires": pa.string(),
        "paywall": pa.bool_(),
        "noarchive": pa.bool_(),
        "text": pa.string(),
        "extractor": pa.string(),
        **_RECORD,
    },
    "revisions": {
        "url": pa.string(),
        "fetch_time": _TIME,
        "number": pa.int32(),
        "change": pa.string(),
        "before": pa.string(),
        "title_before": pa.string(),
        "title_after": pa.string(),
        "spans": _SPANS,
        "events": _EVENTS,
        "text_digest_before": pa.string(),
        "text_digest_after": pa.string(),
        "suspected": pa.string(),
        "extractor": pa.string(),
        **_RECORD,
    },
    "outcomes": {
        "story": pa.string(),
        "run": pa.string(),
        "url": pa.string(),
        "verdict": pa.string(),
        "reason": pa.string(),
        "time": _TIME,
        "fetch_status": pa.int16(),
        "final_url": pa.string(),
        "found": pa.string(),
        "via": pa.string(),
        "hop": pa.int32(),
        "evidence": pa.string(),
        "robots": pa.string(),
        **_RECORD,
    },
    "quotes": {
        "story": pa.string(),
        "edition": pa.int32(),
        "url": pa.string(),
        "fetch_time": _TIME,
        "quote_start": pa.int64(),
        "quote_stop": pa.int64(),
        "quotation": pa.string(),
        "direct": pa.bool_(),
        "speaker": pa.string(),
        "source": pa.string(),
        "inside": pa.int64(),
        "rule": pa.string(),
        **_RECORD,
    },
    "relations": {
        "story": pa.string(),
        "edition": pa.int32(),
        "kind": pa.string(),
        "directed": pa.bool_(),
        "versions": pa.bool_(),
        "url": pa.string(),
        "fetch_time": _TIME,
        "target_url": pa.string(),
        "target_fetch_time": _TIME,
        "score": pa.float64(),
        "method": pa.string(),
        "why": pa.string(),
        "passages": pa.list_(pa.struct(list(_EVIDENCE.items()))),
        "computed": pa.bool_(),
        "judged": pa.string(),
        "coder": pa.string(),
        "judged_time": _TIME,
        "judged_note": pa.string(),
        **_RECORD,
        **_TARGET,
    },
}
SCHEMAS: Mapping[str, Any] = {table: pa.schema(list(columns.items())) for table, columns in _COLUMNS.items()}


def write(path: Path, table: str, rows: Iterable[Row]) -> int:
    """Write a Parquet file of a table; how many rows it has."""
    return write_as(path, SCHEMAS[table], rows)


def write_as(path: Path, schema: Any, rows: Iterable[Row]) -> int:
    """The same of a table of another schema."""
    count, size = 0, TEXTS if "text" in schema.names else GROUP
    rows = iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(rows, size)):
            writer.write_batch(pa.RecordBatch.from_pylist(group, schema=schema))
            count += len(group)
    return count


def capture_row(capture: Capture) -> Row:
    """A capture as Common Crawl's index would have it, and what else we know of it."""
    return {
        "url_surtkey": capture.surt,
        "url": capture.url,
        **_url_columns(capture.url),
        "fetch_time": capture.time,
        "fetch_status": capture.status or None,
        "fetch_redirect": capture.location,
        "content_digest": capture.payload_digest,
        "content_length": capture.payload_length,
        "content_mime_type": capture.mime,
        "content_truncated": capture.truncated,
        "warc_segment": "/".join(capture.ref.key.split("/")[1:-1]) or None,
        "subset": _subset(capture),
        "warc_record_type": capture.kind,
        "warc_refers_to": capture.refers_to,
        "found": capture.found,
        "via": capture.via,
        "hop": capture.hop,
        **of_record(capture.ref, capture.id),
    }


def _url_columns(url: str) -> dict[str, object]:
    """The parts of a URL; none of one that cannot be taken apart, which others have archived."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return {}
    return {
        "url_host_name": name,
        **_host_columns(name),
        "url_protocol": parts.scheme,
        "url_port": port,
        "url_path": parts.path,
        "url_query": parts.query or None,
    }


def _host_columns(name: str) -> dict[str, object]:
    if not name or ":" in name or name.rpartition(".")[2].isdigit():
        return {}  # an address: its last number is no top-level domain
    labels, known = name.rstrip(".").split("."), suffixes(name)
    columns = ("tld", "2nd_last_part", "3rd_last_part", "4th_last_part", "5th_last_part")
    return {
        **{f"url_host_{column}": label for column, label in zip(columns, reversed(labels), strict=False)},
        "url_host_registry_suffix": known.registry,
        "url_host_registered_domain": known.domain,
        "url_host_private_suffix": known.private,
        "url_host_private_domain": known.private_domain,
        "url_host_name_reversed": ".".join(reversed(labels)),
    }


def _subset(capture: Capture) -> str:
    """In which of its three heaps Common Crawl would have put the capture."""
    if capture.found is Found.ROBOTS:
        return "robotstxt"
    return "warc" if 200 <= capture.status < 300 else "crawldiagnostics"


def document_row(document: Document, capture: Capture) -> Row:
    """The clean text of a capture."""
    same = ("url", "title", "standfirst", "outlet", "published", "modified", "language", "canonical", "rights", "text", "extractor")
    also = ("section", "expires", "paywall", "noarchive")
    return {
        **{name: getattr(document, name) for name in (*same, *also)},
        "fetch_time": capture.time,
        "content_digest": capture.payload_digest,
        "quality": document.quality.kind,
        "authors": [author.name for author in document.authors],
        "credits": list(document.credits),
        "agencies": list(document.agencies),
        **of_record(capture.ref, capture.id),
    }


def revision_row(revision: Revision, capture: Capture) -> Row:
    """What a capture changed against the one before it; ``capture`` is the later of the two."""
    same = ("url", "number", "change", "before", "title_before", "title_after", "suspected", "extractor")
    return {
        **{name: getattr(revision, name) for name in same},
        "fetch_time": revision.time,
        "spans": _spans(revision.spans),
        "events": [{"class": event.kind, "field": event.field, "spans": _spans(event.spans)} for event in revision.events],
        "text_digest_before": revision.text_before,
        "text_digest_after": revision.text_after,
        **of_record(capture.ref, capture.id),
    }


def _spans(spans: Iterable[Span]) -> list[Row]:
    return [dict(zip(_SPAN, (*span.before, *span.after, span.removed, span.added), strict=True)) for span in spans]


def outcome_row(story: str, outcome: Outcome) -> Row:
    """How a URL ended a run."""
    same = ("run", "url", "verdict", "reason", "time", "final_url", "robots")
    lead = outcome.lead
    return {
        **{name: getattr(outcome, name) for name in same},
        "story": story,
        "fetch_status": outcome.status,
        "found": lead.found,
        "via": lead.parent,
        "hop": lead.hop,
        "evidence": lead.evidence,
        **of_record(outcome.ref, outcome.capture),
    }


def of_record(ref: RecordRef | None, identifier: str | None) -> dict[str, object]:
    """The columns that say on which record a row rests."""
    values = (ref.key, ref.offset, ref.length) if ref is not None else (None, None, None)
    return dict(zip(_RECORD, (*values, identifier), strict=True))
