"""What an index of any WARC holds, ours or a stranger's, whole or damaged.

Contract: ``indexed`` reads a file to its end, compressed record by record or not at all, and gives what cdxj-indexer would list: every
HTTP answer as the :class:`Capture` that it is, and as :class:`Resource` the resource and metadata records, unless they are
``application/warc-fields``, and answers that are not HTTP.  What is whole is given; what is not is named to ``report`` with its offset and
passed over; nothing is raised for what the bytes say.  Where a digest is not stated, it is the sha256 of the bytes that are there.  Memory
stays within some 600 KiB.  A capture of our own is equal to the one that was acknowledged when it was written (law 1).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from archive import cdxj
from archive.cdxj import Resource
from archive.gzipmembers import OpenAt
from archive.heads import BadHead, Head, media_type, parse_head
from archive.http import BadFraming
from archive.payload import payload
from archive.records import Capture, RecordRef
from archive.urls import surt
from archive.warcevents import FIELDS_TYPE, Event
from archive.warcfields import Fields, WarcError, date
from archive.warcfound import Found, is_plain
from archive.warcscan import EMPTY_LINES, scan

Report = Callable[[int, str], None]  # where in the file, and why what is there is not in the index

_NO_PAYLOAD = (204, 304)
_STATUS = re.compile(rb"\S+[ \t]+(\d{3})(?:\s|$)")  # of a line that is not HTTP's, and that the public indexers read alike


def indexed(open_at: OpenAt, key: str, report: Report) -> Iterator[Capture | Resource]:
    """What an index lists of the WARC that ``open_at`` opens at a byte offset; ``key`` is where it lies.

    An answer comes when the next one was found, because its metadata record may lie in between.
    """
    faults = _Faults(report)
    plain = is_plain(open_at)
    answer: _Answer | None = None
    other: _Other | None = None
    for scanned in scan(open_at, faults.note):
        record = Found(scanned, open_at, plain=plain)
        faults.pass_to(record)
        yield from faults.whole(other)
        other = None
        try:
            if answer is not None:
                answer.event.take(record)
            listed = _listed(record, key, report)
        except WarcError as error:
            report(record.offset, str(error))
            continue
        if isinstance(listed, _Answer):
            yield from faults.whole(answer)
            answer = listed
        else:
            other = listed
    faults.pass_to(None)
    yield from faults.whole(answer)
    yield from faults.whole(other)


def index_of(path: Path, key: str) -> list[Capture | Resource]:
    """What an index lists of a file that must be whole, in the order of the lines; WarcError when it is not."""
    return sorted(indexed(at_path(path), key, _refuse(key)), key=cdxj.line)


def at_path(path: Path) -> OpenAt:
    """What opens a file of this machine."""

    def open_at(offset: int) -> IO[bytes]:
        stream = path.open("rb")
        stream.seek(offset)
        return stream

    return open_at


def _refuse(key: str) -> Report:
    def report(offset: int, message: str) -> None:
        raise WarcError(f"{key}: offset {offset}: {message}")

    return report


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """An HTTP answer; what its header does not state and its block shows stands in ``fields`` and ``metadata``."""

    record: Found
    event: Event
    fields: Fields
    metadata: Fields

    def listed(self) -> Capture:
        """The capture; of our own nothing is made up, even where nothing is stated."""
        return self.event.capture() if self.event.is_ours else self.event.capture(fields=self.fields, metadata=self.metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Other:
    """Another record that is listed."""

    record: Found
    key: str
    mime: str | None
    status: int | None
    digest: str

    def listed(self) -> Resource:
        record = self.record
        url = record.text("WARC-Target-URI")
        return Resource(
            id=record.text("WARC-Record-ID"),
            url=url,
            surt=surt(url),
            time=date(record.text("WARC-Date")),
            mime=self.mime,
            status=self.status,
            digest=self.digest,
            ref=RecordRef(key=self.key, offset=record.offset, length=record.length),
        )


def _listed(record: Found, key: str, report: Report) -> _Answer | _Other | None:
    """What an index lists of a record; None for one that it does not list."""
    content_type = record.sole("Content-Type") or ""
    if record.type in ("response", "revisit") and _is_http(record, content_type):
        head = _head(record)
        if head.status is not None or (record.type == "revisit" and not head.start_line):  # a revisit may hold no head (WARC 1.1 §6.7.2)
            return _answer(record, head, key)
        report(record.offset, f"listed, but no capture: no status line: {head.start_line[:80]!r}")
        return _other(record, key, media_type(head.first("content-type")), _STATUS.match(head.start_line))
    if record.type in ("resource", "metadata", "response", "revisit") and content_type != FIELDS_TYPE:
        return _other(record, key, media_type(content_type), None)
    return None


def _other(record: Found, key: str, mime: str | None, status: re.Match[bytes] | None) -> _Other:
    digest = record.sole("WARC-Payload-Digest") or record.block_digest()
    return _Other(record=record, key=key, mime=mime, status=int(status[1]) if status else None, digest=digest)


def _is_http(record: Found, content_type: str) -> bool:
    return content_type.lower().startswith("application/http") or record.text("WARC-Target-URI").lower().startswith(("http:", "https:"))


def _answer(record: Found, head: Head, key: str) -> _Answer:
    fields: Fields = ()
    metadata: Fields = ()
    if record.type == "response" and head.status not in _NO_PAYLOAD and not record.sole("WARC-Payload-Digest"):
        fields, metadata = _payload(head, record.block)
    if not record.sole("WARC-Block-Digest"):
        fields += (("WARC-Block-Digest", record.block_digest()),)
    return _Answer(record=record, event=Event(record, head, key), fields=fields, metadata=metadata)


def _head(record: Found) -> Head:
    try:
        return parse_head(record.block)
    except BadHead as error:
        raise WarcError(str(error)) from error


def _payload(head: Head, block: IO[bytes]) -> tuple[Fields, Fields]:
    """Digest and length of a payload, as the fields in which a record and our metadata state them; none where its chunks break."""
    try:
        found = payload(head, block)
    except BadFraming:
        return (), ()
    return (("WARC-Payload-Digest", found.digest),), (("copytrail-payload-length", str(found.length)),)


class _Faults:
    """What a scan finds wrong, of which a report has what is not in the index: the header of a whole record may be odd."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._held: list[tuple[int, str]] = []
        self._last: Found | None = None

    def note(self, _rule: str, offset: int, message: str) -> None:
        """Hold a fault until it is known whether its record is whole."""
        if message != EMPTY_LINES:
            self._held.append((offset, message))

    def pass_to(self, record: Found | None) -> None:
        """Report what was found until the end of the last record, or of the file; ``record`` has only just begun."""
        last, self._last = self._last, record
        held, self._held = self._held, []
        for offset, message in held:
            if record is not None and offset == record.offset:
                self._held.append((offset, message))
            elif last is None or not last.offset <= offset < last.offset + last.length:
                self._report(offset, message)

    def whole(self, listed: _Answer | _Other | None) -> Iterator[Capture | Resource]:
        """What is listed, when its record was whole to the end."""
        if listed is not None and listed.record.length:
            try:
                yield listed.listed()
            except WarcError as error:
                self._report(listed.record.offset, str(error))
