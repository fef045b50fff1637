"""The documentation builds, every link in it leads somewhere, and what it tells a reader to type exists."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import click
import pytest
from house.checkout import ROOT, files
from lxml import html
from support.browser import PHONE, chromium
from support.consoles import stand_ins

from copytrail.cli import cli

PAGES = sorted(name for name in files() if name.endswith(".md") and (name.startswith("docs/") or "/" not in name))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TYPED = re.compile(r"^(?:\$ )?(copytrail .+?)(?: \|\|? .*| >>? .*|  +# .*)?$")
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
OUTSIDE = re.compile(r"(?:https?:)?//")
PATIENCE = 120_000  # milliseconds: the index is read when somebody searches, which takes a second on an idle machine
TOO_WIDE = """
[...document.querySelectorAll('main *')]
  .filter(e => !e.closest('.md-typeset__scrollwrap, pre, svg') && e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.outerHTML.slice(0, 80))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [str(ROOT / ".venv/bin/mkdocs"), "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "WARNING" not in done.stderr
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where it can be read."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_every_page_is_built_and_takes_nothing_from_elsewhere(site: Path) -> None:
    """The site builds with every link and anchor checked, and no page has a script, style, image or frame of another host."""
    built = sorted(site.rglob("*.html"))
    taken = {
        f"{path.relative_to(site)}: {address}"
        for path in built
        for element in html.fromstring(path.read_bytes()).iter("script", "link", "img", "iframe", "source")
        if OUTSIDE.match(address := element.get("src") or element.get("href") or "")
    }

    assert len(built) > 30
    assert not taken


@pytest.mark.timeout(300)
def test_pages_are_read_in_a_browser_without_a_sound(address: str) -> None:
    """In Chromium, at a desk by day and on a phone at night: no complaint, no request abroad, nothing too wide; the search finds."""
    with chromium() as watched:
        for page in ("index", "tutorial", "reference/commands", "reference/rows", "notebooks/first-analyses", "explanation/limits"):
            watched.page.goto(f"{address}/{page}.html")
            watched.look("light")
            assert watched.page.evaluate(TOO_WIDE) == []
            watched.look("dark", PHONE)
            assert watched.page.evaluate(TOO_WIDE) == []
        watched.look("light")
        watched.page.goto(f"{address}/index.html")  # a page that was narrow a moment ago closes the search by itself
        watched.page.locator("input.md-search__input").fill("revisit")
        watched.page.locator(".md-search-result__item").first.wait_for(timeout=PATIENCE)

        assert watched.abroad == []
        assert watched.complaints == []


def shown() -> Iterator[tuple[str, str]]:
    """Every copytrail command that any page shows in a block, with the page's name."""
    for name in PAGES:
        for language, body in FENCE.findall((ROOT / name).read_text(encoding="utf-8")):
            if language in {"", "console", "bash", "sh"}:
                joined = body.replace("\\\n", " ")
                yield from ((name, found[1]) for line in joined.splitlines() if (found := TYPED.match(line)))


def test_every_command_that_is_shown_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands in any block of any page, the README's too, have the names, options and arguments of the command line."""
    wrong = []
    commands = list(shown())
    known = cli.list_commands(click.Context(cli))
    for number, (name, line) in enumerate(commands):
        folder = tmp_path / str(number) / "here"
        folder.mkdir(parents=True)
        monkeypatch.chdir(folder)
        words = shlex.split(line)[1:]
        stand_ins(line)
        at = next((place for place, word in enumerate(words) if word in known), len(words))
        try:
            cli.make_context("copytrail", [*words[:at], "config"]).close()
            command = cli.get_command(click.Context(cli), words[at])
            assert command is not None
            command.make_context(words[at], words[at + 1 :]).close()
        except click.exceptions.Exit:
            continue
        except IndexError:
            wrong.append(f"{name}: {line}: no such command")
        except click.ClickException as error:
            wrong.append(f"{name}: {line}: {error.format_message()}")

    assert len(commands) > 80
    assert not wrong


def test_every_file_that_is_named_is_there() -> None:
    """A path of this checkout that a page names in code, and every relative link of the pages at the root, leads to a file."""
    folders = {name.split("/")[0] for name in files() if "/" in name} - {"archive"}  # which is also a folder of every demo
    missing = []
    for name in PAGES:
        if name.startswith("docs/decisions/"):  # they also name what must not be there
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        spans = INLINE.findall(FENCE.sub("", text))
        named = [span.rstrip("/") for span in spans if span.split("/")[0] in folders and re.fullmatch(r"[a-z\d_./-]+", span)]
        linked = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text) if "/" not in name else []
        missing += [f"{name}: {path}" for path in {*named, *linked} if not (ROOT / path).exists()]

    assert not missing
