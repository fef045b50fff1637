"""``copytrail reprocess [STORY]``: texts made again by the present extractor, and what that changed."""

from dataclasses import asdict

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.argument("story", required=False)
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would change.")
@json_flag
@click.pass_obj
def command(talk: Talk, story: str | None, *, dry_run: bool, as_json: bool) -> int:
    """Read again, from the WARC files, what an earlier extractor has read.

    Nothing is fetched. The earlier texts stay, and so does what people said.
    One line an outlet. Example: copytrail reprocess -n
    """
    from archive.vault import open_archive
    from crawlers.reprocess import by_outlet, reprocess
    from crawlers.stories import story_named
    from pipeline.text import extractor
    from pipeline.textpool import TextFailure, TextPool

    talk = talk.with_json(as_json=as_json)
    with open_archive(talk.settings().settings, everything=True) as archive, TextPool() as pool:
        named = story_named(archive, story) if story is not None else None
        outlets = by_outlet(
            reprocess(archive, pool, named, dry=dry_run),
            lambda item: talk.say(f"{item.url}: {item.after.kind}: {item.after.message}") if isinstance(item.after, TextFailure) else None,
        )
    for item in outlets:
        row = asdict(item)
        figures = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in row.items() if name != "outlet")
        talk.emit("reprocessed", row, f"{item.outlet:30} {figures}")
    if not outlets:
        talk.say(f"every text is by the present extractor: {extractor()}")
    return 3 if any(item.failed for item in outlets) else 0
