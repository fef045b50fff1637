"""``copytrail discover STORY``: where more coverage may lie, with evidence; no article is fetched."""

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.argument("story")
@click.option("--with", "named", metavar="NAMES", default="", help="Back ends to ask too: gdelt, wayback, memento, comma-separated.")
@click.option("--add", "adding", is_flag=True, help="Put the new candidates into the story's frontier, for the next crawl.")
@json_flag
@click.pass_obj
def command(talk: Talk, /, story: str, *, named: str, adding: bool, as_json: bool) -> int:
    r"""List what may be coverage of STORY: URL, how and where it was found, how sure.

    Reads the archived pages, fetches the story's feeds and sitemaps and asks the
    back ends that are named here or by a discover_… setting. No article is fetched.

    \b
    Example: copytrail discover ferry --with gdelt,wayback --json
    """
    from archive.vault import open_archive
    from copytrail.crawling import progress
    from copytrail.discoverrows import candidate_row, candidate_text
    from crawlers.backends import with_named
    from crawlers.discovering import add, discover
    from crawlers.run import system_clock
    from crawlers.spiders.base import UNFILED

    talk = talk.with_json(as_json=as_json)
    settings = with_named(talk.settings().settings, filter(None, map(str.strip, named.split(","))))
    with open_archive(settings, everything=True) as archive:
        with progress(talk) as watch:
            found = discover(archive, settings, story=story, watch=watch)
        for item in archive.catalogue.outcomes_of(UNFILED, found.report.run) if found.report.run else ():
            row = {"url": item.url, "found": str(item.lead.found), "verdict": str(item.verdict), "reason": item.reason}
            talk.emit("asked", {**row, "capture": item.capture}, f"asked {item.verdict:15} {item.url}  {item.reason}")
        for candidate in found.candidates:
            talk.emit("candidate", candidate_row(candidate), candidate_text(candidate))
        added = add(archive, story, found.candidates, system_clock()) if adding else 0
    for note in (*found.notes, *filter(None, [found.report.trouble and f"copytrail: {found.report.trouble}"])):
        talk.warn(note)
    fresh = sum(item.state == "new" for item in found.candidates)
    talk.say(f"{len(found.candidates)} candidates, {fresh} of them new" + (f"; {added} added: copytrail crawl {story}" if adding else ""))
    return found.report.exit_code
