"""Erasures, held against what the archive has: each was ordered, each is done, and changed nothing but what it named.

Contract: ``verify_erased`` gives the findings; ``file`` of a finding is a key.  What a link of a manifest chain says of a changed object
must rest on a withdrawal that names the object; at each place that this names lies a tombstone with its id; all other bytes of the object
have the digest that they had when it was ordered.  Of several erasures in one object the last tells that, for the digests before join them.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial

from archive import codec, layout, manifest
from archive.erasureplan import Rest
from archive.findings import Finding
from archive.records import RecordRef
from archive.store import ObjectMissing, Store
from archive.tombstonerecords import MARK
from archive.verify_rules import broken
from archive.warcfields import WarcError, read
from archive.warcread import record_at
from archive.withdrawals import Mode, Place, Withdrawal, keys

_PIECE = 1024 * 1024


def verify_erased(store: Store) -> Iterator[Finding]:
    """Check every erasure."""
    orders: dict[str, Withdrawal] = {}
    for key in keys(store):
        try:
            order = codec.read(Withdrawal, store.read(key))
        except codec.CodecError:
            continue  # said of the object
        if order.mode is Mode.ERASE:
            orders[key] = order
            if store.info(layout.erased_key(key)) is None:
                yield broken("erasure-open", key, "was ordered and is not done: copytrail withdraw --resume")
    yield from _unordered(store, orders)
    yield from _places(store, orders)


def _unordered(store: Store, orders: Mapping[str, Withdrawal]) -> Iterator[Finding]:
    told: dict[str, str] = {}
    for item in manifest.erasures(store):
        order = orders.get(item.withdrawal)
        if order is None or item.key not in {held.key for held in order.objects}:
            yield broken("erasure-unordered", item.key, f"a manifest says that {item.withdrawal} changed it, which did not order that")
        else:
            told.setdefault(item.key, f"changed by an erasure, {order.id} of {order.time:%Y-%m-%d}: {order.reason}; it was {item.before}")
    for key, words in told.items():
        yield broken("erasure", key, words)


def _places(store: Store, orders: Mapping[str, Withdrawal]) -> Iterator[Finding]:
    done = {key: order for key, order in orders.items() if store.info(layout.erased_key(key)) is not None}
    for order in done.values():
        for place in order.places:
            if place.key.startswith("warc/") and (problem := _no_tomb(store, place, order.id)):
                yield broken("erasure-tombstone", place.key, problem, offset=place.offset)
    kept = {(key, item.key): item.kept for key, order in done.items() for item in order.objects if item.kept is not None}
    before = {(item.key, item.sha256) for order in done.values() for item in order.objects}
    # Of what a later erasure changed once more, that one tells; the digests join the two.
    last = {(item.withdrawal, item.key) for item in manifest.erasures(store) if (item.key, item.after) not in before}
    for order_key, key in sorted(last & kept.keys()):
        wanted = kept[order_key, key]
        with suppress(ObjectMissing):  # said of the manifest
            if (found := _rest(store, key, done[order_key])) != wanted:
                yield broken("erasure-more", key, f"what {done[order_key].id} left has {found}, not {wanted}")


def _rest(store: Store, key: str, order: Withdrawal) -> str:
    rest = Rest(place for place in order.places if place.key == key)
    with store.open(key) as stream:
        for data in iter(partial(stream.read, _PIECE), b""):
            rest.update(data)
    return rest.digest


def _no_tomb(store: Store, place: Place, order: str) -> str | None:
    try:
        with record_at(store, RecordRef(key=place.key, offset=place.offset, length=place.length)) as record:
            said = dict(read(record.block.read(1024)[:200].partition(b"\r\n")[0] + b"\r\n"))
    except (WarcError, ObjectMissing) as error:
        return f"no tombstone of {order}: {error}"
    return None if said.get(MARK) == order else f"holds {record.id}, which is no tombstone of {order}"
