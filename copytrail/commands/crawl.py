"""``copytrail crawl STORY``: fetch what waits in a story's frontier."""

import click

from copytrail.crawling import crawl, requisites_flag
from copytrail.output import Talk, json_flag


@click.command()
@click.argument("story")
@click.option("--max-hops", type=int, help="How far from the seeds to follow leads.")
@click.option("--max-pages", type=int, help="Pages that this run may fetch.")
@click.option("--max-seconds", type=float, help="Seconds that this run may take.")
@requisites_flag
@json_flag
@click.pass_obj
def command(talk: Talk, /, story: str, *, as_json: bool, **limits: object) -> int:
    """Fetch STORY's originals and related coverage, politely, into WARC."""
    code = crawl(talk.with_json(as_json=as_json), story, limits=limits)
    if code in {0, 3}:
        talk.say(f"Next: copytrail status {story}")
    return code
