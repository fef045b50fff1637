"""The records of one capture, held against each other while they are near.

Contract: ``Events.add`` takes the records of a file in its order.  Writers put the records of a capture close together, so nearly every
WARC-Concurrent-To (§5.7) is resolved among the last ``NEAR`` records; ``settle`` gets each record when it leaves them, with what of it is
still unresolved, and ``met`` judges two records that are concurrent, near or far.  Memory does not grow with the file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from archive import labelled
from archive.blockfacts import Excuse, Facts
from archive.heads import Head
from archive.labelled import OURS
from archive.remembered import remembered
from archive.warcfields import unbracketed
from archive.warcscan import Scanned, media

NEAR = 64
_ANSWERS = ("response", "revisit", "resource", "metadata")
_CAPTURED = ("response", "revisit", "resource", "metadata", "request")
_PAIRED = ("response", "revisit")


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """What is remembered of a record; ``unmet`` are the ids that it names as concurrent and that were not found yet."""

    file: int
    offset: int
    id: str | None
    length: int
    type: str
    uri: str | None
    date: str
    mark: int  # equal for two copies of one record, in this process
    status: int | None
    mime: str | None
    payload: bytes | None  # sha256
    stated: str | None
    capture: bool
    compressed: bool
    method: str | None = None
    unmet: set[str] = field(default_factory=set)
    claim: bytes | None = None  # of a metadata record of ours: the sha256 of the payload
    excusable: list[tuple[Excuse, str, str]] = field(default_factory=list)
    answered: bool = False
    asked: bool = False
    head: bool = False  # asked by HEAD
    vouched: bool = False  # our metadata record has hashed the payload as it came

    def excused(self, excuse: Excuse) -> bool:
        """Whether another record excuses what would be a fault."""
        return self.head if excuse == "head" else self.vouched


Told = tuple[str, Entry, str]  # the rule, the record, words


class Events:
    """The last records of a file."""

    def __init__(self, settle: Callable[[Entry], None]) -> None:
        self._settle = settle
        self._near: dict[str, Entry] = {}
        self._waiting: dict[str, list[Entry]] = {}

    def add(self, entry: Entry) -> list[Told]:
        """The next record; what is wrong between it and those before it."""
        if entry.id is None or entry.id in self._near:
            self._settle(entry)
            return []
        told: list[Told] = []
        if entry.id in entry.unmet:
            entry.unmet.remove(entry.id)
            told.append(("concurrent-self", entry, f"concurrent to itself, {entry.id}"))
        partners = {id(other): other for other in self._waiting.pop(entry.id, ())}
        for target in tuple(entry.unmet):
            other = self._near.get(target)
            if other is None:
                self._waiting.setdefault(target, []).append(entry)
            else:
                entry.unmet.remove(target)
                partners[id(other)] = other
        for other in partners.values():
            other.unmet.discard(entry.id)
            told += met(other, entry)
        self._near[entry.id] = entry
        if len(self._near) > NEAR:
            self._leave(next(iter(self._near)))
        return told

    def end(self) -> None:
        """The file has ended."""
        for name in tuple(self._near):
            self._leave(name)

    def _leave(self, name: str) -> None:
        entry = self._near.pop(name)
        for target in entry.unmet:
            waiting = self._waiting.get(target, [])
            if entry in waiting:
                waiting.remove(entry)
            if not waiting:
                self._waiting.pop(target, None)
        self._settle(entry)


def met(one: Entry, other: Entry) -> Iterator[Told]:
    """What is wrong between two records of one capture, of which one names the other; and each learns what the other is."""
    for this, that in ((one, other), (other, one)):
        if that.type == "request":
            this.asked = True
            this.head = this.head or that.method == "HEAD"
        elif that.type in _ANSWERS:
            this.answered = True
        if this.claim is not None and that.type == "response" and that.payload is not None:
            if this.claim == that.payload:
                that.vouched = True
            else:
                words = f"copytrail-payload-digest is sha256:{this.claim.hex()}, which is not that of {that.id}"
                yield "metadata-digest", this, words
    if one.date != other.date:
        yield "concurrent-dates", one, f"dated {one.date[:40]}, and {other.id} of the same capture {other.date[:40]}"
    for this, that in ((one, other), (other, one)):
        if that.type in {"warcinfo", "conversion", "continuation"} and this.type in _CAPTURED:
            yield "concurrent-types", this, f"concurrent to {that.id}, which is a {that.type} record"
        if this.type == "request" and that.type in _PAIRED and this.uri != that.uri:
            yield "concurrent-targets", this, f"a request for {str(this.uri)[:200]}, and {that.id} answers for {str(that.uri)[:200]}"


def entry_of(file: int, record: Scanned, facts: Facts) -> Entry:
    """What is remembered of a record of a file."""
    status = facts.status if record.type != "request" else None
    claim = None
    if record.type == "metadata":
        stated = next((value for name, value in facts.fields[:100] if name.lower() == "copytrail-payload-digest"), None)
        claim = (found.value if (found := labelled.parse(stated)) and found.algorithm == OURS else b"") if stated is not None else None
    return Entry(
        file=file,
        offset=record.offset,
        id=record.id,
        length=record.length,
        type=record.type,
        uri=record.target,
        date=instant(record.first("WARC-Date") or ""),
        mark=hash((record.header, facts.block_digest)),
        status=status,
        mime=media(facts.head.first("content-type") or "") if facts.head is not None and status is not None else record.media,
        payload=facts.payload_digest if record.type != "revisit" else None,
        stated=record.first("WARC-Payload-Digest"),
        capture=record.type in {"response", "revisit"} and status is not None,
        compressed=record.compressed,
        method=_method(facts.head) if facts.head is not None and record.type == "request" else None,
        unmet={unbracketed(value) for value in record.all("WARC-Concurrent-To")},
        claim=claim,
        excusable=facts.excusable,
    )


def _method(head: Head) -> str:
    return head.start_line.partition(b" ")[0].decode("latin-1").upper()


@remembered
def instant(date: str) -> str:
    """A date without digits that say nothing, so that equal times are equal texts."""
    whole, point, fraction = date.removesuffix("Z").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}{point if fraction else ''}{fraction}Z" if date.endswith("Z") and point else date
