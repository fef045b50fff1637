"""``copytrail index``: sorted CDXJ of any WARC, and what is not in it."""

import json
from pathlib import Path

from click.testing import CliRunner
from support import warcs

from copytrail.cli import cli


def written(folder: Path, name: str, *, damaged: bool = False) -> Path:
    path = folder / name
    data = bytearray(warcs.write(warcs.good().values(), compressed=name.endswith(".gz")))
    if damaged:
        data[-30] ^= 1
    path.write_bytes(data)
    return path


def test_several_files_are_one_sorted_index(tmp_path: Path) -> None:
    """Lines of all files, as the public indexers write them, ready to be merged: nothing of ours is in them."""
    paths = [written(tmp_path, name) for name in ("b.warc", "a.warc.gz")]

    result = CliRunner().invoke(cli, ["index", *map(str, paths)], standalone_mode=False)

    lines = result.stdout.splitlines()
    rows = [json.loads(line.split(" ", 2)[2]) for line in lines]
    assert (result.return_value, lines) == (0, sorted(lines))
    assert [(row["filename"], row["mime"]) for row in rows] == [
        ("a.warc.gz", "text/html"),
        ("b.warc", "text/html"),
        ("a.warc.gz", "warc/revisit"),
        ("b.warc", "warc/revisit"),
    ]
    assert set(rows[0]) == {"url", "mime", "status", "digest", "length", "offset", "filename"}


def test_json_gives_the_fields(tmp_path: Path) -> None:
    """One object a line, with key and time beside the fields."""
    path = written(tmp_path, "a.warc.gz")

    result = CliRunner().invoke(cli, ["index", "--json", str(path)], standalone_mode=False)

    row = json.loads(result.stdout.splitlines()[0])
    assert (row["schema"], row["key"], row["time"], row["status"]) == ("copytrail.index/1", "example,news)/flood", "20261121103000", "200")


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    """What is whole is printed, what is not is named with file and offset, and the exit code says so."""
    path = written(tmp_path, "a.warc.gz", damaged=True)

    result = CliRunner().invoke(cli, ["index", str(path)], standalone_mode=False)

    assert (result.return_value, len(result.stdout.splitlines())) == (1, 1)
    assert result.stderr.startswith(f"{path}:")
