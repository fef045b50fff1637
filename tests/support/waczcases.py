"""Packages, right and wrong, of WACZ 1.1.1 and of the draft 1.2.0, with the good file in them."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from support.indexcases import INDEX, index_row, zipnum
from support.verifycases import FILE, GZIP, PLAIN, Case, Files, flipped
from support.warcs import DATE, LATER, URL, digest

_WARC, _INDEX, _PAGES, _LIST, _DIGEST = (
    "archive/x.warc.gz",
    "indexes/index.cdxj",
    "pages/pages.jsonl",
    "datapackage.json",
    "datapackage-digest.json",
)
_PAGE = {"url": URL, "ts": DATE, "title": "Flood"}
_PAGES_HEAD = b'{"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}\n'


def package_files(*, draft: bool = False, **listed: object) -> dict[str, bytes]:
    """What a good package holds, but for the list of its files."""
    stated: dict[str, object] = {"profile": "wacz"} if draft else {"profile": "data-package", "wacz_version": "1.1.1"}
    stated |= {"title": "Flood", "created": LATER, "software": "test"} | listed
    pages = _PAGES_HEAD + json.dumps(_PAGE).encode() + b"\n"
    return {_WARC: FILE, _INDEX: INDEX, _PAGES: pages, _LIST: json.dumps(stated).encode(), _DIGEST: b"{}"}


def listed(files: Files) -> dict[str, bytes]:
    """The files with a list that is true of them."""
    if _LIST not in files or not files[_LIST].startswith(b"{"):
        return dict(files)
    manifest: dict[str, Any] = json.loads(files[_LIST])
    manifest.setdefault("resources", [
        {"name": name.rpartition("/")[2], "path": name, "hash": digest(data), "bytes": len(data)}
        for name, data in files.items()
        if name not in {_LIST, _DIGEST}
    ])  # fmt: skip
    data = json.dumps({name: value for name, value in manifest.items() if value is not None}).encode()
    signed = {_DIGEST: json.dumps({"path": _LIST, "hash": digest(data)}).encode()} if files.get(_DIGEST) == b"{}" else {}
    return {**files, _LIST: data, **signed}


def packed(files: Files, deflated: tuple[str, ...] = ()) -> bytes:
    """A ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, data in files.items():
            package.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED if name in deflated else zipfile.ZIP_STORED)
    return out.getvalue()


def _without(*names: str) -> Files:
    return {name: data for name, data in package_files().items() if name not in names}


def _pages(*more: dict[str, object], head: bytes = _PAGES_HEAD) -> Files:
    return package_files() | {_PAGES: head + b"".join(json.dumps(page).encode() + b"\n" for page in (_PAGE, *more))}


def _lied(name: str, data: bytes) -> bytes:
    """A package that was changed after its list was made."""
    return packed(listed(package_files()) | {name: data})


def wacz_cases() -> Iterator[Case]:
    """What is wrong, or right, with a package."""
    section = "WACZ 1.1.1, "
    for name, (files, rule, where) in _misfits().items():
        yield Case(name=name, files={"x.wacz": packed(listed(files))}, rule=rule, section=section + where if where else "CDXJ 0.1.0")
    whole = packed(listed(package_files()))
    for name, (data, rule, where) in _lies(whole).items():
        yield Case(name=name, files={"x.wacz": data}, rule=rule, section=section + where)
    mild = {
        "a page that was not captured": (_pages({"url": "http://no.example/", "ts": DATE}), "wacz-page-missing", "pages.jsonl"),
        "no digest": (_without(_DIGEST), "wacz-digest-missing", "datapackage-digest.json"),
        "made at no time": (package_files(created="yesterday"), "wacz-time", "datapackage.json"),
        "a version to come": (package_files(wacz_version="1.9"), "wacz-version", "datapackage.json"),
    }
    for name, (files, rule, where) in mild.items():
        yield Case(name=name, files={"x.wacz": packed(listed(files))}, rule=rule, section=section + where, mild=True)
    plain = {name.removesuffix(".gz"): PLAIN if name == _WARC else data for name, data in package_files().items() if name != _INDEX}
    deflated = packed(listed(plain | {_INDEX: b""}), deflated=("archive/x.warc",))
    yield Case(name="a plain WARC deflated", files={"x.wacz": deflated}, rule="wacz-deflated", section=f"{section}Zip Compression")
    yield Case(
        name="called otherwise",
        files={"x.warc.zip": whole},
        rule="wacz-extension",
        section=f"{section}Zip Format File Extension",
        mild=True,
    )
    cut = packed(listed(package_files() | {_WARC: FILE[:-9]}))
    yield Case(name="a WARC cut and listed", files={"x.wacz": cut}, rule="gzip-cut", section=GZIP)
    yield from _draft_cases()
    idx, blocks = zipnum()
    zipped = {name: data for name, data in package_files().items() if name != _INDEX}
    zipped |= {"indexes/x.cdx.gz": blocks, "indexes/x.idx": idx}
    right = {
        "the package": whole,
        "index, pages and list deflated": packed(listed(package_files()), deflated=(_INDEX, _PAGES, _LIST)),
        "no head of the pages": packed(listed(_pages(head=b""))),
        "other files that are listed": packed(listed(package_files() | {"fuzzy.json": b"{}", "logs/crawl.log": b"log"})),
        "more pages": packed(listed(package_files() | {"pages/extraPages.jsonl": _PAGES_HEAD})),
        "a page with a fragment": packed(listed(_pages({"url": f"{URL}#a", "ts": "2026-11-21T10:30:00.5+01:00"}))),
        "an index in blocks, packed": packed(listed(zipped)),
        "hashes in md5": packed(listed(package_files(resources=_resources_in_md5()))),
        "stats as 1.0 had them": packed(listed(package_files(wacz_version="1.0.0", resources=_resources_with_stats()))),
    }
    for name, data in right.items():
        yield Case(name=name, files={"x.wacz": data})


