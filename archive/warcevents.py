"""The records of one capture event, joined as they come: an answer, and what names it.

Contract: pure but for reading the block of the record at hand; memory does not grow with the number of records.  An event begins with its
response or revisit; ``take`` looks at each record after it, and of the first metadata record that names the answer in WARC-Concurrent-To
takes the fields.  ``capture`` may be asked for when the record after the last one of the event was read, because a record's length is known
only then.  Its ``event_length`` is that of the records behind one another that the answer and they name mutually, as our writer puts them;
0 for the events of other writers, whose end nothing tells.
"""

from archive.captures import capture_of
from archive.heads import Head
from archive.records import Capture, RecordRef
from archive.warcdraft import METADATA_LIMIT
from archive.warcfields import Fields, WarcError, placed, read, sole
from archive.warcfound import Found

FIELDS_TYPE = "application/warc-fields"


class Event:
    """An answer and what belongs to it."""

    def __init__(self, answer: Found, head: Head, key: str) -> None:
        self._answer = answer
        self._head = head
        self._key = key
        self._metadata: Fields | None = None
        self._awaited = set(answer.concurrent_to)  # what the answer names and was not there yet
        self._pending: Found | None = answer  # of the event, and its length is not known yet
        self._end = answer.offset
        self._goes_on = True  # no other record came in between
        self._whole = True

    def take(self, record: Found) -> None:
        """Look at the next record; WarcError for metadata that cannot be read."""
        self._settle()
        ours = self._answer.id in record.concurrent_to
        self._goes_on = self._goes_on and ours and record.id in self._awaited
        if self._goes_on:
            self._awaited.discard(record.id or "")
            self._pending = record
        if ours and self._metadata is None and _is_told(record):
            self._metadata = _metadata(record)

    def _settle(self) -> None:
        """Go to the end of the record whose length was not known."""
        last, self._pending = self._pending, None
        if last is not None:
            self._whole = self._whole and last.length > 0 and last.offset == self._end
            self._end += last.length

    @property
    def is_ours(self) -> bool:
        """Whether a metadata record of this archive's kind speaks of the answer."""
        return self._metadata is not None and sole(self._metadata, "copytrail-hop") is not None

    def capture(self, *, fields: Fields = (), metadata: Fields = ()) -> Capture:
        """The capture; ``fields`` and ``metadata`` are what is known beyond those of the records, or stands there without a value."""
        answer = self._answer
        with placed(f"offset {answer.offset}"):
            ref = RecordRef(key=self._key, offset=answer.offset, length=answer.length)
            known = {name.lower() for name, _ in fields}
            stated = (field for field in answer.fields if field[0].lower() not in known)
            told = (*(self._metadata or ()), *metadata)
            return capture_of((*stated, *fields), self._head, told, ref, self._length())

    def _length(self) -> int:
        self._settle()
        return self._end - self._answer.offset if self._whole and not self._awaited and self.is_ours else 0


def _is_told(record: Found) -> bool:
    """Whether a record is metadata in named fields."""
    return record.type == "metadata" and record.sole("Content-Type") == FIELDS_TYPE


def _metadata(record: Found) -> Fields:
    data = record.block.read(METADATA_LIMIT + 1)
    if len(data) > METADATA_LIMIT:
        raise WarcError(f"metadata longer than {METADATA_LIMIT} bytes")
    return read(data)
