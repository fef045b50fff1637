"""``copytrail recrawl STORY``: visit a story's articles again."""

import click

from copytrail.crawling import crawl, requisites_flag
from copytrail.output import Talk, json_flag


@click.command()
@click.argument("story")
@click.option("--all", "everything", is_flag=True, help="Every article, due or not.")
@requisites_flag
@json_flag
@click.pass_obj
def command(talk: Talk, story: str, *, everything: bool, requisites: bool | None, as_json: bool) -> int:
    """Visit STORY's articles again that are due; record edits and deletions."""
    code = crawl(talk.with_json(as_json=as_json), story, recrawl="all" if everything else "due", limits={"requisites": requisites})
    if code in {0, 3}:
        talk.say(f"Next: copytrail diff {story}")
    return code
