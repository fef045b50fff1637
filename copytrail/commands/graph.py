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
@click.pass_obj
def command(talk: Talk, story: str, *, style: str, output: TextIO | None) -> int:
    r"""Who copied, cited and quoted whom among STORY's articles, as a graph.

    Nodes are the newest captures of the articles, edges the relations between
    them with kind, direction, score and reason; json also has the passages,
    quotations, sayings, facts and the primary source. It is worked out anew
    from the texts of the archive. Exit 1 when the story has no text.

    \b
    copytrail graph bridge -f dot | dot -Tsvg > bridge.svg
    copytrail graph bridge -f graphml -o bridge.graphml
    """
    from archive.judgements import judgements_of
    from archive.selecting import NoSuchStory
    from archive.vault import open_archive
    from copytrail.graphrows import story_graph
    from copytrail.storydocuments import of_story

    with open_archive(talk.settings().settings) as archive:
        try:
            held, without = of_story(archive, story)
            judgements = judgements_of(archive.store, story)
        except NoSuchStory as error:
            talk.warn(f"copytrail: {error}")
            return 2
    if without:
        talk.say(f"{without} articles have no text yet and are left out")
    if not held:
        talk.warn(f"copytrail: no article of {story} has a text")
        return 1
    text = story_graph(story, held, style, judgements)
    if output:
        output.write(text)
    else:
        click.echo(text, nl=False)
    return 0
