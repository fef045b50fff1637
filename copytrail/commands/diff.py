"""``copytrail diff STORY``: what articles changed between their captures."""

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.argument("story")
@click.option("--url", help="Only this article.")
@click.option("--all", "everything", is_flag=True, help="Also typography alone, and pages that were away for one visit.")
@json_flag
@click.pass_obj
def command(talk: Talk, story: str, url: str | None, *, everything: bool, as_json: bool) -> int:
    """Show what STORY's articles changed between two captures.

    Each change has a class: headline, figure, quote, attribution,
    passage_added, passage_removed, correction, byline, date, cosmetic; of the
    article as a whole gone, restored, redirect_home, paywalled, legal_block.
    Removed words stand in [-…-], added ones in {+…+}.

    Example: copytrail diff bridge --json | jq 'select(.class == "figure")'
    """
    from archive.vault import open_archive
    from copytrail.diffrows import diff_rows
    from crawlers.stories import StoryError, story_named

    talk = talk.with_json(as_json=as_json)
    with open_archive(talk.settings().settings) as archive:
        members = [member for member in story_named(archive, story).members if url in {None, member.url}]
        if url is not None and not members:
            raise StoryError(f"{url} is not an article of story {story}; copytrail status {story} lists them")
        rows = [row for member in members for row in diff_rows(archive, member.url, everything=everything)]
    for row, text in rows:
        talk.emit("event", row, text)
    if not rows:
        talk.say("no article of the story has changed so far")
    return 0
