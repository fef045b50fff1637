"""The SQL of a database that is taken home: tables with keys and links as the codebook has them, a view of rows, an index of words.

Contract: pure; every name in the statements is one of our own tables and columns.  Datasette shows what is here without settings: it knows
the links by their foreign keys, and the words by ``content="documents"``.
"""

from typing import Any

import pyarrow as pa

from archive.codebook import TABLES
from archive.pulltables import PULLED

# A page cache that does not grow; nothing is undone, so there is no journal.
_SETTINGS = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384; PRAGMA page_size=4096;\n"
_ROWS = """
CREATE VIEW rows AS SELECT {columns} FROM captures
LEFT JOIN documents ON documents.warc_record_id = coalesce(
    (SELECT own.warc_record_id FROM documents AS own WHERE own.warc_record_id = captures.warc_record_id), captures.warc_refers_to
) WHERE captures.selected ORDER BY captures.rowid;
"""
_OTHER = """
CREATE TABLE codebook (
    table_name TEXT, column_name TEXT, type TEXT, unit TEXT, description TEXT, source TEXT, "values" TEXT,
    PRIMARY KEY (table_name, column_name)
);
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT);
CREATE TEMPORARY TABLE wanted (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE INDEX captures_by_url ON captures (url);
"""
# How a URL ended is told, but no record is named that may not be shown, or that the catalogue does not know.
UNKNOWN = """
UPDATE outcomes SET warc_filename = NULL, warc_record_offset = NULL, warc_record_length = NULL, warc_record_id = NULL
WHERE warc_record_id NOT IN (SELECT warc_record_id FROM captures)
"""
_SEARCHED = "title, standfirst, authors, outlet, credits, text"
# remove_diacritics 2: as the archive's own search (archive/fulltext.py).
WORDS = f"""
CREATE VIRTUAL TABLE documents_words USING fts5(
    {_SEARCHED}, content="documents", tokenize='unicode61 remove_diacritics 2'
);
INSERT INTO documents_words (rowid, {_SEARCHED}) SELECT rowid, {_SEARCHED} FROM documents ORDER BY rowid;
"""  # noqa: S608 -- names of our own columns


def tables() -> str:
    """Everything but the index of words, which is made when all documents are there."""
    made = "\n".join(_table(name) for name in PULLED if name != "rows")
    return _SETTINGS + made + _OTHER + _ROWS.format(columns=", ".join(_source(name) for name in PULLED["rows"].names))


def into(table: str) -> str:
    """The statement that takes a row; one that is there already is left alone."""
    names = PULLED[table].names
    marks = ", ".join("?" * len(names))
    return f"INSERT OR IGNORE INTO {table} VALUES ({marks})"  # noqa: S608 -- a table's own name


def every(table: str) -> str:
    """The statement that gives all rows, in the order in which they were taken."""
    order = "" if table == "rows" else " ORDER BY rowid"
    return f"SELECT * FROM {table}{order}"  # noqa: S608 -- a table's own name


def _table(name: str) -> str:
    known = TABLES[name]
    columns = [f"{field.name} {_kind(field.type)}" for field in PULLED[name]]
    key = f"PRIMARY KEY ({', '.join(known.key)})"
    links = [f"FOREIGN KEY ({column}) REFERENCES {table} ({there})" for column, table, there in known.links]
    return f"CREATE TABLE {name} (\n    " + ",\n    ".join([*columns, key, *links]) + "\n);"


def _kind(kind: Any) -> str:
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return "INTEGER"
    return "REAL" if pa.types.is_floating(kind) else "TEXT"


def _source(name: str) -> str:
    """Where the view has a column from."""
    if name == "page_kind":
        return "documents.quality AS page_kind"
    table = "captures" if name in PULLED["captures"].names else "documents"
    return f"{table}.{name} AS {name}"
