"""Verification of anything that the archive knows: WARC files, WACZ packages, indexes, folders of them, whole stores; ours and others'.

Contract: ``verify`` takes paths and store URLs as one set, so that a revisit in one file may refer to a record in another, and gives
findings as they are made; those that need all records come last.  ``tally`` counts what was looked at.  No bytes, however broken or
hostile, make it raise, hang or hold more than a few megabytes; a path that is not there is a finding.  StoreError when a store cannot be
reached.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from archive.findings import Finding, Tally
from archive.gzipmembers import OpenAt
from archive.store import Store
from archive.trust import Trust
from archive.verify_index import verify_index
from archive.verify_ledger import Ledger
from archive.verify_rules import broken
from archive.verify_wacz import verify_wacz
from archive.verify_warc import verify_warc
from archive.verify_zipnum import OpenShard, verify_zipnum

_ZIPNUM = ".idx"
_INDEXES = (".cdxj", ".cdxj.gz", ".cdx", ".cdx.gz", _ZIPNUM)
_ARC = (".arc", ".arc.gz")  # named, so that a folder of them is not silently good
_KINDS = (".warc", ".warc.gz", ".warc.zst", ".wacz", *_ARC, *_INDEXES)
_ZSTD = (b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18")  # a frame; the dictionary before it
_PLACES_LIMIT = 1024 * 1024
_SHARD_ENDINGS = ("", ".gz", ".cdx.gz", ".cdxj.gz")  # of what a ZipNum index names
_STORE_MARKS = (("manifests",), ("warc", "cdxj"), ("warc", "stories"))  # folders by one set of which a store is known


def verify(
    targets: Sequence[str | Store],
    open_store: Callable[[str], Store],
    tally: Tally,
    trust: Trust | None = None,
    *,
    thorough: bool = False,
) -> Iterator[Finding]:
    """Check everything that is named; ``trust`` says whose signatures and time stamps count, ``thorough`` decodes every body to its end."""
    for finding in _findings(targets, open_store, tally, trust or Trust(), thorough=thorough):
        tally.found[finding.severity] += 1
        yield finding


@dataclass(slots=True, kw_only=True)
class _Run:
    """One verification: what is known so far, and the indexes that wait for the files into which they point."""

    ledger: Ledger
    tally: Tally
    trust: Trust
    indexes: list[Path] = field(default_factory=list)
    indexed: set[int] = field(default_factory=set)  # files of which some index speaks


def _findings(
    targets: Sequence[str | Store], open_store: Callable[[str], Store], tally: Tally, trust: Trust, *, thorough: bool
) -> Iterator[Finding]:
    with Ledger(thorough=thorough) as ledger:
        run = _Run(ledger=ledger, tally=tally, trust=trust)
        for target in dict.fromkeys(targets):
            if not isinstance(target, str):
                yield from _verify_store(target, run)
            elif target.startswith("s3://") or _is_store(Path(target)):
                yield from _verify_store(open_store(target), run)
            else:
                yield from _verify_path(Path(target), run)
        for path in run.indexes:
            yield from _readable(path, _verify_index(path, run))
            tally.files += 1
        yield from _not_indexed(run)
        yield from ledger.conclude()


def _verify_store(store: Store, run: _Run) -> Iterator[Finding]:
    from archive.verify_store import verify_store  # noqa: PLC0415 -- it brings the whole archive, which costs more than to verify a small file

    return verify_store(store, run.ledger, run.tally, run.trust)


def _is_store(path: Path) -> bool:
    return path.is_dir() and any(all((path / mark).is_dir() for mark in marks) for marks in _STORE_MARKS)


def _verify_path(path: Path, run: _Run) -> Iterator[Finding]:
    if path.is_dir():
        found = sorted(Path(folder) / name for folder, _, names in os.walk(path) for name in names if name.lower().endswith(_KINDS))
        if not found:
            yield broken("file-kind", str(path), f"nothing in this folder ends in {', '.join(_KINDS)}")
        for inner in found:
            yield from _verify_path(inner, run)
    elif path.name.lower().endswith(_INDEXES):
        run.indexes.append(path)
    else:
        yield from _readable(path, _verify_file(path, run))


def _verify_file(path: Path, run: _Run) -> Iterator[Finding]:
    with path.open("rb") as stream:
        head = stream.read(9)
    name = path.name.lower()
    if head.startswith(b"PK\x03\x04") or path.suffix.lower() == ".wacz":
        yield from verify_wacz(path, run.ledger, run.tally, run.trust)
    elif head == b"filedesc:" or name.endswith(_ARC):
        yield broken("file-kind", str(path), "an ARC file, the format before WARC: its records were not checked")
    elif head.startswith(_ZSTD):
        yield broken("file-kind", str(path), "compressed by Zstandard, which is no part of the standard: its records were not checked")
    elif head.startswith((b"\x1f\x8b", b"WARC")) or ".warc" in name:
        yield from verify_warc(str(path), partial(_open_at, path), run.ledger, run.tally)
    else:
        yield broken("file-kind", str(path), "neither a WARC, nor a WACZ, nor an index")


def _verify_index(path: Path, run: _Run) -> Iterator[Finding]:
    opened = partial(_open_at, path)
    if path.name.lower().endswith(_ZIPNUM):
        return verify_zipnum(str(path), opened, _shards(path))

    def locate(filename: str) -> int | None:
        found = _locate(run.ledger, path, filename)
        if found is not None:
            run.indexed.add(found)
        return found

    return verify_index(str(path), opened, run.ledger, locate)


def _not_indexed(run: _Run) -> Iterator[Finding]:
    """Captures that are missing in the indexes of their files."""
    for file in sorted(run.indexed):
        for offset, record_id, uri in run.ledger.not_indexed(file):
            yield broken("index-incomplete", run.ledger.name(file), f"no line for the capture of {uri}", offset=offset, record_id=record_id)


def _shards(index: Path) -> OpenShard:
    """The compressed parts of a ZipNum index, which lie beside it, under the names of its lines or as its list of places calls them."""
    places = _places(index.with_suffix(".loc"))

    def open_shard(name: str) -> OpenAt | None:
        for called in (name, *places.get(name, ())):
            for ending in _SHARD_ENDINGS:
                path = index.parent / f"{Path(called).name}{ending}"
                if path.is_file():
                    return partial(_open_at, path)
        return None

    return open_shard


def _places(path: Path) -> dict[str, list[str]]:
    """What a list of places, as pywb has them, calls each shard: a name and paths, with tabs between them."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", errors="replace") as stream:
        rows = [line.rstrip("\n").split("\t") for line in stream.read(_PLACES_LIMIT).splitlines()]
    return {name: paths for name, *paths in rows}


def _readable(path: Path, findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings of one file; one that cannot be read is a finding."""
    try:
        yield from findings
    except OSError as error:
        yield broken("file-unreadable", str(path), error.strerror or str(error))


def _open_at(path: Path, offset: int) -> IO[bytes]:
    stream = path.open("rb")
    stream.seek(offset)
    return stream


def _locate(ledger: Ledger, index: Path, filename: str) -> int | None:
    """The file that a line of an index means: as it is named, beside the index, or in the archive folder beside that of the index."""
    base = filename.replace("\\", "/").rpartition("/")[2]
    beside = index.parent, index.parent.parent / "archive"
    for name in (filename, str(index.parent / filename), *(str(folder / base) for folder in beside)):
        if (found := ledger.known_file(name)) is not None:
            return found
    return None
