"""What a store is known to do, kept in the store itself, so that every writer knows whether it may share it.

Contract: put-if-absent is the only lock of the archive, and there are S3 servers that take the condition and ignore it
(orchestration.md §1.2).  A charter, ``charter/000001.json`` and up, says what was probed, when, by which version, and who may write; the
newest holds, none is ever replaced, and each is in a manifest.  Every writer passes :func:`admit` before its first object: one listing and
one small read.  An S3 store without a charter is probed there with two conditional PUTs, once in its life; ``copytrail doctor --store``
probes everything (``archive/probe.py``).  A folder needs none: where a file system cannot link, nothing can be written at all.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version

from archive import codec, layout, manifest
from archive.store import ObjectExists, Store, StoreError

CREATE_ONCE, RACE = "create once", "race"
READ_BACK, CHECKSUM, RANGE, LISTING = "read back", "wrong checksum", "range", "listing"
_LOCKS = (CREATE_ONCE, RACE)  # without them two writers overwrite each other
_VITAL = (READ_BACK, CHECKSUM, RANGE, LISTING)  # without them what is written cannot be proved or read


class State(StrEnum):
    """How a check ended; ``warn`` is something to know, and keeps nobody from working."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Sharing(StrEnum):
    """Who may write into a store."""

    SHARED = "shared"
    SINGLE = "single"
    UNFIT = "unfit"


VERDICTS = {
    Sharing.SHARED: "may be shared by several writers",
    Sharing.SINGLE: "one writer only",
    Sharing.UNFIT: "not to be used",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: what was found, and what to do about it where something is to be done."""

    name: str
    state: State
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter:
    """What one probe found; ``only`` is the writer who may write where one may."""

    number: int
    made: datetime
    by: str  # the writer that probed
    software: str
    sharing: Sharing
    only: str | None = None
    checks: tuple[Check, ...]


class StoreRefused(StoreError):
    """This writer may not write into this store."""


Keep = Callable[[str, bytes, datetime], object]  # creates an object and lists it in a manifest; ObjectExists when the key is taken


@dataclass(slots=True)
class Gate:
    """Remembers that its writer was admitted."""

    open: bool = False

    def enter(self, store: Store, writer: str, clock: Callable[[], datetime], keep: Keep) -> None:
        """Let the writer in, or raise StoreRefused; the store is asked the first time only."""
        if not self.open:
            admit(store, writer, clock, keep)
            self.open = True


def admit(store: Store, writer: str, clock: Callable[[], datetime], keep: Keep) -> None:
    """Let ``writer`` write; StoreRefused when the charter does not.  An S3 store that has none gets one, dated by the clock."""
    charter = newest(store)
    if charter is None and store.url.startswith("s3://"):
        charter = _first(store, writer, clock(), keep)
    if charter is None or charter.sharing is Sharing.SHARED:
        return
    see = f"({layout.charter_key(charter.number)}; `copytrail doctor --store {store.url}` probes it anew)"
    failed = ", ".join(check.name for check in charter.checks if check.state is State.FAIL)
    if charter.sharing is Sharing.UNFIT:
        raise StoreRefused(f"{store.url} is not to be used: it failed {failed} {see}")
    if charter.only != writer:
        raise StoreRefused(
            f"{store.url} cannot be shared: it ignores conditions ({failed}), so that two writers would overwrite each other;"
            f" {charter.only} writes there, and {writer} may not {see}"
        )


def newest(store: Store) -> Charter | None:
    """The charter that holds; StoreError for one that cannot be read, because a guess could cost an archive."""
    *_, key = ["", *store.keys(layout.CHARTERS)]
    if not key:
        return None
    try:
        return codec.read(Charter, store.read(key))
    except codec.CodecError as error:
        raise StoreError(f"{store.url}: {key} cannot be read ({error})") from error


def verdict(checks: Iterable[Check]) -> Sharing | None:
    """What the checks of a whole probe add up to; None when one that decides was not made."""
    states = {check.name: check.state for check in checks}
    if any(states.get(name) is State.FAIL for name in _VITAL):
        return Sharing.UNFIT
    if not states.keys() >= {*_LOCKS, *_VITAL}:
        return None
    return Sharing.SINGLE if any(states[name] is State.FAIL for name in _LOCKS) else Sharing.SHARED


def made(store: Store, writer: str, now: datetime, sharing: Sharing, checks: Sequence[Check], *, only: str | None = None) -> Charter:
    """The charter that follows from a probe: the one that holds already, when it says the same.

    Where one may write that is ``only``, else who did so far, else ``writer``.
    """
    held = newest(store)
    alone = only or (held.only if held else None) or _sole_writer(store) or writer
    charter = Charter(
        number=held.number + 1 if held else 1,
        made=now,
        by=writer,
        software=f"copytrail/{version('copytrail')}",
        sharing=sharing,
        only=None if sharing is Sharing.SHARED else alone,
        checks=tuple(checks),
    )
    return held if held is not None and _says(held) == _says(charter) else charter


def write(store: Store, charter: Charter, keep: Keep) -> Charter:
    """Put a charter into the store; the one that holds afterwards, which may be that of a writer who was as quick.

    Where conditions are ignored the later of two wins, and the earlier has to learn of it.
    """
    with suppress(ObjectExists):
        keep(layout.charter_key(charter.number), codec.text_of(charter).encode(), charter.made)
    return newest(store) or charter


def create_once(store: Store, key: str) -> Check:
    """Create an object twice with different content: the second must be refused."""
    store.create(key, b"the first\n")
    try:
        store.create(key, b"the second\n")
    except ObjectExists:
        return Check(name=CREATE_ONCE, state=State.OK, found="what is there is not overwritten: the second of two is refused")
    found = "what is there is overwritten: If-None-Match is ignored"
    return Check(name=CREATE_ONCE, state=State.FAIL, found=found, advice="let one machine write here, or take another store")


def _first(store: Store, writer: str, now: datetime, keep: Keep) -> Charter:
    """The charter of a store that has none: it is probed for the one thing that a shared store cannot do without.

    The probe's own object stays, because a store removes nothing.
    """
    check = create_once(store, layout.probe_key(f"{now.astimezone(UTC):%Y%m%dT%H%M%S%f}-{writer}", "first-use"))
    sharing = Sharing.SHARED if check.state is State.OK else Sharing.SINGLE
    return write(store, made(store, writer, now, sharing, (check,)), keep)


def _says(charter: Charter) -> tuple[Sharing, str | None, list[tuple[str, State]]]:
    return charter.sharing, charter.only, [(check.name, check.state) for check in charter.checks]


def _sole_writer(store: Store) -> str | None:
    """Who has written so far, when that is one."""
    known = list(manifest.writers(store))
    return known[0] if len(known) == 1 else None
