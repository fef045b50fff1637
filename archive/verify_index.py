"""An index verified against the records that were read: every line points at what it says, and every capture has a line.

Contract: CDXJ 0.1.0, plain or gzip, as our archive, pywb, cdxj-indexer and py-wacz write it: ``key time {json}``.  Lines are read one at
a time and bounded; the ledger must hold the WARC files already.  ``locate`` says which file of the ledger a line's ``filename`` means.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from archive import labelled
from archive.findings import Finding
from archive.gzipmembers import MAGIC, End, OpenAt, Tape, first, following
from archive.urls import BadUrl, surt
from archive.verify_ledger import Ledger, Noted, agree
from archive.verify_rules import broken

LINE_LIMIT = 1024 * 1024
_NEEDED = ("url", "filename", "offset")

Locate = Callable[[str], int | None]


def verify_index(name: str, open_at: OpenAt, ledger: Ledger, locate: Locate) -> Iterator[Finding]:
    """Check every line of the index called ``name``; offsets of findings are those of the lines."""
    before = b""
    try:
        for offset, line in _lines(open_at):
            if not line.strip() or line.startswith(b"!"):
                continue  # the head that pywb writes
            for rule, message in _check(line, ledger, locate):
                yield broken(rule, name, message, offset=offset)
            if line < before:
                yield broken("index-order", name, f"comes after a greater line: {line[:80]!r}", offset=offset)
            before = line
    except _BadGzip as error:
        yield broken("gzip-broken", name, str(error))


class _BadGzip(ValueError):
    """A compressed index that cannot be read to its end."""


def _check(line: bytes, ledger: Ledger, locate: Locate) -> Iterable[tuple[str, str]]:
    row = _row(line)
    if row is None:
        return [("index-line", f"not a key, a time and a JSON object with {', '.join(_NEEDED)}: {line[:80]!r}")]
    key, time, fields = row
    file = locate(str(fields["filename"]))
    if file is None:
        return [("index-file", f"{fields['filename']} is nowhere in what was verified")]
    record = ledger.at(file, int(fields["offset"]))
    if record is None:
        return [("index-offset", f"no record begins at {fields['offset']} in {fields['filename']}")]
    ledger.mark_indexed(record.number)
    return _compare(key, time, fields, record)


def _row(line: bytes) -> tuple[str, str, dict[str, Any]] | None:
    try:
        key, time, text = line.decode().split(" ", 2)
        fields = json.loads(text)
        usable = time.isdigit() and isinstance(fields, dict) and all(name in fields for name in _NEEDED)
        if not usable or not 0 <= int(fields["offset"]) < 1 << 63:
            return None
    except (ValueError, RecursionError, TypeError):
        return None
    return key, time, fields


def _compare(key: str, time: str, fields: dict[str, Any], record: Noted) -> Iterator[tuple[str, str]]:
    url, where = str(fields["url"]), f"the record at {fields['offset']} in {fields['filename']}"
    length = str(fields.get("length", record.length))
    if record.length and length != str(record.length):
        yield "index-length", f"says {length} bytes, {where} has {record.length}"
    if url != record.uri and _key(url) != _key(record.uri or ""):
        yield "index-url", f"says {url[:200]}, {where} is of {record.uri}"
    elif (made := _key(url)) is not None and not key.startswith(made):
        yield "index-key", f"the key is {key[:200]}, that of the URL is {made[:200]}"
    digits = "".join(character for character in record.date if character.isdigit())
    if time[:14] != digits[:14]:
        yield "index-time", f"says {time[:20]}, {where} is of {record.date[:40]}"
    status = str(fields.get("status", "-"))
    if record.type == "response" and status != "-" and record.status is not None and status != str(record.status):
        yield "index-status", f"says {status[:20]}, {where} is {record.status}"
    if (digest := fields.get("digest")) and not _digest_agrees(str(digest), record):
        yield "index-digest", f"says {str(digest)[:100]}, which is not the payload of {where}"


def _key(url: str) -> str | None:
    try:
        return surt(url)
    except BadUrl:
        return None


def _digest_agrees(text: str, record: Noted) -> bool:
    stated = labelled.parse(text) if ":" in text else labelled.bare(text, "sha1")
    return stated is None or agree(stated, record.payloads)


def _lines(open_at: OpenAt) -> Iterator[tuple[int, bytes]]:
    """Lines with the offset of each in the index's text; one that is too long comes in pieces, which are no rows."""
    held, offset = b"", 0
    for piece in _pieces(open_at):
        *whole, held = (held + piece).split(b"\n")
        for line in whole:
            yield offset, line
            offset += len(line) + 1
        if len(held) > LINE_LIMIT:
            yield offset, held
            offset, held = offset + len(held), b""
    if held:
        yield offset, held


def _pieces(open_at: OpenAt) -> Iterator[bytes]:
    tape = Tape(open_at)
    try:
        if not tape.peek().startswith(MAGIC):
            while data := tape.take():
                yield data
            return
        member = first(tape)
        while member is not None:
            while data := member.take():
                yield data
            if member.end is not End.WHOLE:
                raise _BadGzip(f"the gzip member at {member.offset} cannot be read: {member.problem}")
            member = following(tape, member)
    finally:
        tape.close()
