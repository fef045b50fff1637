"""The console blocks of a page of documentation, run as a reader types them.

Contract: in a block ```` ```console ````, a line after ``$ `` is a command and every other line is words that its output must hold; a block
```` ```python title="NAME" ```` is a file that the reader saves under it.  ``run`` types all commands of a page into one shell, one after
the other, and stops at the first that fails; ``Typed`` has what each of them said, stdout and stderr together.
"""

import os
import re
import shlex
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from house.checkout import ROOT

_BLOCK = re.compile(r'^```(?:console|python title="(?P<file>[\w.]+)")\n(?P<body>.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One command, the words that the page shows of its answer, and the answer."""

    command: str
    shown: tuple[str, ...]
    said: str = ""

    @property
    def missing(self) -> list[str]:
        """What the page shows and the command did not say."""
        return [line for line in self.shown if line not in self.said]


def commands(page: Path) -> list[Typed]:
    """What a page tells its reader to type, and to save."""
    found: list[Typed] = []
    for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["file"]:
            found.append(Typed(command=f"cat > {block['file']} <<'END'\n{block['body']}END", shown=()))
            continue
        for line in block["body"].splitlines():
            if line.startswith("$ "):
                found.append(Typed(command=line.removeprefix("$ "), shown=()))
            elif line.strip():
                found[-1] = replace(found[-1], shown=(*found[-1].shown, line.strip()))
    return found


def checkout_in(folder: Path) -> None:
    """Give a folder what a reader's checkout has."""
    for name in (".venv", "copytrail", "scrapy.cfg"):
        (folder / name).symlink_to(ROOT / name)


def run(page: Path, folder: Path, *, seconds: float = 240) -> list[Typed]:
    """Type the page's commands in ``folder``; AssertionError with the end of what was said when one fails."""
    typed = commands(page)
    script = "\n".join(["set -eu", "exec 2>&1", *(f"printf '\\x1e'\n{each.command}" for each in typed)])
    environment = {**os.environ, "HOME": str(folder)}
    command = ["bash", "-c", script]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True) as shell:
        try:
            said, _ = shell.communicate(timeout=seconds)
        finally:
            with suppress(ProcessLookupError):  # what the page leaves running, also when we are cut off
                os.killpg(shell.pid, signal.SIGTERM)
    answers = said.split("\x1e")[1:]
    assert shell.returncode == 0, f"{typed[len(answers) - 1].command}: {said[-3000:]}"
    return [replace(each, said=answer) for each, answer in zip(typed, answers, strict=True)]


def stand_ins(line: str) -> None:
    """Make, in the folder where we are, the files and folders that a command names: some commands look whether they are there."""
    for word in shlex.split(line)[2:]:
        path = Path(word)
        if path.exists() or not re.fullmatch(r"[\w.][\w./-]*", word):
            continue
        if word.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
