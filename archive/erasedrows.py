"""Indexes and tables without the rows of what was erased.

Contract: ``without`` gives the bytes of a CDXJ or Parquet object without every line of a record at an erased place, and without every row
that names an erased record; None where it has none.  What else Parquet says of itself (the parts of a merged file) stays.  A table is in
memory once: a day's rows at most.
"""

import io
import json
from collections.abc import Collection, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from archive import layout
from archive.withdrawals import Place


def without(key: str, data: bytes, places: Sequence[Place], records: Collection[str]) -> bytes | None:
    """What is left of the object at ``key``; None when all of it is."""
    return _lines_left(data, places) if key.endswith(".cdxj") else _rows_left(data, records)


def _lines_left(data: bytes, places: Sequence[Place]) -> bytes | None:
    erased = [(place.key.rpartition("/")[2], range(place.offset, place.offset + place.length)) for place in places]

    def stays(line: bytes) -> bool:
        held = json.loads(line.split(b" ", 2)[2])
        return not any(held["filename"] == name and int(held["offset"]) in part for name, part in erased)

    lines = data.splitlines(keepends=True)
    left = [line for line in lines if stays(line)]
    return b"".join(left) if len(left) < len(lines) else None


def _rows_left(data: bytes, records: Collection[str]) -> bytes | None:
    table = pq.read_table(io.BytesIO(data))
    wanted, gone = pa.array(sorted(records), pa.string()), None
    for name in table.schema.names:
        column = table[name]
        if pa.types.is_string(column.type):
            named = pc.is_in(column, value_set=wanted)
            gone = named if gone is None else pc.or_(gone, named)
    if gone is None or not pc.any(gone).as_py():
        return None
    out = io.BytesIO()
    pq.write_table(table.filter(pc.invert(gone)), out, compression="zstd")
    return out.getvalue()


def derived(key: str) -> bool:
    """Whether an object is made from others and may hold rows of them."""
    return key.endswith((".cdxj", ".parquet")) and key.startswith(("cdxj/", "tables/", layout.MERGED))
