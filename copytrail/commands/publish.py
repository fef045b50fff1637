"""``copytrail publish STORY…``: a site of plain files for everybody."""

import click

from copytrail.commands.pull import FORMATS
from copytrail.output import Talk, json_flag


@click.command()
@click.argument("stories", nargs=-1, required=True)
@click.option("-o", "--output", "target", required=True, metavar="PLACE", help="A folder, or s3://bucket/prefix.")
@click.option(
    "-f",
    "--format",
    "forms",
    type=click.Choice(FORMATS),
    multiple=True,
    default=("wacz", "parquet", "csv"),
    show_default=True,
    help="What readers may take home.",
)
@click.option(
    "--rights", type=click.Choice(["team", "public"]), default="public", show_default=True, help="For whom the site is: see outlet_rights."
)
@click.option("--title", default="Stories", show_default=True, help="What the first page is called.")
@click.option("--base", metavar="URL", help="Where readers will find it; every file is asked for there when all is published.")
@click.option("--cors", is_flag=True, help="Set the bucket's rule that lets players on other sites read the files.")
@json_flag
@click.pass_obj
def command(  # noqa: PLR0913 -- click gives each option by its name
    talk: Talk,
    /,
    stories: tuple[str, ...],
    target: str,
    forms: tuple[str, ...],
    title: str,
    rights: str,
    base: str | None,
    *,
    cors: bool,
    as_json: bool,
) -> int:
    r"""Publish the pages and packages of STORIES as a static site.

    Only files that are new or other than before are sent; those of an earlier
    site that are no more are removed, and nothing else. Withdrawn captures are
    on no page and in no file. With --base every file is asked for as a reader
    would: whole or in parts, from another site. Exit 1 when that finds faults.

    \b
    copytrail publish bridge -o site/
    copytrail publish bridge flood -o s3://site/stories --cors \
        --base https://stories.example/stories
    """
    from copytrail.publishing import Wish, publish

    wish = Wish(stories=stories, target=target, forms=forms, title=title, base=base, cors=cors, audience=rights)
    return publish(talk.with_json(as_json=as_json), wish)
