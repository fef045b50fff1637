"""Every rule that ``copytrail verify`` knows, as data; what the standard asks of each header field stands in ``archive/warcrules.py``.

Contract: a rule's name never changes its meaning, because people keep results.  Sections are those of WARC 1.1 (ISO 28500:2017, in the
numbering of the IIPC text with its community annotations), RFC 1952 (gzip), RFC 9110 and RFC 9112 (HTTP), CDXJ 0.1.0, WACZ 1.1.1 (of 1.2.0
in a package that says so), and of our own archive layout.  "-" is what no standard says: that a file can be read at all.
"""

from archive.findings import Finding, Rule, Severity

ERROR, WEAK, NOTE = Severity.ERROR, Severity.WEAK, Severity.NOTE

_FORM = (
    Rule("file-unreadable", "-", ERROR, "a file can be opened and read"),
    Rule("file-kind", "-", ERROR, "a file is a WARC, a WACZ or an index"),
    Rule("file-empty", "WARC 1.1 §4", ERROR, "a WARC file is one record or more"),
    Rule("file-given-up", "-", ERROR, "a file with very many broken places is not searched to its end"),
    Rule("file-no-warcinfo", "WARC 1.1 §5.5", NOTE, "a WARC file should begin with a warcinfo record"),
    Rule("file-name", "WARC 1.1 §5.17", NOTE, "a file has the name that its first warcinfo record states"),
    Rule("file-suffix", "WARC 1.1 annex D.3", WEAK, "the name of a WARC file ends in .gz where it is compressed, and only there"),
    Rule("gzip-broken", "RFC 1952 §2.3", ERROR, "a gzip member decompresses and its checksum holds"),
    Rule("gzip-cut", "RFC 1952 §2.3", ERROR, "a file ends where a gzip member does"),
    Rule("gzip-bomb", "-", ERROR, "a gzip member does not hold more than anybody would archive"),
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

# Their sections are those of the fields.
_FIELDS = (
    Rule("field-missing", "WARC 1.1 §5", ERROR, "a record has the fields that its type needs"),
    Rule("field-value", "WARC 1.1 §5", ERROR, "a field holds what its grammar allows"),
    Rule("field-repeated", "WARC 1.1 §5.1", ERROR, "a field is there once, unless it may repeat"),
    Rule("field-misplaced", "WARC 1.1 §5", ERROR, "a field does not stand on a record whose type bars it"),
    Rule("field-undefined", "WARC 1.1 §5", WEAK, "a field stands on a record for whose type it is defined"),
    Rule("type-unknown", "WARC 1.1 §5.5", NOTE, "a record is of one of the eight types"),
    Rule("id-uuid", "WARC 1.1 §5.2", WEAK, "an id conforms to its scheme: urn:uuid: begins a UUID"),
    Rule("date-precision", "WARC 1.0 §5.4", WEAK, "a date in a record of WARC 1.0 is exact to the second"),
    Rule("target-characters", "WARC 1.1 §5.14", WEAK, "a target URI is made of the characters of RFC 3986"),
    Rule("target-fragment", "WARC 1.1 §5.14", NOTE, "a target URI is what was asked for, which has no fragment"),
    Rule("truncated-reason", "WARC 1.1 §5.15", NOTE, "the reason of a truncation is one of the four of the standard"),
    Rule("revisit-profile", "WARC 1.1 §5.18", NOTE, "the profile of a revisit is one of the two of the standard"),
    Rule("protocol-unknown", "WARC-Protocol extension", NOTE, "a protocol is one of those that the extension lists"),
)

_CONTENT = (
    Rule("block-digest", "WARC 1.1 §5.8", ERROR, "the block has the digest that its header states"),
    Rule("payload-digest", "WARC 1.1 §5.9", ERROR, "the payload has the digest that its header states"),
    Rule("payload-digest-framing", "WARC 1.1 §6.3.2", NOTE, "a payload digest is taken after the transfer coding was removed"),
    Rule("digest-form", "WARC 1.1 §5.8", ERROR, "a digest is as long as its algorithm makes it"),
    Rule("digest-unknown", "WARC 1.1 §5.8", WEAK, "a digest is of an algorithm that can be checked"),
    Rule("payload-type", "WARC 1.1 §5.19", ERROR, "a payload begins as one of its identified type does"),
    Rule("content-type-missing", "WARC 1.1 §5.6", WEAK, "a record with a block states its Content-Type"),
    Rule("content-type-http", "WARC 1.1 §6.3.2, §6.5.2", WEAK, "what http brought is application/http"),
    Rule("content-type-wrong", "WARC 1.1 §5.6", ERROR, "Content-Type and its msgtype are of what is in the block"),
    Rule("content-type-dns", "WARC 1.1 §6.4.4", ERROR, "a resource record for a dns: URI is text/dns"),
    Rule("http-head", "WARC 1.1 §6.3.2, §6.5.2", ERROR, "the block begins with the head of an HTTP message"),
    Rule("http-version", "WARC 1.1 §6.3.2", ERROR, "the message is one of HTTP/1, which replay tools read"),
    Rule("http-chunks", "RFC 9112 §7.1", ERROR, "a body whose Transfer-Encoding is chunked is in chunks, or marked as truncated"),
    Rule("http-coding", "RFC 9110 §8.4", ERROR, "a body is in the Content-Encoding that its head states, or marked as truncated"),
    Rule("http-coding-unknown", "RFC 9110 §8.4.1", NOTE, "a content coding is one that can be undone"),
    Rule("http-coding-limit", "-", NOTE, "a body is decoded to its end, unless that is too far"),
    Rule("http-short", "WARC 1.1 §6.3.2", ERROR, "a body that is shorter than its Content-Length is marked as truncated"),
    Rule("http-long", "RFC 9112 §6.3", ERROR, "nothing follows the end of the message"),
    Rule("http-lengths", "RFC 9112 §6.3", NOTE, "the lengths that a head states agree"),
    Rule(
        "http-served", "copytrail metadata record", NOTE, "a server does as it says; where not, our metadata record vouches for the bytes"
    ),
    Rule("truncated-whole", "WARC 1.1 §5.15", NOTE, "what is marked as truncated is not whole"),
    Rule("fields-block", "WARC 1.1 §6.2, §6.6", ERROR, "a block that is application/warc-fields is named fields"),
    Rule("fields-line", "WARC 1.1 §6.2, §6.6", WEAK, "every line of a block that is application/warc-fields is of a named field"),
    Rule("conversion-source", "WARC 1.1 §6.8", WEAK, "a conversion says which record it was made from"),
    Rule("revisit-digest", "WARC 1.1 §6.7.2", ERROR, "a revisit for an identical payload states the payload's digest"),
    Rule("revisit-target", "WARC 1.1 §6.7.2", WEAK, "a revisit says which record it refers to"),
    Rule("revisit-truncated", "WARC 1.1 §6.7.2", WEAK, "a revisit that leaves out the payload is marked as truncated for its length"),
    Rule("revisit-status", "WARC 1.1 §6.7.3", ERROR, "a revisit because the server says not modified holds the answer 304"),
)

_BETWEEN = (
    Rule("id-repeated", "WARC 1.1 §5.2", ERROR, "a record id stands for one record"),
    Rule("id-copied", "WARC 1.1 §5.2", NOTE, "a record is in the files once"),
    Rule("concurrent-self", "WARC 1.1 §5.7", ERROR, "a record is concurrent to others, not to itself"),
    Rule("concurrent-dangling", "WARC 1.1 §5.7", ERROR, "the records of one capture are together"),
    Rule("concurrent-dates", "WARC 1.1 §5.4", ERROR, "the records of one capture have one date"),
    Rule("concurrent-targets", "WARC 1.1 §5.7", ERROR, "request and answer of one capture have one target URI"),
    Rule("concurrent-types", "WARC 1.1 §5.7", WEAK, "what is concurrent was captured: no warcinfo, conversion or continuation"),
    Rule("request-alone", "WARC 1.1 §5.7", ERROR, "a request has its answer, or a record that says why there is none"),
    Rule("response-alone", "WARC 1.1 §6.5", NOTE, "a response has its request"),
    Rule("warcinfo-dangling", "WARC 1.1 §5.16", WEAK, "the warcinfo record that a record names is there"),
    Rule("warcinfo-type", "WARC 1.1 §5.16", ERROR, "WARC-Warcinfo-ID names a warcinfo record"),
    Rule("refers-dangling", "WARC 1.1 §5.11", WEAK, "the record that a metadata or conversion record refers to is there"),
    Rule("revisit-dangling", "WARC 1.1 §6.7", ERROR, "the record that a revisit stands for is there"),
    Rule("revisit-chain", "WARC 1.1 §6.7", ERROR, "a revisit refers to a record that holds the payload"),
    Rule("revisit-early", "WARC 1.1 §5.11", WEAK, "a revisit is not older than the record to which it refers"),
    Rule("revisit-other", "WARC 1.1 §6.7.2", ERROR, "the payload that a revisit stands for has the digest that it states"),
    Rule("revisit-date", "WARC 1.1 §5.13", ERROR, "WARC-Refers-To-Date is the date of the record to which a revisit refers"),
    Rule("revisit-uri", "WARC 1.1 §5.12", ERROR, "WARC-Refers-To-Target-URI is that of the record to which a revisit refers"),
    Rule("metadata-digest", "copytrail metadata record", ERROR, "the payload has the digest that our metadata record states"),
    Rule("segment-number", "WARC 1.1 §7", ERROR, "the segments of a record are numbered from 1 without a gap, each number once"),
    Rule("segment-origin", "WARC 1.1 §7", ERROR, "the first segment of a record is there, and no continuation"),
    Rule("segment-end", "WARC 1.1 §5.22", ERROR, "the last segment of a record is there, and it alone states the total length"),
    Rule("segment-length", "WARC 1.1 §5.22", ERROR, "the segments of a record are together as long as the last of them says"),
    Rule("segment-target", "WARC 1.1 §7", ERROR, "the segments of a record have one target URI"),
)

_INDEX = (
    Rule("index-line", "CDXJ 0.1.0", ERROR, "a line is a key, a time and a JSON object with the fields that the format asks for"),
    Rule("index-field", "CDXJ 0.1.0", WEAK, "a line has every field that the format asks for and the record knows"),
    Rule("index-order", "CDXJ 0.1.0", ERROR, "lines are sorted bytewise"),
    Rule("cdx-order", "CDX File Format (2015)", WEAK, "the lines of a CDX are sorted"),
    Rule("index-repeated", "CDXJ 0.1.0", WEAK, "a line is there once"),
    Rule("index-file", "CDXJ 0.1.0", ERROR, "the file that a line names is there"),
    Rule("index-offset", "CDXJ 0.1.0", ERROR, "a record begins where a line says"),
    Rule("index-length", "CDXJ 0.1.0", ERROR, "the record is as long as the line says"),
    Rule("index-url", "CDXJ 0.1.0", ERROR, "the record is of the URL that the line says"),
    Rule("index-key", "CDXJ 0.1.0", ERROR, "the key is made from the URL, so that it can be looked up"),
    Rule("index-key-form", "CDXJ 0.1.0", WEAK, "path and query of the key are written as other tools write them"),
    Rule("index-time", "CDXJ 0.1.0", ERROR, "the record is of the time that the line says"),
    Rule("index-status", "CDXJ 0.1.0", ERROR, "the answer has the status that the line says"),
    Rule("index-mime", "CDXJ 0.1.0", ERROR, "the answer is of the type that the line says"),
    Rule("index-digest", "CDXJ 0.1.0", ERROR, "payload and record have the digests that the line says"),
    Rule("index-incomplete", "CDXJ 0.1.0", ERROR, "every capture has a line"),
    Rule("zipnum-line", "cdxj-gzip-1.0", ERROR, "a line is a key, a time and the place of a block of lines"),
    Rule("zipnum-file", "cdxj-gzip-1.0", ERROR, "the compressed index that a line names is there"),
    Rule("zipnum-block", "cdxj-gzip-1.0", ERROR, "a gzip member begins and ends where a line says"),
    Rule("zipnum-key", "cdxj-gzip-1.0", ERROR, "a block begins with the key and the time that its line says"),
    Rule("zipnum-digest", "cdxj-gzip-1.0", ERROR, "a block has the digest that its line says"),
    Rule("zipnum-gap", "cdxj-gzip-1.0", ERROR, "every block has a line"),
)

_WACZ = (
    Rule("wacz-zip", "WACZ 1.1.1, Zip Format", ERROR, "the package is a ZIP file that can be read, with checksums that hold"),
    Rule("wacz-name", "WACZ 1.1.1, Zip Format", ERROR, "names in the ZIP file are relative, stay inside it and are there once"),
    Rule("wacz-header", "WACZ 1.1.1, Zip Format", ERROR, "an entry and the directory of the ZIP file say the same of it"),
    Rule("wacz-outside", "WACZ 1.1.1, Zip Format", ERROR, "every byte of the ZIP file belongs to it"),
    Rule("wacz-extension", "WACZ 1.1.1, Zip Format File Extension", WEAK, "the name of a package ends in .wacz"),
    Rule("wacz-compressed", "WACZ 1.1.1, Zip Compression", ERROR, "what is compressed already is stored, so that it can be read by range"),
    Rule("wacz-deflated", "WACZ 1.1.1, Zip Compression", WEAK, "a WARC file is stored"),
    Rule("wacz-suffix", "WACZ 1.1.1, archive", ERROR, "the name of a compressed WARC file ends in .warc.gz"),
    Rule("wacz-archive", "WACZ 1.1.1, archive", ERROR, "archive/ holds one WARC file or more"),
    Rule("wacz-indexes", "WACZ 1.1.1, indexes", ERROR, "indexes/ holds one index or more"),
    Rule("wacz-pages", "WACZ 1.1.1, pages.jsonl", ERROR, "pages/pages.jsonl is there, and its lines are JSON objects with url and ts"),
    Rule("wacz-page-missing", "WACZ 1.1.1, pages.jsonl", WEAK, "a page is captured in the package"),
    Rule("wacz-directory", "WACZ 1.1.1, Other files and directories", ERROR, "archive/, indexes/ and pages/ hold what belongs there"),
    Rule("wacz-datapackage", "WACZ 1.1.1, datapackage.json", ERROR, "datapackage.json is there, with the properties that it must have"),
    Rule("wacz-profile", "WACZ 1.1.1, datapackage.json", ERROR, "the profile is that of 1.1.1 or of 1.2.0"),
    Rule("wacz-version", "WACZ 1.1.1, datapackage.json", NOTE, "the version is one that is known here"),
    Rule("wacz-time", "WACZ 1.1.1, datapackage.json", WEAK, "created and modified are times of RFC 3339"),
    Rule("wacz-home", "WACZ 1.2.0, datapackage.json", ERROR, "home has url and ts"),
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
    Rule("erasure", "copytrail withdrawals", NOTE, "an object is as it was written; an erasure that somebody ordered has changed it"),
    Rule("erasure-open", "copytrail withdrawals", ERROR, "an erasure that was ordered is done"),
    Rule("erasure-unordered", "copytrail withdrawals", ERROR, "what changed an object was ordered by a withdrawal"),
    Rule("erasure-tombstone", "copytrail withdrawals", ERROR, "where a record was erased a tombstone lies"),
    Rule("erasure-more", "copytrail withdrawals", ERROR, "an erasure changes nothing but what it names"),
    Rule("manifest-unlisted", "copytrail manifests", WEAK, "every object that a writer made is in a manifest"),
)

_SIGNED = (
    Rule("signature-wrong", "SSHSIG", ERROR, "a signature is one of the bytes that it stands beside, by the key that they name"),
    Rule("signature-missing", "copytrail manifests", ERROR, "a manifest that names the key that signed it has its signature"),
    Rule("signature-stops", "copytrail manifests", WEAK, "a writer that signs goes on signing"),
    Rule("signature-orphan", "copytrail manifests", NOTE, "a signature or time stamp belongs to a manifest; one may be left by a kill"),
    Rule("signature-key", "SSHSIG", NOTE, "somebody says whose key it is that signs (--signers)"),
    Rule("signer-unknown", "ssh-keygen, ALLOWED SIGNERS", ERROR, "a key that signs is one that the file of signers allows"),
    Rule("signer-none", "ssh-keygen, ALLOWED SIGNERS", ERROR, "where there is a file of signers, one of them has signed"),
    Rule("timestamp-wrong", "RFC 3161 §2.4.2", ERROR, "a time stamp is one of the bytes that it stands beside"),
    Rule("timestamp-time", "RFC 3161 §2.4.2", WEAK, "nothing is stamped before it says that it was written"),
    Rule("timestamp-authority", "RFC 3161 §2.2", NOTE, "somebody says which authority of time is to be believed (--tsa-ca)"),
    Rule("timestamp-untrusted", "RFC 3161 §2.3", ERROR, "a time stamp is signed by an authority that is to be believed"),
    Rule("wacz-signature", "WACZ Signing 0.1.0, Verification", ERROR, "the signature of a package is that of its list of files"),
    Rule("wacz-signature-form", "WACZ Signing 0.1.0, Signature Data Format", NOTE, "a signature has what its format asks for, no more"),
    Rule("wacz-signature-key", "WACZ Signing 0.1.0, Verification", NOTE, "whose key it is that signs is said from outside"),
)

RULES = {rule.id: rule for rule in (*_FORM, *_FIELDS, *_CONTENT, *_BETWEEN, *_INDEX, *_WACZ, *_STORE, *_SIGNED)}


def broken(
    rule: str, file: str, message: str, *, offset: int | None = None, record_id: str | None = None, section: str | None = None
) -> Finding:
    """The finding that a rule of the table was broken; ``section`` where it is another than the table's; KeyError for an unknown rule."""
    found = RULES[rule]
    return Finding(
        file=printable(file),
        offset=offset,
        record_id=record_id,
        rule=rule,
        section=section or found.section,
        severity=found.severity,
        message=printable(message),
    )


def printable(text: str) -> str:
    """``text`` as any output can encode it: the names of files, and JSON, may hold halves of characters."""
    return text.encode("utf-8", "backslashreplace").decode()
