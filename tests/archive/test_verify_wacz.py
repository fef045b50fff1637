"""A WACZ is held against itself: list against files, index against records, pages against captures, whatever a validator lets pass."""

import hashlib
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.smallarchive import SLUG, small_archive

from archive.findings import Finding, Severity, Tally
from archive.pull import pull
from archive.records import Selection
from archive.store import open_store
from archive.verify import verify

WARC, INDEX, PAGES, MANIFEST, DIGEST = (
    "archive/data.warc.gz",
    "indexes/index.cdxj",
    "pages/pages.jsonl",
    "datapackage.json",
    "datapackage-digest.json",
)
Files = dict[str, bytes]
Change = Callable[[Files], Files]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """What a good package holds."""
    folder = tmp_path_factory.mktemp("wacz")
    with small_archive(folder) as archive:
        pull(archive, Selection(story=SLUG), "wacz", folder / "s.wacz", "copytrail/test")
    with zipfile.ZipFile(folder / "s.wacz") as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(path: Path, files: Files, *, listed: bool = True, deflated: tuple[str, ...] = ()) -> Path:
    """A package of these files, with a list that is true of them unless told otherwise."""
    if listed:
        files = _listed(files)
    with zipfile.ZipFile(path, "w") as package:
        for name, data in files.items():
            package.writestr(name, data, zipfile.ZIP_DEFLATED if name in deflated else zipfile.ZIP_STORED)
    return path