def _entries() -> list[tuple[str, bytes]]:
    return [(name, data) for name, data in package_files().items() if name not in {_LIST, _DIGEST}]


def _resources_in_md5() -> list[dict[str, object]]:
    return [{"name": name, "path": name, "hash": hashlib.md5(data).hexdigest(), "bytes": len(data)} for name, data in _entries()]  # noqa: S324 -- what old packages state


def _resources_with_stats() -> list[dict[str, object]]:
    return [{"name": name, "path": name, "stats": {"hash": digest(data), "bytes": len(data)}} for name, data in _entries()]


def _misfits() -> dict[str, tuple[Files, str, str]]:
    """Packages whose list is true of them."""
    good_files = package_files()
    one = {"name": "a", "path": "../a", "hash": digest(b""), "bytes": 0}
    return {
        "no WARC": (_without(_WARC), "wacz-archive", "archive"),
        "no index": (_without(_INDEX), "wacz-indexes", "indexes"),
        "no pages": (_without(_PAGES), "wacz-pages", "pages.jsonl"),
        "no list": (_without(_LIST), "wacz-datapackage", "datapackage.json"),
        "a list that is no JSON": (good_files | {_LIST: b"[1"}, "wacz-datapackage", "datapackage.json"),
        "a list that is no object": (good_files | {_LIST: b"[1]"}, "wacz-datapackage", "datapackage.json"),
        "no resources": (package_files(resources=7), "wacz-datapackage", "datapackage.json"),
        "a resource that is none": (package_files(resources=["x"]), "wacz-datapackage", "datapackage.json"),
        "a resource without a hash": (
            package_files(resources=[{"name": "x", "path": _WARC, "bytes": len(FILE)}]),
            "wacz-datapackage",
            "datapackage.json",
        ),
        "a resource outside": (package_files(resources=[one]), "wacz-missing", "datapackage.json"),
        "no profile": (package_files(profile=None), "wacz-profile", "datapackage.json"),
        "another profile": (package_files(profile="tabular-data-package"), "wacz-profile", "datapackage.json"),
        "no version": (package_files(wacz_version=None), "wacz-datapackage", "datapackage.json"),
        "a version that is none": (package_files(wacz_version="one"), "wacz-datapackage", "datapackage.json"),
        "a stranger in archive": (good_files | {"archive/notes.txt": b"x"}, "wacz-directory", "Other files and directories"),
        "a folder in archive": (good_files | {"archive/deep/x.warc.gz": FILE}, "wacz-directory", "Other files and directories"),
        "a way out": (good_files | {"../up": b"x"}, "wacz-name", "Zip Format"),
        "an absolute way out": (good_files | {"/up": b"x"}, "wacz-name", "Zip Format"),
        "a way out for Windows": (good_files | {"C:up": b"x", "a\\..\\..\\up": b"y"}, "wacz-name", "Zip Format"),
        "compressed and called .warc": (
            {
                name.replace(".warc.gz", ".warc"): data.replace(b".warc.gz", b".warc") if name == _INDEX else data
                for name, data in good_files.items()
            },
            "wacz-suffix",
            "archive",
        ),
        "a page without a time": (_pages({"url": URL}), "wacz-pages", "pages.jsonl"),
        "a page without a URL": (_pages({"ts": DATE}), "wacz-pages", "pages.jsonl"),
        "a page of fourteen digits": (_pages({"url": URL, "ts": "20261121103000"}), "wacz-pages", "pages.jsonl"),
        "a page at no time": (_pages({"url": URL, "ts": "2026-13-21T10:30:00Z"}), "wacz-pages", "pages.jsonl"),
        "a page that is no JSON": (good_files | {_PAGES: _PAGES_HEAD + b"{\n"}, "wacz-pages", "pages.jsonl"),
        "a page of brackets": (good_files | {_PAGES: _PAGES_HEAD + b"[" * 100_000 + b"\n"}, "wacz-pages", "pages.jsonl"),
        "a head further down": (good_files | {_PAGES: good_files[_PAGES] + _PAGES_HEAD}, "wacz-pages", "pages.jsonl"),
        "another offset in the package": (good_files | {_INDEX: index_row(0, offset="7") + index_row(1)}, "index-offset", ""),
        "a line is missing in the package": (good_files | {_INDEX: index_row(0)}, "index-incomplete", ""),
        "another WARC in the index": (good_files | {_INDEX: index_row(0, filename="y.warc.gz") + index_row(1)}, "index-file", ""),
    }


