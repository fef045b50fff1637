"""Files that are broken in one way each, and files that are not, by rule and section: what a validator has to tell apart.

``warc_cases`` come from ``cases/warc-*.yaml``; containers and sets of files are made here of the same good records, indexes and packages in
``indexcases.py`` and ``waczcases.py``.  A case's files are verified together.
"""

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from support.warcs import changed, good, write

FOLDER = Path(__file__).parents[1] / "archive" / "cases"
NAME = "x.warc.gz"
RECORDS = list(good().values())
FILE = write(RECORDS)
PLAIN = write(RECORDS, compressed=False)
STARTS = [len(write(RECORDS[:number])) for number in range(len(RECORDS) + 1)]
PLAIN_STARTS = [len(write(RECORDS[:number], compressed=False)) for number in range(len(RECORDS) + 1)]

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Some files, and the finding that must come of them; without a ``rule`` no error may come.  ``mild``: the finding is no error."""

    name: str
    files: Files
    rule: str = ""
    section: str = ""
    mild: bool = False


def rows(name: str) -> list[dict[str, Any]]:
    """The cases of a file."""
    found: list[dict[str, Any]] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def warc_cases() -> Iterator[Case]:
    """Every record that is broken, and every one that is not."""
    for row in (*rows("warc-defects"), *rows("warc-good")):
        found = {name: row[name] for name in ("rule", "section", "mild") if name in row}
        yield Case(name=row["name"], files={NAME: write(changed(row))}, **found)


# Containers (RFC 1952; WARC 1.1 §4, annex D)

GZIP = "RFC 1952 §2.3"


def flipped(data: bytes, at: int) -> bytes:
    """The data with one byte changed."""
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def member(data: bytes, flags: int = 0, more: bytes = b"", level: int = 9) -> bytes:
    """A gzip member with a header of one's own."""
    packer = zlib.compressobj(level, wbits=-zlib.MAX_WBITS)
    body = packer.compress(data) + packer.flush()
    head = b"\x1f\x8b\x08" + bytes([flags]) + b"\1\2\3\4\2\3" + more
    return head + body + struct.pack("<II", zlib.crc32(data), len(data))


def _whole(make: Callable[[bytes], bytes]) -> bytes:
    return b"".join(make(record.data()) for record in RECORDS)


def _headed(record: bytes) -> bytes:
    head = b"\x1f\x8b\x08\x1e\1\2\3\4\2\3" + b"\5\0ab\1\0x" + b"name.warc\0" + b"a comment\0"
    return member(record, 0x1E, head[10:] + struct.pack("<H", zlib.crc32(head) & 0xFFFF))


_MIDDLE, _THIRD = STARTS[2], STARTS[3]
_BROKEN_CONTAINERS: dict[str, tuple[bytes, str, str]] = {
    "nothing at all": (b"", "file-empty", "WARC 1.1 §4"),
    "NULs": (bytes(1000), "record-version", "WARC 1.1 §4"),
    "one member for all records": (gzip.compress(PLAIN), "member-many", "WARC 1.1 annex D.2"),
    "two records in a member": (FILE[:_MIDDLE] + gzip.compress(PLAIN[PLAIN_STARTS[2] :]), "member-many", "WARC 1.1 annex D.2"),
    "a record in two members": (
        FILE[:_MIDDLE] + gzip.compress(RECORDS[2].data()[:300]) + gzip.compress(RECORDS[2].data()[300:]) + FILE[_THIRD:],
        "header-open",
        "WARC 1.1 §4",
    ),
    "a block in two members": (
        FILE[:_MIDDLE] + gzip.compress(RECORDS[2].data()[:-20]) + gzip.compress(RECORDS[2].data()[-20:]) + FILE[_THIRD:],
        "block-short",
        "WARC 1.1 §5.3",
    ),
    "a member with nothing in it": (FILE[:_MIDDLE] + gzip.compress(b"") + FILE[_MIDDLE:], "record-missing", "WARC 1.1 §4"),
    "a member that is no record": (FILE + gzip.compress(b"hello"), "record-version", "WARC 1.1 §4"),
    "a header without an end": (gzip.compress(b"WARC/1.1\r\nWARC-Type: response\r\n"), "header-open", "WARC 1.1 §4"),
    "a header without end": (gzip.compress(b"WARC/1.1\r\nX: " + b"y" * 300_000 + b"\r\n\r\n"), "header-open", "WARC 1.1 §4"),
    "junk before": (b"junk" + FILE, "record-version", "WARC 1.1 §4"),
    "junk between": (FILE[:_MIDDLE] + b"junk" + FILE[_MIDDLE:], "gzip-junk", "RFC 1952 §2.2"),
    "junk behind": (FILE + b"junk", "gzip-junk", "RFC 1952 §2.2"),
    "NULs behind": (FILE + bytes(512), "gzip-junk", "RFC 1952 §2.2"),
    "a record that is not compressed behind": (FILE[:_THIRD] + PLAIN[PLAIN_STARTS[3] :], "gzip-junk", "RFC 1952 §2.2"),
    "a record that is compressed behind": (PLAIN[: PLAIN_STARTS[3]] + FILE[_THIRD:], "record-version", "WARC 1.1 §4"),
    "cut within a header of gzip": (FILE[: _THIRD + 3], "gzip-cut", GZIP),
    "cut within a record": (FILE[: _THIRD + 90], "gzip-cut", GZIP),
    "cut before the checksum": (FILE[:-8], "gzip-cut", GZIP),
    "cut by a byte": (FILE[:-1], "gzip-cut", GZIP),
    "cut between records": (FILE[:_MIDDLE], "concurrent-dangling", "WARC 1.1 §5.7"),
    "a byte changed": (flipped(FILE, _MIDDLE + 60), "gzip-broken", GZIP),
    "another checksum": (flipped(FILE, _THIRD - 6), "gzip-broken", GZIP),
    "another length": (flipped(FILE, _THIRD - 2), "gzip-broken", GZIP),
    "another method": (flipped(FILE, _MIDDLE + 2), "gzip-junk", "RFC 1952 §2.2"),
    "a flag that gzip reserves": (FILE[: _MIDDLE + 3] + b"\x80" + FILE[_MIDDLE + 4 :], "gzip-broken", GZIP),
    "a byte too many": (FILE[: _MIDDLE + 40] + b"\0" + FILE[_MIDDLE + 40 :], "gzip-broken", GZIP),
    "a byte too few": (FILE[: _MIDDLE + 40] + FILE[_MIDDLE + 41 :], "gzip-broken", GZIP),
    "the first member broken": (flipped(FILE, 60), "gzip-broken", GZIP),
    "zlib in place of gzip": (b"".join(zlib.compress(record.data()) for record in RECORDS), "record-version", "WARC 1.1 §4"),
    "ARC": (gzip.compress(b"filedesc://x.arc 0.0.0.0 20261121103000 text/plain 5\n1 0 0\n\n"), "record-version", "WARC 1.1 §4"),
}


