"""Files that somebody else wrote, WARC and WACZ, brought into the archive with their bytes kept exactly.

Contract: each WARC becomes an object of its own, byte for byte as it was, compressed or not, named by the date of its first record and its
digest, with index, manifest entry and catalogue rows like one of ours.  A WACZ gives its WARC files, which it holds uncompressed, and one
object with all its other bytes; what is nowhere twice can be put together again (:func:`rejoined`), so that the package's own digests and
signature stay provable.  An :class:`Import` under the digest of the file says what it was called, where each stretch of it lies, and what
in it is damaged: that is kept, and only what is whole is indexed.  It is written last: whatever a kill cuts off, the same import finishes.
Bringing the same bytes again changes nothing.  NotImportable says why a file is neither; StoreError and OSError as they come.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from archive import cdxj, codec, foreign, layout, waczparts
from archive.gzipmembers import MAGIC
from archive.indexing import at_path, indexed
from archive.records import Capture
from archive.store import ObjectExists, ObjectInfo, Store, measured
from archive.vault import Archive
from archive.waczfile import BadPackage, Package, opened
from archive.warcfields import WarcError, date
from archive.warcscan import scan

MOST_FAULTS = 1000  # told of one file; the others are counted
_PIECE = 1024 * 1024
_ZIP = b"PK\x03\x04"


class NotImportable(ValueError):
    """A file that is neither a WARC nor a WACZ, or holds nothing that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a file that was brought in: ``length`` bytes of an object, from ``offset`` in that."""

    key: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is damaged, and so in no index: ``file`` is the WARC's name, in a package that of its entry; ``offset`` is in that."""

    file: str
    offset: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What became of one file; ``parts`` one after another are its bytes."""

    name: str
    size: int
    sha256: str
    time: datetime
    warcs: tuple[str, ...]
    captures: int
    parts: tuple[Part, ...]
    faults: tuple[Fault, ...] = ()
    more_faults: int = 0


@dataclass(slots=True, kw_only=True)
class _Job:
    """One import on its way."""

    archive: Archive
    objects: list[ObjectInfo] = field(default_factory=list)
    warcs: list[str] = field(default_factory=list)
    captures: int = 0
    faults: list[Fault] = field(default_factory=list)
    more_faults: int = 0
    waiting: list[Capture] = field(default_factory=list)  # revisits whose originals may come with the next WARC

    def fault(self, file: str, offset: int, message: str) -> None:
        """Take a fault."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(file=file, offset=offset, message=message))
        else:
            self.more_faults += 1

    def take(self, path: Path, name: str) -> str:
        """Bring in one WARC file; its key."""
        with path.open("rb") as stream:
            begins = stream.read(len(_ZIP))
            stream.seek(0)
            digest = measured(stream)[1]
        suffix = layout.WARC_SUFFIX if begins.startswith(MAGIC) else layout.PLAIN_SUFFIX
        key = layout.warc_key(layout.imported_name(_begun(path), digest, suffix))
        listed = list(indexed(at_path(path), key, partial(self.fault, name)))
        captures = sorted((item for item in listed if isinstance(item, Capture)), key=lambda item: item.ref.offset)
        self.objects += [self.archive.store.create(key, path, sha256=digest), self._index(layout.cdxj_key(key), cdxj.write(listed))]
        self.waiting += foreign.add(self.archive.catalogue, captures, at_path(path))[1]
        self.captures += len(captures)
        self.warcs.append(key)
        return key

    def _index(self, key: str, data: bytes) -> ObjectInfo:
        """The index of a WARC; one that an earlier version made of the same file stays."""
        try:
            return self.archive.store.create(key, data)
        except ObjectExists:
            with self.archive.store.open(key) as stream:
                size, digest = measured(stream)
            return ObjectInfo(key=key, size=size, sha256=digest)


