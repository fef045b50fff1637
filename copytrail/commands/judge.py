"""``copytrail judge STORY``: what a person decides of a story."""

from datetime import UTC, datetime

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.argument("story")
@click.argument("verdict", required=False, type=click.Choice(["in", "out", "confirm", "reject"]))
@click.argument("subject", required=False, metavar="[URL|RELATION]")
@click.option("--note", default="", help="Why.")
@click.option("--coder", help="Who judges.  [default: the user's name]")
@click.option("--list", "listed", is_flag=True, help="List what was judged.")
@click.option("--agreement", is_flag=True, help="Coders against computation and one another.")
@json_flag
@click.pass_obj
def command(  # noqa: PLR0913 -- click gives each option by its name
    talk: Talk,
    story: str,
    verdict: str | None,
    subject: str | None,
    note: str,
    coder: str | None,
    *,
    listed: bool,
    agreement: bool,
    as_json: bool,
) -> int:
    r"""Decide which articles belong to STORY, and which relations hold.

    A judgement wins over what is computed, outlives rebuild and reprocess and
    is never changed: a later one on the same subject overrules it. RELATION is
    KIND:URL:URL with the kinds of `graph`: who took, then who gave.

    \b
    copytrail judge bridge out https://one.example/other --note "another bridge"
    copytrail judge bridge confirm cites:https://a.example/1:https://b.example/2
    copytrail judge bridge --agreement --json
    """
    from archive.custody import this_agent
    from archive.vault import open_archive
    from copytrail.judging import Said, agreement_rows, decide, rows
    from crawlers.stories import story_named

    talk = talk.with_json(as_json=as_json)
    if (verdict is None) is not (listed or agreement) or (verdict is not None and subject is None):
        raise click.UsageError("give a verdict with its URL or RELATION, or --list, or --agreement")
    with open_archive(talk.settings().settings, everything=True) as archive:
        found = story_named(archive, story)
        if verdict is None or subject is None:
            for row, line in (rows if listed else agreement_rows)(archive, found.slug):
                talk.emit("judgement" if listed else "agreement", row, line)
            return 0
        said = Said(verdict=verdict, subject=subject, coder=coder or this_agent(None).user, note=note)
        done = decide(archive, found, said, datetime.now(UTC))
        row, line = next((row, line) for row, line in rows(archive, found.slug) if row["id"] == done.id)
        talk.emit("judgement", row, line)
    return 0
