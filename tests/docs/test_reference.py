"""The reference is whole: nothing that a user, an operator or a reader of the archive can meet is without words."""

import inspect
from enum import StrEnum

import click
import pytest
from archive import custody, findings, kinds, relations, withdrawals
from docs.made import layout, lists, rows, rules, warc
from docs.made.commands import Described, documents, parsed
from docs.made.hook import PAGES
from docs.made.sources import members

from archive import layout as keys
from archive.settings import describe
from copytrail.cli import SECTIONS

COMMANDS = documents()


@pytest.mark.parametrize("each", COMMANDS, ids=[each.name for each in COMMANDS])
def test_a_command_is_described(each: Described) -> None:
    """A command has a summary, help, words for each option, and examples that the command line itself accepts."""
    unsaid = [parameter.name for parameter in each.command.params if isinstance(parameter, click.Option) and not parameter.help]

    assert each.command.help
    assert not unsaid
    for line, words in each.examples:
        assert words
        parsed(line, each.command)
