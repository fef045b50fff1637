"""The index of a WARC by the public indexers and by us, as rows that can be held against each other.

What is compared is what all of them state: key, time to the second, URL, mime, status, offset and length, and the digest where the record's
header has one.  Labels of digests are left out, because pywb drops ``sha1:``; a mime is compared as RFC 9110 §8.3.1 has it, without regard
to case; ``unk`` and ``-`` are pywb's words for what is not there.
"""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from archive import cdxj
from archive.indexing import at_path, indexed
from archive.warcscan import scan


class Row(NamedTuple):
    """One line of an index; None where it has nothing."""

    offset: int
    length: int
    surt: str
    time: str
    url: str
    mime: str | None
    status: str | None
    digest: str | None


def ours(path: Path) -> tuple[list[Row], list[tuple[int, str]]]:
    """Our rows, and what we say is not in the index."""
    faults: list[tuple[int, str]] = []
    items = list(indexed(at_path(path), path.name, lambda offset, message: faults.append((offset, message))))
    return _by_file(cdxj.line(item, plain=True) for item in items).get(path.name, []), faults


def of_cdxj_indexer(program: Path, paths: Iterable[Path]) -> dict[str, list[Row]]:
    """Those of cdxj-indexer, by file."""
    return _by_file(_run(program, *paths))


def of_pywb(program: Path, paths: Iterable[Path]) -> dict[str, list[Row]]:
    """Those of pywb's cdx-indexer, by file; its CDXJ and its nine-field form must agree."""
    found = _by_file(_run(program, "-j", *paths))
    nine = [_of_nine(line) for line in _run(program, "-9", *paths) if not line.startswith(" CDX")]
    same = [
        (row.surt, row.time, row.url, row.mime, row.status, row.digest, row.offset, name) for name, rows in found.items() for row in rows
    ]
    assert sorted(nine, key=str) == sorted(same, key=str)
    return found


def stated_digests(path: Path) -> dict[int, str]:
    """The payload digests that headers state, by offset."""
    records = scan(at_path(path), lambda *_: None)
    return {record.offset: _bare(digest) for record in records if (digest := record.first("WARC-Payload-Digest"))}


def _run(*command: Path | str) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def _by_file(lines: Iterable[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for line in lines:
        name, row = _row(line)
        found.setdefault(name, []).append(row)
    return found


def _row(line: str) -> tuple[str, Row]:
    surt, time, text = line.split(" ", 2)
    held = json.loads(text)
    return held["filename"], Row(
        offset=int(held["offset"]),
        length=int(held["length"]),
        surt=surt,
        time=time,
        url=held["url"],
        mime=_known(held.get("mime")),
        status=_known(held.get("status")),
        digest=_known(_bare(held.get("digest") or "")),
    )


def _of_nine(line: str) -> tuple[str | int | None, ...]:
    surt, time, url, mime, status, digest, _, offset, name = line.split(" ")
    return surt, time, url, _known(mime), _known(status), _known(_bare(digest)), int(offset), name


def _known(value: str | None) -> str | None:
    return value.lower() if value not in {None, "", "-", "unk"} and value is not None else None


def _bare(digest: str) -> str:
    return digest.rpartition(":")[2].lower()
