"""Walls between visits: with any status, of any system, none of them is an edit or the end of an article; a rebuild says the same."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.badweb import article, message, serving
from support.doors import CONTACT
from support.wireserver import WireServer

from archive.catalogue import Catalogue
from archive.kinds import Change, PageKind, Verdict
from archive.rebuild import rebuild
from archive.records import Outcome
from archive.settings import Settings
from archive.vault import Archive, open_archive
from copytrail.newsroom import FIRST_CRAWL, MovableClock
from crawlers.layouts import breaks_of
from crawlers.reread import reread
from crawlers.run import run_story
from crawlers.stories import add_seeds
from pipeline.history import SAME

HOST = "http://bad.example"
HERE = Path(__file__).parents[1] / "pipeline"
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "cases/quality.yaml").read_text(encoding="utf-8"))
WALLS = [case for case in CASES if case["kind"].endswith("_wall") or case["kind"] in {"soft_404", "maintenance", "index"}]
LOST = {Verdict.BLOCKED, Verdict.LEGAL_BLOCK, Verdict.THROTTLED, Verdict.FAILED}
PAGE = message({"body": article("A ferry returns to the northern island")})
ONE_OF_EACH = {case["kind"]: case for case in reversed(WALLS) if "url" not in case}
NOBODYS = b"<html><head><title>The Island Paper</title></head><body><main>" + b"".join(
    b"<p>The harbour master will wave you through as soon as the mole is clear, which takes as long as it takes, part %d.</p>" % n
    for n in range(5)
)
NOBODYS_WALL, SAME_WALL = message({"body": NOBODYS}), message({"body": NOBODYS + b"<!-- another day -->"})
TRIES = 8  # a wall may be asked again in one run


def answer(case: dict[str, Any]) -> bytes:
    """A page of the table of kinds as a server would send it."""
    body = (HERE / "pages/quality" / f"{case['page']}.html").read_bytes()
    fields = ["Content-Type: text/html", *(f"{name}: {value}" for name, value in case.get("headers", {}).items())]
    return message({"status": f"{case.get('status', 200)} So", "fields": fields, "body": body})


@contextmanager
def site(folder: Path, replies: Mapping[str, Sequence[bytes]]) -> Iterator[tuple[Archive, Settings, MovableClock]]:
    """A server, an archive that knows the way to it, and the time."""
    wire = WireServer({path: [(reply,) for reply in answers] for path, answers in replies.items()})
    base = Settings(store=str(folder / "archive"), contact=CONTACT, delay=0.0, max_hops=0)
    with serving(wire), open_archive(base) as archive:
        yield archive, replace(base, connect_to=wire.connect_to), MovableClock(FIRST_CRAWL)


def visit(archive: Archive, settings: Settings, clock: MovableClock, day: int) -> dict[str, Outcome]:
    """A crawl on that day; how each path ended."""
    clock.move(to=FIRST_CRAWL + timedelta(days=day))
    report = run_story(archive, settings, story="bad", recrawl="all" if day else "", clock=clock)
    return {item.url.removeprefix(HOST): item for item in archive.catalogue.outcomes_of("bad", report.run)}


def own_page(path: str) -> bytes:
    """An article whose every paragraph is its own."""
    return message({"body": article(f"A ferry returns to {path}").replace(b"ferry", path[-9:].encode())})


def made_again(archive: Archive, folder: Path) -> Catalogue:
    """The catalogue, made anew from the store."""
    again = Catalogue(f"sqlite:///{folder}/again.sqlite")
    assert [item.problem for item in rebuild(archive.store, again) if item.problem] == []
    reread(replace(archive, catalogue=again))
    return again


def test_no_wall_is_an_edit_or_an_end(tmp_path: Path) -> None:
    """An article, then a wall or an error page of each kind: all lost for now, no edit, and a rebuild says the same."""
    paths = {f"/2026/05/{case['page']}": case for case in ONE_OF_EACH.values() if case["kind"] != "index"}
    with site(tmp_path, {path: [own_page(path), *[answer(case)] * TRIES] for path, case in paths.items()}) as (archive, settings, clock):
        add_seeds(archive, "bad", [f"{HOST}{path}" for path in paths], clock())
        first, second = (visit(archive, settings, clock, day) for day in range(2))
        revisions = {path: archive.catalogue.revisions_of(f"{HOST}{path}") for path in paths}
        again = made_again(archive, tmp_path)

        assert len(paths) >= 6
        assert {item.verdict for item in first.values()} == {Verdict.KEPT}
        assert not {path: item.verdict for path, item in second.items() if item.verdict not in LOST}
        assert {item.change for found in revisions.values() for item in found} <= {Change.SUSPECTED}
        assert {path: again.revisions_of(f"{HOST}{path}") for path in paths} == revisions


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
def test_a_wall_that_says_gone_ends_nothing(tmp_path: Path, status: str) -> None:
    """A bot wall may answer 404 or 410 for days: blocked each time, and the article was never away; a rebuild agrees."""
    wall = message({"status": status, "fields": ["Content-Type: text/html"], "body": "<script>window._cf_chl_opt={}</script>"})
    with site(tmp_path, {"/page": [PAGE, wall, wall, PAGE]}) as (archive, settings, clock):
        add_seeds(archive, "bad", [f"{HOST}/page"], clock())
        verdicts = [visit(archive, settings, clock, day)["/page"].verdict for day in range(4)]

        assert verdicts == [Verdict.KEPT, Verdict.BLOCKED, Verdict.BLOCKED, Verdict.UNCHANGED]
        assert archive.catalogue.revisions_of(f"{HOST}/page") == made_again(archive, tmp_path).revisions_of(f"{HOST}/page") == []


def test_a_wall_of_no_known_system(tmp_path: Path) -> None:
    """One text in the place of every article is a wall, though nothing in it says so; a rebuild says so too."""
    paths = [f"/2026/05/article-{number}" for number in range(SAME + 2)]
    with site(tmp_path, {path: [own_page(path), NOBODYS_WALL] for path in paths}) as (archive, settings, clock):
        add_seeds(archive, "bad", [f"{HOST}{path}" for path in paths], clock())
        visit(archive, settings, clock, 0)
        second = visit(archive, settings, clock, 1)
        walls = [archive.catalogue.document(item.capture or "") for item in second.values()]
        again = made_again(archive, tmp_path)

        assert {item.verdict for item in second.values()} == {Verdict.BLOCKED}
        assert {item.quality.kind for item in walls if item is not None} == {PageKind.WALL}
        assert [again.document(item.capture or "") for item in second.values()] == walls


def test_a_wall_is_known_again_where_it_stands_alone(tmp_path: Path) -> None:
    """What was a wall at many addresses is one at the next visit too, when one address alone still gives it; a rebuild says so too."""
    paths = [f"/2026/05/article-{number}" for number in range(SAME + 2)]
    replies = {path: [own_page(path), NOBODYS_WALL, SAME_WALL if path == paths[0] else own_page(path)] for path in paths}
    with site(tmp_path, replies) as (archive, settings, clock):
        add_seeds(archive, "bad", [f"{HOST}{path}" for path in paths], clock())
        visits = [visit(archive, settings, clock, day) for day in range(3)]
        revisions = [item for path in paths for item in archive.catalogue.revisions_of(f"{HOST}{path}")]
        again = made_again(archive, tmp_path)

        assert {visits[2][path].verdict for path in paths[1:]} == {Verdict.UNCHANGED}
        assert visits[2][paths[0]].verdict is Verdict.BLOCKED
        assert revisions == [item for path in paths for item in again.revisions_of(f"{HOST}{path}")] == []


def test_a_new_layout_is_told(tmp_path: Path) -> None:
    """An outlet whose pages have all lost their text since the last visit is named, with the figures."""
    bare = b"<html><head><meta property='og:type' content='article'><title>Ferry</title></head><body><div id='root'></div></body></html>"
    paths = [f"/2026/05/article-{number}" for number in range(5)]
    replies = {path: [own_page(path), message({"body": bare})] for path in paths}
    with site(tmp_path, replies) as (archive, settings, clock):
        add_seeds(archive, "bad", [f"{HOST}{path}" for path in paths], clock())
        whole = breaks_of(archive, visit(archive, settings, clock, 0).values(), clock())
        broken = breaks_of(archive, visit(archive, settings, clock, 1).values(), clock())

    assert whole == ()
    assert [alarm.about for alarm in broken] == ["bad.example"]
    assert "5 of 5 texts are not whole" in broken[0].message
