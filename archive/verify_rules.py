"""Every rule that ``copytrail verify`` knows, as data; rules about single header fields stand in ``archive/warcrules.py``.

Contract: a rule's name never changes its meaning, because people keep results.  Sections are those of WARC 1.1 (ISO 28500:2017, in the
numbering of the IIPC text with its community annotations), RFC 1952 (gzip), RFC 9112 (HTTP/1.1), CDXJ 0.1.0, WACZ 1.1.1, and of our own
archive layout.
"""

from archive.findings import Finding, Rule, Severity

ERROR, WEAK, NOTE = Severity.ERROR, Severity.WEAK, Severity.NOTE

_FORM = (
    Rule("file-unreadable", "-", ERROR, "a file can be opened and read"),
    Rule("file-kind", "-", ERROR, "a file is a WARC, a WACZ or an index"),
    Rule("file-empty", "WARC 1.1 §4", ERROR, "a WARC file is one record or more"),
    Rule("file-given-up", "-", ERROR, "a file with very many broken places is not searched to its end"),
    Rule("file-no-warcinfo", "WARC 1.1 §5.5", NOTE, "a WARC file should begin with a warcinfo record"),
    Rule("gzip-broken", "RFC 1952 §2.3", ERROR, "a gzip member decompresses and its checksum holds"),
    Rule("gzip-cut", "RFC 1952 §2.3", ERROR, "a file ends where a gzip member does"),
    Rule("gzip-junk", "RFC 1952 §2.2", ERROR, "nothing stands between gzip members"),
    Rule("member-many", "WARC 1.1 annex D.2", ERROR, "each record is a gzip member of its own"),
    Rule("record-missing", "WARC 1.1 §4", ERROR, "each gzip member holds a record"),
    Rule("record-version", "WARC 1.1 §4", ERROR, "a record begins with WARC/1.0 or WARC/1.1"),
    Rule("record-end", "WARC 1.1 §4", ERROR, "two line ends follow the block"),
    Rule("block-short", "WARC 1.1 §5.3", ERROR, "the block has as many bytes as Content-Length says"),
    Rule("header-open", "WARC 1.1 §4", ERROR, "an empty line ends the header"),
    Rule("header-line-end", "WARC 1.1 §4", ERROR, "a line of the header ends in CRLF"),
    Rule("header-field", "WARC 1.1 §4", ERROR, "a line of the header is a token, a colon and a value"),
    Rule("header-control", "WARC 1.1 §4", ERROR, "a value holds no control character"),
    Rule("header-encoding", "WARC 1.1 §4", ERROR, "the header is UTF-8"),
    Rule("header-folded", "WARC 1.1 §4, annotation #74", NOTE, "a value stands on one line"),
)

_CONTENT = (
    Rule("block-digest", "WARC 1.1 §5.8", ERROR, "the block has the digest that its header states"),
    Rule("payload-digest", "WARC 1.1 §5.9", ERROR, "the payload has the digest that its header states"),
    Rule("payload-digest-framing", "WARC 1.1 §6.3.2", NOTE, "a payload digest is taken after the transfer coding was removed"),
    Rule("digest-unknown", "WARC 1.1 §5.8", WEAK, "a digest is of an algorithm and a length that can be checked"),
    Rule("content-type-missing", "WARC 1.1 §5.6", WEAK, "a record with a block states its Content-Type"),
    Rule("content-type-http", "WARC 1.1 §6.3.2, §6.5.2", WEAK, "what http brought is application/http"),
    Rule("http-head", "WARC 1.1 §6.3.2, §6.5.2", ERROR, "the block begins with the head of an HTTP message"),
    Rule("http-version", "WARC 1.1 §6.3.2", WEAK, "the message is one of HTTP/1, which replay tools read"),
    Rule("http-chunks", "RFC 9112 §7.1", ERROR, "a body whose Transfer-Encoding is chunked is in chunks, or marked as truncated"),
    Rule("http-short", "WARC 1.1 §6.3.2", ERROR, "a body that is shorter than its Content-Length is marked as truncated"),
    Rule("http-long", "RFC 9112 §6.3", WEAK, "nothing follows the end of the message"),
    Rule("http-lengths", "RFC 9112 §6.3", NOTE, "the Content-Length fields of a message agree"),
    Rule("fields-block", "WARC 1.1 §6.2, §6.6", WEAK, "a block that is application/warc-fields is named fields"),
    Rule("revisit-digest", "WARC 1.1 §6.7.2", ERROR, "a revisit for an identical payload states the payload's digest"),
    Rule("revisit-target", "WARC 1.1 §6.7.2", WEAK, "a revisit says which record it refers to"),
    Rule("revisit-truncated", "WARC 1.1 §6.7.2", WEAK, "a revisit that leaves out the payload is marked as truncated for its length"),
)

