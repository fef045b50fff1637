"""One archive, opened: store, catalogue and local folder together, and what may be asked of all three.

Contract: :func:`open_archive` is the only place that turns settings into open parts; whoever opened it closes it.  Reading a page goes
through the store alone (law 1), whichever way it was found.
"""

import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from archive import codec, manifest, pending, warcread
from archive.catalogue import Catalogue
from archive.charter import Gate
from archive.custody import Act, Agent, Custody, key_of, this_agent
from archive.deposit import Deposit
from archive.manifest import Erased
from archive.notary import Notary
from archive.records import Capture, Page, Selection
from archive.rights import Audience, Profiles, Reader
from archive.settings import Settings
from archive.shown import ShownCatalogue
from archive.store import ObjectInfo, Store, open_store
from archive.withdrawals import NOTHING, Veil, Watch

PAGE_LIMIT = 32 * 1024 * 1024  # bytes; a body may be longer in the archive, but nobody reads that much as a page


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The open parts of an archive."""

    store: Store
    catalogue: Catalogue
    folder: Path
    body_limit: int  # bytes of a body that is read back
    writer: str  # names this machine in WARC names and manifests
    gate: Gate = field(default_factory=Gate)
    agent: Agent | None = None  # who acts, as manifests and custody records name them
    notary: Notary = field(default_factory=Notary)
    watch: Watch | None = None  # None: nothing can be withdrawn
    reader: Reader = field(default_factory=Reader)  # for whom it was opened

    def veil(self) -> Veil:
        """What may not be shown now; StoreError when the store cannot say."""
        return self.watch.veil() if self.watch is not None else NOTHING

    def page(self, capture: Capture) -> Page:
        """A capture's answer with its codings undone; through a revisit to the response that it stands for."""
        return warcread.page(self.store, capture, self.catalogue.capture, self.body_limit)

    def create(self, key: str, data: bytes, now: datetime, then: Callable[[], object] = lambda: None) -> None:
        """Store an object that no fetch can give back, list it in this writer's manifest, and do what is to be done ``then``.

        ObjectExists when the key is taken.  Whatever a kill cuts off, the next start finishes (``archive/resume.py``); in place of ``then``
        it brings the object into the catalogue.
        """
        self.enter(lambda: now)
        self._keep(key, data, now, then)

    def _keep(self, key: str, data: bytes, now: datetime, then: Callable[[], object] = lambda: None) -> None:
        with pending.noted(self.folder, key, data, now):
            self.vouch([self.store.create(key, data)], now)
            then()

    def vouch(self, objects: Sequence[ObjectInfo], now: datetime, erased: Sequence[Erased] = ()) -> None:
        """List objects that are in the store in this writer's manifest, signed and stamped as the settings say."""
        manifest.append(self.store, self.writer, objects, now, erased=erased, agent=self.agent, notary=self.notary)

    def record(
        self,
        act: Act,
        about: str,
        now: datetime,
        *,
        selection: Selection | None = None,
        objects: Sequence[ObjectInfo] = (),
        counts: Mapping[str, int] | None = None,
    ) -> str:
        """Store who did what; the key of the record.  StoreError when this archive can only be read."""
        agent = self.agent or this_agent(None)
        done = Custody(act=act, time=now, agent=agent, about=about, selection=selection, objects=tuple(objects), counts=counts or {})
        data = codec.text_of(done).encode()
        key = key_of(done, data)
        self.enter(lambda: now)
        self.store.create(key, data)  # without a note at first, so that whoever may only read leaves none that is never done
        self._keep(key, data, now)
        return key

    def deposit(self, *, clock: Callable[[], datetime], info: Mapping[str, str]) -> Deposit:
        """A new writer into this archive; StoreRefused when the store may not be shared, and is another's."""
        self.enter(clock)
        return Deposit(
            store=self.store, catalogue=self.catalogue, folder=self.folder, writer=self.writer, vouch=self.vouch, clock=clock, info=info
        )

    def enter(self, clock: Callable[[], datetime]) -> None:
        """See that this writer may write and can sign, before anything is written; StoreRefused or KeyProblem when not."""
        self.gate.enter(self.store, self.writer, clock, self._keep)
        _ = self.notary.key


@contextmanager
def open_archive(
    settings: Settings, *, everything: bool = False, audience: Audience = Audience.PRIVATE, clock: Callable[[], datetime] = _now
) -> Iterator[Archive]:
    """Open store and catalogue as the settings name them; StoreError or CatalogueError when one cannot be reached.

    What is withdrawn or under embargo is not seen, unless ``everything`` is: for who writes the archive, and shows nothing to people.
    What an outlet's profile does not let ``audience`` have is seen without its words (``archive/rights.py``).
    """
    store = open_store(settings.store, endpoint=settings.s3_endpoint)
    watch = Watch(store, clock)
    reader = Reader(audience=audience, profiles=Profiles.read(settings.outlet_rights), noarchive=settings.honour_noarchive)
    catalogue = Catalogue(settings.catalogue_url) if everything else ShownCatalogue(settings.catalogue_url, watch.veil, reader)
    try:
        folder = settings.folder / "open"
        yield Archive(
            store=store,
            catalogue=catalogue,
            folder=folder,
            body_limit=min(settings.body_limit, PAGE_LIMIT),
            writer=writer_name(),
            agent=this_agent(settings.contact),
            notary=Notary(settings.signing_key, settings.timestamp_url, settings.ca_file),
            watch=watch,
            reader=reader,
        )
    finally:
        catalogue.close()


def writer_name() -> str:
    """This machine's name as WARC names and manifests carry it: lower case, letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", socket.gethostname().lower()).strip("-") or "writer"
