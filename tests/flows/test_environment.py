"""The environment of jobs and crawls."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.settings import Settings, load
from flows import environment

words = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=("C", "Z")), min_size=1, max_size=20)
paths = st.none() | words.map(lambda word: Path("/somewhere") / word.replace("/", "_"))
settings = st.builds(
    Settings,
    store=words,
    s3_endpoint=st.none() | words,
    work=paths,
    contact=st.none() | words,
    delay=st.floats(0, 1e6),
    max_pages=st.integers(0, 10**9),
    ca_file=paths,
    connect_to=st.just("") | words,
)


@given(settings)
def test_settings_survive_the_way_through_an_environment(told: Settings) -> None:
    """A child that reads its environment works with the very settings of its parent."""
    variables = environment.of_settings(told)

    assert load(variables, folder=Path("/nowhere")).settings == told


def test_a_crawl_gets_its_settings_and_no_keys_of_the_engine() -> None:
    """What a crawl of hostile pages does not need is not in its environment; old settings give way."""
    around = {
        "PATH": "/bin",
        "AWS_SECRET_ACCESS_KEY": "for the store",
        "PREFECT_API_KEY": "secret",
        "PREFECT__FLOW_RUN_ID": "1",
        "COPYTRAIL_STORE": "old",
        "COPYTRAIL_CONTACT": "old",
        "COPYTRAIL_HOME": "/project",
    }

    found = environment.of_crawl(around, Settings(store="new"))

    assert not [name for name in found if name.startswith("PREFECT")]
    assert (found["PATH"], found["AWS_SECRET_ACCESS_KEY"], found["COPYTRAIL_HOME"]) == ("/bin", "for the store", "/project")
    assert found["COPYTRAIL_STORE"] == "new"
    assert "COPYTRAIL_CONTACT" not in found


@pytest.mark.parametrize(("named", "expected"), [({}, environment.ROOT), ({"COPYTRAIL_HOME": "/project"}, Path("/project"))])
def test_a_job_works_in_the_project_folder(named: dict[str, str], expected: Path) -> None:
    """The project is the checkout unless COPYTRAIL_HOME names another folder, wherever the process happens to stand."""
    assert environment.home(named) == expected


def test_the_engine_is_quiet_and_starts_no_server_of_its_own() -> None:
    """Nothing phones home, whatever was set before, and a missing server is an error."""
    found = environment.of_engine({"DO_NOT_TRACK": "0", "PREFECT_API_URL": "http://127.0.0.1:4200/api"})

    assert found == environment.QUIET | {
        "PREFECT_API_URL": "http://127.0.0.1:4200/api",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    }
