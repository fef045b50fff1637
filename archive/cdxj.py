"""The index beside each WARC: one line a capture, sorted, as pywb, py-wacz and any CDXJ reader expect it (CDXJ 0.1.0).

Contract: ``<SURT> <14 digits> <JSON>``; lines sort as bytes (``LC_ALL=C``).  The JSON holds what the format asks for, as cdxj-indexer
writes it, numbers as strings and ``warc/revisit`` as the mime of a revisit, and under ``copytrail`` the whole capture, so that
``parse(line(capture)) == capture`` and an index alone can tell what a WARC holds.
"""

import json
from collections.abc import Iterable
from datetime import UTC

from archive import codec
from archive.records import Capture

REVISIT_MIME = "warc/revisit"


class BadLine(ValueError):
    """A line that is not of our index."""


def line(capture: Capture) -> str:
    """The index line of a capture, without a line end."""
    fields = {
        "url": capture.url,
        "mime": REVISIT_MIME if capture.kind == "revisit" else capture.mime,
        "status": str(capture.status),
        "digest": capture.payload_digest,
        "length": str(capture.ref.length),
        "offset": str(capture.ref.offset),
        "filename": capture.ref.key.rpartition("/")[2],
        "copytrail": codec.plain(capture),
    }
    known = {name: value for name, value in fields.items() if value is not None}
    return f"{capture.surt} {capture.time.astimezone(UTC):%Y%m%d%H%M%S} {json.dumps(known, ensure_ascii=True)}"


def parse(line: str) -> Capture:
    """The capture that a line speaks of; BadLine when it was not written here."""
    try:
        held = json.loads(line.split(" ", 2)[2])["copytrail"]
        return codec.read(Capture, json.dumps(held))
    except (ValueError, LookupError, TypeError) as error:
        raise BadLine(f"not a line of this archive's index: {line[:120]!r}") from error


def write(captures: Iterable[Capture]) -> bytes:
    """The index of some captures."""
    return b"".join(sorted(f"{line(capture)}\n".encode() for capture in captures))