def bring(archive: Archive, path: Path, clock: Callable[[], datetime]) -> tuple[Import, bool]:
    """Bring in the file at ``path``: what became of it, and whether that is new.

    StoreRefused or KeyProblem when nothing may be written here.
    """
    with path.open("rb") as stream:
        size, digest = measured(stream)
    known = find(archive.store, digest)
    if known is not None:
        return known, False
    archive.enter(clock)
    job = _Job(archive=archive)
    with tempfile.TemporaryDirectory(prefix="copytrail-import-") as folder:
        parts = _parts(job, path, size, digest, Path(folder))
    now = clock()
    archive.vouch(job.objects, now)
    foreign.add_revisits(archive.catalogue, job.waiting)
    done = Import(
        name=path.name,
        size=size,
        sha256=digest,
        time=now,
        warcs=tuple(job.warcs),
        captures=job.captures,
        parts=tuple(parts),
        faults=tuple(job.faults),
        more_faults=job.more_faults,
    )
    archive.create(layout.import_key(digest), codec.text_of(done).encode(), now)
    return done, True


def find(store: Store, digest: str) -> Import | None:
    """What became of the file with this digest; None when it was never brought in."""
    key = layout.import_key(digest)
    return None if store.info(key) is None else codec.read(Import, store.read(key))


def imports(store: Store) -> Iterator[Import]:
    """Everything that was brought in; what cannot be read is passed over, and told by verification."""
    for key in store.keys(layout.IMPORTS):
        with suppress(codec.CodecError):
            if key.endswith(".json"):
                yield codec.read(Import, store.read(key))


def rejoined(store: Store, done: Import) -> Iterator[bytes]:
    """The bytes of a file that was brought in, in pieces."""
    for part in done.parts:
        with store.open(part.key, part.offset, part.length) as stream:
            while data := stream.read(_PIECE):
                yield data


def _parts(job: _Job, path: Path, size: int, digest: str, folder: Path) -> list[Part]:
    with path.open("rb") as stream:
        begins = stream.read(len(_ZIP))
    if not begins.startswith(_ZIP):
        return [Part(key=job.take(path, path.name), offset=0, length=size)]
    try:
        with opened(path) as package:
            return _of_package(job, package, path, digest, folder)
    except BadPackage as error:
        raise NotImportable(str(error)) from error


def _of_package(job: _Job, package: Package, path: Path, digest: str, folder: Path) -> list[Part]:
    stretches: list[tuple[waczparts.Entry, str]] = []
    for entry in waczparts.warcs(package, path):
        try:
            if problem := waczparts.unpack(package, path, entry, folder / "warc"):
                job.fault(entry.name, 0, f"in the package: {problem}")
            key = job.take(folder / "warc", entry.name)
        except NotImportable as error:
            job.fault(entry.name, 0, str(error))
            continue
        if entry.start is not None:
            stretches.append((entry, key))
    if not job.warcs:
        raise NotImportable("a package without a WARC that can be read")
    stretches.sort(key=lambda item: item[0].start or 0)
    lengths = waczparts.rest(path, [entry for entry, _ in stretches], folder / "rest")
    job.objects.append(job.archive.store.create(layout.rest_key(digest), folder / "rest"))
    return list(_joints(stretches, lengths, layout.rest_key(digest)))


def _joints(stretches: list[tuple[waczparts.Entry, str]], lengths: list[int], rest: str) -> Iterator[Part]:
    """The parts of a package in order: what is around the WARC files, and these."""
    position = 0
    for (entry, key), length in zip(stretches, lengths[:-1], strict=True):
        yield Part(key=rest, offset=position, length=length)
        yield Part(key=key, offset=0, length=entry.length)
        position += length
    yield Part(key=rest, offset=position, length=lengths[-1])


def _begun(path: Path) -> datetime:
    """The date of the first record that has one."""
    for record in scan(at_path(path), lambda *_: None):
        try:
            return date(record.first("WARC-Date") or "")
        except WarcError:
            continue
    raise NotImportable("no WARC record can be read in it")
