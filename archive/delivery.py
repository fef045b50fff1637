"""Where a pull goes when it is not to stay on this machine: into a bucket, each file as one object, verified like any of the archive.

Contract: ``delivered`` puts a file, or every file of a folder, under an ``s3://`` URL.  An object that is there with the same bytes is left
as it is, so that whoever was interrupted does the same again and only what is missing goes over; other bytes are ObjectExists: nothing is
ever replaced.  The manifest of a package goes last, so that a prefix that has one is whole.  ``link`` gives an address without
credentials.  StoreError as of a store.
"""

from collections.abc import Iterator
from pathlib import Path

from archive.store import ObjectInfo, StoreError, checked_key
from archive.store_s3 import S3Store

LAST = "manifest.json"


def delivered(path: Path, url: str, endpoint: str | None) -> Iterator[ObjectInfo]:
    """Put what lies at ``path`` under ``url``; each object by its key in the bucket, when it is there."""
    bucket, key = _parts(url)
    store = S3Store(f"s3://{bucket}", endpoint=endpoint)
    if not path.is_dir():
        yield store.create(key, path)
        return
    files = sorted((item.relative_to(path).as_posix() for item in path.rglob("*") if item.is_file()), key=lambda name: (name == LAST, name))
    for name in files:
        yield store.create(f"{key}/{name}".lstrip("/"), path / name)


def link(url: str, key: str, seconds: int, endpoint: str | None) -> str:
    """An address under which an object in the bucket of ``url`` can be had until ``seconds`` are over."""
    return S3Store(f"s3://{_parts(url)[0]}", endpoint=endpoint).link(key, seconds)


def _parts(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    try:
        return bucket, checked_key(key.rstrip("/")) if key else ""
    except ValueError as error:
        raise StoreError(f"{url}: {error}") from error
