"""The code keeps to the measures of CONTRIBUTING.md."""

import ast
import collections
import os
import re
import statistics
import subprocess
from pathlib import Path

from house.checkout import FLOORS, ROOT, Function, Module, files, module, modules

MODULE_LINES, MOST_MODULE_LINES = 450, 300  # no module above the first, nine of ten at most the second
FUNCTION_LINES, MOST_FUNCTION_LINES = 60, 45


def length(function: Function) -> int:
    """Lines from ``def`` to the last, docstring and all."""
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def cases_of(found: Module) -> list[Function]:
    return [function for function in found.functions if function.name.startswith("test_")]


def ninth_decile(values: list[int]) -> float:
    return statistics.quantiles(values, n=10, method="inclusive")[-1]


def test_modules_are_short() -> None:
    """No module is longer than 450 lines, and nine of ten of the product's have 300 or fewer."""
    long = {found.name: found.lines for found in modules(*FLOORS, "tests", "benchmarks") if found.lines > MODULE_LINES}

    assert not long
    assert ninth_decile([found.lines for found in modules(*FLOORS)]) <= MOST_MODULE_LINES


def test_functions_are_short() -> None:
    """No function is longer than 60 lines, and nine of ten of the product's have 45 or fewer."""
    measured = {
        f"{found.name}:{function.lineno} {function.name}": length(function)
        for found in modules(*FLOORS, "tests", "benchmarks")
        for function in found.functions
    }

    assert not {name: lines for name, lines in measured.items() if lines > FUNCTION_LINES}
    assert ninth_decile([lines for name, lines in measured.items() if not name.startswith("tests/")]) <= MOST_FUNCTION_LINES


def test_every_module_says_what_it_promises() -> None:
    """A module opens with its contract."""
    silent = [found.name for found in modules(*FLOORS, "tests", "benchmarks") if not ast.get_docstring(found.tree)]

    assert not silent


def test_every_test_says_what_it_shows() -> None:
    """A test's docstring states the behaviour."""
    silent = [
        f"{found.name}:{function.lineno} {function.name}"
        for found in modules("tests")
        for function in cases_of(found)
        if not ast.get_docstring(function)
    ]

    assert not silent


def test_every_test_module_tests() -> None:
    """A file called test_*.py holds a test, so that none is lost to a wrong name."""
    names = [name for name in files() if name.startswith("tests/") and Path(name).match("test_*.py")]

    assert not [name for name in names if not cases_of(module(name))]


def test_tests_are_no_packages_and_have_names_of_their_own() -> None:
    """An ``__init__.py`` would hide the floor of the same name, and two equal file names look like one test in a report."""
    names = [Path(name).name for name in files() if name.startswith("tests/") and name.endswith(".py")]
    repeated = [name for name, times in collections.Counter(names).items() if times > 1 and name != "conftest.py"]

    assert "__init__.py" not in names
    assert not repeated


def test_no_file_knows_a_machine() -> None:
    """Nothing that is committed names somebody's folder or a package index."""
    local = re.compile(r"(?<![\w.])/(?:home|root|tmp|work|Users)/|pypi[.]org|pythonhosted[.]org|npmjs[.]")
    known = {name: found.group() for name in files() if (found := local.search((ROOT / name).read_bytes().decode("latin-1")))}

    assert not known


def test_a_rule_is_off_for_a_reason() -> None:
    """A linter's rule is switched off with a reason beside it: ``"E501",   # why`` in pyproject.toml, ``# noqa: E501 -- why`` in code."""
    listed = re.findall(r'(?m)^    "[A-Z]+[0-9]+",(.*)$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    bare = re.compile(r"#\s*noqa(?!: [A-Z0-9, ]+ -- \w).*")
    names = [name for name in files() if name.endswith(".py") and name != "tests/house/test_hygiene.py"]
    unsaid = [f"{name}: {line}" for name in names for line in bare.findall((ROOT / name).read_text(encoding="utf-8"))]

    assert listed
    assert not [line for line in listed if not re.fullmatch(r"\s+# .+\.", line)]
    assert not unsaid


def test_every_script_parses() -> None:
    """What make and CI run is executable, says what it does, and is correct shell."""
    scripts = [name for name in files() if name.startswith(("scripts/", ".ci/"))]

    assert ".ci/run" in scripts
    for name in scripts:
        path = ROOT / name
        assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n# "), name
        assert os.access(path, os.X_OK), name
        assert subprocess.run(["bash", "-n", path], check=False).returncode == 0, name
