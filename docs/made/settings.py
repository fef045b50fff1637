"""The reference of the settings: each with its default, its names in the file and in the environment, and the flags that set it."""

from dataclasses import fields

from archive.settings import OTHER_VARIABLES, PREFIX, Settings, describe
from docs.made.commands import documents
from docs.made.markdown import code, fence, page, plain, table

# Names of the environment that are no settings, because no archive depends on them.
OTHERS = {
    "COPYTRAIL_HOME": "where a Prefect worker looks for `copytrail.toml` and works; default: the checkout",
    "COPYTRAIL_PROJECT": "the project folder, as `-C` names it",
    "COPYTRAIL_TOKEN": "what readers of `copytrail serve` must show; a secret, so it stands in no file",
    "COPYTRAIL_SHARED": "of the tests alone: where texts of other people lie that are not in the repository",
}


def settings_page() -> str:
    """Every setting in the order of ``copytrail config``."""
    if wrong := set(OTHERS) ^ set(OTHER_VARIABLES):
        raise ValueError(f"variables without words, or words without one: {', '.join(sorted(wrong))}")
    words, flags = describe(), _flags()
    rows = (
        (
            f"{code(item.name)}<br>{code(PREFIX + item.name.upper())}",
            f"{plain(words[item.name])} {_default(item.default)}{flags.get(item.name, '')}",
        )
        for item in fields(Settings)
    )
    return page(
        "Settings",
        "Each has two names: one in `copytrail.toml` in the project folder, one in the environment. "
        "A flag wins over the environment, the environment over the file, the file over the default. "
        "A name that is not known is an error. `copytrail config` shows each value and where it comes from.",
        table(("setting", "meaning"), rows),
        "In the file a setting is a line of TOML, as here:",
        fence('store = "s3://bucket/prefix"\ncontact = "desk@lab.example"\ndelay = 5\nrequisites = "yes"', "toml"),
        "## What is no setting",
        "Keys are secrets, not settings: S3 credentials come from the AWS chain alone (`AWS_ACCESS_KEY_ID`, `AWS_PROFILE` and so on), "
        "a signing key is a file that `signing_key` names.",
        table(("in the environment", "meaning"), ((code(name), words) for name, words in OTHERS.items())),
    )


def _default(value: object) -> str:
    return "" if value in {None, ""} else f"<small>Default: {code('no' if value is False else value)}.</small>"


def _flags() -> dict[str, str]:
    """The options that carry a setting's name, with the commands that have them."""
    known = {item.name for item in fields(Settings)}
    found: dict[str, list[str]] = {}
    for each in documents():
        for parameter in each.command.params:
            if parameter.name in known and parameter.opts[0].startswith("--"):
                found.setdefault(parameter.name, []).append(f"{code(parameter.opts[0])} of {each.name}")
    return {name: f" <small>Flag: {', '.join(where)}.</small>" for name, where in found.items()}
