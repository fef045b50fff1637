"""``copytrail cite``: a citation with capture time, record and digest, and its proof."""

import sys
from pathlib import Path

import click

from copytrail.output import Talk, json_flag

STYLES = ("text", "bibtex", "csl", "robust", "pwid")


@click.command()
@click.argument("what", required=False)
@click.option("-f", "--format", "style", type=click.Choice(STYLES), default="text", show_default=True, help="The form of the citation.")
@click.option("--at", metavar="TIME", help="The capture of this time (UTC), or the last before it; default: the newest.")
@click.option("--quote", "words", metavar="WORDS", help="Cite this passage of the text.")
@click.option("--base", metavar="URL", help="Where the archive is published: BASE/20261121103000/URL is a page as it was.")
@click.option("--verify", "claims", metavar="FILE", help="Check the citations in FILE ('-': stdin) against the bytes.")
@click.option(
    "--in",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="PATH",
    help="Check against these WARC or WACZ files, without the archive.",
)
@json_flag
@click.pass_obj
def command(
    talk: Talk,
    /,
    what: str | None,
    *,
    claims: str | None,
    paths: tuple[Path, ...],
    as_json: bool,
    **how: str | None,
) -> int:
    """Cite WHAT: a URL, a record id, or a story's articles.

    Every form names URL, time of capture, record and digest. With --verify
    the bytes are read and hashed again: exit 1 when they are not the same.
    Exit 5 for what is withdrawn.

    copytrail cite https://paper.example/a --quote "the bridge is shut"
    copytrail cite --verify footnotes.txt --in story.wacz
    """
    from copytrail.citing import How, NotCited, Withheld, cite, verify

    talk = talk.with_json(as_json=as_json)
    if (what is None) == (claims is None):
        raise click.UsageError("name what to cite, or --verify FILE")
    if claims is not None:
        text = sys.stdin.read() if claims == "-" else Path(claims).read_text(encoding="utf-8")
        return verify(talk, text, paths)
    assert what is not None
    try:
        return cite(talk, what, How(**how))
    except (NotCited, ValueError) as error:
        talk.warn(f"copytrail: {error}")
        return 5 if isinstance(error, Withheld) else 1
