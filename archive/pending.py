"""Objects on their way into the store: a note of each, with its bytes, is in the local folder from before its creation until it is listed.

Contract: while :func:`noted` is held, the note is durable and locked.  It goes when the object is stored and listed, and when its key
turns out to be another object's; whatever else ends the work, a kill or a store that gave no answer, leaves it.  Who starts next finds
it with :func:`left_behind` and does the work again from the bytes, which is safe because ``create`` is put-if-absent.  Looking whether the
object is there would not do: a server may still be storing what a killed process sent.  A torn note is no note: nothing was sent yet.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from archive import codec
from archive.durable import sync_folder
from archive.locks import abandoned, claimed
from archive.spool import Spool
from archive.store import ObjectExists, refusal

SUFFIX = ".pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The first line of a note; the bytes of the object follow it."""

    key: str
    sha256: str
    time: datetime  # for the manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """An object that was to be created."""

    head: Head
    data: bytes


@contextmanager
def noted(folder: Path, key: str, data: bytes, now: datetime) -> Iterator[None]:
    """Hold a note of an object while it is created and listed; StoreError when the note cannot be written."""
    path = folder / f"{uuid.uuid4().hex}{SUFFIX}"
    head = codec.text_of(Head(key=key, sha256=Spool(data).digest, time=now))
    try:
        file = _written(path, f"{head}\n".encode() + data)
    except OSError as error:
        raise refusal(error)(f"{folder}: {error.strerror or error} ({key})") from error
    with file:
        try:
            yield
        except ObjectExists:
            path.unlink()
            raise
        path.unlink()


@contextmanager
def left_behind(path: Path) -> Iterator[Note | None]:
    """The note at ``path`` that a process left, which goes at the end; None when it is torn, or its process lives."""
    with abandoned(path) as file:
        yield None if file is None else _read(file)
        if file is not None:
            path.unlink()


def _written(path: Path, content: bytes) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = claimed(path)
    try:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        sync_folder(path.parent)
    except OSError:
        path.unlink()
        with suppress(OSError):  # what it could not write it tries once more
            file.close()
        raise
    return file


def _read(file: IO[bytes]) -> Note | None:
    line, data = file.readline(), file.read()
    try:
        head = codec.read(Head, line)
    except codec.CodecError:
        return None
    return Note(head=head, data=data) if Spool(data).digest == head.sha256 else None
