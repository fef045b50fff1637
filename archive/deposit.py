"""The way into the archive: exchanges become records, open files become sealed objects, sealed objects become index rows.

Contract: when :meth:`Deposit.keep` has returned, the exchange is in the open WARC file and flushed; when :meth:`Deposit.seal` has returned,
it is in the store, verified, with its CDXJ, its manifest entry and its catalogue rows, and the local file is gone.  Whatever a kill
leaves behind, the next start finishes (``archive/resume.py``): each step is put-if-absent or insert-if-absent, so doing it twice changes
nothing.  One deposit writes one file at a time; it is not safe to share between threads (``crawlers/sink.py``
gives it one of its own).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archive import cdxj, codec, layout, manifest
from archive.catalogue import Catalogue
from archive.indexing import index_of
from archive.records import Capture, Exchange, RecordRef
from archive.recover import Recovered, recover
from archive.store import ObjectInfo, Store
from archive.warcwrite import WarcFile, Written

NEWEST = 50  # links of the chain that are read to see whether a killed process wrote its own; a name twice in the lists does no harm
WARC_LIMIT = 1_000_000_000  # bytes after which a file is sealed (WARC 1.1 annex C recommends 1 GB)


@dataclass(slots=True, kw_only=True)
class Deposit:
    """One writer's way into one archive."""

    store: Store
    catalogue: Catalogue
    folder: Path  # local, for open files
    writer: str  # names the writer in WARC names and manifests
    vouch: Callable[[Sequence[ObjectInfo], datetime], object]  # lists objects in the writer's manifest
    clock: Callable[[], datetime]
    info: Mapping[str, str]  # what warcinfo says beyond the fixed fields
    limit: int = WARC_LIMIT
    _file: WarcFile | None = None
    _serial: int = 0
    _fresh: dict[str, Capture] = field(default_factory=dict)  # payload digest -> response in the open file
    _twins: dict[str, Capture | None] = field(default_factory=dict)  # payload digest -> what the catalogue says of what comes next

    def expect(self, exchanges: Iterable[Exchange]) -> None:
        """Ask the catalogue at once about the payloads of what is kept next: one by one that takes longer than writing the records."""
        wanted = {item.payload_digest: None for item in exchanges if item.payload_digest is not None and _may_repeat(item)}
        self._twins = {**wanted, **self.catalogue.with_payloads(wanted)} if wanted else {}

    def keep(self, exchange: Exchange) -> Written:
        """Write one exchange: as a revisit when the archive holds the same payload, else in full."""
        written = self._current().append(exchange, revisit_of=self._twin(exchange))
        if written.capture is not None and _whole(written.capture) and written.capture.payload_digest is not None:
            self._fresh.setdefault(written.capture.payload_digest, written.capture)
        return written

    def keep_resource(self, url: str, data: bytes, mime: str) -> RecordRef:
        """Write something that was not fetched, such as a seed, as a resource record."""
        return self._current().resource(url, data, mime, self.clock())

    def rotate(self) -> list[Capture]:
        """Seal when the open file has grown past the limit."""
        return self.seal() if self._file is not None and self._file.size >= self.limit else []

    def seal(self) -> list[Capture]:
        """Close the open file and bring it home; the captures that it holds. Nothing happens when no file is open."""
        if self._file is None:
            return []
        path = self._file.seal()
        self._file = None
        self._fresh.clear()
        return self.bring_home(path)

    def recover(self) -> list[Recovered]:
        """Seal what an earlier process left open in the folder; what was found and done."""
        return recover(self.folder)

    def deliver(self) -> Iterator[tuple[str, list[Capture]]]:
        """Bring home every sealed file that waits in the folder: its name and its captures, when it is done."""
        for path in sorted(self.folder.glob("*.warc.gz")):
            try:
                found = self.bring_home(path, again=True)
            except FileNotFoundError:  # its writer is alive and has just brought it home
                continue
            yield path.name, found

    def bring_home(self, path: Path, *, again: bool = False) -> list[Capture]:
        """Put a sealed file into the store with its index, note both in the manifest and the catalogue, drop the local file.

        ``again`` says that an earlier process may have done a part of it.
        """
        key = layout.warc_key(path.name)
        listed = index_of(path, key)
        found = [item for item in listed if isinstance(item, Capture)]
        objects: list[ObjectInfo] = [self.store.create(key, path), self.store.create(layout.cdxj_key(key), cdxj.write(listed))]
        if not (again and self.listed(objects)):
            self.vouch(objects, self.clock())
        self.catalogue.add_captures(found)
        path.unlink(missing_ok=True)  # another start of this writer may have been as quick
        return found

    def listed(self, objects: Sequence[ObjectInfo]) -> bool:
        """Whether the newest links of this writer's chain name the objects already."""
        wanted = {(item.key, item.sha256) for item in objects}
        for key in list(manifest.links(self.store, self.writer))[: -NEWEST - 1 : -1]:
            data = self.store.read(key)
            with suppress(codec.CodecError):  # a damaged link names nothing; verification tells of it
                named = {(item.key, item.sha256) for item in codec.read(manifest.Manifest, data).objects}
                if not wanted.isdisjoint(named):
                    self.store.create(key, data)  # lets a folder clear what its killed writer left beside it
                    wanted -= named
        return not wanted

    def _current(self) -> WarcFile:
        if self._file is None:
            now = self.clock()
            self._file = WarcFile.create(self.folder, self._free_name(now), self.info, now)
        return self._file

    def _free_name(self, now: datetime) -> str:
        """The next name that is free here and in the store: two processes may start in one millisecond, a moved clock stand still."""
        while True:
            self._serial += 1
            name = layout.warc_name(now, self._serial, self.writer)
            if not any(self.folder.glob(f"{name}*")) and self.store.info(layout.warc_key(name)) is None:
                return name

    def _twin(self, exchange: Exchange) -> Capture | None:
        if exchange.status == 304 and exchange.conditional:
            known = self.catalogue.latest(exchange.url)
            held = known if known is None or known.kind == "response" else self._original(known)
            return held if held is not None and held.status == 200 else None
        digest = exchange.payload_digest
        if digest is None or not _may_repeat(exchange):
            return None
        fresh = self._fresh.get(digest)
        if fresh is not None:
            return fresh
        return self._twins[digest] if digest in self._twins else self.catalogue.with_payload(digest)

    def _original(self, revisit: Capture) -> Capture | None:
        return self.catalogue.capture(revisit.refers_to) if revisit.refers_to else None


def _may_repeat(exchange: Exchange) -> bool:
    return bool(exchange.payload_length) and exchange.truncated is None and exchange.failure is None


def _whole(capture: Capture) -> bool:
    return capture.kind == "response" and capture.truncated is None and bool(capture.payload_length)
