"""An index verified against the records that were read: every line points at what it says, and every capture has a line.

Contract: CDXJ 0.1.0, plain or gzip, as our archive, pywb, cdxj-indexer and py-wacz write it, ``key time {json}``, and the older CDX
(``archive/indexrows.py``).  Lines are read one at a time and bounded; the ledger must hold the WARC files already.  ``locate`` says which
file of the ledger a line's ``filename`` means.
"""

from collections.abc import Callable, Iterator

from archive import labelled
from archive.findings import Finding
from archive.gzipmembers import MAGIC, End, OpenAt, Tape, first, following
from archive.indexrows import Row, Rows
from archive.urls import surt
from archive.verify_ledger import Ledger, Noted
from archive.verify_rules import broken

LINE_LIMIT = 1024 * 1024
_MOST_UNKNOWN = 100_000
_LINE_ENDS = 4  # bytes after a block, which the public indexers do not count where a file is not compressed
_REVISIT = "warc/revisit"
_NO_MIME = ("", "-", "unk", _REVISIT)
_NOT_GET = "__wb_method="  # what pywb puts into the query of a key
_BARE = ("sha1", "sha256", "md5")  # algorithms of digests without a label, told apart by their length

Locate = Callable[[str], int | None]


def verify_index(name: str, open_at: OpenAt, ledger: Ledger, locate: Locate) -> Iterator[Finding]:
    """Check every line of the index called ``name``; offsets of findings are those of the lines."""
    before, rows, unknown = b"", Rows(), set[int]()
    try:
        for offset, line in _lines(open_at, lambda line: rows.read(line) is not None):
            if not line.strip() or rows.is_head(line):
                continue
            row = rows.read(line)
            for rule, message in _check(line, row, ledger, locate, unknown):
                yield broken(rule, name, message, offset=offset)
            if line < before:
                yield broken("cdx-order" if rows.classic else "index-order", name, f"after a greater line: {line[:80]!r}", offset=offset)
            elif line == before:
                yield broken("index-repeated", name, f"the line before it, once more: {line[:80]!r}", offset=offset)
            before = line
    except _BadGzip as error:
        yield broken("gzip-broken", name, str(error))


class _BadGzip(ValueError):
    """A compressed index that cannot be read to its end."""


def _check(line: bytes, row: Row | None, ledger: Ledger, locate: Locate, unknown: set[int]) -> Iterator[tuple[str, str]]:
    if row is None:
        yield "index-line", f"not a key, a time and a JSON object with url, filename and offset: {line[:80]!r}"
        return
    file = locate(row.filename)
    if file is None:
        if hash(row.filename) not in unknown:  # said once of each, unless there are very many
            if len(unknown) < _MOST_UNKNOWN:
                unknown.add(hash(row.filename))
            yield "index-file", f"{row.filename[:200]} is nowhere in what was verified"
        return
    record = ledger.at(file, row.offset)
    if record is None:
        yield "index-offset", f"no record begins at {row.offset} in {row.filename[:200]}"
        return
    ledger.mark_indexed(record.number)
    stated = len(record.payloads) > 1  # by the record itself: of what was cut or is empty nobody need state a digest
    status = record.status if record.type == "response" else None
    known = {"digest": stated, "mime": record.mime, "length": record.length, "status": status}
    if missing := [name for name in row.missing if known[name]]:
        yield "index-field", f"no {', '.join(missing)}: {line[:80]!r}"
    yield from _compare(row, record)
    wanted = labelled.parse(row.record_digest) if row.record_digest else None
    if wanted is None and row.record_digest:
        yield "index-digest", f"recordDigest is {row.record_digest[:100]}, which is no digest that can be checked"
    if wanted and row.length and (found := ledger.digest_of(file, row.offset, row.length, wanted.algorithm)) not in (None, wanted.value):
        yield "index-digest", f"recordDigest is {row.record_digest}, the bytes of {_where(row)} have {found.hex() if found else ''}"


def _where(row: Row) -> str:
    return f"the record at {row.offset} in {row.filename[:200]}"


def _compare(row: Row, record: Noted) -> Iterator[tuple[str, str]]:
    lengths = (record.length,) if record.compressed else (record.length, record.length - _LINE_ENDS)
    if record.length and row.length is not None and row.length not in lengths:
        yield "index-length", f"says {row.length} bytes, {_where(row)} has {record.length}"
    if row.url != record.uri and _key(row.url) != _key(record.uri or ""):
        yield "index-url", f"says {row.url[:200]}, {_where(row)} is of {record.uri}"
    elif row.key is not None:
        yield from _compare_key(row.key, _key(row.url))
    digits = "".join(character for character in record.date if character.isdigit())[:14]
    if not row.time.startswith(digits):
        yield "index-time", f"says {row.time}, {_where(row)} is of {record.date[:40]}"
    status = row.status or "-"
    if record.type == "response" and status != "-" and record.status is not None and status != str(record.status):
        yield "index-status", f"says {status[:20]}, {_where(row)} is {record.status}"
    yield from _compare_mime(row, record)
    if row.digest and row.digest != "-" and not _digest_agrees(row.digest, record):
        yield "index-digest", f"says {row.digest[:100]}, which is not the payload of {_where(row)}"


def _compare_key(key: str, made: str | None) -> Iterator[tuple[str, str]]:
    """What was appended for other methods than GET stands in the key; some tools keep ``www``."""
    if made is None or key.startswith(made):
        return
    host, _, _ = key.partition(")")
    wanted, _, _ = made.partition(")")
    if _NOT_GET in key and key.partition("?")[0] == made.partition("?")[0]:
        return
    words = f"the key is {key[:200]}, that of the URL is {made[:200]}"
    yield ("index-key-form" if ")" in key and host.removesuffix(",www") == wanted else "index-key"), words


def _compare_mime(row: Row, record: Noted) -> Iterator[tuple[str, str]]:
    mime = (row.mime or "").lower()
    says_revisit = mime == _REVISIT and record.type != "revisit"
    if says_revisit or (mime not in _NO_MIME and record.type != "revisit" and record.mime is not None and mime != record.mime):
        yield "index-mime", f"says {mime[:100]}, {_where(row)} is a {record.type} of {record.mime}"


def _key(url: str) -> str | None:
    try:
        return surt(url)
    except ValueError:
        return None


def _digest_agrees(text: str, record: Noted) -> bool:
    readings = (labelled.parse(text),) if ":" in text else (labelled.bare(text, algorithm) for algorithm in _BARE)
    stated = next(filter(None, readings), None)
    if stated is None:
        return ":" in text and not labelled.is_known(text)  # of an algorithm that nobody here knows
    return labelled.agree(stated, record.payloads)


def _lines(open_at: OpenAt, is_whole: Callable[[bytes], bool]) -> Iterator[tuple[int, bytes]]:
    """Lines with the offset of each in the index's text; one that is too long comes in pieces, which are no rows.

    The last line of a gzip member may have no end, as in pywb's ZipNum; one that ``is_whole`` has its end there.
    """
    held, offset = b"", 0
    for piece in _pieces(open_at):
        if not piece and held and is_whole(held):
            yield offset, held
            offset, held = offset + len(held), b""
            continue
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
    """The text of an index; nothing at all between its gzip members."""
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
            yield b""
            member = following(tape, member)
    finally:
        tape.close()
