"""Files that are handed out: made once for those who ask for the same within ten minutes, and few at a time kept.

Contract: ``Spool.file`` gives a file that is whole.  Two who ask for one file wait for one maker.  An ETag is the digest of the bytes.
What is removed is read to its end by whoever has begun.
"""

import hashlib
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from archive.store import ObjectInfo

FRESH = 600.0  # seconds
MOST = 12  # files


@dataclass(frozen=True, slots=True)
class Made:
    """A file in the spool."""

    path: Path
    etag: str
    time: float


@dataclass(slots=True)
class Spool:
    """The files that were made; one maker at a time for each."""

    folder: Path
    _made: dict[str, Made] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def file(self, name: str, file_name: str, make: Callable[[Path], ObjectInfo]) -> Made:
        """The file of a wish (``name``), made now under ``file_name`` unless it was lately."""
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            known = self._made.get(name)
            if known is not None and time.monotonic() - known.time < FRESH:
                return known
            place = self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}-{time.monotonic_ns()}"
            place.mkdir()
            path = place / file_name
            try:
                info = make(path)
            except BaseException:
                shutil.rmtree(place)
                raise
            made = Made(path, f'"{(info.sha256 or "").removeprefix("sha256:")}"', time.monotonic())
            with self._guard:
                self._made[name] = made
                self._tidy(known)
            return made

    def _tidy(self, replaced: Made | None) -> None:
        """Remove what was replaced and the oldest beyond ``MOST``; who is reading one of them reads on."""
        gone = [replaced] if replaced is not None else []
        for name, old in sorted(self._made.items(), key=lambda item: item[1].time)[:-MOST]:
            gone.append(old)
            del self._made[name]
        for old in gone:
            shutil.rmtree(old.path.parent, ignore_errors=True)
