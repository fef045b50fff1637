"""One open WARC file: exchanges go in, a sealed file comes out.

Contract: the file is named ``<name>.open`` until ``seal``, and locked (flock) while it is written, so that recovery leaves it alone.  When
``append`` returns, the records of the exchange are with the operating system: a killed process loses nothing that was acknowledged.  When
it raises, because the disk is full or a value may not stand in a record, the file is cut back and holds the exchange not at all.  ``seal``
makes the file durable (fsync), then gives it its name, then makes the name durable.  Not safe to share between threads.
"""

import fcntl
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import layout, warcdraft, warcfields
from archive.captures import answer_head, capture_of
from archive.durable import sync_folder
from archive.records import Capture, Exchange, RecordRef
from archive.warcdraft import Draft

OPEN = ".open"
_FIXED = (
    ("software", "copytrail"),
    ("format", "WARC File Format 1.1"),
    ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
    ("robots", "classic"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where an exchange went; ``id`` is of its response or revisit, or of its metadata record when there was no answer."""

    id: str
    metadata: RecordRef
    capture: Capture | None


class _Out:
    """A file for warcio's writer: every byte is written or an OSError says why not, and none is held back."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.size = 0

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            count = os.write(self.fd, view)
            self.size += count
            view = view[count:]

    def flush(self) -> None:
        """Nothing is held back."""

    def cut(self, size: int) -> None:
        os.ftruncate(self.fd, size)
        os.lseek(self.fd, size, os.SEEK_SET)
        self.size = size

    def close(self) -> None:
        os.close(self.fd)


class _RawWriter(WARCWriter):  # type: ignore[misc]  # warcio has no types
    """Warcio's framing without its digests: it would add a sha1 payload digest over the wrong bytes (capture.md §2)."""

    def ensure_digest(self, record: ArcWarcRecord, **which: bool) -> None:
        """The drafts carry their digests."""


class WarcFile:
    """A WARC that is being written."""

    def __init__(self, out: _Out, path: Path, new_id: Callable[[], str]) -> None:
        """Use :meth:`create`."""
        self._out = out
        self._path = path
        self._key = layout.warc_key(path.name)
        self._new_id = new_id
        self._writer = _RawWriter(out, gzip=True, warc_version="1.1")
        self._warcinfo = new_id()
        self._certificates: set[tuple[str | None, bytes]] = set()

    @classmethod
    def create(
        cls, folder: Path, name: str, info: Mapping[str, str], now: datetime, *, new_id: Callable[[], str] = lambda: uuid.uuid4().urn
    ) -> "WarcFile":
        """Begin ``name`` in ``folder`` with its warcinfo record; ``info`` adds to and overrides the fixed fields.

        FileExistsError when the name is taken, open or sealed.
        """
        path = folder / name
        if path.exists():
            raise FileExistsError(f"{path} is there already")
        folder.mkdir(parents=True, exist_ok=True)
        block = warcdraft.held(warcfields.written((name, value) for name, value in (dict(_FIXED) | dict(info)).items() if value))
        fields = (("WARC-Type", "warcinfo"), ("WARC-Date", warcfields.date_text(now)), ("WARC-Filename", name))
        out = _Out(folder / f"{name}{OPEN}")
        try:
            file = cls(out, path, new_id)
            file._write(warcdraft.draft(file._warcinfo, fields, "application/warc-fields", block))
        except BaseException:
            out.close()
            (folder / f"{name}{OPEN}").unlink()
            raise
        return file

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._out.size

    def append(self, exchange: Exchange, *, revisit_of: Capture | None = None) -> Written:
        """Write one exchange; as a revisit when ``revisit_of`` proves to hold its payload, else in full.

        WarcError when a value cannot stand in a record; OSError when the disk is full.
        """
        leaf = (urlsplit(exchange.url).hostname, exchange.certificate) if exchange.certificate else None
        drafts = warcdraft.event(
            exchange,
            warcinfo=self._warcinfo,
            original=revisit_of,
            certificate=leaf is not None and leaf not in self._certificates,
            new_id=self._new_id,
        )
        answer, metadata = drafts[0], drafts[-1]
        capture = None
        with self._all_or_nothing():
            refs = [self._write(draft) for draft in drafts]
            if exchange.response is not None:
                with answer.block.open() as block:
                    capture = capture_of(answer.fields, answer_head(block), warcfields.read(metadata.block.read()), refs[0])
        if leaf is not None:
            self._certificates.add(leaf)
        return Written(id=(answer if capture else metadata).id, metadata=refs[-1], capture=capture)

    def resource(self, url: str, data: bytes, mime: str, now: datetime) -> RecordRef:
        """Write something that was not fetched."""
        fields = (
            ("WARC-Type", "resource"),
            ("WARC-Date", warcfields.date_text(now)),
            ("WARC-Target-URI", url),
            ("WARC-Warcinfo-ID", warcfields.bracketed(self._warcinfo)),
        )
        with self._all_or_nothing():
            return self._write(warcdraft.draft(self._new_id(), fields, mime, warcdraft.held(data)))

    def seal(self) -> Path:
        """Finish the file; where it lies now."""
        os.fsync(self._out.fd)
        settle(self._path)
        self._out.close()
        return self._path

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        start = self._out.size
        try:
            yield
        except BaseException:
            self._out.cut(start)
            raise

    def _write(self, draft: Draft) -> RecordRef:
        start = self._out.size
        fields = StatusAndHeaders("", list(draft.fields), protocol="WARC/1.1")
        with draft.block.open() as stream:
            # Told that a record is a revisit, warcio drops its block; what it is stands in the fields.
            self._writer.write_record(ArcWarcRecord("warc", "response", fields, stream, None, None, draft.block.length))
        return RecordRef(key=self._key, offset=start, length=self._out.size - start)


def settle(path: Path) -> None:
    """Give the file ``<path>.open`` its name and make the name durable; the content must be durable already."""
    if path.exists():
        raise FileExistsError(f"{path} is there already")
    path.with_name(path.name + OPEN).rename(path)
    sync_folder(path.parent)
