"""What each writer put into the store, as a chain of lists: a changed, missing or slipped-in object shows.

Contract: ``manifests/<writer>/000001.json`` and up.  Each list names the objects created since the one before it, with size and sha256,
the sha256 of that list, who wrote it, and the key that signs it where there is one; whoever creates the next number owns it (put-if-absent
is the lock).  Signature and time stamp lie beside it (``archive/notary.py``).  ``check`` reads every list and every object that they name,
and finds what is no longer so, unless a later link says that an erasure changed it; signatures are looked at by
``archive/verify_signed.py``, erasures by ``archive/verify_erased.py``.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from archive import codec, layout
from archive.custody import Agent
from archive.notary import Notary
from archive.store import ObjectExists, ObjectInfo, ObjectMissing, Store, measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """An object that an erasure changed: its digest until then, and since then (None where it was removed), and the withdrawal's key."""

    key: str
    before: str
    after: str | None
    withdrawal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One link of a chain; ``previous`` is the digest of the link before it, None of the first."""

    writer: str
    number: int
    time: datetime
    previous: str | None
    agent: Agent | None = None
    key: str | None = None  # fingerprint of the key whose signature lies beside it
    objects: tuple[ObjectInfo, ...]
    erased: tuple[Erased, ...] = ()  # what earlier links, of any writer, say of these objects held until then


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as a manifest says: ``key`` is the object or manifest concerned."""

    key: str
    problem: str


def append(
    store: Store,
    writer: str,
    objects: Sequence[ObjectInfo],
    now: datetime,
    *,
    erased: Sequence[Erased] = (),
    agent: Agent | None = None,
    notary: Notary | None = None,
) -> str:
    """Add a link that names ``objects``, whose digests must be known; its key.  KeyProblem when it should be signed and cannot."""
    if any(item.sha256 is None for item in objects):
        raise ValueError("an object without a digest cannot be vouched for")
    notary = notary or Notary()
    number, previous = _last(store, writer)
    while True:
        link = Manifest(
            writer=writer,
            number=number + 1,
            time=now,
            previous=previous,
            agent=agent,
            key=notary.fingerprint,
            objects=tuple(objects),
            erased=tuple(erased),
        )
        key, data = layout.manifest_key(writer, link.number), codec.text_of(link).encode()
        notary.sign(store, key, data)
        try:
            store.create(key, data)
        except ObjectExists:  # another process of this writer took the number
            number, previous = link.number, _digest(store.read(key))
            continue
        notary.stamp(store, key, data)
        return key


def links(store: Store, writer: str) -> Iterator[str]:
    """The keys of a writer's links, in order; what lies beside them is left out."""
    return (key for key in store.keys(f"manifests/{writer}/") if not key.endswith(layout.BESIDE))


def read_chain(store: Store, writer: str) -> Iterator[Manifest]:
    """The links of a writer in order; CodecError for one that is damaged."""
    for key in links(store, writer):
        yield codec.read(Manifest, store.read(key))


def writers(store: Store) -> Iterator[str]:
    """Everybody who has a chain, sorted."""
    known = None
    for key in store.keys("manifests/"):
        writer = key.split("/")[1]
        if writer != known:
            yield writer
            known = writer


def heads(store: Store) -> Iterator[tuple[str, int, str]]:
    """Where each writer's chain stands, records of custody passed over: writer, number and digest of the newest link that names more."""
    for writer in writers(store):
        number, digest = _last(store, writer)
        while digest is not None:
            link = codec.read(Manifest, store.read(layout.manifest_key(writer, number)))
            if not all(item.key.startswith(layout.CUSTODY) for item in link.objects):
                yield writer, number, digest
                break
            number, digest = number - 1, link.previous


def check(store: Store) -> Iterator[Finding]:
    """Everything that is not as the manifests say; reads every object once, and holds none in memory."""
    told = {(item.key, item.before) for item in erasures(store)}
    for writer in writers(store):
        number = 0
        previous: str | None = None
        for key in links(store, writer):
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
                if (item.key, item.sha256) not in told:
                    yield from _check_object(store, item)


def erasures(store: Store) -> Iterator[Erased]:
    """What the links of all writers say that erasures changed; damaged links say nothing here."""
    for writer in writers(store):
        for key in links(store, writer):
            with suppress(codec.CodecError):
                yield from codec.read(Manifest, store.read(key)).erased


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
