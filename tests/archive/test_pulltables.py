"""A pull as tables: the same rows in every form, keys and links that hold, walls and losses with their kind, cells that nothing runs."""

import csv
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.databases import shown
from support.smallarchive import DAYS, DEAD, GONE, PAPER, SLUG, document, small_archive

from archive.cells import cell, guarded, moment, unguarded, value
from archive.codebook import TABLES, describe
from archive.kinds import Found, PageKind, Verdict
from archive.pull import pull
from archive.pulltables import PULLED
from archive.records import Lead, Outcome, Quality, RecordRef, Selection
from archive.takesql import every
from archive.vault import Archive

STORY = Selection(story=SLUG)
EVIL = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The small archive, where the address that gives no article is a wall, and the agency's headline is a formula."""
    with small_archive(tmp_path_factory.mktemp("tables")) as opened:
        known = opened.catalogue
        robots = next(item for item in known.all_captures() if item.url.endswith("robots.txt"))
        agency = known.captures_of("http://agency.example/b")[0]
        wall = replace(document(robots, "Prove that you are no robot.", "Wait", None), quality=Quality(kind=PageKind.BOT_WALL))
        known.put_documents([wall, document(agency, "It is closed.", EVIL, "Agency")])
        lead = Lead(url=robots.url, found=Found.LINK)
        ended = [
            Outcome(run="run", url=robots.url, verdict=Verdict.BLOCKED, reason="a wall", time=DAYS[0], lead=lead, capture=robots.id),
            Outcome(run="run", url="http://cdn.example/a.css", verdict=Verdict.FAILED, reason="x", time=DAYS[0], lead=_requisite()),
        ]
        known.add_outcomes(SLUG, ended)
        yield opened


def _requisite() -> Lead:
    return Lead(url="http://cdn.example/a.css", found=Found.REQUISITE, parent=PAPER)


def taken(archive: Archive, path: Path, form: str, selection: Selection = STORY) -> Path:
    pull(archive, selection, form, path, "copytrail/test")
    return path


