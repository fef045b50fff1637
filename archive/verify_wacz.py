"""A WACZ verified: the ZIP, the list of its files, and that WARC, index and pages inside fit together.

Contract: ``verify_wacz`` gives the findings of a package; files in it are called ``<package>/<path in it>``.  Each entry is read twice,
once for its checksum and hash and once for what it means; nothing is unpacked.  What ``wacz validate`` lets pass is caught: no archive/,
a WARC that was compressed again, an index that points elsewhere, a missing digest file (archival.md §5).  A package is judged by the
version that it states, and findings name that version's sections.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from archive import labelled, waczrules
from archive.findings import Finding, Tally
from archive.gzipmembers import MAGIC, OpenAt
from archive.labelled import Labelled
from archive.trust import Trust
from archive.verify_index import verify_index
from archive.verify_ledger import Ledger
from archive.verify_rules import RULES, broken
from archive.verify_warc import verify_warc
from archive.verify_zipnum import verify_zipnum
from archive.waczfile import BadPackage, Measured, Package, opened
from archive.waczrules import json_object, stat
from archive.waczsigned import check

JSON_LIMIT = 8 * 1024 * 1024  # read as JSON, it may take forty times as much memory
LINE_LIMIT = 8 * 1024 * 1024  # a page's line may carry the page's text
_PIECE = 256 * 1024
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]|^/|^[A-Za-z]:")
_SHARD_ENDINGS = ("", ".gz", ".cdx.gz", ".cdxj.gz")
MANIFEST, DIGEST, PAGES = "datapackage.json", "datapackage-digest.json", "pages/pages.jsonl"
_ALLOWED = {
    "archive": (".warc", ".warc.gz"),
    "indexes": (".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz", ".idx"),
    "pages": (".jsonl",),
}
_INDEX_ENDINGS = (".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz")


def verify_wacz(path: Path, ledger: Ledger, tally: Tally, trust: Trust) -> Iterator[Finding]:
    """Check the package at ``path``; OSError when it cannot be read."""
    try:
        with opened(path) as package:
            yield from _Check(str(path), package, ledger, tally, trust).all()
    except BadPackage as error:
        yield broken("wacz-zip", str(path), str(error))
    if path.suffix.lower() != ".wacz":
        yield broken("wacz-extension", str(path), f"the name ends in {path.suffix!r}")
    tally.files += 1


class _Check:
    """One package being verified."""

    def __init__(self, name: str, package: Package, ledger: Ledger, tally: Tally, trust: Trust) -> None:
        self._name, self._package, self._ledger, self._tally, self._trust = name, package, ledger, tally, trust
        self._measured: dict[str, Measured] = {}
        self._listed_as = json_object(package.read(MANIFEST, JSON_LIMIT))
        self._version = waczrules.version(self._listed_as)

    def all(self) -> Iterator[Finding]:
        for rule, name, message in self._package.faults:
            yield self._broken(rule, message, name)
        yield from self._entries()
        yield from self._layout()
        yield from self._manifest()
        yield from self._content()

    def _broken(self, rule: str, message: str, inside: str = "") -> Finding:
        section = RULES[rule].section.replace(f"WACZ {waczrules.STABLE}", f"WACZ {self._version}")
        return broken(rule, f"{self._name}/{inside}".rstrip("/"), message, section=section)

    def _under(self, folder: str, endings: tuple[str, ...]) -> list[str]:
        return sorted(name for name in self._package.names if name.startswith(f"{folder}/") and name.lower().endswith(endings))

    def _entries(self) -> Iterator[Finding]:
        """Every entry by itself."""
        for info in self._package.entries:
            name = info.filename
            if name in self._measured:
                yield self._broken("wacz-name", "the name is in the ZIP file more than once", name)
            if _UNSAFE.search(name) or ".." in PurePosixPath(name).parts:
                yield self._broken("wacz-name", f"the name leads out of the package: {name[:200]!r}")
            self._measured[name] = found = self._package.measure(info)
            if found.problem:
                yield self._broken("wacz-zip", f"cannot be read: {found.problem}", name)
            if name.startswith(("archive/", "indexes/")) and info.compress_type != zipfile.ZIP_STORED:
                packed = name.lower().endswith(".gz")
                if packed or name.startswith("archive/"):
                    words = "compressed again in the ZIP file" if packed else "compressed in the ZIP file"
                    yield self._broken("wacz-compressed" if packed else "wacz-deflated", words, name)
            if name.startswith("archive/") and not name.lower().endswith(".gz") and self._begins(name, MAGIC):
                yield self._broken("wacz-suffix", "compressed, and the name does not end in .warc.gz", name)

    def _layout(self) -> Iterator[Finding]:
        """What must be there, and what may not."""
        if not self._under("archive", _ALLOWED["archive"]):
            yield self._broken("wacz-archive", "no WARC file in archive/")
        if not self._under("indexes", _INDEX_ENDINGS):
            yield self._broken("wacz-indexes", "no index in indexes/")
        if PAGES not in self._package.names:
            yield self._broken("wacz-pages", f"no {PAGES}")
        for name in sorted(self._package.names):
            folder, _, rest = name.partition("/")
            if folder in _ALLOWED and ("/" in rest or not rest.lower().endswith(_ALLOWED[folder])):
                yield self._broken("wacz-directory", f"does not belong into {folder}/", name)

    def _manifest(self) -> Iterator[Finding]:
        """datapackage.json and the digest file against what was read."""
        manifest = self._listed_as
        resources = manifest.get("resources") if manifest is not None else None
        if manifest is None or not isinstance(resources, list):
            yield self._broken("wacz-datapackage", f"no {MANIFEST} that is a JSON object with resources")
            return
        for rule, message in waczrules.manifest_faults(manifest):
            yield self._broken(rule, message, MANIFEST)
        listed: set[str] = set()
        for item in resources:
            yield from self._resource(item, listed)
        for name in sorted(self._package.names - listed - {MANIFEST, DIGEST}):
            yield self._broken("wacz-unlisted", f"not in the resources of {MANIFEST}", name)
        yield from self._digest()
        held, data = json_object(self._package.read(DIGEST, JSON_LIMIT)) or {}, self._package.read(MANIFEST, JSON_LIMIT) or b""
        for rule, message in check(held, data, manifest.get("created"), self._trust):
            yield self._broken(rule, message, DIGEST)

    def _resource(self, item: object, listed: set[str]) -> Iterator[Finding]:
        path = item.get("path") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(path, str):
            yield self._broken("wacz-datapackage", f"a resource without a path: {str(item)[:100]}", MANIFEST)
            return
        if path in listed:
            yield self._broken("wacz-datapackage", f"lists {path[:200]} twice", MANIFEST)
        listed.add(path)
        for rule, message in waczrules.resource_faults(item):
            yield self._broken(rule, message, MANIFEST)
        found = self._measured.get(path)
        if found is None:
            yield self._broken("wacz-missing", f"{MANIFEST} lists it, and it is not there", path)
            return
        size, digest = stat(item, "bytes"), stat(item, "hash")
        if size is not None and size != found.size:
            yield self._broken("wacz-hash", f"has {found.size} bytes, {MANIFEST} says {str(size)[:40]}", path)
        if digest is not None and not self._has_hash(path, str(digest)):
            yield self._broken("wacz-hash", f"has {found.sha256}, {MANIFEST} says {str(digest)[:100]}", path)

    def _has_hash(self, name: str, stated: str) -> bool:
        wanted = labelled.parse(stated) if ":" in stated else labelled.bare(stated, "md5")  # frictionless: md5 has no label
        if wanted is None:
            return False
        if wanted.algorithm == "sha256":
            return wanted == labelled.parse(self._measured[name].sha256)
        digests = labelled.Digests([wanted.algorithm])
        with self._package.open_at(name) as stream:
            while data := stream.read(_PIECE):
                digests.update(data)
        return wanted == Labelled(wanted.algorithm, digests.of(wanted.algorithm))

    def _digest(self) -> Iterator[Finding]:
        if DIGEST not in self._package.names:
            yield self._broken("wacz-digest-missing", f"no {DIGEST}")
            return
        held = json_object(self._package.read(DIGEST, JSON_LIMIT)) or {}
        if held.get("path") != MANIFEST or not self._has_hash(MANIFEST, str(held.get("hash"))):
            message = f"{MANIFEST} has {self._measured[MANIFEST].sha256}, {DIGEST} says {str(held.get('hash'))[:100]}"
            yield self._broken("wacz-digest", message, DIGEST)

    def _content(self) -> Iterator[Finding]:
        """The WARC files, then what points into them."""
        files: dict[str, int] = {}
        for name in self._under("archive", _ALLOWED["archive"]):
            inside = f"{self._name}/{name}"
            files[name.removeprefix("archive/")] = self._ledger.file(inside)
            yield from verify_warc(inside, partial(self._package.open_at, name), self._ledger, self._tally)
        indexes = self._under("indexes", _INDEX_ENDINGS)
        for name in indexes:
            yield from verify_index(f"{self._name}/{name}", partial(self._package.open_at, name), self._ledger, _locate(files))
        for name in self._under("indexes", (".idx",)):
            yield from verify_zipnum(f"{self._name}/{name}", partial(self._package.open_at, name), self._shard)
        for name, number in files.items() if indexes else ():
            for offset, record_id, uri in self._ledger.not_indexed(number):
                message = f"no line for the capture of {uri}"
                yield broken("index-incomplete", f"{self._name}/archive/{name}", message, offset=offset, record_id=record_id)
        for name in self._under("pages", (".jsonl",)):
            yield from self._pages(name, tuple(files.values()))

    def _pages(self, name: str, files: tuple[int, ...]) -> Iterator[Finding]:
        with self._package.open_at(name) as stream:
            number = 0
            while line := stream.readline(LINE_LIMIT):
                number += 1
                if not line.strip():
                    continue
                url, faults = waczrules.page_faults(line, first=number == 1)
                for rule, message in faults:
                    yield self._broken(rule, f"line {number}: {message}", name)
                if url is not None and not self._is_captured(url, files):
                    yield self._broken("wacz-page-missing", f"line {number}: {url[:200]} is not captured in the package", name)

    def _is_captured(self, url: str, files: tuple[int, ...]) -> bool:
        """Whether there is a capture of a page, with or without a slash at the end of its URL."""
        plain = url.partition("#")[0]
        return any(self._ledger.has_capture(spelt, files) for spelt in (plain, f"{plain}/", plain.removesuffix("/")))

    def _begins(self, name: str, mark: bytes) -> bool:
        with self._package.open_at(name) as stream:
            return stream.read(len(mark)) == mark

    def _shard(self, name: str) -> OpenAt | None:
        """A compressed part of a ZipNum index, by the name that its lines use."""
        base = name.rpartition("/")[2]
        found = (f"indexes/{base}{ending}" for ending in _SHARD_ENDINGS if f"indexes/{base}{ending}" in self._package.names)
        inside = next(found, None)
        return None if inside is None else partial(self._package.open_at, inside)


def _locate(files: Mapping[str, int]) -> Any:
    """How an index names the WARC files of the package: by their names within archive/, or by their whole paths."""
    return lambda filename: files.get(filename.removeprefix("archive/"))
