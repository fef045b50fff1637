"""Names that survive a power cut.

Contract: a file's name is durable only when the folder that holds it was synced after the name was made; that is all this does.
"""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
