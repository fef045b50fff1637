"""Whether a capture is still what was cited: the bytes of its record, hashed anew, in the archive or in files that somebody took home.

Contract: ``prove`` gives the digests of what lies at the capture's place now, through a revisit to the response that it stands for;
WarcError when no such record lies there.  ``TakenHome`` finds a record by its id in WARC and WACZ files, in constant memory; nothing that
the files say of their own bytes is believed.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Self

from archive import warcread
from archive.captures import answer_head
from archive.gzipmembers import OpenAt
from archive.http import BadFraming
from archive.indexing import at_path, indexed
from archive.payload import payload
from archive.records import Capture
from archive.waczfile import opened
from archive.waczparts import warcs
from archive.warcfields import WarcError
from archive.warcread import Source

_ZIP = b"PK\x03\x04"
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was found at a capture's place."""

    block_digest: str
    payload_digest: str


def prove(source: Source, capture: Capture, resolve: Callable[[str], Capture | None]) -> Proof:
    """Read the capture's record and hash it; ``resolve`` finds the capture that a revisit refers to."""
    block = _block_digest(source, capture)
    original = resolve(capture.refers_to) if capture.refers_to else capture
    if original is None or original.kind != "response":
        raise WarcError(f"{capture.id} is a revisit of {capture.refers_to}, which is not here")
    return Proof(block_digest=block, payload_digest=_payload_digest(source, original))


def _block_digest(source: Source, capture: Capture) -> str:
    digest = hashlib.sha256()
    with warcread.record_at(source, capture.ref) as record:
        _must_be(record.id, capture)
        while piece := record.block.read(_PIECE):
            digest.update(piece)
        _ = record.length
    return f"sha256:{digest.hexdigest()}"


def _payload_digest(source: Source, capture: Capture) -> str:
    with warcread.record_at(source, capture.ref) as record:
        _must_be(record.id, capture)
        try:
            return payload(answer_head(record.block), record.block).digest
        except BadFraming as error:
            raise WarcError(f"{capture.id}: {error}") from error


def _must_be(found: str, capture: Capture) -> None:
    if found != capture.id:
        raise WarcError(f"{capture.ref.key}: offset {capture.ref.offset} holds {found}, not {capture.id}")


class TakenHome:
    """WARC and WACZ files as a source of records; to be used as a context."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Look into ``paths``, in this order."""
        self._paths = paths
        self._stack = ExitStack()
        self._files: dict[str, OpenAt] = {}

    def __enter__(self) -> Self:
        """Open the packages; OSError or BadPackage where a file cannot be read."""
        for path in self._paths:
            self._files.update((f"{path}:{name}" if name else str(path), open_at) for name, open_at in self._warcs(path))
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self._stack.close()

    def capture(self, record_id: str) -> Capture | None:
        """The capture with this record id; None where no file holds it."""
        every = (item for name, open_at in self._files.items() for item in indexed(open_at, name, lambda *_: None))
        return next((item for item in every if isinstance(item, Capture) and item.id == record_id), None)

    def open(self, key: str, offset: int = 0, length: int | None = None) -> IO[bytes]:
        """A file's bytes from ``offset`` on, whatever the ``length``."""
        return self._files[key](offset)

    def _warcs(self, path: Path) -> Iterator[tuple[str, OpenAt]]:
        with path.open("rb") as stream:
            packed = stream.read(len(_ZIP)) == _ZIP
        if not packed:
            yield "", at_path(path)
            return
        package = self._stack.enter_context(opened(path))
        for entry in warcs(package, path):
            yield entry.name, partial(package.open_at, entry.name)
