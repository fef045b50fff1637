"""The reference is whole: nothing that a user, an operator or a reader of the archive can meet is without words."""

import inspect
import json
from enum import StrEnum
from pathlib import Path
from types import ModuleType

import click
import pytest
from support.consoles import stand_ins

from archive import custody, findings, kinds, relations, withdrawals
from archive import layout as keys
from archive.settings import describe
from docs.made import layout, lists, notebooks, rows, rules
from docs.made.commands import Described, documents, parsed
from docs.made.hook import PAGES
from docs.made.markdown import plain, table
from docs.made.sources import members

COMMANDS = documents()
NOUNS = (kinds, relations, custody, findings, withdrawals)


def enumerations(module: ModuleType) -> list[type[StrEnum]]:
    """The closed lists that a module defines."""
    found = inspect.getmembers(
        module, lambda each: inspect.isclass(each) and issubclass(each, StrEnum) and each.__module__ == module.__name__
    )
    return [each for _, each in found]


@pytest.mark.parametrize("each", COMMANDS, ids=[each.name for each in COMMANDS])
def test_a_command_is_described(each: Described, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command has help, words for each option, and examples that the command line itself accepts."""
    monkeypatch.chdir(tmp_path)
    unsaid = [parameter.name for parameter in each.command.params if isinstance(parameter, click.Option) and not parameter.help]

    assert each.command.help
    assert not unsaid
    for line, words in each.examples:
        assert words
        stand_ins(line)
        parsed(line, each).close()


def test_an_example_with_a_wrong_option_is_found() -> None:
    """The check of examples is one: an option that a command does not have is refused."""
    search = next(each for each in COMMANDS if each.name == "search")

    with pytest.raises(click.ClickException):
        parsed("copytrail search bridge --outlets paper.example", search)


@pytest.mark.parametrize("uri", PAGES)
def test_a_page_can_be_made(uri: str) -> None:
    """Each page of the reference is made from the code as it stands, and has a title."""
    assert PAGES[uri]().startswith("# ")


@pytest.mark.parametrize("module", NOUNS, ids=[module.__name__ for module in NOUNS])
def test_every_closed_list_is_shown_and_says_what_its_values_mean(module: ModuleType) -> None:
    """A value that can stand in somebody's table has a meaning beside it in the code, and its list is on the page."""
    shown = {closed for closed, _ in lists.LISTS}

    for closed in enumerations(module):
        assert closed in shown
        assert set(members(closed)) == set(closed)


class Silent(StrEnum):
    """A list with a value that nobody explains."""

    SAID = "said"  # it has words
    UNSAID = "unsaid"


def test_a_value_without_a_meaning_is_an_error() -> None:
    """A member without a comment is named."""
    with pytest.raises(ValueError, match="unsaid"):
        members(Silent)


def test_every_setting_is_shown() -> None:
    """Each setting has a line with its name in the environment."""
    page = PAGES["reference/settings.md"]()

    assert not [name for name in describe() if f"`COPYTRAIL_{name.upper()}`" not in page]


def test_every_kind_of_key_is_shown() -> None:
    """Each function that builds a key has an example, built by it, and no two are the same."""
    made = [name for name, _ in inspect.getmembers(keys, inspect.isfunction) if name.endswith("_key")]
    examples = [example for example, _ in layout.examples()]

    assert len(examples) == len(set(examples)) == len(made)


def test_a_rule_of_text_without_words_is_an_error() -> None:
    """The words for rules are held against the rules both ways."""
    with pytest.raises(ValueError, match="new-rule"):
        rules.held("text rules", {"new-rule"})


def test_the_schema_of_rows_says_what_the_page_says() -> None:
    """The JSON Schema has each kind of row with all its fields."""
    schema = json.loads(rows.json_schema())

    for row in rows.documented().values():
        assert set(schema["$defs"][row.schema]["properties"]) == {"schema", *(field.name for field in row.fields)}


def test_words_of_the_code_are_no_markup() -> None:
    """Stars and brackets of a docstring or a help are shown as they stand, what is in backticks is code, and a line stays in its cell."""
    assert plain("a *b* [c](d)\n``e_f`` g_h") == r"a \*b\* \[c\](d) `e_f` g\_h"
    with pytest.raises(ValueError, match="cells"):
        table(("one",), [("a", "b")])


def test_a_notebook_runs_as_jupyter_runs_it() -> None:
    """Cells share their names and run in order; what is printed and the last value are kept, a drawing as SVG; text stays as it is."""
    drawing = "class D:\n    def _repr_svg_(self):\n        return '<svg/>'\nprint('x')\nD()"
    cells = [
        {"cell_type": "markdown", "source": ["# T"]},
        *({"cell_type": "code", "source": [source]} for source in ("a = 1", "a + 1", drawing)),
    ]
    ran = notebooks.run({"nbformat": 4, "cells": cells})["cells"]

    assert ran[0] == cells[0]
    assert ran[1]["outputs"] == []
    assert ran[2]["outputs"][0]["data"] == {"text/plain": ["2"]}
    assert [output.get("text") or output["data"] for output in ran[3]["outputs"]] == [["x\n"], {"image/svg+xml": ["<svg/>"]}]
