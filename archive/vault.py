"""One archive, opened: store, catalogue and local folder together, and what may be asked of all three.

Contract: :func:`open_archive` is the only place that turns settings into open parts; whoever opened it closes it.  Reading a page goes
through the store alone (law 1), whichever way it was found.
"""

import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive import manifest, warcread
from archive.catalogue import Catalogue
from archive.deposit import Deposit
from archive.records import Capture, Page
from archive.settings import Settings
from archive.store import Store, open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The open parts of an archive."""

    store: Store
    catalogue: Catalogue
    folder: Path
    body_limit: int
    writer: str  # names this machine in WARC names and manifests

    def page(self, capture: Capture) -> Page:
        """A capture's answer with its codings undone; through a revisit to the response that it stands for."""
        return warcread.page(self.store, capture, self.catalogue.capture, self.body_limit)

    def create(self, key: str, data: bytes, now: datetime) -> None:
        """Store an object that no fetch can give back, and list it in this writer's manifest; ObjectExists when the key is taken."""
        manifest.append(self.store, self.writer, [self.store.create(key, data)], now)

    def deposit(self, *, clock: Callable[[], datetime], info: Mapping[str, str]) -> Deposit:
        """A new writer into this archive."""
        return Deposit(store=self.store, catalogue=self.catalogue, folder=self.folder, writer=self.writer, clock=clock, info=info)


@contextmanager
def open_archive(settings: Settings) -> Iterator[Archive]:
    """Open store and catalogue as the settings name them; StoreError or CatalogueError when one cannot be reached."""
    store = open_store(settings.store, endpoint=settings.s3_endpoint)
    catalogue = Catalogue(settings.catalogue_url)
    try:
        folder = settings.folder / "open"
        yield Archive(store=store, catalogue=catalogue, folder=folder, body_limit=settings.body_limit, writer=writer_name())
    finally:
        catalogue.close()


def writer_name() -> str:
    """This machine's name as WARC names and manifests carry it: lower case, letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", socket.gethostname().lower()).strip("-") or "writer"
