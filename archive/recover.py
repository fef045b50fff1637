"""What a killed process left open, made whole.

Contract: each ``.open`` file that nobody writes (its lock is free) is cut after the last whole capture event, made durable and sealed;
what was behind the cut is kept beside it as ``.cut``.  An event is whole when its metadata record is, which the writer puts last; the
writer acknowledges an exchange only after that, so nothing acknowledged is cut.  A file that holds no more than its warcinfo is removed.
Doing it twice changes nothing.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from archive.durable import sync_folder
from archive.locks import abandoned
from archive.warcfields import WarcError
from archive.warcstream import records
from archive.warcwrite import OPEN, settle

_LAST_OF_EVENT = ("metadata", "resource", "warcinfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What became of one open file: ``path`` is where it was sealed; nothing is there when no record was worth keeping."""

    path: Path
    kept_records: int
    cut_bytes: int


def recover(folder: Path) -> list[Recovered]:
    """Seal every abandoned open file in ``folder``, in the order of their names."""
    recovered = []
    for found in sorted(folder.glob(f"*{OPEN}")):
        with abandoned(found) as stream:
            if stream is not None:
                recovered.append(_recover(found, stream))
    return recovered


def _recover(found: Path, stream: IO[bytes]) -> Recovered:
    path = found.with_name(found.name.removesuffix(OPEN))
    kept, end, worth = _whole(stream)
    size = stream.seek(0, os.SEEK_END)
    if end < size:
        _keep_tail(stream, end, path.with_name(path.name + ".cut"))
        stream.truncate(end)
    if not worth:
        found.unlink()
        sync_folder(found.parent)
        return Recovered(path=path, kept_records=0, cut_bytes=size - end)
    os.fsync(stream.fileno())
    settle(path)
    return Recovered(path=path, kept_records=kept, cut_bytes=size - end)


def _whole(stream: IO[bytes]) -> tuple[int, int, bool]:
    """Records up to the end of the last whole event, that end, and whether they are more than a warcinfo."""
    kept = end = seen = 0
    worth = False
    try:
        for record in records(stream):
            end_of_record = record.offset + record.length
            seen += 1
            if record.type in _LAST_OF_EVENT:
                kept, end = seen, end_of_record
                worth = worth or record.type != "warcinfo"
    except WarcError:
        pass  # the place where the writer was stopped: what follows is the tail
    return kept, end, worth


def _keep_tail(stream: IO[bytes], start: int, path: Path) -> None:
    stream.seek(start)
    with path.open("wb") as tail:
        shutil.copyfileobj(stream, tail)
        tail.flush()
        os.fsync(tail.fileno())
    sync_folder(path.parent)
