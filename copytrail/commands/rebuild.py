"""``copytrail rebuild``: the catalogue anew, from the store alone."""

import click

from copytrail.custody import leave_word
from copytrail.output import Talk, json_flag


@click.command()
@json_flag
@click.pass_obj
def command(talk: Talk, *, as_json: bool) -> int:
    """Make the catalogue anew from the store: captures, stories, outcomes, texts, revisions.

    The catalogue is an index: it may be deleted at any time.
    """
    from archive.custody import Act
    from archive.rebuild import rebuild
    from archive.vault import open_archive
    from crawlers.reread import reread

    talk = talk.with_json(as_json=as_json)
    counts = {"objects": 0, "rows": 0, "problems": 0}
    with open_archive(talk.settings().settings) as archive:
        for item in rebuild(archive.store, archive.catalogue):
            counts["objects"] += 1
            counts["rows"] += item.rows
            counts["problems"] += item.problem is not None
            talk.emit(
                "rebuilt",
                {"key": item.key, "rows": item.rows, "problem": item.problem},
                f"{item.rows:>7} rows  {item.key}  {item.problem or ''}".rstrip(),
            )
        texts, revisions = reread(archive)
        counts |= {"texts": texts, "revisions": revisions}
        leave_word(talk, archive, Act.REBUILT, "the catalogue", counts=counts)
    talk.say(f"{texts} texts and {revisions} revisions read again from the WARC files; {counts['problems']} objects could not be read")
    return 1 if counts["problems"] else 0
