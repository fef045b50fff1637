"""A pull as rows or as text to read: one for each capture, each with the way back to its record.

Contract: ``row`` has the keys of ``KEYS`` in that order, the same in every row, None where something is not known; ``warc_filename`` is
the WARC's key in the store, and offset and length are those of the record's gzip member in it, so that the bytes at that place prove the
row.  ``article`` is a capture's text under a head of named lines.  Documents come from the record that a revisit stands for.
"""

import json
from collections.abc import Mapping

from archive.records import Capture, Document

KEYS = (
    "url",
    "warc_filename",
    "warc_record_offset",
    "warc_record_length",
    "warc_record_id",
    "content_digest",
    "fetch_time",
    "fetch_status",
    "title",
    "authors",
    "published",
    "language",
    "text",
    "modified",
    "outlet",
    "standfirst",
    "canonical",
    "credits",
    "rights",
    "page_kind",
    "warc_record_type",
    "warc_refers_to",
    "found",
    "via",
    "extractor",
)


def row(capture: Capture, document: Document | None) -> dict[str, object]:
    """A capture with its text."""
    known: Mapping[str, object] = {
        "url": capture.url,
        "warc_filename": capture.ref.key,
        "warc_record_offset": capture.ref.offset,
        "warc_record_length": capture.ref.length,
        "warc_record_id": capture.id,
        "content_digest": capture.payload_digest,
        "fetch_time": capture.time.isoformat().replace("+00:00", "Z"),
        "fetch_status": capture.status,
        "warc_record_type": capture.kind,
        "warc_refers_to": capture.refers_to,
        "found": capture.found,
        "via": capture.via,
        **(_texts(document) if document is not None else {}),
    }
    return {key: known.get(key) for key in KEYS}


def _texts(document: Document) -> dict[str, object]:
    same = ("title", "published", "language", "text", "modified", "outlet", "standfirst", "canonical", "rights", "extractor")
    return {
        **{name: getattr(document, name) for name in same},
        "authors": [author.name for author in document.authors],
        "credits": list(document.credits),
        "page_kind": document.quality.kind,
    }


def line(capture: Capture, document: Document | None) -> bytes:
    """A row as a line of JSON Lines."""
    return json.dumps(row(capture, document), ensure_ascii=False).encode() + b"\n"


def article(capture: Capture, document: Document) -> str:
    """A capture's text to read, under what is needed to cite it."""
    head = {
        "Title": document.title,
        "Outlet": document.outlet,
        "Authors": ", ".join(author.name for author in document.authors) or None,
        "Published": document.published,
        "Modified": document.modified,
        "URL": capture.url,
        "Captured": capture.time.isoformat().replace("+00:00", "Z"),
        "Record": f"{capture.id} in {capture.ref.key}, offset {capture.ref.offset}, {capture.ref.length} bytes",
        "Digest": capture.payload_digest,
        "Stands for": capture.refers_to,
    }
    lines = [f"{name}: {' '.join(value.split())}" for name, value in head.items() if value is not None]
    return "\n".join(lines) + "\n\n" + "\n\n".join(filter(None, document.text.split("\n"))) + "\n"


def file_name(capture: Capture, host: str) -> str:
    """A name for a capture's text that sorts by outlet and time, and comes once."""
    return f"{host}-{capture.time:%Y%m%dT%H%M%SZ}-{capture.id.rpartition(':')[2][-12:]}.txt"
