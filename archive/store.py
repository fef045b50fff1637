"""Where sealed objects live: one interface, a plain folder or S3 behind it.

Contract: an object is created once and never changed, but for an erasure that somebody asked for: ``erase`` puts other bytes of the same
length in the place of some, ``remove`` takes away what can be made again without them (``archive/erasing.py``, their one caller); whatever
versions the store keeps go too.  ``create`` is put-if-absent, which is the only lock the archive needs.  Creating
what is there already with the same content succeeds and changes nothing, so that whoever was interrupted may try again; other content
under a key that is taken is ``ObjectExists``.  When ``create`` returns, the bytes are durable and their digest was checked at the store.
Keys are relative paths with ``/``; ``keys`` sorts them by code point.  ``open`` beyond the end gives no bytes.
"""

import errno
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

KEY_LIMIT = 1024  # bytes of a key in S3
_SEGMENT_LIMIT = 255  # bytes of a file name, and of a segment in SeaweedFS
MADE_AGAIN = re.compile(r"(?:cdxj|tables|merged)/.+|imports/[0-9a-f]+/rest")  # what an erasure may remove, to make it without some rows
_PIECE = 1024 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ESTALE, errno.ENOTCONN)
_SEGMENT = re.compile(r"[^\x00-\x20./\\\x7f][^\x00-\x1f/\\\x7f]*")


class StoreError(Exception):
    """The store could not do what was asked; the message names the store."""


class StoreUnreachable(StoreError):
    """The store does not answer, or lets nobody in."""


class StoreFull(StoreError):
    """The store has no room left."""


class ObjectMissing(StoreError):
    """No object has that key."""


class ObjectExists(StoreError):
    """Another object has that key already."""


class ObjectLocked(StoreError):
    """A lock of the store forbids that an object be erased; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """Bytes for a part of an object; ``pieces`` gives exactly ``length`` of them, and the same each time."""

    offset: int
    length: int
    pieces: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    """What a store knows of an object; ``sha256`` (labelled) is None where the store would have to read the object to tell."""

    key: str
    size: int
    sha256: str | None


class Store(Protocol):
    """The interface of every store; StoreError and its kinds are all that it raises, ValueError for a bad key."""

    url: str

    def create(self, key: str, source: Path | bytes, *, sha256: str | None = None) -> ObjectInfo:
        """Create an object from a file or from bytes; ``sha256`` (labelled) is checked when the caller knows it. Info has the digest."""

    def open(self, key: str, offset: int = 0, length: int | None = None) -> IO[bytes]:
        """A reader over an object or a part of it, to be closed by the caller; ObjectMissing at once when there is none."""

    def read(self, key: str) -> bytes:
        """A small object at once."""

    def info(self, key: str) -> ObjectInfo | None:
        """What is known of an object; None when there is none."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """The keys that begin with ``prefix``, sorted."""

    def erase(self, key: str, patches: Sequence[Patch], *, sha256: str) -> ObjectInfo:
        """Put the patches into an object that has this digest, or has them already; every other byte stays. Info has the new digest.

        ObjectExists when it has another content, ObjectLocked when it may not be changed.
        """

    def refuse_locked(self, key: str) -> None:
        """ObjectLocked when a lock forbids that an object be erased."""

    def remove(self, key: str) -> None:
        """Remove an object of :data:`MADE_AGAIN`, where it is there; ObjectLocked when it may not go."""


def open_store(url: str, *, endpoint: str | None = None) -> Store:
    """The store at a path, a ``file://`` URL or ``s3://bucket/prefix``; nothing is contacted yet.  StoreError for another scheme."""
    if url.startswith("s3://"):
        from archive.store_s3 import S3Store  # noqa: PLC0415 -- boto3 takes longer to import than a folder to read

        return S3Store(url, endpoint=endpoint)
    from archive.store_dir import DirectoryStore  # noqa: PLC0415 -- it imports this module

    if "://" in url and not url.startswith("file://"):
        raise StoreError(f"no store of that kind: {url}; name a folder, file:// or s3://bucket/prefix")
    return DirectoryStore(Path(url.removeprefix("file://")).expanduser())


def opened(source: Path | bytes) -> IO[bytes]:
    """What is to be stored, as a stream; OSError of the caller's own when a file cannot be read."""
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def measured(source: IO[bytes], copy: IO[bytes] | None = None) -> tuple[int, str]:
    """Size and labelled digest of what is left of a stream; the very same bytes go into ``copy``."""
    digest = hashlib.sha256()
    size = 0
    while data := source.read(_PIECE):
        digest.update(data)
        size += len(data)
        if copy is not None:
            copy.write(data)
    return size, f"sha256:{digest.hexdigest()}"


def patched(source: IO[bytes], patches: Sequence[Patch], copy: IO[bytes]) -> tuple[int, str, str]:
    """Copy a stream with patches put in: its size, and the labelled digests of what was read and of what was written."""
    before, after, position = hashlib.sha256(), hashlib.sha256(), 0

    def pass_over(length: int | None, *, kept: bool) -> None:
        nonlocal position
        end = None if length is None else position + length
        while data := source.read(_PIECE if end is None else min(_PIECE, end - position)):
            position += len(data)
            before.update(data)
            if kept:
                after.update(data)
                copy.write(data)
        if end is not None and position != end:
            raise StoreError(f"the object ends at {position}, before the part that is to be erased")

    for patch in sorted(patches, key=lambda item: item.offset):
        if patch.offset < position:
            raise ValueError(f"patches overlap at {patch.offset}")
        pass_over(patch.offset - position, kept=True)
        written = 0
        for piece in patch.pieces():
            after.update(piece)
            copy.write(piece)
            written += len(piece)
        if written != patch.length:
            raise ValueError(f"a patch of {written} bytes for {patch.length}")
        pass_over(patch.length, kept=False)
    pass_over(None, kept=True)
    return position, f"sha256:{before.hexdigest()}", f"sha256:{after.hexdigest()}"


def checked_removal(key: str) -> str:
    """``key``, when it is of an object that can be made again; ValueError for any other: what no fetch can give back stays."""
    if not MADE_AGAIN.fullmatch(checked_key(key)):
        raise ValueError(f"not to be removed: {key[:200]!r}")
    return key


def refusal(error: OSError) -> type[StoreError]:
    """Which kind of StoreError an error of the file system is."""
    return StoreFull if error.errno in _FULL else StoreUnreachable if error.errno in _CLOSED else StoreError


def checked_key(key: str) -> str:
    """``key``, when every store can hold it; ValueError for one that leaves the archive, hides, or is too long."""
    segments = key.split("/")
    fits = len(key.encode()) <= KEY_LIMIT and all(len(segment.encode()) <= _SEGMENT_LIMIT for segment in segments)
    if not fits or not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise ValueError(f"no key: {key[:200]!r}")
    return key
