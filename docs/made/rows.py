"""The reference of what ``--json`` gives: each kind of row with its fields, as tables for people and as JSON Schema for programs.

Contract: ``rows.yaml`` names for each schema where it comes from, what a row is, and each field with its type and meaning: ``string``,
``integer``, ``number``, ``boolean``, ``object``, ``array`` or ``any``, with ``?`` where it may be null and ``~`` where it may be
absent.  A field without words of its own has those of ``fields`` at the top of that file, or those of the codebook.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from archive.codebook import describe
from docs.made.markdown import code, page, plain, table

DATA = Path(__file__).with_name("rows.yaml")
SCHEMA = "reference/rows.schema.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a row."""

    name: str
    type: str
    null: bool
    absent: bool  # it may be
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kind of row."""

    schema: str  # member, of copytrail.member/1
    source: str  # the command
    meaning: str
    fields: tuple[Field, ...]


@cache
def documented() -> Mapping[str, Row]:
    """Every kind of row by its schema; ValueError where a field has no words."""
    told: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    common: dict[str, str] = told["fields"]
    return {
        schema: Row(
            schema=schema,
            source=row["from"],
            meaning=row["is"],
            fields=(*_columns(row.get("table")), *_fields(schema, row["fields"], common)),
        )
        for schema, row in told["rows"].items()
    }


def _columns(table: str | None) -> Iterator[Field]:
    """The columns of a table of the codebook, as JSON has them; any of them may be null."""
    for column in describe(table) if table else ():
        kind = "string" if column.type == "datetime" else column.type
        yield Field(name=column.name, type=kind, null=True, absent=False, meaning=column.description)


def _fields(schema: str, fields: Mapping[str, str], common: Mapping[str, str]) -> Iterator[Field]:
    for name, told in fields.items():
        kind, _, own = told.partition(", ")
        meaning = own or common.get(name, "")
        if not meaning:
            raise ValueError(f"{DATA.name}: {schema}.{name} has no meaning")
        yield Field(name=name, type=kind.rstrip("?~"), null="?" in kind, absent="~" in kind, meaning=meaning)


def json_schema() -> str:
    """All rows as JSON Schema."""
    kinds = {
        row.schema: {
            "title": f"copytrail.{row.schema}/1",
            "description": row.meaning,
            "type": "object",
            "properties": {
                "schema": {"const": f"copytrail.{row.schema}/1"},
                **{field.name: {**_typed(field), "description": field.meaning} for field in row.fields},
            },
            "required": ["schema", *(field.name for field in row.fields if not field.absent)],
        }
        for row in documented().values()
    }
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rows of copytrail --json",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in kinds],
        "$defs": kinds,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _typed(field: Field) -> dict[str, Any]:
    if field.type == "any":
        return {}
    return {"type": [field.type, "null"] if field.null else field.type}


def rows_page() -> str:
    """A table for each kind of row."""
    return page(
        "Rows of --json",
        "Each row is one JSON object on one line, with `schema` in front. Rows get new fields, and lose or change none without a new "
        f"number. The same as [JSON Schema]({Path(SCHEMA).name}). `copytrail verify` gives rows without a schema.",
        *(part for row in documented().values() for part in _row(row)),
    )


def _row(row: Row) -> tuple[str, ...]:
    fields = ((code(field.name), _type(field), plain(field.meaning)) for field in row.fields)
    return f"## {row.schema}", f"{code(row.source)}: {plain(row.meaning)}.", table(("field", "type", "meaning"), fields)


def _type(field: Field) -> str:
    return field.type + " or null" * field.null + ", may be absent" * field.absent
