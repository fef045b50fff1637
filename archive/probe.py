"""What a store can do, tried with real requests: whether several writers may share it, one may use it, or nobody should.

Contract: ``probe`` writes under a prefix of its own, ``probe/<name>/``, deletes nothing but that, and says what it could not delete.  It
ends in checks, one for each thing that the archive needs or that an operator should know, and in what they add up to
(``archive/charter.py``); ``sharing`` is None when the store could not be asked to the end.  ``reach`` only reads.  Neither raises for
anything that a store does; a URL that names no store is a StoreError.  The checks and what ignores them: orchestration.md §1.2, §1.4.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from archive import charter, layout
from archive.charter import Check, Sharing, State
from archive.store import Store, StoreError, open_store

MANY = 1_005  # a page of a listing holds 1,000 keys
_RACERS, _ROUNDS = 8, 3
AGAIN = "see what the store says, and probe it again"
_DATA = b"copytrail asks what this store can do\n"

Clock = Callable[[], datetime]


class Prober(Store, Protocol):
    """A store of one kind, with what the probe does beyond the archive's own operations."""

    def greet(self, clock: Clock) -> Iterator[Check]:
        """Whether it answers, and what it says of itself; reads only."""

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Whether the store took the object; False when it refused because the key is taken."""

    def special(self, probe: str) -> Iterator[Check]:
        """The checks of this kind of store alone."""

    def put_many(self, keys: Sequence[str]) -> None:
        """Create small objects, several at a time."""

    def listed(self, prefix: str) -> list[str]:
        """The keys under a prefix, in the order in which the store gives them."""

    def remove(self, prefix: str) -> None:
        """Delete what lies under a prefix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What a probe found."""

    checks: tuple[Check, ...]
    sharing: Sharing | None


def reach(url: str, *, endpoint: str | None, clock: Clock) -> tuple[Check, ...]:
    """Whether a store answers, by reading alone."""
    return tuple(_prober(url, endpoint).greet(clock))


def probe(url: str, *, endpoint: str | None, clock: Clock, name: str) -> Probed:
    """Try everything; ``name`` is that of this probe, and must be nobody else's."""
    store = _prober(url, endpoint)
    checks = list(store.greet(clock))
    if _failing(checks):
        return Probed(checks=tuple(checks), sharing=None)
    checks += _as_far_as_it_goes(_steps(store, name))
    checks.append(_removed(store, layout.probe_key(name) + "/"))
    # What failed may be a server that has gone away, which says nothing of what it can do.
    lost = [check for check in store.greet(clock) if check.name == "reach"] if _failing(checks) else []
    if _failing(lost):
        return Probed(checks=(*checks, *lost), sharing=None)
    return Probed(checks=tuple(checks), sharing=charter.verdict(checks))


def guarded(name: str, advice: str, step: Callable[[], Check]) -> Check:
    """One check; what the store raises at it is its finding."""
    try:
        return step()
    except StoreError as error:
        return failed(name, str(error), advice)


def _failing(checks: Sequence[Check]) -> bool:
    return any(check.state is State.FAIL for check in checks)


def passed(name: str, found: str) -> Check:
    """A check that found nothing wrong."""
    return Check(name=name, state=State.OK, found=found)


def failed(name: str, found: str, advice: str) -> Check:
    """A check that found something that the archive cannot do without."""
    return Check(name=name, state=State.FAIL, found=found, advice=advice)


def warned(name: str, found: str, advice: str) -> Check:
    """A check that found something to know."""
    return Check(name=name, state=State.WARN, found=found, advice=advice)


def _prober(url: str, endpoint: str | None) -> Prober:
    open_store(url, endpoint=endpoint)  # says what is wrong with a URL
    if url.startswith("s3://"):
        from archive.probe_s3 import S3Prober  # noqa: PLC0415 -- as in open_store

        return S3Prober(url, endpoint=endpoint)
    from archive.probe_dir import FolderProber  # noqa: PLC0415 -- it imports this module

    return FolderProber(url)


