"""The records of one capture event, joined as they come: an answer, and what names it.

Contract: pure but for reading the block of the record at hand.  An event begins with its response or revisit; ``takes`` adds a record that
names the answer in WARC-Concurrent-To, and of the first metadata record among them the fields.  ``capture`` may be asked for when the
record after the last one taken was read, because a record's length is known only then.  Its ``event_length`` is that of the records behind
one another that the answer and they name mutually, as our writer puts them; 0 for the events of other writers, whose end nothing tells.
"""

from typing import IO, Protocol

from archive.captures import capture_of
from archive.heads import Head
from archive.records import Capture, RecordRef
from archive.warcdraft import METADATA_LIMIT
from archive.warcfields import Fields, WarcError, placed, read, sole, unbracketed

FIELDS_TYPE = "application/warc-fields"
_CONCURRENT = "warc-concurrent-to"


class Readable(Protocol):
    """A record that is being read; ``length`` is that in the file, 0 for a record that proved not to be whole."""

    @property
    def offset(self) -> int:
        """Where it begins in the file."""

    @property
    def length(self) -> int:
        """Known when the next record was read."""

    @property
    def type(self) -> str:
        """WARC-Type in lower case."""

    @property
    def fields(self) -> Fields:
        """Its header."""

    @property
    def block(self) -> IO[bytes]:
        """Read at most once, while the record is the current one."""


class Event:
    """An answer and the records taken for it."""

    def __init__(self, answer: Readable, head: Head, key: str) -> None:
        self.answer = answer
        self._metadata: Fields | None = None
        self._head = head
        self._key = key
        self._id = named(answer.fields, "WARC-Record-ID")
        self._others: list[Readable] = []
        self._behind = True  # no other record came in between

    def takes(self, record: Readable) -> bool:
        """Whether a record is of this event; WarcError for metadata that cannot be read."""
        if self._id not in _concurrents(record.fields):
            self._behind = False
            return False
        if self._behind:
            self._others.append(record)
        if self._metadata is None and is_told(record):
            self._metadata = _metadata(record)
        return True

    @property
    def is_ours(self) -> bool:
        """Whether a metadata record of this archive's kind speaks of the answer."""
        return self._metadata is not None and sole(self._metadata, "copytrail-hop") is not None

    def capture(self, *, fields: Fields = (), metadata: Fields = ()) -> Capture:
        """The capture; ``fields`` and ``metadata`` are what is known beyond those of the records, or stands there without a value."""
        answer = self.answer
        with placed(f"offset {answer.offset}"):
            ref = RecordRef(key=self._key, offset=answer.offset, length=answer.length)
            known = {name.lower() for name, _ in fields}
            stated = (field for field in answer.fields if field[0].lower() not in known)
            told = (*(self._metadata or ()), *metadata)
            return capture_of((*stated, *fields), self._head, told, ref, self._length())

    def _length(self) -> int:
        records = [self.answer, *self._others]
        ends = [record.offset + record.length for record in records]
        beside = all(record.length and record.offset == end for record, end in zip(records[1:], ends, strict=False))
        mutual = {named(record.fields, "WARC-Record-ID") for record in self._others} == _concurrents(self.answer.fields)
        return ends[-1] - self.answer.offset if self.is_ours and beside and mutual else 0


def is_told(record: Readable) -> bool:
    """Whether a record is metadata in named fields."""
    return record.type == "metadata" and sole(record.fields, "Content-Type") == FIELDS_TYPE


def named(fields: Fields, name: str) -> str | None:
    """The id or URL in a field, without brackets."""
    value = sole(fields, name)
    return unbracketed(value) if value else None


def _concurrents(fields: Fields) -> set[str | None]:
    return {unbracketed(value) for name, value in fields if name.lower() == _CONCURRENT}


def _metadata(record: Readable) -> Fields:
    data = record.block.read(METADATA_LIMIT + 1)
    if len(data) > METADATA_LIMIT:
        raise WarcError(f"metadata longer than {METADATA_LIMIT} bytes")
    return read(data)
