"""Our text against plain trafilatura on the real pages, in one run: ``python -m benchmarks.text_quality [FOLDER]``.

Reads the shared folder beside the checkout, or where ``COPYTRAIL_SHARED`` says; writes ``plain.jsonl`` and ``ours.jsonl`` into FOLDER (a
temporary one unless given), each with its gold, and prints what ``tools/score_text.py`` says of them.  The CPU seconds of a page are
taken with both extractors turn by turn in this process, after one page of warming up, so that a busy machine slows both alike.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trafilatura

from archive.records import Document, Page
from copytrail.textrows import file_page, read_html
from pipeline.text import document

LONG_AFTER = datetime(2026, 11, 1, tzinfo=UTC)  # than any page whose row says nothing about when it was captured


def rows(shared: Path) -> list[dict[str, Any]]:
    """The rows of the real pages."""
    with (shared / "data/text-dev/pages.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def pages(shared: Path, step: int = 1) -> Iterator[Page]:
    """Every ``step``-th real page as it would come out of the archive; the ids are those of the rows."""
    for row in rows(shared)[::step]:
        yield file_page(row, read_html(shared / "data/text-dev" / row["html"]), LONG_AFTER)


def plain(page: Page) -> str:
    """What trafilatura makes of the bytes by itself."""
    return trafilatura.extract(page.body, include_comments=False) or ""


def prediction(name: str, found: Document | str) -> dict[str, Any]:
    """A row for the scorer."""
    if isinstance(found, str):
        return {"id": name, "text": found}
    return {
        "id": name,
        "text": found.text,
        "body": "\n".join(block.text for block in found.blocks if block.kind != "standfirst"),
        "title": found.title,
        "authors": [author.name for author in found.authors],
        "published": found.published,
    }


def score(shared: Path, found: list[dict[str, Any]], path: Path) -> str:
    """What the scorer prints for the predictions, which are written to ``path``, beside the gold of the same pages."""
    ids, gold = {row["id"] for row in found}, path.with_suffix(".gold")
    for target, lines in ((path, found), (gold, [row for row in rows(shared) if row["id"] in ids])):
        target.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in lines), encoding="utf-8")
    command = [sys.executable, str(shared / "tools/score_text.py"), str(path), str(gold)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main(arguments: list[str]) -> None:
    """Run both over all pages and print both scores."""
    shared = Path(os.environ.get("COPYTRAIL_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    folder = Path(arguments[0] if arguments else tempfile.mkdtemp(prefix="text-quality-"))
    extractors: dict[str, Callable[[Page], Document | str]] = {"plain": plain, "ours": document}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in extractors}
    for number, page in enumerate(pages(shared)):
        for name, extract in extractors.items():
            if number == 0:
                extract(page)
            start = time.process_time()
            result = extract(page)
            found[name].append(prediction(page.capture.id, result) | {"cpu_s": time.process_time() - start})
    seconds = {name: sum(row["cpu_s"] for row in predictions) for name, predictions in found.items()}
    sys.stdout.write(f"CPU: {seconds['ours'] / seconds['plain']:.2f} times plain trafilatura\n")
    for name, predictions in found.items():
        report = score(shared, predictions, folder / f"{name}.jsonl")
        sys.stdout.write(f"{name}: {seconds[name]:.1f} CPU seconds, in {folder}\n{report}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
