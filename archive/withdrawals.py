"""What was withdrawn or is under embargo, and the one place that decides whether a capture may be shown.

Contract: a :class:`Withdrawal` is one object, ``withdrawals/<time>-<id>.json``, created once and listed in a manifest; it holds while it
stands in the store, whatever becomes of the catalogue.  What lifts one is another.  A :class:`Veil` is what holds at one moment: an archive
that is opened to show something to people looks through it at the catalogue (``archive/shown.py``).  An address is
meant as the index keys it (``archive/surts.py``): http and https, with www and without.  What refers to a hidden record is hidden too, for
it shows the same words.  An embargo (``until``) ends by itself; nothing is rewritten for it.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from archive import codec, layout
from archive.custody import Agent
from archive.records import Capture
from archive.store import Store
from archive.surts import surt

_FRESH = timedelta(seconds=1)  # for which nobody asks the store again
_DONE = layout.erased_key("")


class Mode(StrEnum):
    """What a withdrawal asks for."""

    HIDE = "hide"  # shown to nobody; the bytes stay
    ERASE = "erase"  # the bytes are destroyed
    LIFT = "lift"  # an earlier one holds no longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Stone:
    """What is left to say of a capture that was withdrawn; none of its words."""

    record: str
    url: str
    time: datetime
    kind: str  # response or revisit
    digest: str | None  # of the payload
    block_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Bytes of an object that are to be erased.

    In a WARC file whole records that lie together, with the id, type and block digest of each; elsewhere a line of JSON.
    """

    key: str
    offset: int
    length: int
    records: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """An object that an erasure changes or removes, as it was before."""

    key: str
    size: int
    sha256: str
    kept: str | None = None  # digest of all its bytes but those that are erased, which stay as they are; None where it is made anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What is no longer shown: every capture of ``urls``, now and later, ``records`` by their ids, and every copy of the payloads."""

    id: str
    time: datetime
    agent: Agent
    reason: str
    mode: Mode
    until: datetime | None = None  # the end of an embargo
    urls: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    payloads: tuple[str, ...] = ()  # digests of which every copy is meant
    stones: tuple[Stone, ...] = ()  # what it hid when it was made
    places: tuple[Place, ...] = ()  # of an erasure: the bytes
    objects: tuple[Touched, ...] = ()  # of an erasure: where they lie, and what is made anew without its rows
    lifts: str | None = None  # the id of another

    @property
    def key(self) -> str:
        """Where it lies."""
        return layout.withdrawal_key(self.time, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """That an erasure is done; ``withdrawal`` is the key of what ordered it."""

    withdrawal: str
    time: datetime
    objects: int


def stone_of(capture: Capture) -> Stone:
    """What is left to say of a capture."""
    return Stone(
        record=capture.id,
        url=capture.url,
        time=capture.time,
        kind=capture.kind,
        digest=capture.payload_digest,
        block_digest=capture.block_digest,
    )


def named(withdrawal: Withdrawal) -> Withdrawal:
    """The same under the id of its content."""
    return replace(withdrawal, id=hashlib.sha256(codec.text_of(replace(withdrawal, id="")).encode()).hexdigest()[:12])


def keys(store: Store) -> Iterator[str]:
    """The keys of all withdrawals, the oldest first."""
    return (key for key in store.keys(layout.WITHDRAWALS) if not key.endswith(_DONE))


def withdrawals(store: Store) -> tuple[Withdrawal, ...]:
    """All of them, the oldest first, also those that hold no longer; CodecError for one that is damaged."""
    return tuple(codec.read(Withdrawal, store.read(key)) for key in keys(store))


def standing(items: Iterable[Withdrawal], now: datetime) -> list[Withdrawal]:
    """Those that hold at a time; what was erased cannot be lifted."""
    items = list(items)
    lifted = {item.lifts for item in items}
    return [
        item
        for item in items
        if item.mode is Mode.ERASE or (item.mode is Mode.HIDE and item.id not in lifted and (item.until is None or item.until > now))
    ]


class Veil:
    """What is hidden at one moment, and by which withdrawal: of several by the oldest that has no end, else by the oldest."""

    def __init__(self, items: Iterable[Withdrawal], now: datetime) -> None:
        """The veil that all withdrawals of an archive make at ``now``."""
        self._keys: dict[str, Withdrawal] = {}
        self._records: dict[str, Withdrawal] = {}
        self._payloads: dict[str, Withdrawal] = {}
        self.standing = tuple(sorted(standing(items, now), key=lambda item: (item.until is not None, item.time, item.id)))
        for item in self.standing:
            for url in item.urls:
                self._keys.setdefault(surt(url), item)
            for record in (*item.records, *(stone.record for stone in item.stones)):
                self._records.setdefault(record, item)
            for digest in item.payloads:
                self._payloads.setdefault(digest, item)
        self._erased = {stone.record for item in self.standing if item.mode is Mode.ERASE for stone in item.stones}

    def __bool__(self) -> bool:
        """Whether anything is hidden."""
        return bool(self._keys or self._records or self._payloads)

    def hides(self, capture: Capture) -> Withdrawal | None:
        """The withdrawal by which a capture is not shown; None where there is none."""
        if not self:
            return None
        return (
            self._keys.get(capture.surt)
            or self._records.get(capture.id)
            or self._payloads.get(capture.payload_digest or "")
            or self._records.get(capture.refers_to or "")
            or (self._keys.get(surt(capture.refers_to_url)) if capture.refers_to_url else None)
        )

    def hides_record(self, identifier: str) -> Withdrawal | None:
        """The withdrawal by which a record of which nothing else is known is not shown."""
        return self._records.get(identifier)

    def erased(self, identifier: str) -> bool:
        """Whether a record is no longer there."""
        return identifier in self._erased

    def hides_url(self, url: str) -> Withdrawal | None:
        """The withdrawal by which nothing of an address is shown."""
        return self._keys.get(surt(url)) if self._keys else None

    def bars(self, url: str) -> Withdrawal | None:
        """The withdrawal by which an address is not fetched any more; an embargo goes on being watched."""
        found = self.hides_url(url)
        return found if found is not None and found.until is None else None


NOTHING = Veil((), datetime.min.replace(tzinfo=UTC))


class Watch:
    """The withdrawals of one store, read once each: objects never change, and there may be a new one at any time."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        """``clock`` says when an embargo has ended."""
        self._store, self._clock = store, clock
        self._held: Mapping[str, Withdrawal] = {}
        self._looked: datetime | None = None
        self._veil = NOTHING

    def veil(self) -> Veil:
        """What is hidden now; what another process withdrew counts a second later."""
        now = self._clock()
        if self._looked is None or not timedelta() <= now - self._looked < _FRESH:
            self._held = {key: self._held.get(key) or codec.read(Withdrawal, self._store.read(key)) for key in keys(self._store)}
            self._veil, self._looked = Veil(self._held.values(), now), now
        return self._veil

    def forget(self) -> None:
        """Ask the store next time: something was withdrawn here."""
        self._looked = None
