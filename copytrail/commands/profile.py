"""``copytrail profile [OUTLET …]``: what the pages of an outlet have in common, learned from the archive."""

from collections.abc import Mapping
from datetime import UTC, datetime

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]...")
@click.option("-n", "--dry-run", is_flag=True, help="Only say what was learned.")
@json_flag
@click.pass_obj
def command(talk: Talk, outlets: tuple[str, ...], *, dry_run: bool, as_json: bool) -> int:
    r"""Learn from the archive what the pages of each OUTLET (a domain), or of all, have in common.

    Places whose words come again on every page, and places that hold the text. No text
    changes by it: it is evidence for a person, and each version stays in the archive.
    Exit 1 when an OUTLET that was named has too few articles.

    \b
    copytrail profile paper.example
    copytrail text page.html --url https://paper.example/a --explain --learned
    """
    from archive.profiles import save_profile
    from archive.vault import open_archive
    from crawlers.profiles import outlets_of, profile_of, tracing
    from pipeline.profiles import FEWEST, holds_text

    talk = talk.with_json(as_json=as_json)
    now, lacking = datetime.now(UTC), 0
    with open_archive(talk.settings().settings, everything=True) as archive, tracing() as pool:
        for outlet in outlets or tuple(outlets_of(archive)):
            profile = profile_of(archive, pool, outlet, now)
            if profile is None:
                lacking += 1
                continue
            profile = profile if dry_run else save_profile(archive, profile, now)
            row = {
                "outlet": outlet,
                "version": profile.version,
                "articles": len(profile.articles),
                "places": len(profile.places),
                "text_places": sum(map(holds_text, profile.places)),
                "lines": len(profile.lines),
            }
            talk.emit("profile", row, _as_line(row))
    if lacking:
        talk.say(f"{lacking} outlets have fewer than {FEWEST} articles that differ: nothing is learned of them")
    return 1 if lacking and outlets else 0


def _as_line(row: Mapping[str, object]) -> str:
    version = f"version {row['version']}" if row["version"] else "not stored"
    places = f"{row['places']} places, {row['text_places']} of them with text"
    return f"{row['outlet']:30} {version}, {row['articles']} articles, {places}, {row['lines']} lines that come again"
