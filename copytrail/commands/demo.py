"""``copytrail demo``: the main job on the invented newsroom, from seeds to a story page, with no network."""

from pathlib import Path

import click

from copytrail.output import Talk


@click.command()
@click.option(
    "-o", "--folder", default="copytrail-demo", show_default=True, type=click.Path(file_okay=False, path_type=Path), help="Where to put it."
)
@click.option("--serve", is_flag=True, help="Only run the newsroom; print what to export.")
@click.pass_obj
def command(talk: Talk, folder: Path, *, serve: bool) -> int:
    """Make and look at a story with no network.

    Five invented outlets on this machine cover the closing of a bridge. Their
    articles are found from five scraped texts, fetched, preserved, read; a
    week later they are visited again: one was edited, one is gone.

    With --serve the newsroom runs alone, for `scrapy crawl` or a browser.
    """
    if serve:
        from copytrail.demo import serve_newsroom

        return serve_newsroom(talk)
    from copytrail.demo import make_demo

    return make_demo(talk, folder)
