"""``copytrail status [STORY]``: what is held, what waits, what is due."""

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.argument("story", required=False)
@click.option("--requests", is_flag=True, help="Only what the newest run of STORY asked for, and what it left alone and why.")
@json_flag
@click.pass_obj
def command(talk: Talk, story: str | None, *, requests: bool, as_json: bool) -> int:
    """Show what is captured, waiting, due, changed or gone, and what is wrong.

    Without STORY, one line a story.

    Example:  copytrail status ferry --requests --json
    """
    from archive.records import Selection
    from archive.vault import open_archive
    from copytrail.statusrows import judged_rows, member_rows, outlet_rows, standing_alarms, story_row, waiting_rows
    from copytrail.withdrawrows import say_withheld
    from crawlers.run import system_clock
    from crawlers.stories import story_named

    talk = talk.with_json(as_json=as_json)
    if requests:
        return _requests(talk, story)
    with open_archive(talk.settings().settings) as archive:
        for alarm in standing_alarms(archive, talk.settings().settings, system_clock()):
            talk.emit(
                "alarm",
                alarm,
                f"ALARM {alarm['kind']} {alarm['about']} since {alarm['since']}: {alarm['message']}\n      {alarm['advice']}",
            )
        if story is None:
            for slug in archive.catalogue.slugs():
                row = story_row(archive, story_named(archive, slug))
                figures = ", ".join(f"{row[name]} {name}" for name in ("members", "captures", "edits", "gone", "waiting"))
                talk.emit("story", row, f"{slug:20} {figures}")
            return 0
        for row in member_rows(archive, story_named(archive, story), system_clock()):
            line = f"{row['state']:10} {row['captures']:>3} captures  due {row['due'] or 'never':25}  {row['url']}"
            talk.emit("member", row, f"{line}\n{'':11}{row['why']}\n{'':11}{row['due_why']}")
        for row, line in judged_rows(archive, story):
            talk.emit("judgement", row, line)
        for account in outlet_rows(archive, story):
            lost = f", {account['lost']} lost: {account['why']}" if account["lost"] else ""
            talk.emit("outlet", account, f"outlet         {account['outlet']}  {account['found']} found{lost}")
        for row, line in waiting_rows(archive, story, system_clock()):
            talk.emit("waiting", row, line)
        for lead in archive.catalogue.unresolved(story):
            talk.emit("unresolved", {"title": lead.title, "parent": lead.parent}, f"no URL yet     {lead.title}")
        say_withheld(talk, archive, Selection(story=story))
    return 0


def _requests(talk: Talk, story: str | None) -> int:
    """List the request log of a story's newest run."""
    from archive.vault import open_archive
    from copytrail.requestrows import request_rows
    from crawlers.stories import story_named

    if story is None:
        raise click.UsageError("--requests needs a STORY")
    with open_archive(talk.settings().settings) as archive:
        for row, line in request_rows(archive, story_named(archive, story).slug):
            talk.emit("request", row, line)
    return 0
