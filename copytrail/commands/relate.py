"""``copytrail relate TEXT…``: who copied whom and who quoted whom, in plain files."""

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.argument("texts", nargs=-1, required=True, metavar="TEXT…")
@json_flag
@click.pass_obj
def command(talk: Talk, texts: tuple[str, ...], *, as_json: bool) -> int:
    r"""Who copied, cited and quoted whom in TEXT…, files or folders of them.

    No archive is needed, and nothing is fetched or stored. Each relation comes
    with the passages that show it. With --json one object: documents,
    relations, quotations, utterances, facts and primary_source. A file that
    cannot be read costs itself and exit 3.

    \b
    copytrail relate seeds/*.txt
    copytrail relate seeds --json | jq '.relations[] | select(.kind == "derived")'
    """
    from copytrail import relaterows
    from pipeline.related import related

    talk = talk.with_json(as_json=as_json)
    given = relaterows.texts(texts)
    for problem in given.problems:
        talk.warn(f"{problem.source}: {problem.message}")
    if not given.documents:
        return 1
    found = related(given.documents)
    row = relaterows.whole(found, given.documents, given.paths, given.places)
    talk.emit("related", row, relaterows.as_text(found, given))
    return 3 if given.problems else 0