def _listed(files: Files) -> Files:
    if MANIFEST not in files:
        return files
    manifest: dict[str, Any] = json.loads(files[MANIFEST])
    manifest["resources"] = [
        {"name": name, "path": name, "hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "bytes": len(data)}
        for name, data in files.items()
        if name not in {MANIFEST, DIGEST}
    ]
    data = json.dumps(manifest).encode()
    digest = {"path": MANIFEST, "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
    return files | {MANIFEST: data} | ({DIGEST: json.dumps(digest).encode()} if DIGEST in files else {})


def check(path: Path) -> list[Finding]:
    return list(verify([str(path)], open_store, Tally()))


def rules(path: Path) -> set[str]:
    return {item.rule for item in check(path)}


def without(*names: str) -> Change:
    return lambda files: {name: data for name, data in files.items() if name not in names}


def replacing(name: str, old: bytes, new: bytes) -> Change:
    def change(files: Files) -> Files:
        assert old in files[name]
        return files | {name: files[name].replace(old, new, 1)}

    return change


def with_index(change: Callable[[list[bytes]], list[bytes]]) -> Change:
    return lambda files: files | {INDEX: b"".join(line + b"\n" for line in change(files[INDEX].splitlines()))}


def first_row(**fields: object) -> Change:
    """Say something else of the first capture of the index."""

    def change(lines: list[bytes]) -> list[bytes]:
        key, time, text = lines[0].split(b" ", 2)
        return [b" ".join([key, time, json.dumps(json.loads(text) | fields).encode()]), *lines[1:]]

    return with_index(change)


def test_the_good_package_gives_no_finding(files: Files, tmp_path: Path) -> None:
    """Repacked, it is as good as it was."""
    assert check(packed(tmp_path / "s.wacz", files)) == []


MISFITS: dict[str, tuple[Change, str]] = {
    "no WARC": (without(WARC), "wacz-archive"),
    "no index": (without(INDEX), "wacz-indexes"),
    "no pages": (without(PAGES), "wacz-pages"),
    "no list": (without(MANIFEST), "wacz-datapackage"),
    "no digest": (without(DIGEST), "wacz-digest-missing"),
    "a stranger in archive": (lambda files: files | {"archive/notes.txt": b"x"}, "wacz-directory"),
    "a folder in archive": (lambda files: files | {"archive/deep/data.warc.gz": files[WARC]}, "wacz-directory"),
    "a way out": (lambda files: files | {"../up": b"x"}, "wacz-name"),
    "a page that was not captured": (
        lambda files: files | {PAGES: files[PAGES] + b'{"url": "http://no.example/", "ts": "2026-11-21T10:30:00Z"}\n'},
        "wacz-page-missing",
    ),
    "a page without a time": (lambda files: files | {PAGES: files[PAGES] + b'{"url": "http://no.example/"}\n'}, "wacz-pages"),
    "a page of brackets": (lambda files: files | {PAGES: files[PAGES] + b"[" * 100_000 + b"\n"}, "wacz-pages"),
    "a cut WARC": (lambda files: files | {WARC: files[WARC][:-9]}, "gzip-cut"),
    "another offset": (first_row(offset="7"), "index-offset"),
    "an impossible offset": (first_row(offset=-7), "index-line"),
    "another length": (first_row(length="7"), "index-length"),
    "another URL": (first_row(url="http://other.example/"), "index-url"),
    "another file": (first_row(filename="other.warc.gz"), "index-file"),
    "another status": (first_row(status="500"), "index-status"),
    "another digest": (first_row(digest="sha256:" + "0" * 64), "index-digest"),
    "another time": (replacing(INDEX, b" 20261121", b" 20251121"), "index-time"),
    "another key": (replacing(INDEX, b"example,agency)/b ", b"aaa,agency)/b "), "index-key"),
    "a line is missing": (with_index(lambda lines: lines[1:]), "index-incomplete"),
    "not sorted": (with_index(lambda lines: lines[::-1]), "index-order"),
    "a line that is none": (with_index(lambda lines: [b"nonsense", *lines]), "index-line"),
}


@pytest.mark.parametrize(("change", "rule"), MISFITS.values(), ids=MISFITS)
def test_a_package_that_does_not_fit_together_is_found(change: Change, rule: str, files: Files, tmp_path: Path) -> None:
    """Also where list and hashes are true of what is there."""
    assert rule in rules(packed(tmp_path / "s.wacz", change(files)))


LIES: dict[str, tuple[Change, str]] = {
    "a list that is none": (lambda files: files | {MANIFEST: b"[1]"}, "wacz-datapackage"),
    "a file too many": (lambda files: files | {"extra.txt": b"x"}, "wacz-unlisted"),
    "a file too few": (without(PAGES), "wacz-missing"),
    "a byte more": (lambda files: files | {PAGES: files[PAGES] + b"\n"}, "wacz-hash"),
    "other bytes": (replacing(PAGES, b"Three ferries", b"Threw ferries"), "wacz-hash"),
    "another list": (replacing(MANIFEST, b"copytrail/test", b"copytrail/best"), "wacz-digest"),
    "an unknown hash": (replacing(MANIFEST, b'"sha256:', b'"crc32:'), "wacz-hash"),
    "another digest": (replacing(DIGEST, b"sha256:", b"sha256:0"), "wacz-digest"),
}


@pytest.mark.parametrize(("change", "rule"), LIES.values(), ids=LIES)
def test_a_list_that_is_not_true_is_found(change: Change, rule: str, files: Files, tmp_path: Path) -> None:
    """Sizes, hashes and names are those of the files."""
    assert rule in rules(packed(tmp_path / "s.wacz", change(files), listed=False))


def test_a_warc_that_is_compressed_again_is_found(files: Files, tmp_path: Path) -> None:
    """No player can read a range of it."""
    assert "wacz-compressed" in rules(packed(tmp_path / "s.wacz", files, deflated=(WARC,)))


def test_findings_name_the_file_in_the_package(files: Files, tmp_path: Path) -> None:
    """``<package>/<path>``, with the offset of the record in that file."""
    broken = bytearray(files[WARC])
    broken[-20] ^= 1
    path = packed(tmp_path / "s.wacz", files | {WARC: bytes(broken)})

    found = next(item for item in check(path) if item.rule == "gzip-broken")
    assert found.file == f"{path}/{WARC}"
    assert found.offset is not None


def test_what_is_no_zip_is_found(tmp_path: Path) -> None:
    """A file called .wacz that is something else, and one that is cut."""
    (tmp_path / "a.wacz").write_bytes(b"not a ZIP")
    (tmp_path / "b.wacz").write_bytes(b"")

    assert rules(tmp_path / "a.wacz") == rules(tmp_path / "b.wacz") == {"wacz-zip"}


def test_entries_that_overlap_are_not_read(tmp_path: Path) -> None:
    """A small ZIP whose entries share their bytes would unpack to terabytes; it is refused."""
    path = packed(tmp_path / "s.wacz", {"archive/data.warc.gz": b"\0" * 5000})
    with zipfile.ZipFile(path, "a") as package:
        for number in range(50):
            twin = zipfile.ZipInfo(f"archive/{number}.warc.gz")
            first = package.infolist()[0]
            twin.header_offset, twin.compress_size, twin.file_size, twin.CRC = 0, first.compress_size, first.file_size, first.CRC
            package.filelist.append(twin)
        package._didModify = True  # type: ignore[attr-defined]

    findings = check(path)
    assert [item.rule for item in findings] == ["wacz-zip"]
    assert "overlap" in findings[0].message


def test_a_bit_that_flips_is_an_error(files: Files, tmp_path: Path) -> None:
    """Wherever an entry's bytes change, its checksum and its hash say so; nothing raises."""
    path = packed(tmp_path / "s.wacz", files)
    data = path.read_bytes()
    source = random.Random(11)
    start = data.index(files[WARC])
    for _ in range(40):
        broken = bytearray(data)
        broken[start + source.randrange(len(files[WARC]))] ^= 1 << source.randrange(8)
        path.write_bytes(broken)
        assert {"wacz-zip", "wacz-hash"} <= {item.rule for item in check(path) if item.severity is Severity.ERROR}


def test_no_bytes_make_it_raise(files: Files, tmp_path: Path) -> None:
    """Whatever is cut or overwritten, also in the directory of the ZIP file, comes out as findings."""
    path = packed(tmp_path / "s.wacz", files)
    data = path.read_bytes()
    source = random.Random(13)
    for number in range(120):
        broken = bytearray(data)
        where = len(data) - source.randrange(1, 900) if number % 2 else source.randrange(len(data))
        broken[where : where + source.randrange(30)] = source.randbytes(source.randrange(30))
        path.write_bytes(broken[: source.randrange(len(broken)) if number % 5 == 0 else len(broken)])
        for item in check(path):
            assert item.message
