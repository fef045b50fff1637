"""Verification of anything that the archive knows: WARC files, WACZ packages, indexes, folders of them, whole stores; ours and others'.

Contract: ``verify`` takes paths and store URLs as one set, so that a revisit in one file may refer to a record in another, and gives
findings as they are made; those that need all records come last.  ``tally`` counts what was looked at.  No bytes, however broken or
hostile, make it raise, hang or hold more than a few megabytes; a path that is not there is a finding.  StoreError when a store cannot be
reached.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from archive.findings import Finding, Tally
from archive.store import Store
from archive.trust import Trust
from archive.verify_index import verify_index
from archive.verify_ledger import Ledger
from archive.verify_rules import broken
from archive.verify_store import verify_store
from archive.verify_wacz import verify_wacz
from archive.verify_warc import verify_warc

_INDEXES = (".cdxj", ".cdxj.gz")
_KINDS = (".warc", ".warc.gz", ".wacz", *_INDEXES)
_STORE_MARKS = ("warc", "manifests", "stories")


def verify(
    targets: Sequence[str | Store], open_store: Callable[[str], Store], tally: Tally, trust: Trust | None = None
) -> Iterator[Finding]:
    """Check everything that is named; ``trust`` says whose signatures and time stamps count."""
    for finding in _findings(targets, open_store, tally, trust or Trust()):
        tally.found[finding.severity] += 1
        yield finding


def _findings(targets: Sequence[str | Store], open_store: Callable[[str], Store], tally: Tally, trust: Trust) -> Iterator[Finding]:
    with Ledger() as ledger:
        indexes: list[Path] = []
        for target in targets:
            if not isinstance(target, str):
                yield from verify_store(target, ledger, tally, trust)
            elif target.startswith("s3://") or _is_store(Path(target)):
                yield from verify_store(open_store(target), ledger, tally, trust)
            else:
                yield from _verify_path(Path(target), ledger, tally, indexes, trust)
        for path in indexes:  # after the files into which they point
            yield from _readable(path, verify_index(str(path), partial(_open_at, path), ledger, partial(_locate, ledger, path)))
            tally.files += 1
        yield from ledger.conclude()


def _is_store(path: Path) -> bool:
    return path.is_dir() and any((path / mark).is_dir() for mark in _STORE_MARKS)


def _verify_path(path: Path, ledger: Ledger, tally: Tally, indexes: list[Path], trust: Trust) -> Iterator[Finding]:
    if path.is_dir():
        found = sorted(Path(folder) / name for folder, _, names in os.walk(path) for name in names if name.lower().endswith(_KINDS))
        if not found:
            yield broken("file-kind", str(path), f"nothing in this folder ends in {', '.join(_KINDS)}")
        for inner in found:
            yield from _verify_path(inner, ledger, tally, indexes, trust)
    elif path.name.lower().endswith(_INDEXES):
        indexes.append(path)
    else:
        yield from _readable(path, _verify_file(path, ledger, tally, trust))


def _verify_file(path: Path, ledger: Ledger, tally: Tally, trust: Trust) -> Iterator[Finding]:
    with path.open("rb") as stream:
        head = stream.read(4)
    if head == b"PK\x03\x04" or path.suffix.lower() == ".wacz":
        yield from verify_wacz(path, ledger, tally, trust)
    elif head[:2] == b"\x1f\x8b" or head == b"WARC" or ".warc" in path.name.lower():
        yield from verify_warc(str(path), partial(_open_at, path), ledger, tally)
    else:
        yield broken("file-kind", str(path), "neither a WARC, nor a WACZ, nor an index")


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
    """The file that a line of an index means: as it is named, or under that name beside the index."""
    for name in (filename, str(index.parent / filename), str(index.parent / Path(filename).name)):
        if (found := ledger.known_file(name)) is not None:
            return found
    return None
