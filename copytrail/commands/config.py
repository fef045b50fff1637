"""``copytrail config``: every setting, its value, and where that comes from."""

import click

from copytrail.output import Talk, json_flag


@click.command()
@json_flag
@click.pass_obj
def command(talk: Talk, *, as_json: bool) -> None:
    """Show settings and where each one comes from.

    Order: flag, then COPYTRAIL_* in the environment, then copytrail.toml in the
    project folder, then the default. S3 keys are never shown: they come from
    the AWS chain (AWS_ACCESS_KEY_ID and so on).
    """
    from archive.settings import describe

    talk = talk.with_json(as_json=as_json)
    loaded = talk.settings()
    for name, meaning in describe().items():
        value = getattr(loaded.settings, name)
        origin = loaded.origins[name]
        shown = "-" if value is None or value == "" else str(value)
        talk.emit(
            "setting", {"name": name, "value": value, "origin": origin, "meaning": meaning}, f"{name:14} {shown:28} {origin:30} {meaning}"
        )
