"""What a file or a folder that was handed out really holds: also behind gzip, ZIP and Parquet."""

import gzip
import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq


def everything(path: Path) -> bytes:
    """All bytes of a file or folder, with what is compressed in them."""
    parts = []
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            data = file.read_bytes()
            parts += [data, plain(data)]
            if zipfile.is_zipfile(file):
                with zipfile.ZipFile(file) as package:
                    members = [package.read(name) for name in package.namelist()]
                parts += [held for item in members for held in (item, plain(item))]
            if data.startswith(b"PAR1"):
                parts.append(json.dumps(pq.read_table(file).to_pylist(), default=str).encode())
    return b"\n".join(parts)


def plain(data: bytes) -> bytes:
    """What gzip has packed; nothing of other bytes."""
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else b""
