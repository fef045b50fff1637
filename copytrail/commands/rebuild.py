"""``copytrail rebuild``: the catalogue anew, from the store alone."""

import click

from copytrail.custody import leave_word
from copytrail.output import Talk, json_flag


@click.command()
@json_flag
@click.pass_obj
def command(talk: Talk, *, as_json: bool) -> int:
    """Make the catalogue anew from the store: captures, stories, outcomes, texts, revisions, relations.

    The catalogue is an index: it may be deleted at any time.
    """
    from archive.custody import Act
    from archive.rebuild import rebuild
    from archive.vault import open_archive
    from crawlers.relating import refresh
    from crawlers.reread import reread

    talk = talk.with_json(as_json=as_json)
    counts = {"objects": 0, "rows": 0, "problems": 0}
    with open_archive(talk.settings().settings, everything=True) as archive:
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
        relations = sum(len(found.relations) for _, found in refresh(archive))
        counts |= {"texts": texts, "revisions": revisions, "relations": relations}
        leave_word(talk, archive, Act.REBUILT, "the catalogue", counts=counts)
    talk.say(f"{texts} texts and {revisions} revisions read again from the WARC files, {relations} relations worked out")
    talk.say(f"{counts['problems']} objects could not be read")
    return 1 if counts["problems"] else 0
