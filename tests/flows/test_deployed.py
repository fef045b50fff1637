"""The deployments on a real Prefect server, run by a real worker, with a real S3 server as the store."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.config import Config
from support.engine import POOL, Engine, prefect_server, wait_for
from support.weed import BUCKET, Weed

from archive.catalogue import Catalogue
from copytrail.newsroom import EXPECTED, Newsroom
from flows.automations import messages, zombies
from flows.deploy import deployments
from flows.environment import ALARM

WANTED: dict[str, Any] = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
COPYTRAIL = str(Path(sys.executable).with_name("copytrail"))
STORY = "bridge"
TOKEN = "t0k3n-of-the-hook"

pytestmark = pytest.mark.timeout(300)  # the first start of a server alone may take a minute


@dataclass(frozen=True)
class Hook:
    """An operator's webhook: where it is, and what it was told."""

    url: str
    heard: list[Any] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Hook]:
    """A webhook whose address holds a token."""

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Ear) as server:
        hook = Hook(f"http://127.0.0.1:{server.server_port}/hook?token={TOKEN}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield hook
        server.shutdown()


@dataclass(frozen=True)
class House:
    """A server with our deployments, and the environment of its worker."""

    engine: Engine
    worker: Mapping[str, str]
    scheduled: list[Any]  # the runs that the schedules had made before they were paused
    hook: "Hook"
    workers: ExitStack
    killable: list["subprocess.Popen[bytes]"]  # the worker, last

    def new_worker(self) -> None:
        """Start a worker in place of the last one."""
        self.workers.close()
        self.killable.append(self.workers.enter_context(self.engine.worker(POOL, self.worker)))

    def another(self, name: str, newsroom: Newsroom) -> str:
        """A story that nobody has collected yet."""
        self.copytrail("new", name, str(newsroom.seeds))
        return name

    def copytrail(self, *words: str) -> list[dict[str, Any]]:
        """What a command of ours says in this house."""
        environ = {**self.engine.environ, **self.worker}
        done = subprocess.run(
            [COPYTRAIL, "--json", *words], cwd=self.engine.folder, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, newsroom: Newsroom, weed: Weed) -> Iterator[House]:
    """Everything that an operator sets up: store, server, deployments, worker; and a story to work for."""
    folder = tmp_path_factory.mktemp("house")
    environ = {
        **newsroom.environment(),
        "COPYTRAIL_HOME": str(folder),
        "COPYTRAIL_STORE": f"s3://{BUCKET}/house",
        "COPYTRAIL_S3_ENDPOINT": weed.endpoint,
        "AWS_ACCESS_KEY_ID": weed.access,
        "AWS_SECRET_ACCESS_KEY": weed.secret,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with prefect_server(folder) as engine, listening() as hook, ExitStack() as workers:
        found = House(engine, environ, [], hook, workers, [])
        found.copytrail("deploy", "--notify", hook.url)
        found.scheduled.extend(wait_for(lambda: _scheduled(engine)))
        for item in deployments():
            engine.ask(f"/deployments/{engine.deployment(item.name)['id']}", {"paused": True}, method="PATCH")
        found.copytrail("new", STORY, str(newsroom.seeds))
        found.new_worker()
        yield found


def _scheduled(engine: Engine) -> list[Any]:
    """The scheduled runs, when every deployment with a schedule has some."""
    runs: list[Any] = engine.ask("/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}})
    wanted = {engine.deployment(item.name)["id"] for item in deployments() if item.crons}
    return runs if wanted <= {run["deployment_id"] for run in runs} else []


@pytest.fixture(scope="module")
def runs(house: House) -> Mapping[str, str]:
    """Two runs that have ended: one has collected the story, one has found the store away."""
    away = {"COPYTRAIL_STORE": str(house.engine.folder / "server.log"), "COPYTRAIL_WORK": str(house.engine.folder / "work")}
    started = {"collected": house.engine.start("collect/copytrail", story=STORY), "crashed": house.engine.start("audit/copytrail", away)}
    for run in started.values():
        house.engine.ended(run)
    return started


@pytest.fixture(scope="module")
def collected(runs: Mapping[str, str]) -> str:
    """The run that has collected the story."""
    return runs["collected"]


def test_a_schedule_makes_runs(house: House) -> None:
    """Each deployment with a schedule has runs waiting: with a SQLAlchemy that Prefect does not understand there are none, and no error."""
    assert {run["state"]["type"] for run in house.scheduled} == {"SCHEDULED"}
    assert all(run["auto_scheduled"] for run in house.scheduled)


def test_deploying_again_changes_nothing(house: House) -> None:
    """The same deployments with the same ids, in one pool of processes."""
    before = {item.name: house.engine.deployment(item.name)["id"] for item in deployments()}
    automations = house.engine.ask("/automations/filter", {})

    said = house.copytrail("deploy", "--notify", house.hook.url)

    assert {row["deployment"] for row in said} == set(before)
    assert {name: house.engine.deployment(name)["id"] for name in before} == before
    assert house.engine.ask(f"/work_pools/{POOL}")["type"] == "process"
    assert {tuple(row["crons"]) for row in said} > {("*/15 * * * *",)}
    assert {item["name"] for item in automations} == {item["name"] for item in (zombies(), *messages(""))}
    assert house.engine.ask("/automations/filter", {}) == automations


def test_a_collection_ends_with_its_outcomes(house: House, collected: str) -> None:
    """The run says how it ended: done, with one loss, the newsroom's consent wall; its artifact lists every URL with verdict and reason."""
    state = house.engine.state(collected)
    assert (state["type"], state["name"]) == ("COMPLETED", "Degraded")

    (artifact,) = house.engine.ask("/artifacts/filter", {"artifacts": {"key": {"any_": [f"collect-{STORY}"]}}})
    rows = json.loads(artifact["data"])
    assert artifact["flow_run_id"] == collected
    assert state["message"] in artifact["description"]
    assert {row["url"] for row in rows if row["verdict"] == "kept"} >= {item["url"] for item in WANTED["members"] if item["in"] == "first"}
    assert [row["url"] for row in rows if row["verdict"] == "blocked"] == WANTED["walled"]
    assert all(row["reason"] for row in rows)


def test_the_log_of_the_crawl_is_seen(house: House, collected: str) -> None:
    """Scrapy's own lines stand in the run's log, from the first to the last."""
    said = wait_for(lambda: text if "Spider closed" in (text := "\n".join(house.engine.log(collected))) else "")

    assert "Spider opened" in said


@pytest.mark.usefixtures("collected")
def test_what_was_collected_lies_in_s3(house: House, weed: Weed) -> None:
    """WARC, index, manifest, outcomes, seeds and the story are objects of the bucket, and no open file is left on the worker."""
    client = boto3.session.Session(weed.access, weed.secret, region_name="us-east-1").client(
        "s3", endpoint_url=weed.endpoint, config=Config(s3={"addressing_style": "path"})
    )
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="house/")
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]

    assert {key.split("/")[1] for key in keys} >= {"warc", "cdxj", "manifests", "outcomes", "seeds", "stories"}
    assert list((house.engine.folder / ".copytrail").rglob("*.open")) == []


def test_an_archive_out_of_reach_crashes_the_run(house: House, runs: Mapping[str, str]) -> None:
    """The state tells a broken archive from a web that gave nothing, and its message says which archive."""
    state = house.engine.state(runs["crashed"])

    assert state["type"] == "CRASHED"
    assert "the archive cannot be reached" in state["message"]
    assert "server.log" in state["message"]


@pytest.mark.usefixtures("collected")
def test_the_other_jobs_run_too(house: House) -> None:
    """Feeds are asked again, the tables are written, and the audit is clean."""
    asked: dict[str, dict[str, Any]] = {
        "recrawl": {"everything": True},
        "publish": {},
        "audit": {},
        "watch": {},
        "reprocess": {"dry": True},
    }
    started = {job: house.engine.start(f"{job}/copytrail", **parameters) for job, parameters in asked.items()}
    ended = {job: house.engine.ended(run) for job, run in started.items()}

    assert {job: ended[job]["name"] for job in ("publish", "audit", "reprocess")} == dict.fromkeys(
        ("publish", "audit", "reprocess"), "Completed"
    )
    assert {ended[job]["type"] for job in ("recrawl", "watch")} == {"COMPLETED"}
    # The newsroom lives in another month, and its Date headers say so: whichever job looked first has said it.
    assert alarms(house) == ["clock"]
    assert "captures" in ended["publish"]["message"]
    assert ended["audit"]["message"].endswith(" objects read, 0 not as the manifests say")


@pytest.mark.usefixtures("collected")
def test_an_alarm_reaches_the_webhook(house: House) -> None:
    """It is an event with its numbers, an artifact, an object of the archive, a line of `status`, and a message to the operator; once."""
    full = {"COPYTRAIL_QUOTA": "1000"}
    first = house.engine.ended(house.engine.start("compact/copytrail", full))
    again = house.engine.ended(house.engine.start("compact/copytrail", full))

    (message,) = wait_for(lambda: [item for item in house.hook.heard if item.get("alarm", {}).get("about") == "quota"])
    events = house.engine.ask("/events/filter", {"filter": {"event": {"prefix": [f"{ALARM}.store"]}}})["events"]
    artifacts = house.engine.ask("/artifacts/filter", {"artifacts": {"key": {"any_": ["alarms"]}}})
    assert (first["name"], again["name"]) == ("Degraded", "Completed")
    assert "1 of them new" in first["message"]
    assert message["alarm"]["kind"] == "store_filling"
    assert message["text"].startswith("copytrail.alarm.store_filling: 0.0 of 0.0 GB are left")
    assert [(item["event"], item["payload"]["evidence"]["size"]) for item in events] == [("copytrail.alarm.store_filling", 1000)]
    assert any("make room" in item["data"] for item in artifacts)
    assert "quota" in alarms(house)


def alarms(house: House) -> list[str]:
    """What an operator is told stands."""
    return [row["about"] for row in house.copytrail("status") if row["schema"] == "copytrail.alarm/1"]


def _crawls(story: str) -> list[int]:
    """The processes that crawl a story."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"scrapy" in words and f"story={story}".encode() in words and path.parent.name != str(os.getpid()):
            found.append(int(path.parent.name))
    return found


@pytest.mark.usefixtures("collected")
def test_a_restart_of_the_server_costs_no_run(house: House, newsroom: Newsroom) -> None:
    """The crawl goes on while the server is away, and its run ends as it would have."""
    asked = len(newsroom.requests)
    run = house.engine.start("collect/copytrail", {"COPYTRAIL_DELAY": "0.5"}, story=house.another("restarted", newsroom))
    wait_for(lambda: len(newsroom.requests) > asked)

    house.engine.restart()

    assert house.engine.ended(run)["name"] == "Degraded"  # the newsroom has a consent wall


@pytest.mark.usefixtures("collected")
def test_a_killed_worker_leaves_no_orphan_and_no_flood(house: House, newsroom: Newsroom) -> None:
    """Its crawl ends and keeps what it has, its run is marked as crashed, and of an hour's runs that have piled up one does the work."""
    asked, began = len(newsroom.requests), datetime.now(UTC)
    (zombie,) = [item for item in house.engine.ask("/automations/filter", {}) if item["name"] == zombies()["name"]]
    sooner = {**zombies(), "trigger": {**zombies()["trigger"], "within": 45}}
    house.engine.ask(f"/automations/{zombie['id']}", sooner, method="PUT")
    run = house.engine.start("collect/copytrail", {"COPYTRAIL_DELAY": "0.5"}, story=house.another("killed", newsroom))
    wait_for(lambda: len([item for item in newsroom.requests[asked:] if item.path != "/robots.txt"]) > 3)
    pages = [item for item in newsroom.requests[asked:] if item.path != "/robots.txt"]
    last = {item.host: item for item in pages}  # its answer may be under way
    answered = {f"http://{item.host}{item.path}" for item in pages if item is not last[item.host]}

    os.killpg(house.killable[-1].pid, signal.SIGKILL)
    assert wait_for(lambda: not _crawls("killed"))
    hour = [(began - timedelta(minutes=minutes)).isoformat() for minutes in (60, 45, 30, 15)]
    late = [house.engine.start("publish/copytrail", when=when) for when in hour]
    house.new_worker()

    assert answered
    assert {url for url in answered if captured(house, url) < began} == set()
    ended = Counter(house.engine.ended(item)["name"] for item in late)
    assert ended["Completed"] + ended["Skipped"] >= 1, ended  # the one at work may be the schedule's own, and then the others are skipped
    assert ended["Completed"] <= 1, ended
    assert set(ended) <= {"Completed", "Cancelled", "Skipped"}, ended
    assert house.engine.ended(house.engine.start("publish/copytrail", when=hour[0]))["name"] == "Skipped"  # all others have ended by now
    assert house.engine.ended(run)["type"] == "CRASHED"
    resumed = house.engine.ended(house.engine.start("collect/copytrail", story="killed"))
    assert resumed["type"] in {"COMPLETED", "FAILED"}  # nothing is kept when only the wall was left
    assert "blocked" in resumed["message"]
    assert house.engine.ended(house.engine.start("audit/copytrail"))["name"] == "Completed"


def captured(house: House, url: str) -> datetime:
    """When a page was captured last."""
    catalogue = Catalogue(f"sqlite:///{house.engine.folder}/.copytrail/catalogue.sqlite")
    try:
        found = catalogue.latest(url)
    finally:
        catalogue.close()
    assert found is not None
    return found.time


@pytest.mark.usefixtures("collected")
def test_the_server_knows_no_secret(house: House) -> None:
    """No key of the store, nor where it is, stands in deployments, runs, pools, logs or artifacts."""
    questions = (
        "deployments",
        "flow_runs",
        "task_runs",
        "work_pools",
        "artifacts",
        "logs",
        "flows",
        "block_documents",
        "automations",
        "variables",
    )
    said = json.dumps([*(house.engine.ask(f"/{name}/filter", {}) for name in questions), house.engine.ask("/events/filter", {})])

    assert house.engine.deployment("collect/copytrail")["id"] in said
    for secret in (house.worker["AWS_SECRET_ACCESS_KEY"], house.worker["COPYTRAIL_S3_ENDPOINT"], TOKEN):
        assert secret not in said