_BETWEEN = (
    Rule("id-repeated", "WARC 1.1 §5.2", ERROR, "a record id stands for one record"),
    Rule("id-copied", "WARC 1.1 §5.2", NOTE, "a record is in the files once"),
    Rule("concurrent-dangling", "WARC 1.1 §5.7", ERROR, "the records of one capture are together"),
    Rule("concurrent-dates", "WARC 1.1 §5.4", ERROR, "the records of one capture have one date"),
    Rule("warcinfo-dangling", "WARC 1.1 §5.16", WEAK, "the warcinfo record that a record names is there"),
    Rule("warcinfo-type", "WARC 1.1 §5.16", ERROR, "WARC-Warcinfo-ID names a warcinfo record"),
    Rule("revisit-dangling", "WARC 1.1 §6.7", ERROR, "the record that a revisit stands for is there"),
    Rule("revisit-chain", "WARC 1.1 §6.7", WEAK, "a revisit refers to a record that holds the payload"),
    Rule("revisit-other", "WARC 1.1 §6.7.2", ERROR, "the payload that a revisit stands for has the digest that it states"),
    Rule("metadata-digest", "copytrail metadata record", ERROR, "the payload has the digest that our metadata record states"),
)

_INDEX = (
    Rule("index-line", "CDXJ 0.1.0", ERROR, "a line is a key, a time and a JSON object with the fields that the format asks for"),
    Rule("index-order", "CDXJ 0.1.0", ERROR, "lines are sorted bytewise"),
    Rule("index-file", "CDXJ 0.1.0", ERROR, "the file that a line names is there"),
    Rule("index-offset", "CDXJ 0.1.0", ERROR, "a record begins where a line says"),
    Rule("index-length", "CDXJ 0.1.0", ERROR, "the record is as long as the line says"),
    Rule("index-url", "CDXJ 0.1.0", ERROR, "the record is of the URL that the line says"),
    Rule("index-key", "CDXJ 0.1.0", WEAK, "the key is made from the URL"),
    Rule("index-time", "CDXJ 0.1.0", ERROR, "the record is of the time that the line says"),
    Rule("index-status", "CDXJ 0.1.0", ERROR, "the answer has the status that the line says"),
    Rule("index-digest", "CDXJ 0.1.0", ERROR, "the payload has the digest that the line says"),
    Rule("index-incomplete", "CDXJ 0.1.0", ERROR, "every capture has a line"),
)

_WACZ = (
    Rule("wacz-zip", "WACZ 1.1.1, Zip Format", ERROR, "the package is a ZIP file that can be read, with checksums that hold"),
    Rule("wacz-name", "WACZ 1.1.1, Zip Format", ERROR, "names in the ZIP file are relative, stay inside it and are there once"),
    Rule("wacz-compressed", "WACZ 1.1.1, Zip Compression", ERROR, "what is compressed already is stored, so that it can be read by range"),
    Rule("wacz-archive", "WACZ 1.1.1, archive", ERROR, "archive/ holds one WARC file or more"),
    Rule("wacz-indexes", "WACZ 1.1.1, indexes", ERROR, "indexes/ holds one index or more"),
    Rule("wacz-pages", "WACZ 1.1.1, pages.jsonl", ERROR, "pages/pages.jsonl is there, and its lines are JSON objects with url and ts"),
    Rule("wacz-page-missing", "WACZ 1.1.1, pages.jsonl", WEAK, "a page is captured in the package"),
    Rule("wacz-directory", "WACZ 1.1.1, Other files and directories", ERROR, "archive/, indexes/ and pages/ hold what belongs there"),
    Rule("wacz-datapackage", "WACZ 1.1.1, datapackage.json", ERROR, "datapackage.json is there, with profile, wacz_version and resources"),
    Rule("wacz-unlisted", "WACZ 1.1.1, datapackage.json", ERROR, "every file is listed"),
    Rule("wacz-missing", "WACZ 1.1.1, datapackage.json", ERROR, "every file that is listed is there"),
    Rule("wacz-hash", "WACZ 1.1.1, datapackage.json", ERROR, "a file has the size and the hash that are listed"),
    Rule("wacz-digest", "WACZ 1.1.1, datapackage-digest.json", ERROR, "datapackage.json has the hash that datapackage-digest.json states"),
    Rule("wacz-digest-missing", "WACZ 1.1.1, datapackage-digest.json", WEAK, "datapackage-digest.json is there"),
)

_STORE = (
    Rule("store-key", "copytrail layout", ERROR, "a key is one that the archive gives"),
    Rule("store-object", "copytrail layout", ERROR, "an object is what its key says"),
    Rule("store-seed", "copytrail layout", ERROR, "a seed has the digest in its key"),
    Rule("store-index-missing", "copytrail layout", ERROR, "every WARC has its index"),
    Rule("manifest-object", "copytrail manifests", ERROR, "an object has the size and the digest that its manifest states"),
    Rule("manifest-missing", "copytrail manifests", ERROR, "every object of a manifest is there"),
    Rule("manifest-chain", "copytrail manifests", ERROR, "a manifest names the digest of the one before it"),
    Rule("manifest-unlisted", "copytrail manifests", WEAK, "every object that a writer made is in a manifest"),
)

RULES = {rule.id: rule for rule in (*_FORM, *_CONTENT, *_BETWEEN, *_INDEX, *_WACZ, *_STORE)}


def broken(rule: str, file: str, message: str, *, offset: int | None = None, record_id: str | None = None) -> Finding:
    """The finding that a rule of the table was broken; KeyError for a rule that is not in it."""
    found = RULES[rule]
    return Finding(
        file=file, offset=offset, record_id=record_id, rule=rule, section=found.section, severity=found.severity, message=message
    )
