"""Notebooks without Jupyter: a cell is run as Jupyter runs it, its output is stored, and the page shows both.

Contract: ``run`` gives the notebook with the outputs of this run: what was printed, and the value of a cell's last expression, as
``image/svg+xml`` where it has ``_repr_svg_``, else as text.  All cells share one namespace and run in order; an exception is the caller's.
``page_of`` makes Markdown of a stored notebook and runs nothing.
"""

import ast
import io
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from docs.made.markdown import fence

Notebook = dict[str, Any]  # nbformat 4.5


def read(path: Path) -> Notebook:
    """A stored notebook; ValueError where it is not of the format."""
    found: Notebook = json.loads(path.read_text(encoding="utf-8"))
    if found.get("nbformat") != 4:
        raise ValueError(f"{path.name} is no notebook of nbformat 4")
    return found


def run(notebook: Notebook) -> Notebook:
    """The same notebook with the outputs of a run, here and now."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells, count = [], 0
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            cells.append(cell)
            continue
        count += 1
        cells.append({**cell, "execution_count": count, "outputs": _outputs("".join(cell["source"]), names, count)})
    return {**notebook, "cells": cells}


def write(path: Path, notebook: Notebook) -> None:
    """Store it as Jupyter does."""
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _outputs(source: str, names: dict[str, Any], count: int) -> list[Notebook]:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)  # noqa: S102 -- running cells is what it is for
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307 -- the same
    found: list[Notebook] = []
    if printed.getvalue():
        found.append({"output_type": "stream", "name": "stdout", "text": printed.getvalue().splitlines(keepends=True)})
    if value is not None:
        found.append({"output_type": "execute_result", "execution_count": count, "metadata": {}, "data": _shown(value)})
    return found


def _shown(value: Any) -> dict[str, list[str]]:
    if hasattr(value, "_repr_svg_"):
        return {"image/svg+xml": value._repr_svg_().splitlines(keepends=True)}
    return {"text/plain": repr(value).splitlines(keepends=True)}


def page_of(path: Path) -> str:
    """A stored notebook as a page; its first cell has the heading."""
    return "\n\n".join(part for cell in read(path)["cells"] for part in _parts(cell)) + "\n"


def _parts(cell: Notebook) -> list[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return [source]
    return [fence(source, "python"), *(_output(each) for each in cell["outputs"])]


def _output(output: Notebook) -> str:
    if output["output_type"] == "stream":
        return fence("".join(output["text"]))
    data = output["data"]
    if "image/svg+xml" in data:
        return f'<figure markdown="0">{"".join(data["image/svg+xml"])}</figure>'
    return fence("".join(data["text/plain"]))


if __name__ == "__main__":
    write(Path(sys.argv[1]), run(read(Path(sys.argv[1]))))
