"""What the probe asks of a folder: the file system's own promises, on which the directory store rests.

Contract: that of ``archive.probe.Prober``.  ``filesystem`` names the kind of file system on which a path lies.
"""

import os
import re
import shutil
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from archive import charter, layout
from archive.charter import Check
from archive.durable import sync_folder
from archive.probe import AGAIN, Clock, failed, guarded, passed, warned
from archive.settings import store_folder
from archive.store import ObjectExists, StoreError
from archive.store_dir import DirectoryStore

_TIMED = 5
_VOLATILE = ("tmpfs", "ramfs")
_REMOTE = re.compile(r"nfs\d?|cifs|smb\d?|9p|afs|ceph|glusterfs|fuse\..+|fuse")


class FolderProber(DirectoryStore):
    """A folder under probe."""

    def __init__(self, url: str) -> None:
        """As the archive opens it."""
        super().__init__(store_folder(url))

    def greet(self, clock: Clock) -> Iterator[Check]:
        place = existing(self._root)
        if not place.is_dir():
            yield failed("reach", f"{place} is not a folder", "name a folder")
            return
        if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
            yield failed("reach", f"{place} may not be read and written by this user", "mend its owner or its mode, or name another folder")
            return
        yield passed("reach", f"{self._root} may be written" + ("" if place == self._root else ", when it is made"))
        yield _kind_check(place)

    def put_if_absent(self, key: str, data: bytes) -> bool:
        try:
            self.create(key, data)
        except ObjectExists:
            return False
        return True

    def special(self, probe: str) -> Iterator[Check]:
        folder = self._path(layout.probe_key(probe))
        yield guarded(charter.CHECKSUM, AGAIN, lambda: self._wrong(layout.probe_key(probe, "wrong")))
        yield guarded("fsync", AGAIN, lambda: self._synced(probe))
        with self._errors(probe):
            yield _renamed(folder)
            yield _case(folder)

    def put_many(self, keys: Sequence[str]) -> None:
        for key in keys:
            path = self._path(key)
            with self._errors(key):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b".")

    def listed(self, prefix: str) -> list[str]:
        with self._errors(prefix):
            return list(self.keys(prefix))

    def remove(self, prefix: str) -> None:
        with self._errors(prefix):
            shutil.rmtree(self._path(prefix.rstrip("/")))
            if not any(self._path(layout.PROBES.rstrip("/")).iterdir()):
                self._path(layout.PROBES.rstrip("/")).rmdir()

    def _wrong(self, key: str) -> Check:
        try:
            self.create(key, b"these bytes", sha256="sha256:" + "0" * 64)
        except StoreError:
            if self.info(key) is None:
                return passed(charter.CHECKSUM, "bytes that do not have the SHA-256 stated for them are refused")
        return failed(charter.CHECKSUM, "bytes with a wrong SHA-256 are kept", "take another store")

    def _synced(self, probe: str) -> Check:
        """How long it takes until an object is durable: its bytes, and its name."""
        times = []
        for number in range(_TIMED):
            start = time.perf_counter()
            self.create(layout.probe_key(probe, f"synced-{number}"), b"durable?")
            times.append(time.perf_counter() - start)
        return passed("fsync", f"an object is durable after {1000 * statistics.median(times):.1f} ms (median of {_TIMED})")


def existing(path: Path) -> Path:
    """The path, or the nearest above it that is there."""
    return next(place for place in (path, *path.parents) if place.exists())


def filesystem(path: Path) -> str:
    """The kind of file system on which an existing path lies, as the kernel names it; empty where it does not say."""
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    mounts = {}
    for line in lines:
        fields, _, rest = line.partition(" - ")
        mounts[Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), fields.split()[4]))] = rest.split()[0]
    resolved = path.resolve()
    return next((mounts[place] for place in (resolved, *resolved.parents) if place in mounts), "")


def is_remote(kind: str) -> bool:
    """Whether a file system of that kind lies on another machine, or may."""
    return _REMOTE.fullmatch(kind) is not None


def _kind_check(place: Path) -> Check:
    kind = filesystem(place)
    if kind in _VOLATILE:
        return warned("file system", f"{kind}: in memory", "name a folder on a disk: this one is empty after the next start")
    if is_remote(kind):
        return warned(
            "file system",
            f"{kind}: on another machine",
            "see that its server keeps what it says is durable; the catalogue must not lie there",
        )
    return passed("file system", kind or "not told")


def _renamed(folder: Path) -> Check:
    """A file takes the place of another in one step, as a WARC is sealed and a pull is finished."""
    old, new = folder / "renamed-old", folder / "renamed-new"
    old.write_bytes(b"old")
    new.write_bytes(b"new")
    new.replace(old)
    sync_folder(folder)
    if old.read_bytes() == b"new" and not new.exists():
        return passed("rename", "a file takes another's place in one step")
    return failed("rename", "a renamed file is not where it should be", "take another file system")


def _case(folder: Path) -> Check:
    (folder / "case-a").write_bytes(b"a")
    if (folder / "case-A").exists():
        return warned("case", "upper and lower case are one", "copy nothing here whose names differ in that alone")
    return passed("case", "upper and lower case are two")
