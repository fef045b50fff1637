"""Erasure: the bytes of captures gone from every object of the archive and from the catalogue, everything else as it was.

Contract: ``order`` finds all that has to be changed and stores it as a withdrawal, which hides from then on; ``carry_out`` does it, step by
step, each of which may be done twice, and stores last that it is done; ``unfinished`` gives what a kill cut off.  In a WARC file tombstone
records take the place of the records (``archive/tombstonerecords.py``), in seeds and run logs the free text of a line is blanked, both with
the length kept; indexes, tables and what a package of others held beside its WARC files are made again without the rows, or removed.  A
link of the manifest chain names what each object was and is.  ObjectLocked, before anything is changed, when a lock forbids it.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from archive import codec, layout, pending
from archive.catalogueerase import forget
from archive.erasedrows import derived, without
from archive.erasureplan import FREE_TEXT, lines_with, passages, places_of, touched
from archive.manifest import Erased
from archive.records import Capture
from archive.spool import Spool
from archive.store import ObjectExists, ObjectInfo, ObjectMissing, Patch, Store, measured
from archive.tombstonerecords import CannotFit, Tomb, filled
from archive.vault import Archive
from archive.withdrawals import Done, Mode, Place, Touched, Withdrawal, withdrawals
from archive.withdrawing import Request, WithdrawalError, drafted, find, save


def order(archive: Archive, request: Request, now: datetime) -> Withdrawal:
    """Store what is to be erased; WithdrawalError when there is nothing, or no room for a tombstone."""
    taken = find(archive, request).taken(request)
    if not taken:
        raise WithdrawalError("nothing of it is in the archive")
    lines = said_in(archive, taken)
    places = (*places_of(archive.store, taken), *lines["outcomes/"], *(lines["seeds/"] if request.copies else ()))
    records = frozenset(capture.id for capture in taken)
    order = replace(drafted(archive, request, taken, now), places=places, objects=tuple(touched(archive.store, places, records)))
    for place in places:
        _check_room(place, now)
    for item in order.objects:
        archive.store.refuse_locked(item.key)
    return save(archive, order, now)


def said_in(archive: Archive, captures: Iterable[Capture]) -> dict[str, tuple[Place, ...]]:
    """Where passages of the texts of some captures stand in run logs (``outcomes/``) and in what people gave (``seeds/``)."""
    captures = list(captures)
    words, urls = passages(archive.catalogue.documents_with([item.id for item in captures]).values()), {item.url for item in captures}
    return {prefix: tuple(lines_with(archive, words, urls, prefix)) for prefix in ("outcomes/", "seeds/")}


def _check_room(place: Place, now: datetime) -> None:
    try:
        if place.key.startswith("warc/"):
            next(filled(place, Tomb(withdrawal="0" * 12, time=now), plain=place.key.endswith(layout.PLAIN_SUFFIX)))
    except CannotFit as error:
        raise WithdrawalError(str(error)) from error


def unfinished(archive: Archive) -> Iterator[Withdrawal]:
    """The erasures that were ordered and are not done, the oldest first."""
    for item in withdrawals(archive.store):
        if item.mode is Mode.ERASE and archive.store.info(layout.erased_key(item.key)) is None:
            yield item


def resume_erasures(archive: Archive, clock: Callable[[], datetime]) -> Iterator[Withdrawal]:
    """Finish what was cut off; each when it is done."""
    for order in unfinished(archive):
        carry_out(archive, order, clock())
        yield order


def carry_out(archive: Archive, order: Withdrawal, now: datetime) -> Done:
    """Do it, or what is left to do of it."""
    changed: list[Erased] = []
    objects: list[ObjectInfo] = []
    for item in order.objects:
        befores, info = _replace(archive, order, item) if item.kept is not None else _make_again(archive, order, item, now)
        after = info.sha256 if info is not None else None
        changed += [Erased(key=item.key, before=before, after=after, withdrawal=order.key) for before in befores if before != after]
        objects += [info] if info is not None else []
    forget(archive.catalogue, {stone.record for stone in order.stones}, {stone.url for stone in order.stones})
    archive.vouch(objects, now, changed)
    done = Done(withdrawal=order.key, time=now, objects=len(order.objects))
    archive.create(layout.erased_key(order.key), codec.text_of(done).encode(), now)
    return done


def _replace(archive: Archive, order: Withdrawal, item: Touched) -> tuple[set[str], ObjectInfo]:
    """Put tombstones and blanks into an object; the digests that it had, and what it is now."""
    tomb = Tomb(withdrawal=order.id, time=order.time)
    patches = [_patch(archive.store, place, tomb) for place in order.places if place.key == item.key]
    try:
        return {item.sha256}, archive.store.erase(item.key, patches, sha256=item.sha256)
    except ObjectExists:  # another erasure was there first, in other places of it
        with archive.store.open(item.key) as stream:
            held = measured(stream)[1]
        return {item.sha256, held}, archive.store.erase(item.key, patches, sha256=held)


def _patch(store: Store, place: Place, tomb: Tomb) -> Patch:
    if place.key.startswith("warc/"):
        pieces = partial(filled, place, tomb, plain=place.key.endswith(layout.PLAIN_SUFFIX))
    else:
        with store.open(place.key, place.offset, place.length) as stream:
            line = _blanked(stream.read())
        pieces = partial(iter, [line])
    return Patch(offset=place.offset, length=place.length, pieces=pieces)


def _blanked(line: bytes) -> bytes:
    """A line of JSON without its free text, as long as it was."""
    text = json.dumps(_without_text(json.loads(line)), ensure_ascii=False, separators=(",", ":")).encode()
    return text.ljust(len(line))


def _without_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "" if name in FREE_TEXT and isinstance(held, str) else _without_text(held) for name, held in value.items()}
    return [_without_text(held) for held in value] if isinstance(value, list) else value


def _make_again(archive: Archive, order: Withdrawal, item: Touched, now: datetime) -> tuple[set[str], ObjectInfo | None]:
    """Remove an index, a table or the rest of a package, and make it again without the erased rows; None for what stays away."""
    store, records = archive.store, {stone.record for stone in order.stones}
    try:
        data = store.read(item.key)
    except ObjectMissing:
        return {item.sha256}, None
    if not derived(item.key):
        store.remove(item.key)
        return {item.sha256}, None
    left = without(item.key, data, order.places, records)
    if left is None:  # done already
        return {item.sha256}, ObjectInfo(key=item.key, size=len(data), sha256=Spool(data).digest)
    with pending.noted(archive.folder, item.key, left, now):  # a kill in between leaves what is to be there
        store.remove(item.key)
        return {item.sha256, Spool(data).digest}, store.create(item.key, left)
