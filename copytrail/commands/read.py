"""``copytrail read SEED…``: what scraped texts say, and what is residue in them."""

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.argument("seeds", nargs=-1, required=True, metavar="SEED…")
@json_flag
@click.pass_obj
def command(talk: Talk, seeds: tuple[str, ...], *, as_json: bool) -> int:
    """Read scraped texts into headline, body, credits and residue.

    SEED is a text file, a folder of them, a CSV or JSONL table with the columns
    url, title, date and text, or a list of URLs. Nothing is fetched or stored.
    """
    from copytrail.seedrows import as_text
    from pipeline.seedfiles import load
    from pipeline.seeds import read_seed, row

    talk = talk.with_json(as_json=as_json)
    loaded = load(seeds)
    for seed in loaded.seeds:
        reading = read_seed(seed)
        talk.emit("reading", row(reading), as_text(reading))
    for problem in (*loaded.notes, *loaded.problems):
        talk.warn(f"{problem.source}: {problem.message}")
    if not loaded.problems:
        return 0
    return 3 if loaded.seeds else 1
