"""``copytrail pull STORY``: take a story home."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from copytrail import __version__
from copytrail.custody import leave_word
from copytrail.output import Talk, json_flag
from copytrail.selecting import selection, selection_flags

if TYPE_CHECKING:
    from archive.pull import Pulled

COUNTED = ("captures", "originals", "records", "texts", "without_text", "repeated", "bytes")
FORMATS = ("warc", "wacz", "jsonl", "txt")


@click.command()
@click.argument("story")
@click.option("-f", "--format", "form", type=click.Choice(FORMATS), required=True, help="What to make.")
@click.option(
    "-o", "--output", "path", type=click.Path(path_type=Path), required=True, metavar="PATH", help="Where to; replaced when all went well."
)
@selection_flags
@json_flag
@click.pass_obj
def command(
    talk: Talk,
    /,
    story: str,
    form: str,
    path: Path,
    *,
    as_json: bool,
    **flags: Any,
) -> int:
    """Take STORY home: every capture of its articles, or those selected.

    warc and wacz hold the records byte for byte, with the originals that
    revisits stand for. jsonl has one row a capture, with the way back to its
    record. txt is one file when PATH ends in .txt, else a folder; each version
    of an article stands in it once. With a signing key a wacz is signed. Who
    took what is noted in the archive, where it can be written.
    """
    from archive.custody import Act, handed_out
    from archive.pull import NothingSelected, PullError, describe, pull
    from archive.vault import open_archive
    from crawlers.stories import story_named

    talk = talk.with_json(as_json=as_json)
    wanted = selection(story, flags)
    with open_archive(talk.settings().settings) as archive:
        story_named(archive, story)
        try:
            pulled = pull(archive, wanted, form, path, f"copytrail/{__version__}")
        except (NothingSelected, PullError) as error:
            talk.say(f"{error}; nothing was written")
            return 1
        counts = {name: getattr(pulled, name) for name in COUNTED}
        about = f"{describe(wanted)} as {form}"
        custody = leave_word(talk, archive, Act.PULLED, about, selection=wanted, objects=handed_out(path), counts=counts)
    talk.emit("pull", {"path": str(path), "format": form, **counts, "problems": pulled.problems, "custody": custody}, str(path))
    talk.say(f"{describe(wanted)}: {pulled.captures} captures, {pulled.bytes} bytes" + _beside(pulled, form))
    for problem in pulled.problems:
        talk.say(problem)
    return 3 if pulled.problems else 0


def _beside(pulled: "Pulled", form: str) -> str:
    """What is in the file besides what was asked for, or is not in it."""
    parts = [f"{pulled.originals} more came along: what revisits stand for and what pages need to be shown"] if pulled.originals else []
    if pulled.without_text and form in {"jsonl", "txt"}:
        left = "in rows without text" if form == "jsonl" else "left out"
        parts.append(f"{pulled.without_text} of them show no article: {left}")
    if pulled.repeated:
        parts.append(f"{pulled.repeated} of them show the text of an earlier one: not repeated")
    return "".join(f"; {part}" for part in parts)
