"""Our text against plain trafilatura on the real pages, in one run: ``python -m benchmarks.text_quality [FOLDER]``.

Reads the shared folder beside the checkout, or where ``COPYTRAIL_SHARED`` says; writes ``plain.jsonl``, ``ours.jsonl`` and
``thorough.jsonl`` into FOLDER (a temporary one unless given), each with its gold, and prints what ``tools/score_text.py`` says of them.
The CPU seconds of a page are taken with all extractors turn by turn in this process, which keeps its memory as a worker of the product
does; ``--rounds`` takes the least of several, because a busy machine slows all, and none alike.

Differences are paired: F1 over the same pages, with the 95 % interval of a bootstrap that draws whole outlets, because pages of one outlet
succeed and fail together and our words may come from one.  No rule of ours names an outlet, so none can be left out with its own; the
spread over outlets is what the pages can say of others.  ``--steps`` leaves out one step after the other and prints what it adds.

``--floors`` writes what the test of every third page may not fall below (``tests/pipeline/floors.json``): what is measured now, less a
margin.  It refuses to lower a floor unless ``--lower`` is given too.
"""

import argparse
import json
import os
import random
import re
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, cast

import trafilatura

from archive.records import Document, Page
from archive.urls import host, registered_domain
from copytrail.textrows import file_page, read_html
from pipeline import text
from pipeline.residue import Cleaned, Passage
from pipeline.restored import Restored
from pipeline.text import document
from pipeline.textworker import settle
from pipeline.worksheet import Sheet

LONG_AFTER = datetime(2026, 11, 1, tzinfo=UTC)  # than any page whose row says nothing about when it was captured

SHARED = Path(os.environ.get("COPYTRAIL_SHARED") or Path(__file__).resolve().parents[2] / "shared")
FLOORS = Path(__file__).resolve().parents[1] / "tests/pipeline/floors.json"
STEP = 3  # the test reads every third page
MARGIN = 0.002  # what a limit leaves to chance
SIGNS = {"at least": 1, "at most": -1}
DRAWS, SAME = 1000, 1e-4
SCORE = re.compile(
    r"(?:^(?P<set>\S+): )?(?:(?P<name>F1|exact) (?P<value>[\d.]+)|(?P<field>\w[\w ]+?) \d+/\d+ = (?P<share>[\d.]+))", re.MULTILINE
)
Row: TypeAlias = dict[str, Any]
Floors: TypeAlias = dict[str, dict[str, dict[str, float]]]


def untouched(proposal: str, **_: object) -> Cleaned:
    """A text of which no rule of words takes anything."""
    lines = Sheet(proposal).lines
    return Cleaned(blocks=tuple(Passage(text=line.whole, start=line.start, end=line.end) for line in lines))


# What a step is called, the name that ``pipeline.text`` knows it by, and what stands there without it.
STEPS: dict[str, tuple[str, Callable[..., object]]] = {
    "rules of words": ("clean", untouched),
    "rules of markup": ("furniture", lambda *_: {}),
    "lost paragraphs and posts": ("restored", lambda _, proposal, *__: Restored(text=proposal, origins={})),
    "text that a script would show": ("hydrated", lambda *_: ()),
    "lost standfirst": ("lost_standfirst", lambda *_: ()),
    "kept standfirst": ("kept_standfirst", lambda *_: False),
}


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


def scores(report: str) -> dict[str, dict[str, float]]:
    """The numbers that the scorer prints, by set and name."""
    found: dict[str, dict[str, float]] = {}
    current: dict[str, float] = {}
    for match in SCORE.finditer(report):
        if match["set"]:
            current = found.setdefault(match["set"], {})
        current[match["name"] or match["field"].strip()] = float(match["value"] or match["share"])
    return found


def raised(old: Floors, measured: dict[str, dict[str, float]], *, lower: bool) -> Floors:
    """The limits that follow from what was measured; ValueError when one is broken and ``lower`` is not set."""
    limits = [(side, name, field) for side, sets in old.items() for name, fields in sets.items() for field in fields]
    new: Floors = {side: {name: {} for name in sets} for side, sets in old.items()}
    for side, name, field in limits:
        sign, limit, now = SIGNS[side], old[side][name][field], measured[name][field]
        if sign * (now - limit) < 0 and not lower:
            raise ValueError(f"{name}: {field} is {now}, the limit is {limit}; only --lower eases it")
        wanted = round(now - sign * MARGIN, 3)
        new[side][name][field] = wanted if lower or sign * (wanted - limit) > 0 else limit
    return new


