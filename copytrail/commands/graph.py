"""``copytrail graph STORY``: a story's texts and what binds them, for other tools."""

from typing import TextIO

import click

from copytrail.output import Talk


@click.command()
@click.argument("story")
@click.option(
    "-f", "--format", "style", type=click.Choice(["json", "graphml", "dot"]), default="json", show_default=True, help="The file's language."
)
@click.option("-o", "--output", type=click.File("w", encoding="utf-8", lazy=False), metavar="FILE", help="Where it goes; default: stdout.")
@click.option("--newest", is_flag=True, help="Of the last text of each article, not of the one that was captured first.")
@click.pass_obj
def command(talk: Talk, story: str, *, style: str, output: TextIO | None, newest: bool) -> int:
    r"""Who copied, cited and quoted whom among STORY's articles, as a graph.

    Nodes are the captures of the articles that have their first text, edges
    the relations between them with kind, direction, score, reason and what
    people judged; json also has the passages, quotations, sayings, facts and
    the primary source. What was worked out is kept until a text changes.
    Exit 1 when the story has no text.

    \b
    copytrail graph bridge -f dot | dot -Tsvg > bridge.svg
    copytrail graph bridge -f graphml -o bridge.graphml
    """
    from archive.selecting import NoSuchStory
    from archive.vault import open_archive
    from copytrail.graphrows import story_graph
    from copytrail.relaterows import limit_lines
    from crawlers.relating import judged_of
    from crawlers.storytexts import FIRST, NEWEST, of_story

    with open_archive(talk.settings().settings) as archive:
        try:
            held, without = of_story(archive, story, newest=newest)
            found = judged_of(archive, story, held, newest=newest)
        except NoSuchStory as error:
            talk.warn(f"copytrail: {error}")
            return 2
    if without:
        talk.say(f"{without} articles have no text yet and are left out")
    if not held:
        talk.warn(f"copytrail: no article of {story} has a text")
        return 1
    texts = NEWEST if newest else FIRST
    talk.say(f"of {texts}")
    for line in limit_lines(found):
        talk.say(line)
    text = story_graph(story, held, found, style, texts)
    if output:
        output.write(text)
    else:
        click.echo(text, nl=False)
    return 0
