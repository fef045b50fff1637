"""Files that somebody else wrote, WARC and WACZ, brought into the archive with their bytes kept exactly.

Contract: each WARC becomes an object of its own, byte for byte as it was, compressed or not, named by the date of its first record and its
digest, with index, manifest entry and catalogue rows like one of ours.  A WACZ gives its WARC files, which it holds uncompressed, and one
object with all its other bytes; what is nowhere twice can be put together again (:func:`rejoined`), so that the package's own digests and
signature stay provable.  An :class:`Import` under the digest of the file says what it was called, where each stretch of it lies, and what
in it is damaged: that is kept, and only what is whole is indexed.  It is written last: whatever a kill cuts off, the same import finishes.
Bringing the same bytes again changes nothing.  NotImportable says why a file is neither; StoreError and OSError as they come.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archive import cdxj, codec, foreign, layout
from archive.cdxj import Resource
from archive.gzipmembers import MAGIC
from archive.indexing import at_path, indexed
from archive.records import Capture
from archive.store import ObjectExists, ObjectInfo, Store, measured
from archive.vault import Archive
from archive.warcfields import WarcError, date
from archive.warcscan import scan
from archive.waczfile import BadPackage
from archive.waczparts import Entry, entries, gaps

MOST_FAULTS = 1000  # told of one file; the others are counted
_PIECE = 1024 * 1024
_ZIP, _RECORD = b"PK\x03\x04", b"WARC/"


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