def _as_far_as_it_goes(steps: Iterator[Check]) -> Iterator[Check]:
    try:
        yield from steps
    except StoreError as error:
        yield failed("write", str(error), "may these credentials, or this user, write here? then probe it again")


def _steps(store: Prober, name: str) -> Iterator[Check]:
    """Each check; the first object is created outside any guard, because without it nothing can be told."""
    key = layout.probe_key(name, "object")
    store.create(key, _DATA)
    yield guarded(charter.READ_BACK, "take another store", lambda: _read_back(store, key))
    yield guarded(charter.CREATE_ONCE, AGAIN, lambda: charter.create_once(store, layout.probe_key(name, "twice")))
    yield guarded(charter.RACE, AGAIN, lambda: _race(store, name))
    yield _ranged(store, key)
    yield from store.special(name)
    yield guarded(charter.LISTING, "take another store", lambda: _listing(store, name))


def _read_back(store: Prober, key: str) -> Check:
    info = store.info(key)
    if store.read(key) != _DATA or info is None or info.size != len(_DATA):
        return failed(charter.READ_BACK, "what was just written is not what is read", "take another store")
    told = "" if info.sha256 is None else ", and its SHA-256 is told"
    return passed(charter.READ_BACK, f"what was just written is read at once{told}")


def _race(store: Prober, name: str) -> Check:
    """Several creators of one key at once."""
    winners = [_won(store, layout.probe_key(name, f"race-{number}")) for number in range(_ROUNDS)]
    said = f"{_ROUNDS} times {_RACERS} writers at once for one key: {', '.join(map(str, winners))} won"
    if winners == [1] * _ROUNDS:
        return passed(charter.RACE, said)
    return failed(charter.RACE, said, "let one machine write here, or take another store")


def _won(store: Prober, key: str) -> int:
    line = threading.Barrier(_RACERS)

    def run(number: int) -> bool:
        line.wait()
        return store.put_if_absent(key, f"writer {number}\n".encode())

    with ThreadPoolExecutor(_RACERS) as pool:
        return sum(pool.map(run, range(_RACERS)))


def _ranged(store: Prober, key: str) -> Check:
    advice = "take another store: no record can be read from here"
    try:
        with store.open(key, 10, 4) as part:
            if part.read() != _DATA[10:14]:
                return failed(charter.RANGE, "a part of an object is not what was asked for", advice)
    except StoreError as error:
        return failed(charter.RANGE, f"a part of an object cannot be read: {error}", advice)
    return passed(charter.RANGE, "a part of an object is read as asked")


def _listing(store: Prober, name: str) -> Check:
    """More keys than one page holds, among them two whose order servers disagree on."""
    names = [*(f"{number:04}" for number in range(MANY - 2)), "a-b"]
    keys = [layout.probe_key(name, "list", item) for item in names] + [layout.probe_key(name, "list", "a", "b")]
    store.put_many(keys)
    found = store.listed(layout.probe_key(name, "list") + "/")
    if sorted(found) != sorted(keys):
        said = f"{len(set(found) & set(keys))} of {len(keys)} keys are listed, {len(found)} in all"
        return failed(charter.LISTING, said, "take another store")
    order = "sorted" if found == sorted(found) else "not sorted by code point, which the archive mends"
    return passed(charter.LISTING, f"{len(keys):,} keys are listed, {order}")


def _removed(store: Prober, prefix: str) -> Check:
    """The probe's own objects, deleted again."""
    try:
        problem = ""
        try:
            store.remove(prefix)
        except StoreError as error:
            problem = f": {error}"
        left = len(store.listed(prefix))
    except StoreError as error:
        return warned("clean-up", f"what is left under {prefix} cannot be told: {error}", f"delete {prefix} by hand")
    if left:
        return warned("clean-up", f"{left:,} small objects remain under {prefix}{problem}", "delete them by hand, or let them lie")
    return passed("clean-up", "the probe's own objects are deleted again")
