"""``copytrail new STORY SEED…``: start a story, or add to one."""

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.argument("story")
@click.argument("seeds", nargs=-1, required=True, metavar="SEED…")
@json_flag
@click.pass_obj
def command(talk: Talk, story: str, seeds: tuple[str, ...], *, as_json: bool) -> int:
    """Start STORY from texts, tables, URLs or feeds, or add them to it.

    Nothing is fetched yet: the URLs that the seeds name, broken ones mended,
    become leads for `copytrail crawl STORY`.
    """
    from archive.vault import open_archive
    from crawlers.run import system_clock
    from crawlers.stories import add_seeds

    talk = talk.with_json(as_json=as_json)
    with open_archive(talk.settings().settings, everything=True) as archive:
        started = add_seeds(archive, story, seeds, system_clock())
        for problem in (*started.notes, *started.problems):
            talk.warn(f"{problem.source}: {problem.message}")
        if started.story is None:
            talk.warn(f"no story was started: none of {len(seeds)} seeds could be read")
            return 1
        for lead in started.leads:
            talk.emit(
                "lead",
                {"url": lead.url, "title": lead.title, "found": str(lead.found), "parent": lead.parent, "evidence": lead.evidence},
                f"{lead.url or '(no URL yet)'}  {lead.evidence}" + (f"  {lead.title}" if lead.url is None else ""),
            )
    talk.say(f"story {story}: version {started.story.version}, {len(started.leads)} new leads")
    talk.say(f"Next: copytrail crawl {story}")
    return 3 if started.problems else 0
