"""A plain folder as a store: every object an ordinary file under its key, readable with no program of ours.

Contract: that of ``archive.store``.  An object appears whole or not at all: it is written to a hidden file beside its place, made durable,
and linked to its name, which fails when the name is taken (one winner in 50 rounds of 16 threads, orchestration.md §1.3).  Files and
folders whose names begin with a dot are no objects.  The hidden file is named after the object and locked, so that what a killed writer
left goes when the object is created again.
"""

import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

from archive.durable import sync_folder
from archive.locks import abandoned, claimed
from archive.store import (
    ObjectExists,
    ObjectInfo,
    ObjectMissing,
    Patch,
    StoreError,
    StoreUnreachable,
    checked_key,
    checked_removal,
    measured,
    opened,
    patched,
    refusal,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class DirectoryStore:
    """A store in a folder, which is made when the first object is."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self.url = str(self._root)

    def create(self, key: str, source: Path | bytes, *, sha256: str | None = None) -> ObjectInfo:
        path = self._path(key)
        with opened(source) as stream, self._errors(key):
            _make_folder(path.parent)
            hidden = _hidden(path)
            with _own(hidden) as file:
                size, digest = measured(stream, file)
                if sha256 not in (None, digest):
                    raise StoreError(f"{self.url}: {key} has {digest}, not {sha256}")
                file.flush()
                os.fsync(file.fileno())
                self._link(hidden, path, key, digest)
            sync_folder(path.parent)
        return ObjectInfo(key=key, size=size, sha256=digest)

    def open(self, key: str, offset: int = 0, length: int | None = None) -> IO[bytes]:
        with self._errors(key):
            file = self._path(key).open("rb")
            file.seek(offset)
        return file if length is None else io.BufferedReader(_Part(file, length))

    def read(self, key: str) -> bytes:
        with self._errors(key):
            return self._path(key).read_bytes()

    def info(self, key: str) -> ObjectInfo | None:
        try:
            with self._errors(key):
                path = self._path(key)
                return ObjectInfo(key=key, size=path.stat().st_size, sha256=None) if path.is_file() else None
        except ObjectMissing:
            return None

    def keys(self, prefix: str = "") -> Iterator[str]:
        base = prefix[: prefix.rfind("/") + 1]
        with self._errors(prefix):
            if (self._root / base).is_dir():
                yield from _walk(self._root / base, base, prefix)

    def erase(self, key: str, patches: Sequence[Patch], *, sha256: str) -> ObjectInfo:
        path = self._path(key)
        with self._errors(key), _own(_hidden(path)) as file, path.open("rb") as source:
            size, before, after = patched(source, patches, file)
            if before not in {sha256, after}:
                raise ObjectExists(f"{self.url}: {key} has {before}, not {sha256}")
            file.flush()
            os.fsync(file.fileno())
            _hidden(path).replace(path)
            sync_folder(path.parent)
        return ObjectInfo(key=key, size=size, sha256=after)

    def refuse_locked(self, key: str) -> None:
        """A folder has no locks."""

    def remove(self, key: str) -> None:
        path = self._path(checked_removal(key))
        with self._errors(key):
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                sync_folder(path.parent)

    def _path(self, key: str) -> Path:
        return self._root / checked_key(key)

    def _link(self, written: Path, path: Path, key: str, digest: str) -> None:
        try:
            os.link(written, path)
        except FileExistsError:
            with path.open("rb") as existing:
                _, held = measured(existing)
            if held != digest:
                raise ObjectExists(f"{self.url}: {key} is there with other content") from None

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        try:
            if self._root.is_file():
                raise StoreUnreachable(f"{self.url}: not a folder")
            yield
        except OSError as error:
            self._translate(key, error)

    def _translate(self, key: str, error: OSError) -> NoReturn:
        if isinstance(error, FileNotFoundError | IsADirectoryError | NotADirectoryError):
            raise ObjectMissing(f"{self.url}: no object {key}") from error
        raise refusal(error)(f"{self.url}: {error.strerror or error} ({key})") from error


def _hidden(path: Path) -> Path:
    return path.with_name(f".copytrail-{hashlib.sha256(path.name.encode()).hexdigest()[:32]}")


class _Part(io.RawIOBase):
    """The next bytes of a file, up to a number of them."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file = file
        self._left = length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        data = self._file.read(min(len(view), self._left))
        self._left -= len(data)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def _own(path: Path) -> Iterator[IO[bytes]]:
    """A new file that everybody may read, and that is gone at the end.

    Another writer of it is waited for.  What one left that was killed is removed and never written into: it may be linked to an object.
    """
    with _taken(path) as file:
        try:
            os.fchmod(file.fileno(), 0o644)
            yield file
        finally:
            path.unlink(missing_ok=True)


def _taken(path: Path) -> IO[bytes]:
    while True:
        try:
            return claimed(path)
        except FileExistsError:
            with abandoned(path, wait=True) as left:
                if left is not None:
                    path.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    """A folder and those above it, each durable in the one that holds it."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def _walk(folder: Path, base: str, prefix: str) -> Iterator[str]:
    """Keys under ``folder``, in the order of whole keys: ``a-b`` before ``a/b``, as S3 lists them."""
    found = [f"{entry.name}/" if entry.is_dir() else entry.name for entry in os.scandir(folder) if not entry.name.startswith(".")]
    for name in sorted(found):
        key = base + name
        if name.endswith("/") and (key.startswith(prefix) or prefix.startswith(key)):
            yield from _walk(folder / name, key, prefix)
        elif not name.endswith("/") and key.startswith(prefix):
            yield key
