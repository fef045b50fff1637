"""The house stands as it was drawn: floors, frameworks, names, and the price of the front door."""

import importlib.metadata
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from house.checkout import FLOORS, ROOT, module, modules, project
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# What the front door may not load: each costs more than all the rest of `copytrail --help`, prefect seconds.
SERVICES = {"boto3", "botocore", "fastapi", "prefect", "sqlalchemy", "starlette", "uvicorn"}
LIBRARIES = {"jinja2", "lxml", "pyarrow", "pydantic", "rich", "scrapy", "trafilatura", "twisted", "warcio"}


def test_imports_run_downwards() -> None:
    """Every contract of import-linter is kept: the order of the floors, and each framework on its floor."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_nouns_stand_on_nothing() -> None:
    """The nouns and their closed lists import the standard library and the spool, so that every floor can import them."""
    nouns = ("archive/kinds.py", "archive/records.py", "archive/relations.py")
    imported = {name for path in nouns for name in module(path).imports if name.split(".")[0] not in sys.stdlib_module_names}

    assert imported == {"archive.kinds", "archive.spool"}


@pytest.mark.parametrize("name", FLOORS)
def test_each_generic_name_has_one_owner(name: str) -> None:
    """No installed distribution brings a package of the same name, and the name means the one in this checkout."""
    owners = set(importlib.metadata.packages_distributions().get(name, ()))
    spec = importlib.util.find_spec(name)

    assert owners <= {"copytrail"}
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin) == ROOT / name / "__init__.py"


@pytest.mark.parametrize("name", FLOORS)
def test_no_flow_file_hides_a_floor(name: str) -> None:
    """Prefect puts the folder of a flow's file first on the path: a file flows/archive.py there would hide the archive."""
    assert not (ROOT / "flows" / f"{name}.py").exists()
    assert not (ROOT / "flows" / name).exists()


def test_the_front_door_loads_no_framework() -> None:
    """``copytrail --help`` answers before any framework is imported."""
    code = (
        "import sys\n"
        "sys.argv = ['copytrail', '--help']\n"
        "from copytrail.cli import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as done:\n"
        "    assert not done.code, done.code\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr
    assert "Usage: copytrail" in result.stdout
    assert not (SERVICES | LIBRARIES) & set(result.stderr.split())


def declared(*groups: str) -> set[str]:
    """The names of the distributions that pyproject.toml asks for."""
    listed = [*project()["project"]["dependencies"], *(line for group in groups for line in project()["dependency-groups"][group])]
    return {canonicalize_name(Requirement(line).name) for line in listed}


@pytest.mark.parametrize(("folders", "groups"), [(FLOORS, ()), (("tests", "benchmarks"), ("dev",))], ids=["product", "tests"])
def test_what_is_imported_is_declared(folders: tuple[str, ...], groups: tuple[str, ...]) -> None:
    """No module lives on a package that only happens to come with another one."""
    owners = importlib.metadata.packages_distributions()
    own = {*FLOORS, *(path.name for path in (ROOT / "tests").iterdir() if path.is_dir()), "conftest", "benchmarks"}
    undeclared = {
        f"{found.name}: {name}"
        for found in modules(*folders)
        for name in {imported.split(".")[0] for imported in found.imports} - sys.stdlib_module_names - own
        if not {canonicalize_name(owner) for owner in owners.get(name, (name,))} & declared(*groups)
    }

    assert not undeclared
