"""Bytes that may be many: in memory up to a limit, in an unnamed temporary file beyond it, hashed as they are appended.

Contract: ``append`` only adds at the end; ``open`` gives an independent reader from the first byte, as often as asked;
``digest`` and ``length`` always speak of everything appended so far.  A spool that goes out of use gives its file back.
"""

import hashlib
import io
import os
import tempfile
from typing import IO

MEMORY_LIMIT = 1024 * 1024


class Spool:
    """An append-only byte string that spills to disk."""

    __slots__ = ("_file", "_hash", "_limit", "_memory", "length")

    def __init__(self, data: bytes = b"", *, limit: int = MEMORY_LIMIT) -> None:
        """Start with ``data``; beyond ``limit`` bytes the content moves to a temporary file."""
        self._memory: bytearray | None = bytearray()
        self._file: IO[bytes] | None = None
        self._hash = hashlib.sha256()
        self._limit = limit
        self.length = 0
        if data:
            self.append(data)

    def __del__(self) -> None:
        # Exchanges travel through queues and threads and have no last user who could close them.
        if self._file is not None:
            self._file.close()

    def append(self, data: bytes) -> None:
        """Add ``data`` at the end; OSError when the disk is full."""
        self._hash.update(data)
        self.length += len(data)
        if self._memory is not None:
            self._memory += data
            if len(self._memory) > self._limit:
                self._spill()
        else:
            assert self._file is not None
            self._file.write(data)

    def _spill(self) -> None:
        assert self._memory is not None
        self._file = tempfile.TemporaryFile(prefix="copytrail-spool-")  # noqa: SIM115 -- lives as long as the spool
        self._file.write(self._memory)
        self._memory = None

    @property
    def digest(self) -> str:
        """``sha256:`` and the lower-case hexadecimal digest of all bytes so far."""
        return f"sha256:{self._hash.hexdigest()}"

    def open(self) -> IO[bytes]:
        """A reader over all bytes so far, independent of later appends and of other readers."""
        if self._memory is not None:
            return io.BytesIO(bytes(self._memory))
        assert self._file is not None
        self._file.flush()
        # A second descriptor through /proc has its own position, unlike dup(2).
        return os.fdopen(os.open(f"/proc/self/fd/{self._file.fileno()}", os.O_RDONLY), "rb")

    def read(self) -> bytes:
        """All bytes at once: only for content that is known to be small."""
        with self.open() as stream:
            return stream.read()
