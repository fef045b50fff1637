"""The ZIP side of a WACZ of strangers: what it holds, read without trust.

Contract: ``opened`` gives a package whose entries can be read as streams that end where their bytes go wrong; ``measure`` reads an entry
to its end and says size, sha256 and what is wrong with it.  ``BadPackage`` says why a file is no ZIP that can be read.  Entries that
overlap are refused (a few megabytes of them unpack to terabytes), so is an entry that unpacks to more than anybody would archive, or by a
method that could not be stopped; nothing is unpacked to disk or held in memory.  ``faults`` says what the ZIP file holds beside its
entries.
"""

import hashlib
import io
import stat
import struct
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
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the two of WACZ; of the others a small piece may unpack to gigabytes at once
_BOMB, _BOMB_RATIO = 1024 * 1024 * 1024, 200
_LOCAL = struct.Struct("<4s5H3I2H")  # APPNOTE 4.3.7
_DESCRIPTOR = 24  # bytes at most of the data descriptor after an entry (4.3.9)
_END = b"PK\x05\x06"
_END_SIZE = 22
_LONGEST_COMMENT = 65535
_LONGER_END = 128  # the end of the directory in ZIP64, which stands before the other
_LONGEST_DIRECTORY = 32 * 1024 * 1024  # some 300,000 entries
_LATER, _ENCRYPTED = 0x08, 0x01  # flags: sizes and checksum follow the data; the data is encrypted
_IN_ZIP64 = 0xFFFFFFFF
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

    def __init__(self, file: zipfile.ZipFile, faults: list[tuple[str, str, str]]) -> None:
        self._file = file
        self.faults = faults  # rule, entry, words
        self.entries = [info for info in file.infolist() if not info.is_dir()]
        self.names = frozenset(info.filename for info in self.entries)

    def open_at(self, name: str, offset: int = 0) -> IO[bytes]:
        """An entry from a byte offset on; it ends where it cannot be read any further."""
        return io.BufferedReader(_Entry(self._file, name, offset), PIECE)

    def measure(self, info: zipfile.ZipInfo) -> Measured:
        """Read an entry to its end, which is where ZIP's checksum is compared."""
        digest, size, problem = hashlib.sha256(), 0, _refusal(info)
        if problem is not None:
            return Measured(size=0, sha256="", problem=problem)
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
            if _refusal(file.getinfo(name)) is not None:
                return
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


def _refusal(info: zipfile.ZipInfo) -> str | None:
    """Why an entry is not read."""
    if info.compress_type not in _METHODS:
        return f"compressed by method {info.compress_type}, which is neither STORE nor DEFLATE"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    if info.file_size > _BOMB and info.file_size > _BOMB_RATIO * info.compress_size:
        return f"a bomb: {info.compress_size} bytes that say that they unpack to {info.file_size}"
    return None


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """The package at ``path``; BadPackage when it cannot be one, OSError when the file cannot be read."""
    size = path.stat().st_size
    try:
        with path.open("rb") as stream:
            if (listed := _directory_size(stream, size)) > _LONGEST_DIRECTORY:
                raise BadPackage(f"a directory of {listed} bytes")
        with zipfile.ZipFile(path) as file:
            if sum(info.compress_size for info in file.infolist()) > size:
                raise BadPackage("entries overlap: together they are longer than the file")
            with path.open("rb") as stream:
                faults = list(_faults(file, stream, size))
            yield Package(file, faults)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError, struct.error) as error:
        if isinstance(error, BadPackage):
            raise
        raise BadPackage(f"not a ZIP file that can be read: {error}") from error


def _directory_size(stream: IO[bytes], size: int) -> int:
    """The bytes of the directory, as its end says (APPNOTE 4.3.14, 4.3.16); when it is read they take ten times as much memory."""
    stream.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT - _LONGER_END))
    tail = stream.read()
    at, longer = tail.rfind(_END), tail.rfind(b"PK\x06\x06")
    if at < 0 or len(tail) < at + _END_SIZE:
        return 0
    short = int.from_bytes(tail[at + 12 : at + 16], "little")
    return int.from_bytes(tail[longer + 40 : longer + 48], "little") if short == _IN_ZIP64 and longer >= 0 else short


def _faults(file: zipfile.ZipFile, stream: IO[bytes], size: int) -> Iterator[tuple[str, str, str]]:
    """What lies round and between the entries, and where an entry says two things of itself; BadPackage where entries overlap."""
    expected = 0
    for info in sorted(file.infolist(), key=lambda info: info.header_offset):
        if info.header_offset < expected:
            raise BadPackage(f"entries overlap: {info.filename[:200]!r} begins within another")
        if info.header_offset > expected + (_DESCRIPTOR if expected else 0):
            where = "before the first entry" if not expected else f"before {info.filename[:200]}"
            yield "wacz-outside", "", f"{info.header_offset - expected} bytes {where} belong to nothing in the package"
        stream.seek(info.header_offset)
        header = stream.read(_LOCAL.size)
        if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
            yield "wacz-zip", info.filename, f"no entry begins at {info.header_offset}, where the directory says"
            expected = info.header_offset
            continue
        _, _, flags, method, _, _, crc, packed, unpacked, names, extra = _LOCAL.unpack(header)
        stated = (method, crc, packed, unpacked)
        known = (info.compress_type, info.CRC, info.compress_size, info.file_size)
        late = flags & _LATER
        if any(here not in (there, _IN_ZIP64) and not (late and here == 0) for here, there in zip(stated, known, strict=True)):
            yield "wacz-header", info.filename, f"the entry says {stated} of method, checksum and sizes, the directory {known}"
        if stat.S_ISLNK(info.external_attr >> 16):
            yield "wacz-name", info.filename, "a symbolic link"
        expected = info.header_offset + _LOCAL.size + names + extra + info.compress_size
    if file.start_dir > expected + _DESCRIPTOR:
        yield "wacz-outside", "", f"{file.start_dir - expected} bytes before the directory belong to nothing in the package"
    stream.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT))
    tail = stream.read()
    behind = len(tail) - (tail.rfind(_END) + _END_SIZE + len(file.comment))
    if behind > 0:
        yield "wacz-outside", "", f"{behind} bytes follow the end of the ZIP file"
