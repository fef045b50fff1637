"""``copytrail search``: which articles have these words, or are such and such."""

from pathlib import Path
from typing import Any

import click

from copytrail.output import Talk, json_flag
from copytrail.selecting import make_ready, selection, selection_flags

SHOWN = 100  # articles, unless told


@click.command()
@click.argument("query", required=False)
@click.option("--story", help="Only this story's articles.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help=f"Show at most so many; default: {SHOWN}. The rest is counted.")
@click.option("--all", "everything", is_flag=True, help="Show all.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="PATH", help="Write all rows to a .jsonl, .csv or .parquet file.")
@selection_flags
@json_flag
@click.pass_obj
def command(talk: Talk, /, query: str | None, *, story: str | None, output: Path | None, as_json: bool, **flags: Any) -> int:
    r"""Find articles by their words (QUERY, as --text) and by what is known of them.

    All words must be there; "words in a row", word*, -without,
    title:word, name:word. The same flags select for pull, and a row is the
    same in both. Exit 1 when nothing was found.

    \b
    copytrail search '"the bridge is shut" -ferry' --state changed
    copytrail search ferries --story bridge -o ferries.csv
    """
    from archive.selecting import NoSuchStory
    from archive.tombstones import withheld
    from archive.vault import open_archive
    from copytrail.searchrows import as_json as plain
    from copytrail.searchrows import as_line, export, search, search_rows

    talk = talk.with_json(as_json=as_json)
    limit, everything = flags.pop("limit"), flags.pop("everything")
    if query is not None and flags.get("text") is not None:
        raise click.UsageError("QUERY and --text are the same: give one of them")
    if limit is not None and everything:
        raise click.UsageError("--limit and --all contradict each other")
    wanted = selection(story, {**flags, "text": query if query is not None else flags.get("text")})
    cut = limit if limit or everything or output else SHOWN
    with open_archive(talk.settings().settings) as archive:
        try:
            make_ready(archive, wanted)
            found = search(archive, wanted)
            if output is not None and found:
                rows = export(archive, found[:cut], output)
                talk.emit("search", {"path": str(output), "rows": rows, "found": len(found)}, str(output))
        except (NoSuchStory, ValueError) as error:
            talk.warn(f"copytrail: {error}")
            return 2
        for row in search_rows(archive, found[:cut] if output is None else (), wanted):
            talk.emit("hit", plain(row), as_line(row))
        left = sum(1 for _ in withheld(archive, wanted))
    if cut is not None and len(found) > cut:
        talk.say(f"showing {cut} of {len(found):,} articles; --all")
    if left:
        talk.say(f"{left} captures that may have been meant are withdrawn or under embargo, and not searched")
    if not found:
        talk.say("nothing was found")
    return 0 if found else 1
