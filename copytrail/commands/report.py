"""``copytrail report STORY``: the story page, one file to read, keep, mail and print."""

from pathlib import Path
from typing import Any

import click

from copytrail.output import Talk, json_flag
from copytrail.selecting import selection, selection_flags


@click.command()
@click.argument("story")
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="PATH",
    help="Where to; replaced when all went well.",
)
@click.option("--newest", is_flag=True, help="Hold the last text of each article against others, not the one captured first.")
@selection_flags
@json_flag
@click.pass_obj
def command(talk: Talk, /, story: str, path: Path, *, newest: bool, as_json: bool, **flags: Any) -> int:
    r"""Write STORY's page: who took what from whom, and what was changed since.

    Quotations, conflicts, losses, citations and proof are on it too. It is one
    HTML file that runs no script and asks for nothing. Flags leave a part of
    the story, and the page says so. Exit 1 when they leave nothing.

    \b
    copytrail report bridge -o bridge.html
    copytrail report bridge -o week.html --captured 2026-05-13..2026-05-20
    """
    from copytrail.reporting import report

    return report(talk.with_json(as_json=as_json), story, path, selection(story, flags), newest=newest)
