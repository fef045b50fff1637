"""``copytrail search``: which articles have these words, or are such and such."""

from typing import Any

import click

from copytrail.output import Talk, json_flag
from copytrail.selecting import selection, selection_flags


@click.command()
@click.argument("query", required=False)
@click.option("--story", help="Only this story's articles.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many; what is left out is counted.")
@selection_flags
@json_flag
@click.pass_obj
def command(talk: Talk, /, query: str | None, *, story: str | None, limit: int | None, as_json: bool, **flags: Any) -> int:
    r"""Find articles by their words (QUERY, as --text) and by what is known of them.

    All words must be there; "words in a row", word*, -without,
    title:word, name:word. The same flags select for pull. Exit 1 when
    nothing was found.

    \b
    copytrail search '"the bridge is shut" -ferry' --state changed
    """
    from archive.selecting import NoSuchStory
    from archive.vault import open_archive
    from copytrail.searchrows import as_line, search_rows

    talk = talk.with_json(as_json=as_json)
    if query is not None and flags.get("text") is not None:
        raise click.UsageError("QUERY and --text are the same: give one of them")
    wanted = selection(story, {**flags, "text": query if query is not None else flags.get("text")})
    with open_archive(talk.settings().settings) as archive:
        try:
            rows = search_rows(archive, wanted)
        except NoSuchStory as error:
            talk.warn(f"copytrail: {error}")
            return 2
    for row in rows[:limit]:
        talk.emit("hit", row, as_line(row))
    if limit is not None and len(rows) > limit:
        talk.say(f"{limit} of {len(rows)} articles shown: --limit")
    if not rows:
        talk.say("nothing was found")
    return 0 if rows else 1
