"""How commands speak: data on stdout, talk on stderr, JSON Lines when asked.

Contract: :meth:`Talk.emit` and, of a file's bytes, :meth:`Talk.pour` are the only writers of stdout, :meth:`Talk.say` and :meth:`Talk.warn`
of stderr; with ``--json`` every row is one JSON object on one line and names its schema, unless others fixed what the object holds
(``verify``).  Settings are read here, at the door, and nowhere below.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NoReturn

import click

_PIECE = 1024 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and newline


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One run's way of speaking, and where it reads its settings."""

    project: Path
    as_json: bool = False
    quiet: bool = False
    verbose: bool = False

    def say(self, text: str) -> None:
        """Talk to the person."""
        if not self.quiet:
            click.echo(_printable(text), err=True)

    def warn(self, text: str) -> None:
        """Say what went wrong, however quiet."""
        click.echo(_printable(text), err=True)

    def detail(self, text: str) -> None:
        """Talk only when more was asked for."""
        if self.verbose:
            self.say(text)

    def emit(self, schema: str | None, row: Mapping[str, object], text: str | None = None) -> None:
        """Give one row of data: JSON when asked, else ``text``; without a schema the row is the whole object."""
        if self.as_json:
            named = {"schema": f"copytrail.{schema}/1"} if schema is not None else {}
            _write(json.dumps({**named, **row}, ensure_ascii=False, default=str))
        elif text is not None:
            _write(_printable(text))

    def pour(self, data: IO[bytes]) -> None:
        """Give bytes as they are: a file that was asked for on stdout."""
        try:
            shutil.copyfileobj(data, sys.stdout.buffer, _PIECE)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            _hung_up()

    def with_json(self, *, as_json: bool) -> "Talk":
        """The same, with JSON when the command's own flag asks for it."""
        return replace(self, as_json=self.as_json or as_json)

    def settings(self, flags: Mapping[str, object] | None = None):  # type: ignore[no-untyped-def]  # noqa: ANN201 -- naming the type would import it
        """The settings of this project, environment and flags, each with its origin."""
        from archive.settings import load

        return load(os.environ, flags=flags, folder=self.project)


def _write(line: str) -> None:
    try:
        click.echo(line)
    except BrokenPipeError:
        _hung_up()


def _hung_up() -> NoReturn:
    """The reader has gone: a pipe into head is no error, and neither is what Python flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise click.exceptions.Exit(0) from None


def _printable(text: str) -> str:
    """``text`` without the control characters by which a page or a seed could write to the terminal what it likes."""
    return _CONTROL.sub("\ufffd", text)


json_flag = click.option("--json", "as_json", is_flag=True, help="JSON Lines on stdout.")


def on_terminal() -> bool:
    """Whether a person watches stderr."""
    return sys.stderr.isatty()