def container_cases() -> Iterator[Case]:
    """What is wrong, or odd and right, with the file round the records."""
    for name, (data, rule, section) in _BROKEN_CONTAINERS.items():
        yield Case(name=name, files={NAME: data}, rule=rule, section=section)
    yield Case(
        name="cut within a record, plain", files={"x.warc": PLAIN[: PLAIN_STARTS[4] - 10]}, rule="block-short", section="WARC 1.1 §5.3"
    )
    yield Case(name="cut after a record, plain", files={"x.warc": PLAIN[:-2]}, rule="record-end", section="WARC 1.1 §4")
    yield Case(name="plain and called .gz", files={NAME: PLAIN}, rule="file-suffix", section="WARC 1.1 annex D.3", mild=True)
    yield Case(name="compressed and not called so", files={"x.warc": FILE}, rule="file-suffix", section="WARC 1.1 annex D.3", mild=True)
    yield Case(name="an ARC file", files={"x.arc": b"filedesc://x.arc 0.0.0.0"}, rule="file-kind", section="-")
    yield Case(name="compressed by Zstandard", files={"x.warc.zst": b"\x28\xb5\x2f\xfd\0"}, rule="file-kind", section="-")
    yield Case(name="nothing that is known", files={"x.txt": b"hello"}, rule="file-kind", section="-")
    right = {
        "not compressed": ("x.warc", PLAIN),
        "name, comment, extra field and a checksum in the header of gzip": (NAME, _whole(_headed)),
        "text flag": (NAME, _whole(lambda record: member(record, 1))),
        "stored, not deflated": (NAME, _whole(lambda record: member(record, level=0))),
        "weakly compressed": (NAME, _whole(lambda record: gzip.compress(record, 1))),
        "still open": (f"{NAME}.open", FILE),
        "one record": ("x.warc", RECORDS[0].data()),
    }
    for name, (file, data) in right.items():
        yield Case(name=name, files={file: data})


def set_cases() -> Iterator[Case]:
    """What shows only between files."""
    other = write(changed({"record": "metadata", "block": "via: http://elsewhere.example/\r\n"}))
    ids = {"a.warc.gz": FILE, "b.warc.gz": other}
    yield Case(name="one id for two records in two files", files=ids, rule="id-repeated", section="WARC 1.1 §5.2")
    copies = {"a.warc.gz": FILE, "b.warc.gz": FILE}
    yield Case(name="a copy of a file", files=copies, rule="id-copied", section="WARC 1.1 §5.2", mild=True)
    for name, at in (("a revisit of another file's record", STARTS[4]), ("request and response in two files", STARTS[2])):
        yield Case(name=name, files={"a.warc.gz": FILE[:at], "b.warc.gz": FILE[at:]})
    row = next(row for row in rows("warc-good") if row["name"] == "a record in two segments")
    segments = changed(row)
    yield Case(name="segments in two files", files={"a.warc.gz": write(segments[:-1]), "b.warc.gz": write(segments[-1:])})
