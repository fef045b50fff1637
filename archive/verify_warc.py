"""One WARC file verified: its form, each record's header, block and digests; what goes beyond one record is left to the ledger.

Contract: ``verify_warc`` gives the findings of a file in the order of its records and notes each record in the ledger.  It reads the file
once, forwards, unless it has to look for the next whole record behind a broken one.  Nothing that the bytes say is raised; what the file
system or the store says (OSError, StoreError) is.
"""

from collections.abc import Iterator

from archive import warcrules
from archive.blockfacts import Facts, is_http, read_block
from archive.captures import media_type
from archive.findings import Finding, Tally
from archive.gzipmembers import OpenAt
from archive.verify_ledger import Ledger
from archive.verify_rules import broken
from archive.warcscan import Scanned, scan

_WEB = ("http:", "https:")


def verify_warc(name: str, open_at: OpenAt, ledger: Ledger, tally: Tally) -> Iterator[Finding]:
    """Check every record of the file called ``name``."""
    number = ledger.file(name)
    faults: list[Finding] = []

    def report(rule: str, offset: int, message: str) -> None:
        faults.append(broken(rule, name, message, offset=offset))

    before: tuple[Scanned, Facts] | None = None
    for record in scan(open_at, report):
        if before is not None:
            ledger.add(number, *before)
        faults += _check(name, record, facts := read_block(record), first=before is None)
        yield from faults
        faults.clear()
        tally.records += 1
        before = record, facts
    if before is not None:
        ledger.add(number, *before)  # only now is it known how it ended
    yield from faults
    tally.files += 1


def _check(name: str, record: Scanned, facts: Facts, *, first: bool) -> Iterator[Finding]:
    for breach in warcrules.check(record):
        yield Finding(
            file=name,
            offset=record.offset,
            record_id=record.id,
            rule=breach.rule,
            section=breach.section,
            severity=breach.severity,
            message=breach.message,
        )
    for rule, message in (*_types(record), *_revisit(record, facts), *facts.faults):
        yield broken(rule, name, message, offset=record.offset, record_id=record.id)
    if first and record.type != "warcinfo":
        yield broken("file-no-warcinfo", name, f"the file begins with a {record.type or 'nameless'} record", offset=record.offset)


def _types(record: Scanned) -> Iterator[tuple[str, str]]:
    """Content-Type (§5.6) against what the record is."""
    stated = record.first("Content-Type")
    if stated is None and record.block.seen and record.type != "continuation":
        yield "content-type-missing", f"{record.block.seen} bytes of block and no Content-Type"
    elif record.type in {"response", "request"} and (record.target or "").lower().startswith(_WEB) and not is_http(record):
        yield "content-type-http", f"Content-Type is {media_type(stated)!r}, not application/http"


def _revisit(record: Scanned, facts: Facts) -> Iterator[tuple[str, str]]:
    """What §6.7 asks of a revisit."""
    if record.type != "revisit":
        return
    identical = (record.first("WARC-Profile") or "").rstrip(">").endswith("/identical-payload-digest")
    if identical and record.first("WARC-Payload-Digest") is None:
        yield "revisit-digest", "a revisit for an identical payload without WARC-Payload-Digest"
    if record.first("WARC-Refers-To") is None and record.first("WARC-Refers-To-Target-URI") is None:
        yield "revisit-target", "neither WARC-Refers-To nor WARC-Refers-To-Target-URI"
    left_out = facts.payload is not None and not facts.payload.length
    if identical and left_out and record.first("WARC-Truncated") != "length":
        yield "revisit-truncated", "the payload is left out and WARC-Truncated does not say so"
