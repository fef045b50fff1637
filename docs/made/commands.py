"""The reference of the command line: each command as click describes it, with examples and exit codes.

Contract: ``documents()`` is a value made of click's own objects; ``page()`` is its Markdown.  A command without an entry in
``commands.yaml``, or an entry without a command, is a ValueError: what is not described is not there.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml

from copytrail.cli import EXIT_CODES, SECTIONS, cli
from docs.made.markdown import code, fence, page, plain, table

DATA = Path(__file__).with_name("commands.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One command, what it is for in a line, and what is typed."""

    name: str
    section: str
    summary: str
    command: click.Command
    examples: tuple[tuple[str, str], ...]  # the line and what it does
    exits: Mapping[int, str]


def documents() -> tuple[Described, ...]:
    """Every command in the order of ``copytrail --help``."""
    told: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    names = [name for section in SECTIONS.values() for name in section]
    if wrong := set(names) ^ set(told):
        raise ValueError(f"{DATA.name}: without a command, or commands without an entry: {', '.join(sorted(wrong))}")
    return tuple(_described(section, name, summary, told[name]) for section, found in SECTIONS.items() for name, summary in found.items())


def _described(section: str, name: str, summary: str, told: Mapping[str, Any]) -> Described:
    command = cli.get_command(click.Context(cli), name)
    if command is None or not told.get("examples"):
        raise ValueError(f"{name}: no such command, or no example of it in {DATA.name}")
    return Described(
        name=name,
        section=section,
        summary=summary,
        command=command,
        examples=tuple((item["line"], item["does"]) for item in told["examples"]),
        exits=told.get("exit", {}),
    )


def parsed(line: str, each: Described) -> click.Context:
    """What click makes of an example; a click.ClickException where an option or argument is wrong.  The caller closes it."""
    words = shlex.split(line)
    return each.command.make_context(each.name, words[words.index(each.name) + 1 :])


def commands_page() -> str:
    """The whole reference of the command line."""
    return page(
        "Commands",
        "Data goes to stdout, talk to stderr. With `--json` every row is one JSON object on a line that names its schema "
        "([the rows](rows.md)). `-C DIR` names the project folder, where `copytrail.toml` lies.",
        fence("copytrail [-C DIR] [--json] [-q | -v] COMMAND …"),
        "## Exit codes",
        _exit_codes(),
        *(part for each in documents() for part in _command(each)),
    )


def _exit_codes() -> str:
    found = re.findall(r"(\d) (.+?)(?:  |$)", re.sub(r"\n +", " ", EXIT_CODES.strip()))
    return table(("code", "meaning"), ((code(number), plain(words)) for number, words in found))


def _command(each: Described) -> Iterator[str]:
    yield f"## copytrail {each.name}"
    yield f"*{plain(each.section)}.* {plain(each.summary)}."
    with click.Context(each.command, info_name=f"copytrail {each.name}") as context:
        yield fence(" ".join(piece.strip() for piece in each.command.get_usage(context).removeprefix("Usage: ").splitlines()))
    yield _help(each.command)
    if options := [*_options(each.command)]:
        yield table(("option", "meaning"), options)
    yield fence("\n".join(f"$ {line}" for line, _ in each.examples), "console")
    yield "\n".join(f"- {code(line.removeprefix('copytrail '))}: {plain(words)}." for line, words in each.examples)
    if each.exits:
        yield table(("exit code here", "meaning"), ((code(number), plain(words)) for number, words in each.exits.items()))


def _help(command: click.Command) -> str:
    """What the command says of itself, its examples left to ours."""
    parts = [part.strip() for part in (command.help or "").replace("\b\n", "").split("\n\n")]
    return "\n\n".join(plain(part) for part in parts if part and not part.startswith(("copytrail ", "Example")))


def _options(command: click.Command) -> Iterator[tuple[str, str]]:
    """What the help says of each option; the arguments stand in the usage."""
    with click.Context(command, max_content_width=200) as context:
        for parameter in command.params:
            record = parameter.get_help_record(context)
            if record is not None:
                yield code(record[0]), plain(record[1])
