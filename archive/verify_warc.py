"""One WARC file verified: its form, each record's header, block and digests; what goes beyond one record is left to the ledger.

Contract: ``verify_warc`` gives the findings of a file in the order of its records and notes each record in the ledger.  It reads the file
once, forwards, unless it has to look for the next whole record behind a broken one.  Nothing that the bytes say is raised; what the file
system or the store says (OSError, StoreError) is.
"""

from collections.abc import Iterator

from archive import warcrules
from archive.blockfacts import Facts, is_http, read_block
from archive.findings import Finding, Tally
from archive.gzipmembers import OpenAt
from archive.remembered import remembered
from archive.verify_ledger import Ledger
from archive.verify_rules import broken
from archive.warcscan import Scanned, scan

_OPEN = ".open"  # what our writer appends to the name of a file that it has not finished


def verify_warc(name: str, open_at: OpenAt, ledger: Ledger, tally: Tally) -> Iterator[Finding]:
    """Check every record of the file called ``name``."""
    number = ledger.file(name, open_at)
    faults: list[Finding] = []

    def report(rule: str, offset: int, message: str) -> None:
        faults.append(broken(rule, name, message, offset=offset))

    def note(record: Scanned, facts: Facts) -> None:
        for told in ledger.add(number, record, facts):
            faults.append(ledger.finding(*told))

    before: tuple[Scanned, Facts] | None = None
    begun = 0
    for record in scan(open_at, report):
        if before is not None:
            note(*before)
        else:
            faults += _file_faults(name, record)
        facts = read_block(record, ledger.budget)
        begun += facts.begun
        for rule, section, message in _check(record, facts):
            faults.append(broken(rule, name, message, offset=record.offset, record_id=record.id, section=section))
        if faults:
            yield from faults
            faults.clear()
        tally.records += 1
        before = record, facts
    if before is not None:
        note(*before)  # only now is it known how it ended
    faults.extend(ledger.finding(*told) for told in ledger.end())
    if begun:
        faults.append(broken("http-coding-limit", name, f"of {begun} coded bodies only the beginning was decoded (--thorough decodes all)"))
    yield from faults
    tally.files += 1


def _file_faults(name: str, record: Scanned) -> Iterator[Finding]:
    """What the first record tells of the file."""
    base = name.rpartition("/")[2].removesuffix(_OPEN)
    if record.type != "warcinfo":
        yield broken("file-no-warcinfo", name, f"the file begins with a {record.type or 'nameless'} record", offset=record.offset)
    elif (stated := record.first("WARC-Filename")) and stated.strip('"').removesuffix(_OPEN) != base:
        yield broken("file-name", name, f"WARC-Filename is {stated[:200]!r}", offset=record.offset, record_id=record.id)
    if ".warc" in base.lower() and base.lower().endswith(".gz") is not record.compressed:
        words = "the file is compressed" if record.compressed else "the file is not compressed"
        yield broken("file-suffix", name, f"{words}, and its name says otherwise", offset=record.offset)


def _check(record: Scanned, facts: Facts) -> Iterator[tuple[str, str | None, str]]:
    """Rule, section where it is another than the rule's, and words."""
    yield from warcrules.check(record)
    for rule, message in facts.faults:
        yield rule, None, message
    if (wrong := _wrong_type(record)) is not None:
        yield wrong[0], None, wrong[1]
    if record.type == "revisit":
        for rule, message in _revisit(record, facts):
            yield rule, None, message
    elif record.type == "conversion" and record.first("WARC-Refers-To") is None:
        yield "conversion-source", None, "no WARC-Refers-To on a conversion"


def _wrong_type(record: Scanned) -> tuple[str, str] | None:
    """Content-Type (§5.6) against what the record is."""
    stated, kind = record.first("Content-Type"), record.type
    if stated is None:
        if record.block.seen and kind != "continuation":
            return "content-type-missing", f"{record.block.seen} bytes of block and no Content-Type"
    elif is_http(record):
        message = _message_type(stated)
        if message is not None and message != ("request" if kind == "request" else "response"):
            return "content-type-wrong", f"Content-Type is {stated[:80]!r} on a {kind} record"
    elif kind in {"response", "request"} and _scheme(record) in {"http", "https"}:
        return "content-type-http", f"Content-Type is {record.media!r}, not application/http"
    elif kind == "resource" and record.media != "text/dns" and _scheme(record) == "dns":
        return "content-type-dns", f"Content-Type is {record.media!r}, not text/dns"
    return None


def _scheme(record: Scanned) -> str:
    return (record.target or "").partition(":")[0].lower()


@remembered
def _message_type(content_type: str) -> str | None:
    for parameter in content_type.lower().split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip() == "msgtype":
            return value.strip().strip('"')
    return None


def _revisit(record: Scanned, facts: Facts) -> Iterator[tuple[str, str]]:
    """What §6.7 asks of a revisit."""
    profile = (record.first("WARC-Profile") or "").rstrip(">").rpartition("/")[2]
    identical = profile == "identical-payload-digest"
    if identical and record.first("WARC-Payload-Digest") is None:
        yield "revisit-digest", "a revisit for an identical payload without WARC-Payload-Digest"
    if profile == "server-not-modified" and facts.head is not None and facts.head.status != 304:
        yield "revisit-status", f"a revisit because the server says not modified, and it says {facts.head.status}"
    if record.first("WARC-Refers-To") is None and record.first("WARC-Refers-To-Target-URI") is None:
        yield "revisit-target", "neither WARC-Refers-To nor WARC-Refers-To-Target-URI"
    left_out = facts.payload is not None and not facts.payload.length
    if identical and left_out and record.first("WARC-Truncated") != "length":
        yield "revisit-truncated", "the payload is left out and WARC-Truncated does not say so"
