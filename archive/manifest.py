"""What each writer put into the store, as a chain of lists: a changed, missing or slipped-in object shows.

Contract: ``manifests/<writer>/000001.json`` and up.  Each list names the objects created since the one before it, with size and sha256,
and the sha256 of that list; whoever creates the next number owns it (put-if-absent is the lock).  ``check`` reads every list and every
object that they name, and finds what is no longer so.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive import codec, layout
from archive.store import ObjectExists, ObjectInfo, ObjectMissing, Store, measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One link of a chain; ``previous`` is the digest of the link before it, None of the first."""

    writer: str
    number: int
    time: datetime
    previous: str | None
    objects: tuple[ObjectInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as a manifest says: ``key`` is the object or manifest concerned."""

    key: str
    problem: str


def append(store: Store, writer: str, objects: Sequence[ObjectInfo], now: datetime) -> str:
    """Add a link that names ``objects``, whose digests must be known; its key."""
    if any(item.sha256 is None for item in objects):
        raise ValueError("an object without a digest cannot be vouched for")
    number, previous = _last(store, writer)
    while True:
        link = Manifest(writer=writer, number=number + 1, time=now, previous=previous, objects=tuple(objects))
        key = layout.manifest_key(writer, link.number)
        try:
            store.create(key, codec.text_of(link).encode())
        except ObjectExists:  # another process of this writer took the number
            number, previous = link.number, _digest(store.read(key))
            continue
        return key


def read_chain(store: Store, writer: str) -> Iterator[Manifest]:
    """The links of a writer in order; CodecError for one that is damaged."""
    for key in store.keys(f"manifests/{writer}/"):
        yield codec.read(Manifest, store.read(key))


def writers(store: Store) -> Iterator[str]:
    """Everybody who has a chain, sorted."""
    known = None
    for key in store.keys("manifests/"):
        writer = key.split("/")[1]
        if writer != known:
            yield writer
            known = writer


def check(store: Store) -> Iterator[Finding]:
    """Everything that is not as the manifests say; reads every object once, and holds none in memory."""
    for writer in writers(store):
        number = 0
        previous: str | None = None
        for key in store.keys(f"manifests/{writer}/"):
            data = store.read(key)
            number, expected = number + 1, previous
            previous = _digest(data)
            try:
                link = codec.read(Manifest, data)
            except codec.CodecError as error:
                yield Finding(key=key, problem=str(error))
                continue
            if key != layout.manifest_key(writer, number) or (link.writer, link.number) != (writer, number):
                yield Finding(key=key, problem=f"link {number} of the chain is missing")
                number = link.number
            elif link.previous != expected:
                yield Finding(key=key, problem=f"the link before it is not {link.previous}")
            for item in link.objects:
                yield from _check_object(store, item)


def _last(store: Store, writer: str) -> tuple[int, str | None]:
    """Number and digest of the newest link; 0 and None before the first.

    Numbers have no gaps, so the last is found by doubling and halving: a chain of years is not listed for each link.
    """
    found, step = 0, 1
    while _has(store, writer, found + step):
        found, step = found + step, step * 2
    while step > 1:
        step //= 2
        found += step if _has(store, writer, found + step) else 0
    return (found, _digest(store.read(layout.manifest_key(writer, found)))) if found else (0, None)


def _has(store: Store, writer: str, number: int) -> bool:
    return store.info(layout.manifest_key(writer, number)) is not None


def _check_object(store: Store, item: ObjectInfo) -> Iterator[Finding]:
    try:
        with store.open(item.key) as stream:
            size, digest = measured(stream)
    except ObjectMissing:
        yield Finding(key=item.key, problem="missing")
        return
    if size != item.size:
        yield Finding(key=item.key, problem=f"{size} bytes, not {item.size}")
    elif digest != item.sha256:
        yield Finding(key=item.key, problem=f"{digest}, not {item.sha256}")


def _digest(data: bytes) -> str:
    return measured(io.BytesIO(data))[1]
