"""``copytrail gather``: articles put into stories as they come."""

from datetime import UTC, datetime
from typing import Any

import click

from copytrail.output import Talk, json_flag
from copytrail.selecting import selection, selection_flags


@click.command()
@click.argument("texts", nargs=-1, metavar="[TEXT…]")
@click.option("--for", "story", metavar="STORY", help="List what may belong to STORY: articles that stand beside its own.")
@click.option("--all", "every", is_flag=True, help="List every story, not only those to which something came.")
@selection_flags
@json_flag
@click.pass_obj
def command(talk: Talk, /, texts: tuple[str, ...], *, story: str | None, every: bool, as_json: bool, **flags: Any) -> int:
    r"""Put articles that tell of one event together, each as it comes.

    Of TEXT…, files, folders or tables of texts, or without them of the archive,
    narrowed by flags. In the archive a story keeps its id: what was placed stays
    where it is, merges and splits are recorded, and the next run goes on. No
    story is watched by this; --for lists candidates for one that is.

    \b
    copytrail gather scraped/*.txt --json
    copytrail gather --lang en --captured 2026-11-01..
    copytrail gather --for bridge
    """
    from copytrail.gathering import for_story, of_archive, of_texts

    talk = talk.with_json(as_json=as_json)
    given = selection(None, flags)
    if texts and (story is not None or every or given != type(given)()):
        raise click.UsageError("--for, --all and the flags that select are for the archive: leave TEXT… out")
    if texts:
        return of_texts(talk, texts)
    from archive.vault import open_archive

    with open_archive(talk.settings().settings) as archive:
        if story is not None:
            return for_story(talk, archive, story)
        return of_archive(talk, archive, given, datetime.now(UTC), every=every)
