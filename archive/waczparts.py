"""Where the WARC files of a package lie in it, byte for byte.

Contract: WACZ keeps its WARC files uncompressed (WACZ 1.1.1 §5.1), so each is a stretch of the ZIP file; ``warcs`` gives them as far as the
directory names them under ``archive/``.  One that is compressed all the same has no ``start``: it can be unpacked, but its bytes stand
nowhere in the file.  ``unpack`` writes one to a file, ``rest`` all bytes of the package that are in no stretch.
"""

import shutil
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from archive.waczfile import BadPackage, Package

_FOLDER, _SUFFIXES = "archive/", (".warc", ".warc.gz")
_LOCAL = struct.Struct("<4s22xHH")  # signature, … lengths of name and extra field (APPNOTE 4.3.7)
_ENCRYPTED = 1
_LARGE, _RATIO = 1024**3, 500  # beyond them an entry is a bomb: deflate cannot do more than 1032, WARCs do some 5
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A WARC file in a package."""

    info: zipfile.ZipInfo
    start: int | None
    length: int

    @property
    def name(self) -> str:
        """Its name in the package."""
        return self.info.filename


def warcs(package: Package, path: Path) -> Iterator[Entry]:
    """The WARC files of the package at ``path``; BadPackage where the directory and the file contradict each other."""
    with path.open("rb") as file:
        for info in package.entries:
            if info.filename.startswith(_FOLDER) and info.filename.lower().endswith(_SUFFIXES):
                stored = info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & _ENCRYPTED
                yield Entry(info=info, start=_start(file, info) if stored else None, length=info.file_size)


def _start(file: IO[bytes], info: zipfile.ZipInfo) -> int:
    file.seek(info.header_offset)
    data = file.read(_LOCAL.size)
    if len(data) < _LOCAL.size or not data.startswith(b"PK\x03\x04"):
        raise BadPackage(f"{info.filename} is not where the directory says")
    _, name, extra = _LOCAL.unpack(data)
    return info.header_offset + _LOCAL.size + int(name) + int(extra)


def unpack(package: Package, path: Path, entry: Entry, to: Path) -> str | None:
    """Write a WARC file to ``to``; what is wrong with it as an entry, if anything."""
    if entry.length > max(_LARGE, _RATIO * entry.info.compress_size):
        raise BadPackage(f"{entry.name} would unpack to {entry.length} bytes")
    with to.open("wb") as out:
        if entry.start is not None:
            with path.open("rb") as file:
                copy(file, entry.start, entry.length, out)
        else:
            with package.open_at(entry.name) as stream:
                shutil.copyfileobj(stream, out, _PIECE)
    return package.measure(entry.info).problem


def rest(path: Path, entries: Iterable[Entry], to: Path) -> list[int]:
    """Write the bytes around some entries, given in the order of their places, to ``to``; how many stand before each, and at the end."""
    lengths, position = [], 0
    with path.open("rb") as file, to.open("wb") as out:
        for entry in entries:
            assert entry.start is not None
            if entry.start < position:
                raise BadPackage(f"{entry.name} overlaps the entry before it")
            copy(file, position, entry.start - position, out)
            lengths.append(entry.start - position)
            position = entry.start + entry.length
        length = path.stat().st_size - position
        copy(file, position, length, out)
        return [*lengths, length]


def copy(file: IO[bytes], start: int, length: int, out: IO[bytes]) -> None:
    """Copy a stretch; BadPackage when the file ends within it."""
    file.seek(start)
    while length > 0:
        data = file.read(min(_PIECE, length))
        if not data:
            raise BadPackage("the file ends within an entry")
        out.write(data)
        length -= len(data)
