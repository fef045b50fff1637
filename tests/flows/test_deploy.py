"""What is deployed, and what happens when there is nowhere to deploy to."""

import os
import re
from typing import Any

import pytest
import yaml

from archive.settings import Settings
from flows import environment
from flows.automations import BadAddress, checked, messages, zombies
from flows.deploy import PREFECT_FILE, _refused, deploy, deployments
from flows.engineapi import DeployError, NoServer
from flows.pool import BadVariable, in_pool, pool_of

DEFAULT = pool_of(Settings())
CONTENT: dict[str, Any] = yaml.safe_load(PREFECT_FILE.read_text(encoding="utf-8"))


def test_every_job_is_deployed() -> None:
    """What runs by itself has a schedule; a story is collected when somebody asks for it."""
    assert [(item.name, bool(item.crons)) for item in deployments()] == [
        ("collect/copytrail", False),
        ("recrawl/copytrail", True),
        ("watch/copytrail", True),
        ("publish/copytrail", True),
        ("audit/copytrail", True),
        ("compact/copytrail", True),
        ("reprocess/copytrail", True),
    ]


@pytest.mark.parametrize("item", CONTENT["deployments"], ids=lambda item: item["entrypoint"])
def test_a_deployment_names_no_machine_and_no_setting(item: dict[str, Any]) -> None:
    """Nothing is pulled, no parameter is set, and the environment only keeps the engine quiet: settings are the worker's."""
    assert CONTENT["pull"] == []
    assert "parameters" not in item
    assert item["work_pool"] == {"name": DEFAULT.name, "job_variables": {"env": environment.OF_RUNS}}
    assert re.fullmatch(r"flows\.deployed\.[a-z]+", item["entrypoint"])


@pytest.mark.parametrize("item", [item for item in CONTENT["deployments"] if "schedules" in item], ids=lambda item: item["entrypoint"])
def test_what_is_scheduled_never_queues_up(item: dict[str, Any]) -> None:
    """A run that comes while the one before it is at work is cancelled: after an outage one run catches up."""
    assert item["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}


def test_the_file_says_nothing_of_settings() -> None:
    """No setting and no key of the store stands in what is sent to the server."""
    said = yaml.safe_dump(CONTENT).upper()

    assert not [name for name in environment.of_settings(Settings()) if name in said]
    assert "AWS_" not in said


def test_a_server_must_be_named() -> None:
    """Without PREFECT_API_URL Prefect would start a server of its own and deploy into that: it is an error with what to do."""
    with pytest.raises(NoServer, match="set PREFECT_API_URL"):
        deploy(os.environ, DEFAULT)


def test_a_server_must_answer() -> None:
    """A server that is not there is named as such."""
    with pytest.raises(NoServer, match="does not answer"):
        deploy(os.environ | {"PREFECT_API_URL": "http://127.0.0.1:9/api"}, DEFAULT)


def test_what_prefect_refuses_is_told_in_its_words() -> None:
    """The last line of what Prefect said is the message."""
    error = _refused("Traceback …\nValueError: An entrypoint must be provided\n\nAn exception occurred.\n")

    assert type(error) is DeployError
    assert str(error) == "prefect: ValueError: An entrypoint must be provided"


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/hook", "https://hooks.example/services/T0/B1?token=x"])
def test_a_webhook_has_an_address(address: str) -> None:
    """Plain and encrypted HTTP, with port, path and query."""
    assert checked(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://hooks.example/secret",
        "file:///secret",
        "hooks.example/secret",
        "https:///secret",
        "http://a:b:c/secret",
        "http://h/secret x",
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(address: str) -> None:
    """An address may hold a token: it stands in no message; and nothing has been asked of any server yet."""
    with pytest.raises(BadAddress) as told:
        deploy({}, DEFAULT, notify=address)

    assert "secret" not in str(told.value)


def test_an_automation_says_which_definition_it_holds() -> None:
    """The description ends in a digest, so that doing it again can see that nothing has changed; another block is another definition."""
    told = [item["description"] for item in (zombies(), *messages("one"), *messages("two"))]

    assert all(re.search(r" \[[0-9a-f]{12}\]$", words) for words in told)
    assert len(set(told)) == len(told)
    assert zombies() == zombies()


def test_the_file_as_it_is_needs_no_settings() -> None:
    """Without any, what is deployed is what `prefect deploy --all` would take from the checkout."""
    assert in_pool(CONTENT, DEFAULT) == CONTENT


def test_an_operator_says_where_and_how_the_jobs_run() -> None:
    """Pool, image, limits and environment of every run; what the file gives the environment stays, whatever is said of it."""
    told = "image=registry.example/copytrail:1, mem_limit=2g, auto_remove=true, env.TMPDIR=/big, env.DO_NOT_TRACK=0"
    pool = pool_of(Settings(pool="lab", pool_type="docker", job_variables=told))
    again = pool_of(
        Settings(pool="lab", pool_type="docker", job_variables='{"networks": ["lab", "web"], "command": "python -m prefect.engine"}')
    )

    assert (pool.name, pool.kind) == ("lab", "docker")
    wanted = {"image": "registry.example/copytrail:1", "mem_limit": "2g", "auto_remove": True}
    for item in in_pool(CONTENT, pool)["deployments"]:
        assert item["work_pool"]["name"] == "lab"
        assert item["work_pool"]["job_variables"] == wanted | {"env": {"TMPDIR": "/big", **environment.OF_RUNS}}
    assert again.variables == {"networks": ["lab", "web"], "command": "python -m prefect.engine"}


@pytest.mark.parametrize(
    "told",
    [
        "env.AWS_SECRET_ACCESS_KEY=v4lue",
        "env.aws_region=v4lue",
        "env.COPYTRAIL_STORE=v4lue",
        "env.PREFECT_API_AUTH_STRING=v4lue",
        "registry_password=v4lue",
        "env.GITHUB_TOKEN=v4lue",
        '{"image_pull_secret": "v4lue"}',
        '{"env": {"AWS_PROFILE": "v4lue"}}',
        "env.=v4lue",
        "=v4lue",
        "two words=v4lue",
        '{"image": v4lue',
    ],
)
def test_what_everybody_could_read_on_the_server_is_refused(told: str) -> None:
    """Keys, settings, whatever sounds like a secret, and what is no name: nothing of it is sent, and the message holds no value."""
    with pytest.raises(BadVariable) as error:
        pool_of(Settings(job_variables=told))

    assert "v4lue" not in str(error.value)