def base_rows(path: Path, query: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as base:
        base.row_factory = sqlite3.Row
        return [dict(row) for row in base.execute(query)]


def test_every_form_has_the_same_rows(archive: Archive, tmp_path: Path) -> None:
    """What one table holds as Parquet, it holds as JSON Lines, as CSV and in SQLite, and one file of rows is the table of rows."""
    folders = {form: taken(archive, tmp_path / form, form) for form in ("parquet", "jsonl", "csv")}
    base = taken(archive, tmp_path / "s.sqlite", "sqlite")
    taken(archive, tmp_path / "rows.parquet", "parquet")

    for table, schema in PULLED.items():
        typed = pq.read_table(folders["parquet"] / f"{table}.parquet")
        rows = typed.to_pylist()
        lines = [json.loads(line) for line in (folders["jsonl"] / f"{table}.jsonl").read_bytes().splitlines()]
        with (folders["csv"] / f"{table}.csv").open(encoding="utf-8", newline="") as cells:
            names, *table_cells = list(csv.reader(cells))
        assert typed.schema.equals(schema)
        assert [json.loads(json.dumps(row, default=moment)) for row in rows] == lines
        assert names == schema.names
        flat = [[cell(row[name]) for name in names] for row in rows]
        assert [["" if item is None else str(item) for item in row] for row in flat] == [
            [unguarded(item) for item in row] for row in table_cells
        ]
        assert [list(row.values()) for row in base_rows(base, every(table))] == flat
    assert pq.read_table(tmp_path / "rows.parquet").equals(pq.read_table(folders["parquet"] / "rows.parquet"))


def test_keys_and_links_hold(archive: Archive, tmp_path: Path) -> None:
    """No foreign key leads nowhere, whatever was selected: what a row names came along, and says that it was not selected."""
    for number, selection in enumerate((STORY, replace(STORY, captured_from=DAYS[1]), replace(STORY, outlet="agency.example"))):
        path = taken(archive, tmp_path / f"{number}.sqlite", "sqlite", selection)
        assert base_rows(path, "PRAGMA foreign_key_check") == []
        assert base_rows(path, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    path = tmp_path / "1.sqlite"
    along = base_rows(path, "SELECT url, fetch_time FROM captures WHERE NOT selected")
    revisions = base_rows(path, "SELECT before, warc_record_id FROM revisions")

    assert {row["url"] for row in along} >= {PAPER, GONE}
    assert all(datetime.fromisoformat(row["fetch_time"]) < DAYS[1] for row in along)
    assert len(revisions) == 2
    keys = {name: {row["name"] for row in base_rows(path, f"PRAGMA table_info({name})") if row["pk"]} for name in PULLED if name != "rows"}
    assert keys == {name: set(TABLES[name].key) for name in keys}


def test_walls_and_losses_stand_in_the_tables(archive: Archive, tmp_path: Path) -> None:
    """A wall has its kind and its verdict, an address without any answer its reason; what a page needs is no page."""
    path = taken(archive, tmp_path / "s.sqlite", "sqlite")
    walls = base_rows(path, "SELECT quality, verdict FROM documents JOIN outcomes USING (warc_record_id) WHERE quality != 'article'")
    lost = base_rows(path, "SELECT url, verdict, reason, warc_record_id FROM outcomes WHERE warc_record_id IS NULL")
    errors = base_rows(path, "SELECT url, fetch_status, state, page_kind, text FROM rows WHERE fetch_status = 404")

    assert walls == [{"quality": "bot_wall", "verdict": "blocked"}]
    assert lost == [{"url": DEAD, "verdict": "unreachable", "reason": "connect: refused", "warc_record_id": None}]
    assert errors == [{"url": GONE, "fetch_status": 404, "state": "gone", "page_kind": None, "text": None}]


def test_no_record_is_named_that_is_not_there(tmp_path: Path) -> None:
    """An outcome whose record the catalogue does not give stands there without it, and no link leads nowhere."""
    with small_archive(tmp_path) as archive:
        lead = Lead(url=PAPER, found=Found.MEMBER)
        away = RecordRef(key="warc/a.warc.gz", offset=1, length=1)
        ended = Outcome(run="r", url=PAPER, verdict=Verdict.KEPT, reason="", time=DAYS[0], lead=lead, capture="urn:uuid:away", ref=away)
        archive.catalogue.add_outcomes(SLUG, [ended])
        path = taken(archive, tmp_path / "s.sqlite", "sqlite")

    assert base_rows(path, "SELECT warc_record_id, warc_filename FROM outcomes WHERE run = 'r'") == [
        {"warc_record_id": None, "warc_filename": None}
    ]
    assert base_rows(path, "PRAGMA foreign_key_check") == []


@pytest.mark.parametrize(
    ("selection", "urls"),
    [
        (replace(STORY, url="http://[!g]*"), {DEAD, "http://paper.example/robots.txt"}),
        (replace(STORY, outlet="paper.example"), {"http://paper.example/robots.txt"}),
        (replace(STORY, captured_from=DAYS[1]), {DEAD}),
        (replace(STORY, captured_to=DAYS[0] + timedelta(hours=1)), {"http://paper.example/robots.txt"}),
        (replace(STORY, text="ferries"), set()),
    ],
)
def test_outcomes_are_selected_too(archive: Archive, tmp_path: Path, selection: Selection, urls: set[str]) -> None:
    """By time, address and outlet; a selection by text takes those of its articles alone."""
    path = taken(archive, tmp_path / "s.sqlite", "sqlite", selection)

    assert {row["url"] for row in base_rows(path, "SELECT url FROM outcomes")} == urls


def test_no_spreadsheet_runs_a_strangers_words(archive: Archive, tmp_path: Path) -> None:
    """A headline that is a formula has an apostrophe before it in CSV, and nowhere else."""
    text = taken(archive, tmp_path / "s.csv", "csv").read_text(encoding="utf-8")
    rows = taken(archive, tmp_path / "s.jsonl", "jsonl").read_text(encoding="utf-8")

    assert f",'{EVIL}," in text
    assert f",{EVIL}" not in text
    assert json.dumps(EVIL) in rows


@given(st.text(alphabet="'=+-@\t\ra\n,\""))
def test_a_guarded_cell_is_safe_and_can_be_undone(text: str) -> None:
    """It begins with no sign that a spreadsheet runs, and gives back the text as it was."""
    safe = guarded(text)

    assert isinstance(safe, str)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(safe) == text


@given(st.sampled_from(sorted(PULLED)), st.data())
def test_a_cell_gives_its_value_back(table: str, data: st.DataObject) -> None:
    """Numbers, times, truth and lists come out of SQLite as they went in."""
    makers = {
        "string": st.text(),
        "integer": st.integers(-(2**63), 2**63 - 1),
        "number": st.floats(allow_nan=False),
        "boolean": st.booleans(),
        "datetime": st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda time: time.replace(tzinfo=DAYS[0].tzinfo)),  # noqa: DTZ001 -- the zone is set
        "array": st.lists(st.text(), max_size=3),
    }
    for column, field in zip(describe(table), PULLED[table], strict=True):
        given_value = data.draw(st.none() | makers[column.type])
        assert value(cell(given_value), field.type) == given_value


def test_the_database_explains_itself(archive: Archive, tmp_path: Path) -> None:
    """It has the codebook, what it is, and the words of the texts to search."""
    path = taken(archive, tmp_path / "s.sqlite", "sqlite")
    found = base_rows(
        path, "SELECT title FROM documents WHERE rowid IN (SELECT rowid FROM documents_words WHERE documents_words MATCH 'ferries')"
    )
    about = {row["name"]: row["value"] for row in base_rows(path, "SELECT * FROM about")}

    assert [row["title"] for row in found] == ["Bridge <shut>", "Bridge <shut>"]
    assert json.loads(about["selection"])["story"] == SLUG
    assert {row["column_name"] for row in base_rows(path, "SELECT * FROM codebook WHERE table_name = 'rows'")} == set(PULLED["rows"].names)


def test_datasette_opens_it(archive: Archive, tmp_path: Path, judge: Callable[[str], Path]) -> None:
    """The other side's program shows its tables, follows its links, and searches its words, with no settings of its own."""
    with shown(taken(archive, tmp_path / "s.sqlite", "sqlite"), judge) as answer:
        tables = {item["name"]: item for item in json.loads(answer("/s.json"))["tables"]}
        hits = json.loads(answer("/s/documents.json?_search=three+ferries&_shape=array"))
        page = answer("/s/documents").decode()
        view = json.loads(answer("/s/rows.json?_shape=array&page_kind=article"))

    assert {"captures", "documents", "revisions", "outcomes", "quotes", "relations"} <= set(tables)
    assert tables["documents"]["primary_keys"] == ["warc_record_id"]
    assert tables["documents"]["fts_table"] == "documents_words"
    links = tables["revisions"]["foreign_keys"]["outgoing"]
    assert {(link["column"], link["other_table"]) for link in links} == {("warc_record_id", "captures"), ("before", "captures")}
    assert [row["title"] for row in hits] == ["Bridge <shut>"]
    assert "Bridge <shut>" not in page
    assert len(view) == 6


def test_figures_have_the_columns_that_are_described(archive: Archive, tmp_path: Path) -> None:
    """What leaves in the place of texts is in the codebook too, in this order."""
    rows = taken(archive, tmp_path / "f.jsonl", "features").read_text(encoding="utf-8").splitlines()

    assert {tuple(json.loads(row)) for row in rows} == {tuple(column.name for column in describe("features"))}
