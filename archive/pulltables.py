"""The schemas of the tables that a pull hands out.

Contract: ``PULLED`` has the archive's own tables (``archive/tables.py``), where captures also say what became of their article and whether
the selection takes them, and ``rows``: one row a capture with the text that it shows.  ``LEAVING`` has ``features`` too, which go into no
database: figures in the place of texts (``archive/featurerows.py``).
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from archive.tables import SCHEMAS

_TIME = pa.timestamp("us", tz="UTC")
_ROWS = (
    ("url", pa.string()),
    ("warc_filename", pa.string()),
    ("warc_record_offset", pa.int64()),
    ("warc_record_length", pa.int64()),
    ("warc_record_id", pa.string()),
    ("content_digest", pa.string()),
    ("fetch_time", _TIME),
    ("fetch_status", pa.int16()),
    ("state", pa.string()),
    ("page_kind", pa.string()),
    ("title", pa.string()),
    ("authors", pa.list_(pa.string())),
    ("published", pa.string()),
    ("language", pa.string()),
    ("text", pa.string()),
    ("modified", pa.string()),
    ("outlet", pa.string()),
    ("standfirst", pa.string()),
    ("canonical", pa.string()),
    ("credits", pa.list_(pa.string())),
    ("rights", pa.string()),
    ("warc_record_type", pa.string()),
    ("warc_refers_to", pa.string()),
    ("found", pa.string()),
    ("via", pa.string()),
    ("extractor", pa.string()),
)
PULLED: Mapping[str, Any] = {
    "rows": pa.schema(_ROWS),
    **SCHEMAS,
    "captures": SCHEMAS["captures"].append(pa.field("state", pa.string())).append(pa.field("selected", pa.bool_())),
}
_QUOTE = pa.struct([("words", pa.string()), ("speaker", pa.string()), ("via", pa.string())])
LEAVING: Mapping[str, Any] = {
    **PULLED,
    "features": pa.schema(
        [
            *(PULLED["rows"].field(name) for name in ("url", "fetch_time", "warc_record_id", "content_digest")),
            *(PULLED["rows"].field(name) for name in ("title", "outlet", "published", "language", "extractor")),
            pa.field("text_digest", pa.string()),
            *(pa.field(name, pa.int64()) for name in ("characters", "words", "paragraphs", "shingles")),
            pa.field("sketch", pa.list_(pa.string())),
            pa.field("quotes", pa.list_(_QUOTE)),
        ]
    ),
}
