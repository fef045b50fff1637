"""``copytrail text PAGES.jsonl`` and ``copytrail text FILE.html``: the clean text of pages that lie in files."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from copytrail.output import Talk, json_flag

if TYPE_CHECKING:
    from copytrail.textrows import Row
    from pipeline.profiles import Evidence
    from pipeline.textpool import TextPool

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("path", type=_FILE, metavar="PAGES.jsonl|FILE.html")
@click.option("-o", "--output", type=click.File("w", encoding="utf-8", lazy=False), metavar="OUT.jsonl", help="Where the rows go.")
@click.option("--url", metavar="URL", help="Of FILE.html: the address that it came from.")
@click.option("--explain", is_flag=True, help="Of FILE.html: every visible block, its class, kept or not, and why.")
@click.option("--learned", is_flag=True, help="With --explain: what the outlet's other pages say of each block (copytrail profile).")
@click.option("--thorough", is_flag=True, help="Ask other extractors too where two disagree: half as long again.")
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count, help="Processes.  [default: one a core]")
@json_flag
@click.pass_obj
def command(  # noqa: PLR0913 -- an argument for each option
    talk: Talk,
    path: Path,
    *,
    output: TextIO | None,
    url: str | None,
    explain: bool,
    learned: bool,
    thorough: bool,
    workers: int,
    as_json: bool,
) -> int:
    r"""Clean text of pages in files, with what was taken out and why.

    PAGES.jsonl has one page a line: id, html (the path of a .html or .html.gz file,
    relative to PAGES.jsonl), url and perhaps crawled (when). Each gives a row: text
    is standfirst and body. A page that fails is a row with problem, and exit is 3.

    \b
    copytrail text pages.jsonl -o texts.jsonl
    copytrail text story.html --url https://news.example/story --explain
    """
    from pipeline.textpool import TextPool

    talk = talk.with_json(as_json=as_json)
    table = path.suffix in {".jsonl", ".ndjson"}
    if table and (url or explain):
        raise click.UsageError("--url and --explain are for a single page")
    if not table and not url:
        raise click.UsageError("a single page needs --url: links and rules go by it")
    if learned and not explain:
        raise click.UsageError("--learned needs --explain: no text depends on what was learned")
    work = f"copytrail.textwork:{'thorough_' if thorough else ''}{'ledger' if explain else 'row'}"
    with TextPool(workers=workers if table else 1, function=work) as pool:
        if explain:
            return _explained(talk, pool, path, str(url), _evidence(talk, str(url)) if learned else None)
        return _rows(talk, pool, path, url, output)


def _rows(talk: Talk, pool: "TextPool", path: Path, url: str | None, output: TextIO | None) -> int:
    from copytrail.textrows import PageList, as_text, one_row

    now = datetime.now(UTC)
    failed = count = 0
    for row in PageList(path, now).rows(pool) if url is None else [one_row(pool, _page(path, url, now))]:
        count += 1
        if "text" not in row:
            failed += 1
            talk.warn(f"{row['id']}: {row['problem']}")
        if output:
            output.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            talk.emit("text", row, as_text(row))
    if url is None:
        talk.say(f"{count} pages, {failed} of them failed" if failed else f"{count} pages")
    return 3 if failed else 0


def _explained(talk: Talk, pool: "TextPool", path: Path, url: str, evidence: "Evidence | None") -> int:
    from copytrail.textrows import as_line, one_ledger

    found = one_ledger(pool, _page(path, url, datetime.now(UTC)))
    if not isinstance(found, list):
        talk.warn(f"{found['id']}: {found['problem']}")
        return 3
    for entry in found:
        row = entry if evidence is None else {**entry, "seen": evidence.of(entry["text"], entry["where"])}
        talk.emit("block", row, as_line(row))
    return 0


def _evidence(talk: Talk, url: str) -> "Evidence | None":
    """What the project's archive has learned of the outlet."""
    from archive.profiles import profile_at
    from archive.store import open_store
    from pipeline.losses import outlet_of
    from pipeline.profiles import Evidence

    settings, outlet = talk.settings().settings, outlet_of(url)
    profile = profile_at(open_store(settings.store, endpoint=settings.s3_endpoint), outlet, datetime.now(UTC))
    if profile is None:
        talk.warn(f"copytrail: nothing is learned of {outlet}: copytrail profile {outlet}")
        return None
    talk.say(f"learned from {len(profile.articles)} articles of {outlet}, {profile.since:%Y-%m-%d} to {profile.until:%Y-%m-%d}")
    return Evidence(profile, url)


def _page(path: Path, url: str, now: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202 -- naming the type would import it
    from copytrail.textrows import file_page, read_html

    fields: Row = {"id": path.name, "url": url}
    return file_page(fields, read_html(path), now)
