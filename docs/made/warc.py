"""The reference of our WARC files: every record type, header field and named field that copytrail writes.

Contract: the words are in ``words.yaml``; a test reads the WARC files of the demo and finds no field without words.
"""

from docs.made.markdown import code, page, plain, table
from docs.made.rules import told

RECORDS = (
    ("warcinfo", "once, at the beginning of a file", "who crawled, with what, for which story, by which limits"),
    ("response", "an answer", "the bytes of the wire, from the status line to the end of the message"),
    (
        "revisit",
        "an answer whose payload another record holds, or an answer 304",
        "the head of the answer, and where the payload is",
    ),
    ("request", "beside it, and beside a failure", "the bytes that were sent"),
    ("metadata", "last of each exchange, also of one that failed", "what the wire does not show: named fields"),
    ("resource", "once a story", "the seeds, byte for byte"),
)


def warc_page() -> str:
    """Records and fields."""
    return page(
        "WARC fields",
        "Files are WARC/1.1 (ISO 28500:2017), one gzip member a record, so that a record can be read by a Range request for its offset and "
        "length. The records of one exchange stand together, answer first, metadata last: without that an exchange was cut off.",
        table(("record", "when", "its block"), RECORDS),
        "## Header fields",
        table(("field", "on", "holds"), ((code(name), plain(where), words) for name, (where, words) in told("record headers").items())),
        "## Fields of a metadata record",
        "The block is `application/warc-fields`: `name: value` lines. Names that are ours begin with `copytrail-`.",
        table(("field", "holds"), ((code(name), words) for name, words in told("metadata fields").items())),
        "## Fields of warcinfo",
        "Beside these stand the settings that shape a crawl, each as `copytrail-` and its name: see [settings](settings.md).",
        table(("field", "holds"), ((code(name), words) for name, words in told("warcinfo fields").items())),
    )
