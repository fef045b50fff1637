"""The ZIP side of a WACZ of strangers: what it holds, read without trust.

Contract: ``opened`` gives a package whose entries can be read as streams that end where their bytes go wrong; ``measure`` reads an entry
to its end and says size, sha256 and what is wrong with it.  ``BadPackage`` says why a file is no ZIP that can be read.  Entries that
overlap are refused (a few megabytes of them unpack to terabytes), and nothing is unpacked to disk or held in memory.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE = 256 * 1024
_TROUBLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


class BadPackage(ValueError):
    """A file that is no ZIP, or one that is not to be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An entry that was read to its end; ``problem`` says why that end came early."""

    size: int
    sha256: str
    problem: str | None = None


class Package:
    """An open package."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.entries = [info for info in file.infolist() if not info.is_dir()]
        self.names = frozenset(info.filename for info in self.entries)

    def open_at(self, name: str, offset: int = 0) -> IO[bytes]:
        """An entry from a byte offset on; it ends where it cannot be read any further."""
        return io.BufferedReader(_Entry(self._file, name, offset), PIECE)

    def measure(self, info: zipfile.ZipInfo) -> Measured:
        """Read an entry to its end, which is where ZIP's checksum is compared."""
        digest, size, problem = hashlib.sha256(), 0, None
        try:
            with self._file.open(info) as stream:
                while data := stream.read(PIECE):
                    digest.update(data)
                    size += len(data)
        except _TROUBLE as error:
            problem = str(error) or type(error).__name__
        return Measured(size=size, sha256=f"sha256:{digest.hexdigest()}", problem=problem)

    def read(self, name: str, limit: int) -> bytes | None:
        """A small entry at once; None when it is not there, cannot be read, or is longer."""
        if name not in self.names:
            return None
        with self.open_at(name) as stream:
            data = stream.read(limit + 1)
        return data if len(data) <= limit else None


class _Entry(io.RawIOBase):
    """An entry that ends where reading it fails; ``measure`` has told why."""

    def __init__(self, file: zipfile.ZipFile, name: str, offset: int) -> None:
        self._stream: IO[bytes] | None = None
        try:
            self._stream = file.open(name)
            self._stream.seek(offset)
        except (*_TROUBLE, KeyError):
            self._end()

    def _end(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        data = b""
        try:
            data = self._stream.read(len(view)) if self._stream is not None else b""
        except _TROUBLE:
            self._end()
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._end()
        super().close()


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """The package at ``path``; BadPackage when it cannot be one, OSError when the file cannot be read."""
    size = path.stat().st_size
    try:
        with zipfile.ZipFile(path) as file:
            if sum(info.compress_size for info in file.infolist()) > size:
                raise BadPackage("entries overlap: together they are longer than the file")
            yield Package(file)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, BadPackage):
            raise
        raise BadPackage(f"not a ZIP file that can be read: {error}") from error
