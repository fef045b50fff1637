"""Where a published site lies: a folder or a bucket, whose files, unlike the objects of an archive, are put in the place of others.

Contract: ``open_shelf`` gives the shelf at a path, a ``file://`` URL or ``s3://bucket/prefix``; nothing is contacted yet.  ``put`` makes a
file appear whole or not at all, with its media type; ``read`` gives a small one, None where there is none; ``remove`` takes one away,
whether it was there or not.  Paths are keys as ``archive/store.py`` checks them, so that nothing lies outside the shelf.  StoreError and
its kinds are all that is raised.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from archive.durable import sync_file, sync_folder
from archive.store import StoreError, checked_key, refusal


class Shelf(Protocol):
    """The interface of both shelves."""

    url: str

    def read(self, path: str) -> bytes | None:
        """A small file; None where there is none."""

    def put(self, path: str, source: Path, mime: str) -> None:
        """Put a file there, in the place of another if need be."""

    def remove(self, path: str) -> None:
        """Take a file away."""

    def allow_all_origins(self) -> None:
        """Let pages of other origins read the files, also in parts; where that is for somebody else to say, nothing happens."""


def open_shelf(url: str, *, endpoint: str | None = None) -> Shelf:
    """The shelf at ``url``; StoreError for another scheme."""
    if url.startswith("s3://"):
        from archive.shelf_s3 import S3Shelf  # noqa: PLC0415 -- boto3 takes longer to import than a folder to read

        return S3Shelf(url, endpoint=endpoint)
    if "://" in url and not url.startswith("file://"):
        raise StoreError(f"nothing can be published to {url}: name a folder, file:// or s3://bucket/prefix")
    return FolderShelf(Path(url.removeprefix("file://")).expanduser())


class FolderShelf:
    """A folder, which is made when the first file is put there."""

    def __init__(self, root: Path) -> None:
        """A shelf in ``root``."""
        self._root = root.absolute()
        self.url = str(self._root)

    def read(self, path: str) -> bytes | None:
        """See :class:`Shelf`."""
        with self._errors(path):
            file = self._at(path)
            return file.read_bytes() if file.is_file() else None

    def put(self, path: str, source: Path, mime: str) -> None:
        """See :class:`Shelf`."""
        file = self._at(path)
        whole = file.with_name(f".{file.name}.tmp")
        with self._errors(path):
            file.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(source, whole)
                sync_file(whole)
                whole.replace(file)
            finally:
                whole.unlink(missing_ok=True)
            sync_folder(file.parent)

    def remove(self, path: str) -> None:
        """See :class:`Shelf`; folders that are left empty go too."""
        with self._errors(path):
            file = self._at(path)
            file.unlink(missing_ok=True)
            for folder in file.parents:
                if folder == self._root or not folder.is_dir() or any(folder.iterdir()):
                    break
                folder.rmdir()

    def allow_all_origins(self) -> None:
        """The web server before the folder says."""

    def _at(self, path: str) -> Path:
        return self._root / checked_key(path)

    @contextmanager
    def _errors(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise refusal(error)(f"{self.url}: {error.strerror} ({path})") from error
