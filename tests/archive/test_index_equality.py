"""Our index of any WARC is that of cdxj-indexer and of pywb, row by row; every row leads to its record."""

import gzip
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import judgedindex, warcs
from support.exchanges import REQUEST, STARTED, exchange, page
from support.judgedindex import Row
from support.shapes import SHAPES

from archive.warcwrite import WarcFile

CASES: list[Mapping[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "index-strangers.yaml").read_text(encoding="utf-8"))
NAME = "copytrail-20261121103000123-0001-host.warc.gz"
Judges = Mapping[str, Callable[[Iterable[Path]], dict[str, list[Row]]]]


@pytest.fixture(scope="module")
def judges(judge: Callable[[str], Path]) -> Judges:
    """The public indexers by name."""
    return {
        "cdxj-indexer": partial(judgedindex.of_cdxj_indexer, judge("cdxj-indexer")),
        "pywb": partial(judgedindex.of_pywb, judge("cdx-indexer")),
    }


def differences(
    path: Path, mine: list[Row], judged: Mapping[str, Mapping[str, list[Row]]]
) -> dict[str, list[tuple[Row | None, Row | None]]]:
    """For each judge the rows of a file that are not equal: ours and its own."""
    stated = judgedindex.stated_digests(path)
    found = {}
    for name, files in judged.items():
        here, there = (dict(_comparable(row, stated, name) for row in rows) for rows in (mine, files.get(path.name, [])))
        assert len(here) == len(mine)
        found[name] = [(here.get(at), there.get(at)) for at in sorted({*here, *there}) if here.get(at) != there.get(at)]
    return {name: rows for name, rows in found.items() if rows}


def _comparable(row: Row, stated: Mapping[int, str], judge: str) -> tuple[int, Row]:
    """A row by its offset; a digest counts where the header has one, and the status of a revisit not for pywb, which never gives it."""
    digest = row.digest if row.offset in stated else None
    return row.offset, row._replace(digest=digest, status=None if judge == "pywb" and row.mime == "warc/revisit" else row.status)


def check_reread(path: Path, rows: list[Row]) -> None:
    """The bytes at each row's offset and of its length are one record of its URL, and nothing else."""
    data = path.read_bytes()
    for row in rows:
        record = data[row.offset : row.offset + row.length]
        if path.suffix == ".gz":
            record = gzip.decompress(record)
        header, _, block = record.partition(b"\n\r\n" if b"\n\r\n" in record else b"\n\r\r\n")
        fields = {name.lower(): value.strip(b" \r<>") for name, _, value in (line.partition(b":") for line in header.split(b"\n"))}
        assert record.startswith(b"WARC/1.")
        assert fields[b"warc-target-uri"].decode().replace(" ", "%20") == row.url
        assert block[int(fields[b"content-length"]) :].strip() == b""


def test_the_index_of_pywbs_own_files(judges: Judges, judge: Callable[[str], Path]) -> None:
    """Over every WARC that comes with pywb, of five writers, compressed and not, odd ones on purpose, not one row is another."""
    folder = judge("cdx-indexer").parents[1] / "sample_archive" / "warcs"
    paths = sorted(path for path in folder.iterdir() if path.name.endswith((".warc", ".warc.gz")))
    judged = {name: rows_of(paths) for name, rows_of in judges.items()}
    total = 0

    for path in paths:
        mine, _ = judgedindex.ours(path)
        assert (path.name, differences(path, mine, judged)) == (path.name, {})
        check_reread(path, mine)
        total += len(mine)

    assert (len(paths), total) == (13, 207)


def test_the_index_of_a_file_of_ours(judges: Judges, tmp_path: Path) -> None:
    """So it is over every shape of answer, revisits, 304 and resources; every capture and resource has its row."""
    file, written = WarcFile.create(tmp_path, NAME, {}, STARTED), 2
    kept = [
        file.append(
            exchange(
                b"".join(part for part in shape.reply if isinstance(part, bytes)),
                method=shape.method,
                request=REQUEST.replace(b"GET", shape.method.encode()),
                url=f"http://www.news.example/{shape.name}//A?b=1&a=%41",
                started=STARTED + timedelta(seconds=number),
            )
        ).capture
        for number, shape in enumerate(SHAPES)
    ]
    for item in (page(b"<p>The dam holds.</p>", url="http://news.example/again"), exchange(b"HTTP/1.1 304 Not Modified\r\n\r\n")):
        kept += [
            first := file.append(item).capture,
            file.append(replace(item, started=STARTED + timedelta(days=1)), revisit_of=first).capture,
        ]
    file.resource("urn:seed:One", b"The dam holds.\n", "text/plain", STARTED)
    file.resource("https://news.example/Seeds/\N{LATIN SMALL LETTER U WITH DIAERESIS}.txt?x=1", b"\xff", "image/png", STARTED)
    path = file.seal()

    mine, faults = judgedindex.ours(path)

    assert differences(path, mine, {name: rows_of([path]) for name, rows_of in judges.items()}) == {}
    assert (len(mine), faults) == (len([capture for capture in kept if capture]) + written, [])
    check_reread(path, mine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The files of all cases, and what each judge makes of each."""

    paths: Mapping[tuple[str, bool], Path]
    rows: Mapping[str, Mapping[str, list[Row]]]


@pytest.fixture(scope="module")
def judged(judges: Judges, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """Every case as a file, compressed and not, judged in one go, because a judge takes half a second to start."""
    folder = tmp_path_factory.mktemp("strangers")
    paths = {}
    for number, case in enumerate(CASES):
        for compressed in (True, False):
            path = paths[case["name"], compressed] = folder / f"{number}.warc{'.gz' if compressed else ''}"
            path.write_bytes(warcs.write(warcs.changed(case), compressed=compressed))
    return Judged(paths=paths, rows={name: rows_of(paths.values()) for name, rows_of in judges.items()})


@pytest.mark.parametrize("compressed", [True, False], ids=["compressed", "plain"])
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_index_of_a_strangers_record(judged: Judged, case: Mapping[str, Any], *, compressed: bool) -> None:
    """What a record of another kind, or one written loosely, is in an index; where a judge says otherwise, the table says why."""
    path = judged.paths[case["name"], compressed]

    mine, faults = judgedindex.ours(path)

    found = differences(path, mine, judged.rows)
    assert set(found) == set(case.get("differs", {})), found
    assert all(len(rows) == 1 for rows in found.values())
    assert len(faults) == case.get("faults", 0), faults
    check_reread(path, mine)
