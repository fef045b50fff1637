"""``copytrail index FILE…``: the CDXJ of any WARC."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from copytrail.output import Talk, json_flag

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE…")
@json_flag
@click.pass_obj
def command(talk: Talk, files: Sequence[Path], *, as_json: bool) -> int:
    """Print the index of WARC files, ours or anybody's, as sorted CDXJ.

    The lines are those of cdxj-indexer and pywb: a key, a time, and JSON with url,
    mime, status, digest, length, offset and filename. A damaged file is indexed as
    far as it is whole: what is missing is told, and exit is 1.
    """
    from archive import cdxj
    from archive.indexing import at_path, indexed
    from archive.sortedlines import SortedLines

    talk, faults = talk.with_json(as_json=as_json), 0

    def report(path: Path, offset: int, message: str) -> None:
        nonlocal faults
        faults += 1
        talk.warn(f"{path}:{offset}  {message}")

    with SortedLines() as lines:
        for path in files:
            for item in indexed(at_path(path), path.name, partial(report, path)):
                lines.add(cdxj.line(item, plain=True).encode())
        for line in lines:
            talk.emit("index", _row(line.decode()), line.decode())
    return 1 if faults else 0


def _row(line: str) -> dict[str, object]:
    key, time, fields = line.split(" ", 2)
    return {"key": key, "time": time, **json.loads(fields)}
