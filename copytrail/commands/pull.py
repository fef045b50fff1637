"""``copytrail pull STORY``: take a story home."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from copytrail.output import Talk, json_flag
from copytrail.selecting import selection, selection_flags

if TYPE_CHECKING:
    from copytrail.pulling import Wish

FORMATS = ("warc", "wacz", "cdxj", "pywb", "parquet", "sqlite", "jsonl", "csv", "txt", "md", "features")
_WEEK = 168.0  # hours; S3 signs for no longer


@click.command()
@click.argument("story", required=False)
@click.option("-f", "--format", "forms", type=click.Choice(FORMATS), multiple=True, help="What to make; several in a package.")
@click.option("-o", "--output", metavar="PATH", help="A file, a folder/, s3://bucket/key, or - for stdout. Appears when all went well.")
@click.option("--package", is_flag=True, help="A folder with manifest, codebook, citation and README beside the data.")
@click.option("--link", "hours", type=click.FloatRange(0, _WEEK, min_open=True), metavar="HOURS", help="Print links that need no keys.")
@click.option(
    "--rights",
    type=click.Choice(["private", "team", "public"]),
    default="private",
    show_default=True,
    help="For whom it is: see outlet_rights.",
)
@click.option("--all", "everything", is_flag=True, help="The whole archive, without a story.")
@click.option(
    "--from",
    "known",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="MANIFEST",
    help="Make the package of this manifest.json again, and say whether the bytes are the same.",
)
@selection_flags
@json_flag
@click.pass_obj
def command(
    talk: Talk,
    /,
    story: str | None,
    forms: tuple[str, ...],
    output: str | None,
    known: Path | None,
    *,
    package: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    r"""Take STORY home: every capture of its articles, or those selected.

    warc and wacz hold the records byte for byte, with the originals that
    revisits stand for; cdxj says where they lie in the archive, pywb is a folder that
    `wayback` serves. parquet,
    jsonl and csv are one file with a row a capture, or a folder with all
    tables; sqlite holds all tables. txt and md are one file, or a folder with
    a file for each version of an article. features are figures of the texts
    and no texts. Who took what is noted in the archive, where it can be
    written.

    \b
    copytrail pull bridge -f parquet -o bridge.parquet
    copytrail pull bridge -f wacz -f csv --package -o bridge/
    copytrail pull --from bridge/manifest.json
    """
    from copytrail.pulling import Wish, again, take

    talk = talk.with_json(as_json=as_json)
    hours, everything, rights = flags.pop("hours"), flags.pop("everything"), flags.pop("rights")
    wanted, selected = selection(story, flags), any(value is not None for value in flags.values())
    if known is not None:
        if story is not None or forms or selected:
            raise click.UsageError("--from repeats what its manifest says: name no story, format or selection beside it")
        return again(talk, known, output)
    if story is None and not selected and not everything:
        raise click.UsageError("name a story, select with flags, or say --all")
    if not forms or output is None:
        raise click.UsageError(f"say what to make and where to: -f {'|'.join(FORMATS)} -o PATH")
    wish = Wish(selection=wanted, forms=forms, output=output, package=package, hours=hours, audience=rights)
    _check(wish)
    return take(talk, wish)


def _check(wish: "Wish") -> None:
    """Wrong use is said before anything is opened."""
    if len(set(wish.forms)) > 1 and not wish.package:
        raise click.UsageError("several formats need --package")
    if wish.output == "-" and (wish.package or "pywb" in wish.forms):
        raise click.UsageError("a package is a folder, as pywb is: it does not go to stdout")
    if wish.output.endswith("/") and not wish.folder:
        raise click.UsageError(f"{wish.output} is a folder, and {wish.forms[0]} is one file: name it")
    if wish.hours is not None and not wish.output.startswith("s3://"):
        raise click.UsageError("--link is for what lies in a bucket: -o s3://bucket/key")
