"""``copytrail compare A B``: two texts side by side, with what they share."""

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--newest", is_flag=True, help="Of a URL the last text, not the one that was captured first.")
@click.option("--width", type=click.IntRange(min=40), help="Columns.  [default: the terminal's]")
@json_flag
@click.pass_obj
def command(talk: Talk, a: str, b: str, *, newest: bool, width: int | None, as_json: bool) -> int:
    r"""Show A and B side by side: what they share, quotations, facts, and why.

    A and B are text files, or URLs or record ids of the archive. Of a URL it
    is the text as it was first captured, which is what others could take from;
    --newest takes the last. A passage that both have stands in [n …] with one number on both
    sides. Exit 1 when one of them cannot be read.

    \b
    copytrail compare summary.txt original.txt
    copytrail compare https://one.example/a https://two.example/b --json
    """
    from copytrail.comparerows import NotThere, as_text, comparison, pair

    talk = talk.with_json(as_json=as_json)
    try:
        documents, paths = pair(lambda: talk.settings().settings, (a, b), newest=newest)
    except NotThere as error:
        talk.warn(f"copytrail: {error}")
        return 1
    found = comparison(documents, newest=newest)
    talk.emit("comparison", found.row(paths), as_text(found, width))
    return 0
