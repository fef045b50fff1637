"""``copytrail deploy``: create or update the Prefect deployments."""

import os

import click

from copytrail.output import Talk, json_flag


@click.command()
@json_flag
@click.pass_obj
def command(talk: Talk, *, as_json: bool) -> int:
    """Create or update the Prefect deployments and their work pool.

    The server is the one that PREFECT_API_URL or the active Prefect profile
    names. Settings and S3 keys never go there: give them to the worker, in its
    environment.
    """
    from flows.deploy import POOL, DeployError, NoServer, deploy

    talk = talk.with_json(as_json=as_json)
    try:
        deployed = deploy(os.environ)
    except DeployError as error:
        talk.say(f"copytrail: {error}")
        return 4 if isinstance(error, NoServer) else 1
    for item in deployed:
        when = ", ".join(item.crons) or "by hand"
        row = {"deployment": item.name, "crons": list(item.crons), "description": item.description}
        talk.emit("deployment", row, f"{item.name:20} {when:14} {item.description}")
    talk.say(f"Next: prefect worker start --pool {POOL} --install-policy never   (with COPYTRAIL_* and AWS_* in its environment)")
    talk.say("      prefect deployment run collect/copytrail -p story=STORY")
    return 0
