"""The codebook: what each column of each table means that leaves the house.

Contract: ``describe(table)`` gives the columns of a table of :data:`TABLES` in their order, each with its Frictionless type (Table Schema:
string, integer, number, boolean, datetime, array, object), what it means, its unit, where its value comes from and, of a closed list, its
values.  The types are those of the schemas in ``archive/tables.py`` and ``archive/pulltables.py``; only the words stand here.  A column
without a description is an error, so that none leaves without one.  The documentation and every ``datapackage.json`` are made of this.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa

from archive.codewords import COLUMNS, OWN, Words
from archive.kinds import Change, Found, PageKind, State, Truncation, Verdict
from archive.pulltables import LEAVING
from archive.relations import RelationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; ``source`` says who vouches for the value: a standard, the page, or copytrail's own reading."""

    name: str
    type: str
    description: str
    unit: str | None = None
    source: str
    values: tuple[str, ...] = ()  # all that it may hold beside null


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: what a row is, what makes it one, and in which columns of itself and of others that is meant again."""

    name: str
    description: str
    key: tuple[str, ...]
    links: tuple[tuple[str, str, str], ...] = ()  # column, table, column there


_TO_CAPTURE = ("warc_record_id", "captures", "warc_record_id")
TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(
            name="rows",
            description="One row for each selected capture, with the text that it shows: what search shows and most analyses need.",
            key=("warc_record_id",),
        ),
        Table(
            name="captures",
            description="One row for each capture: an HTTP answer in the archive, with the names of Common Crawl's index. "
            "Captures on which the selected ones rest are here too, with selected false.",
            key=("warc_record_id",),
            links=(("warc_refers_to", "captures", "warc_record_id"),),
        ),
        Table(
            name="documents",
            description="One row for each capture that has a text or a kind of its own: articles, and walls and errors that were read.",
            key=("warc_record_id",),
            links=(_TO_CAPTURE,),
        ),
        Table(
            name="revisions",
            description="One row for each version of an article held against the one before it; the record is that of the later one.",
            key=("url", "warc_record_id"),
            links=(_TO_CAPTURE, ("before", "captures", "warc_record_id")),
        ),
        Table(
            name="outcomes",
            description="One row for each URL and run: how the URL ended it. Refusals, walls and failures stand here with their reason.",
            key=("run", "url"),
            links=(_TO_CAPTURE,),
        ),
        Table(
            name="quotes",
            description="One row for each quotation in a story's texts, as they were first captured.",
            key=("story", "warc_record_id", "quote_start"),
            links=(_TO_CAPTURE,),
        ),
        Table(
            name="relations",
            description="One row for each relation between two texts of a story, as they were first captured, with the passages that show "
            "it and with what people judged of it; the record is that of the text that takes, cites or quotes.",
            key=("story", "kind", "warc_record_id", "target_warc_record_id"),
            links=(_TO_CAPTURE, ("target_warc_record_id", "captures", "warc_record_id")),
        ),
        Table(
            name="features",
            description="One row for each capture that shows an article: figures of its text in the text's place, for everybody.",
            key=("warc_record_id",),
        ),
    )
}
_LISTS: Mapping[tuple[str, str], type[StrEnum]] = {
    ("", "found"): Found,
    ("", "page_kind"): PageKind,
    ("documents", "quality"): PageKind,
    ("revisions", "change"): Change,
    ("outcomes", "verdict"): Verdict,
    ("relations", "kind"): RelationKind,
    ("", "content_truncated"): Truncation,
    ("", "state"): State,
}


def describe(table: str) -> tuple[Column, ...]:
    """The columns of a table; KeyError for an unknown table, and for a column that nobody has described."""
    return tuple(_column(table, field.name, field.type) for field in LEAVING[table])


def _column(table: str, name: str, kind: Any) -> Column:
    words: Words = OWN.get((table, name)) or COLUMNS[name]
    listed = _LISTS.get((table, name)) or _LISTS.get(("", name))
    values = words.values or (tuple(str(value) for value in listed) if listed else ())
    return Column(name=name, type=_type(kind), description=words.description, unit=words.unit, source=words.source, values=values)


def _type(kind: Any) -> str:
    """The type of Table Schema that says the same as one of Arrow's."""
    if pa.types.is_list(kind):
        return "array"
    if pa.types.is_struct(kind):
        return "object"
    tests = ((pa.types.is_timestamp, "datetime"), (pa.types.is_integer, "integer"), (pa.types.is_boolean, "boolean"))
    return next((name for test, name in tests if test(kind)), "number" if pa.types.is_floating(kind) else "string")
