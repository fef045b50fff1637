"""The captures of a file, read back from it alone."""

from pathlib import Path

from archive.indexing import index_of
from archive.records import Capture


def captures_in(path: Path, key: str) -> list[Capture]:
    """The captures of a file that is whole, in its order; WarcError where it is not."""
    return sorted((item for item in index_of(path, key) if isinstance(item, Capture)), key=lambda item: item.ref.offset)
