"""``copytrail rebuild``: the catalogue anew, from the store alone."""

import click

from copytrail.output import Talk, json_flag


@click.command()
@json_flag
@click.pass_obj
def command(talk: Talk, *, as_json: bool) -> int:
    """Make the catalogue anew from the store: captures, stories, outcomes, texts, revisions.

    The catalogue is an index: it may be deleted at any time.
    """
    from archive.rebuild import rebuild
    from archive.vault import open_archive
    from crawlers.reread import reread

    talk = talk.with_json(as_json=as_json)
    problems = 0
    with open_archive(talk.settings().settings) as archive:
        for item in rebuild(archive.store, archive.catalogue):
            problems += item.problem is not None
            talk.emit(
                "rebuilt",
                {"key": item.key, "rows": item.rows, "problem": item.problem},
                f"{item.rows:>7} rows  {item.key}  {item.problem or ''}".rstrip(),
            )
        texts, revisions = reread(archive)
    talk.say(f"{texts} texts and {revisions} revisions read again from the WARC files; {problems} objects could not be read")
    return 1 if problems else 0