def _lies(whole: bytes) -> dict[str, tuple[bytes, str, str]]:
    """Packages that are not what they say."""
    files = listed(package_files())
    end = whole.rindex(b"PK\5\6")
    directory = whole.index(b"PK\1\2")
    local = whole.index(b"PK\3\4")
    encrypted = bytearray(whole)
    encrypted[local + 6] |= 1
    encrypted[directory + 8] |= 1
    method = bytearray(whole)
    method[local + 8] = method[directory + 10] = 14
    sizes = bytearray(whole)
    sizes[local + 22] ^= 0xFF
    named = bytearray(whole)
    named[local + 30] ^= 0x20
    return {
        "no ZIP": (b"not a ZIP", "wacz-zip", "Zip Format"),
        "nothing": (b"", "wacz-zip", "Zip Format"),
        "cut": (whole[: end - 10], "wacz-zip", "Zip Format"),
        "without its directory": (whole[:directory], "wacz-zip", "Zip Format"),
        "a byte changed in an entry": (flipped(whole, whole.index(FILE) + 50), "wacz-zip", "Zip Format"),
        "a directory beyond measure": (whole[: end + 12] + b"\xff\xff\xff\x7f" + whole[end + 16 :], "wacz-zip", "Zip Format"),
        "encrypted": (bytes(encrypted), "wacz-zip", "Zip Format"),
        "compressed by another method": (bytes(method), "wacz-zip", "Zip Format"),
        "another name in the entry": (bytes(named), "wacz-zip", "Zip Format"),
        "another size in the entry": (bytes(sizes), "wacz-header", "Zip Format"),
        "bytes before": (b"MZ" * 50 + whole, "wacz-outside", "Zip Format"),
        "bytes behind": (whole + b"more", "wacz-outside", "Zip Format"),
        "a name twice": (_twice(files), "wacz-name", "Zip Format"),
        "a link": (_link(files), "wacz-name", "Zip Format"),
        "a WARC compressed again": (packed(files, deflated=(_WARC,)), "wacz-compressed", "Zip Compression"),
        "a file too many": (packed({**files, "extra.txt": b"x"}), "wacz-unlisted", "datapackage.json"),
        "a file too few": (packed({name: data for name, data in files.items() if name != _PAGES}), "wacz-missing", "datapackage.json"),
        "a byte more": (_lied(_PAGES, files[_PAGES] + b"\n"), "wacz-hash", "datapackage.json"),
        "other bytes": (_lied(_PAGES, files[_PAGES].replace(b"Flood", b"Drown")), "wacz-hash", "datapackage.json"),
        "a hash that nobody knows": (_lied(_LIST, files[_LIST].replace(b'"sha256:', b'"crc32:', 1)), "wacz-hash", "datapackage.json"),
        "another list": (_lied(_LIST, files[_LIST].replace(b"Flood", b"Drown")), "wacz-digest", "datapackage-digest.json"),
        "another digest of the list": (
            _lied(_DIGEST, files[_DIGEST].replace(b"sha256:", b"sha256:0")),
            "wacz-digest",
            "datapackage-digest.json",
        ),
        "a digest of something else": (
            _lied(_DIGEST, files[_DIGEST].replace(_LIST.encode(), b"x.json")),
            "wacz-digest",
            "datapackage-digest.json",
        ),
        "a digest that is no JSON": (_lied(_DIGEST, b"{"), "wacz-digest", "datapackage-digest.json"),
    }


def _twice(files: Files) -> bytes:
    """The pages under a name of the same length, which is then changed to theirs."""
    return packed({**files, "pages/pages.jsonx": files[_PAGES]}).replace(b"pages/pages.jsonx", b"pages/pages.jsonl")


def _link(files: Files) -> bytes:
    out = io.BytesIO(packed(files))
    with zipfile.ZipFile(out, "a") as package:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        package.writestr(info, "/etc/passwd")
    return out.getvalue()


def _draft_cases() -> Iterator[Case]:
    """The draft 1.2.0, which a package states by its profile."""
    section = "WACZ 1.2.0, datapackage.json"
    yield Case(name="a package of the draft", files={"x.wacz": packed(listed(package_files(draft=True, home={"url": URL, "ts": DATE})))})
    home = package_files(draft=True, home={"url": URL})
    yield Case(name="a home at no time", files={"x.wacz": packed(listed(home))}, rule="wacz-home", section=section)
    unlisted = packed({**listed(package_files(draft=True)), "extra.txt": b"x"})
    yield Case(name="a file too many in the draft", files={"x.wacz": unlisted}, rule="wacz-unlisted", section=section)
    pages = package_files(draft=True) | {_PAGES: b"{}\n"}
    yield Case(
        name="a page that is none in the draft",
        files={"x.wacz": packed(listed(pages))},
        rule="wacz-pages",
        section="WACZ 1.2.0, pages.jsonl",
    )