def compared(shared: Path, first: list[Row], second: list[Row]) -> Iterator[str]:
    """A line for each set: F1 of both over the same pages, the difference and its interval over outlets."""
    scorer = runpy.run_path(str(shared / "tools/score_text.py"))
    one, two = ({row["id"]: row for row in found} for found in (first, second))
    sets: dict[str, dict[str, list[tuple[Any, Any]]]] = {}
    for page in rows(shared):
        gold = "\n".join([*page.get("standfirst", []), *page["body"]])
        field = "text" if "standfirst" in page else "body"
        pair = tuple(scorer["page_score"](gold, found[page["id"]].get(field, found[page["id"]]["text"])) for found in (one, two))
        sets.setdefault(page["set"], {}).setdefault(registered_domain(host(page["url"])), []).append(cast(tuple[Any, Any], pair))
    for name, outlets in sorted(sets.items()):
        dice = random.Random(0)  # noqa: S311 -- a bootstrap, no secret
        groups = list(outlets.values())
        draws = ([pair for group in dice.choices(groups, k=len(groups)) for pair in group] for _ in range(DRAWS))
        spread = sorted(_gain(scorer["f1"], pairs) for pairs in draws)
        whole = [pair for group in groups for pair in group]
        better, worse = (sum(sign * _gain(scorer["f1"], [pair]) > SAME for pair in whole) for sign in (1, -1))
        low, high = spread[DRAWS // 40], spread[-DRAWS // 40]
        gain = f"{_gain(scorer['f1'], whole):+.4f} [{low:+.4f}, {high:+.4f}]"
        yield f"{name} {gain} over {len(groups)} outlets, {better} better {worse} worse"


def _gain(f1: Callable[[list[Any]], float], pairs: list[tuple[Any, Any]]) -> float:
    return f1([second for _, second in pairs]) - f1([first for first, _ in pairs])


def without(step: str) -> list[Row]:
    """The predictions with one step left out."""
    name, instead = STEPS[step]
    kept = getattr(text, name)
    setattr(text, name, instead)
    try:
        return [prediction(page.capture.id, document(page)) for page in pages(SHARED)]
    finally:
        setattr(text, name, kept)


def measured_all(rounds: int) -> dict[str, list[Row]]:
    """The predictions of every extractor, with CPU seconds: of a page's rounds the least."""
    extractors: dict[str, Callable[[Page], Document | str]] = {
        "plain": plain,
        "ours": document,
        "thorough": partial(document, thorough=True),
    }
    found: dict[str, list[Row]] = {name: [] for name in extractors}
    for extract in extractors.values():
        extract(next(pages(SHARED)))
    settle()
    for page in pages(SHARED):
        taken: dict[str, list[float]] = {name: [] for name in extractors}
        for name, extract in list(extractors.items()) * rounds:
            start = time.process_time()
            result = extract(page)
            taken[name].append(time.process_time() - start)
            if len(taken[name]) == rounds:
                found[name].append(prediction(page.capture.id, result) | {"cpu_s": min(taken[name])})
    return found


def main(arguments: list[str]) -> None:
    """Run all over all pages and print the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="where the predictions go")
    parser.add_argument("--steps", action="store_true", help="what each step adds")
    parser.add_argument("--floors", action="store_true", help="write the limits of the test")
    parser.add_argument("--lower", action="store_true", help="with --floors: limits may get easier to keep")
    parser.add_argument("--rounds", type=int, default=1, help="of a page's CPU seconds the least of so many")
    asked = parser.parse_args(arguments)
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="text-quality-"))
    folder.mkdir(parents=True, exist_ok=True)
    if asked.floors:
        found = [prediction(page.capture.id, document(page)) for page in pages(SHARED, STEP)]
        limits = raised(json.loads(FLOORS.read_text("utf-8")), scores(score(SHARED, found, folder / "ours.jsonl")), lower=asked.lower)
        FLOORS.write_text(json.dumps(limits, indent=2) + "\n", encoding="utf-8")
        return
    every = measured_all(asked.rounds)
    seconds = {name: sum(row["cpu_s"] for row in predictions) for name, predictions in every.items()}
    for name, predictions in every.items():
        report = score(SHARED, predictions, folder / f"{name}.jsonl")
        sys.stdout.write(
            f"{name}: {seconds[name]:.1f} CPU seconds, {seconds[name] / seconds['plain']:.2f} times plain, in {folder}\n{report}"
        )
    for first, second in (("plain", "ours"), ("ours", "thorough")):
        sys.stdout.writelines(f"{second} against {first}: {line}\n" for line in compared(SHARED, every[first], every[second]))
    for step in STEPS if asked.steps else ():
        sys.stdout.writelines(f"{step} adds: {line}\n" for line in compared(SHARED, without(step), every["ours"]))


if __name__ == "__main__":
    main(sys.argv[1:])
