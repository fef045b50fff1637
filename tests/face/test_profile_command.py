"""``copytrail profile``: what the pages of an outlet have in common, from the archive; evidence for whoever asks about a page."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click import UsageError
from click.testing import CliRunner, Result
from support.courier import OUTLET, PROMOTION, TOWNS, keep, town_page
from support.exchanges import STARTED
from support.smallarchive import settings

from archive import codec
from archive.profiles import profile_at, versions
from archive.vault import open_archive
from copytrail.cli import cli
from crawlers.profiles import learned_again, tracing

Run = Callable[..., Result]


def towns(*names: str, story: str = "story") -> dict[str, str]:
    """Pages of some towns, and one of another outlet."""
    own = {f"https://{OUTLET}/{name}": town_page(name, story=story) for name in names}
    return own | {"https://lone.example/a": town_page("Lund")}


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has captured four towns."""
    folder = tmp_path_factory.mktemp("captured")
    with open_archive(settings(folder)) as archive:
        keep(archive, towns(*TOWNS[:4]), -3)
    return folder


@pytest.fixture
def run(captured: Path, tmp_path: Path) -> Run:
    """The command in a project of that kind, which the test may change."""
    shutil.copytree(captured, tmp_path, dirs_exist_ok=True)
    (tmp_path / "copytrail.toml").write_text(f'store = "{settings(tmp_path).store}"\n', encoding="utf-8")

    def copytrail(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["-C", str(tmp_path), *arguments], standalone_mode=False)

    return copytrail


def rows(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_outlet_with_enough_articles_gets_a_version(run: Run, tmp_path: Path) -> None:
    """A version is made where something new was learned, and only there; a dry run makes none; the store is whole after it."""
    dry, first, again = (run("profile", "--json", *flags) for flags in (("-n",), (), ()))
    with open_archive(settings(tmp_path)) as archive:
        keep(archive, towns(*TOWNS), -2)
    more, checked = run("profile", "--json"), run("verify")

    assert [row["version"] for done in (dry, first, again, more) for row in rows(done)] == [0, 1, 1, 2], first.stderr
    assert rows(first)[0] == {
        "schema": "copytrail.profile/1",
        "outlet": OUTLET,
        "version": 1,
        "articles": 4,
        "places": 4,
        "text_places": 1,
        "lines": 3,
    }
    assert "1 outlets have fewer than 3 articles" in first.stderr
    assert rows(more)[0]["articles"] == 5
    assert (first.return_value, checked.return_value) == (0, 0), checked.stdout + checked.stderr
    with open_archive(settings(tmp_path)) as archive:
        assert list(archive.store.keys("profiles/")) == [f"profiles/{OUTLET}/v000001.json", f"profiles/{OUTLET}/v000002.json"]


def test_an_outlet_of_which_little_is_known(run: Run) -> None:
    """One that was named and has too few articles is a problem."""
    done = run("profile", "lone.example")

    assert (done.return_value, done.stdout) == (1, "")
    assert "fewer than 3 articles" in done.stderr


def test_it_is_learned_again_from_the_warc_files(run: Run, tmp_path: Path) -> None:
    """The captures that a version names give the same version, whatever was captured since; a page of its day is held against it."""
    run("profile")
    with open_archive(settings(tmp_path)) as archive:
        keep(archive, towns(*TOWNS, story="tale"), -2)
        run("profile")
        second, first = versions(archive.store, OUTLET)
        with tracing() as pool:
            again = learned_again(archive, pool, first)

        assert again is not None
        assert codec.text_of(replace(again, version=1)) == codec.text_of(first)
        assert profile_at(archive.store, OUTLET, STARTED - timedelta(days=4)) is None
        assert profile_at(archive.store, OUTLET, STARTED - timedelta(days=2.5)) == first
        assert profile_at(archive.store, OUTLET, STARTED) == second


def test_a_damaged_version_is_found(run: Run, tmp_path: Path) -> None:
    """``verify`` names an object that is no profile, or that of another number."""
    run("profile")
    folder = Path(settings(tmp_path).store) / "profiles" / OUTLET
    (folder / "v000002.json").write_bytes((folder / "v000001.json").read_bytes())
    (folder / "v000003.json").write_text("{}", encoding="utf-8")

    done = run("verify")

    assert done.return_value == 1
    assert f"holds version 1 of {OUTLET}" in done.stdout + done.stderr
    assert "not a Profile" in done.stdout + done.stderr


def test_a_page_is_explained_by_what_was_learned(run: Run, tmp_path: Path) -> None:
    """Each block says what the other pages have in its place; the verdicts and the text are those without it."""
    (tmp_path / "elm.html").write_text(town_page("Elm"), encoding="utf-8")
    asked = ("text", str(tmp_path / "elm.html"), "--url", f"https://{OUTLET}/Elm", "--explain", "--json")
    plain, unknown = run(*asked), run(*asked, "--learned")
    run("profile")
    told, shown = run(*asked, "--learned"), run(*asked[:-1], "--learned")

    seen = {row["text"]: row["seen"] for row in rows(told)}
    assert seen[PROMOTION].startswith("word for word on 4 of 4 other pages")
    assert f"[{seen[PROMOTION]}]" in shown.stdout
    assert sum(words == "the text stands here on 4 pages" for words in seen.values()) == 6
    assert [{name: value for name, value in row.items() if name != "seen"} for row in rows(told)] == rows(plain) == rows(unknown)
    assert f"nothing is learned of {OUTLET}: copytrail profile {OUTLET}" in unknown.stderr


def test_evidence_needs_a_question(run: Run, tmp_path: Path) -> None:
    """A text is never made with it: without --explain it is wrong usage."""
    (tmp_path / "elm.html").write_text(town_page("Elm"), encoding="utf-8")

    done = run("text", str(tmp_path / "elm.html"), "--url", f"https://{OUTLET}/Elm", "--learned")

    assert isinstance(done.exception, UsageError)
    assert "--learned needs --explain" in done.exception.message
