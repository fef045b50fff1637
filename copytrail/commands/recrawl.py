"""``copytrail recrawl STORY``: visit a story's articles again."""

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.argument("story")
@click.option("--all", "everything", is_flag=True, help="Every article, due or not.")
@json_flag
@click.pass_obj
def command(talk: Talk, story: str, *, everything: bool, as_json: bool) -> int:
    """Visit STORY's articles again that are due; record edits and deletions."""
    from copytrail.crawling import crawl

    code = crawl(talk.with_json(as_json=as_json), story, recrawl="all" if everything else "due")
    if code in {0, 3}:
        talk.say(f"Next: copytrail diff {story}")
    return code
