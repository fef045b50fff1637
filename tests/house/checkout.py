"""The checkout as a value: the files of the next commit, and the Python among them, parsed once."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("archive", "pipeline", "crawlers", "flows", "copytrail")  # from the ground up

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Python file; ``name`` is its path from the root."""

    name: str
    tree: ast.Module
    lines: int
    functions: tuple[Function, ...] = field(repr=False)
    imports: frozenset[str]  # dotted names of the modules that it imports when it runs, wherever in the file they stand


@cache
def files() -> list[str]:
    """The paths from the root of every file that git has or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if (ROOT / name).is_file()]


@cache
def module(name: str) -> Module:
    """The parsed file at ``name``."""
    text = (ROOT / name).read_text(encoding="utf-8")
    tree = ast.parse(text, filename=name)
    return Module(
        name=name,
        tree=tree,
        lines=text.count("\n"),
        functions=tuple(node for node in ast.walk(tree) if isinstance(node, Function)),
        imports=frozenset(imported(tree)),
    )


def imported(node: ast.AST) -> Iterator[str]:
    """The modules imported below ``node``; what stands under ``if TYPE_CHECKING`` is for the type checker alone."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(source)):
            yield source
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            pass
        case _:
            for child in ast.iter_child_nodes(node):
                yield from imported(child)


def modules(*folders: str) -> list[Module]:
    """Every Python file in ``folders``."""
    return [module(name) for name in files() if name.endswith(".py") and name.split("/")[0] in folders]


def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One package of a lock."""

    name: str
    version: str
    hashes: tuple[str, ...]


def pins(lock: str) -> list[Pin]:
    """What a lock pins; a ValueError where a requirement is not one exact version."""
    found = []
    for entry in re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8").strip()):
        exact = re.match(r"([A-Za-z0-9][\w.-]*)==([^\s;]+)", entry)
        if not exact:
            raise ValueError(f"{lock}: not one exact version: {entry.splitlines()[0]}")
        found.append(Pin(name=exact[1], version=exact[2], hashes=tuple(re.findall(r"--hash=(\S+)", entry))))
    return found
