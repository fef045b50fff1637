"""The codebook describes what leaves the house, all of it and nothing else."""

import pytest

from archive.codebook import TABLES, describe
from archive.codewords import COLUMNS, OWN
from archive.kinds import Found, Verdict
from archive.pulltables import LEAVING

TYPES = {"string", "integer", "number", "boolean", "datetime", "array", "object"}


@pytest.mark.parametrize("table", LEAVING)
def test_every_column_is_described(table: str) -> None:
    """In the order of the table, each with a sentence, a source and a type of Table Schema."""
    columns = describe(table)

    assert [column.name for column in columns] == LEAVING[table].names
    assert all(column.description.endswith(".") and column.source for column in columns)
    assert {column.type for column in columns} <= TYPES


def test_nothing_is_described_that_is_not_there() -> None:
    """A description without a column is a lie about a table."""
    names = {name for schema in LEAVING.values() for name in schema.names}

    assert set(COLUMNS) <= names
    assert all(name in LEAVING[table].names for table, name in OWN)


def test_every_table_has_its_key_and_its_links() -> None:
    """A key and a link name columns that are there, and a link leads to the key of the other table."""
    assert set(TABLES) == set(LEAVING)
    for name, table in TABLES.items():
        assert set(table.key) <= set(LEAVING[name].names)
        for column, other, there in table.links:
            assert column in LEAVING[name].names
            assert (there,) == TABLES[other].key


def test_closed_lists_are_whole() -> None:
    """What a column may hold is what the nouns know."""
    values = {(table, column.name): set(column.values) for table in LEAVING for column in describe(table)}

    assert values["outcomes", "verdict"] == {str(verdict) for verdict in Verdict}
    assert values["captures", "found"] == {str(found) for found in Found}


def test_types_are_those_of_the_files() -> None:
    """Times, numbers, lists and truth are told apart."""
    types = {column.name: column.type for column in describe("rows")}

    assert (types["fetch_time"], types["fetch_status"], types["authors"], types["text"]) == ("datetime", "integer", "array", "string")
    assert {column.name: column.type for column in describe("captures")}["selected"] == "boolean"
