"""The command line: one screen of help, commands that are imported only when they are run.

Contract: importing this module imports no framework but click, so that ``copytrail --help`` stays quick (users.md §4; a test looks at
``sys.modules``).  Data goes to stdout, talk to stderr.  Exit codes: 0 done, 1 problem found, 2 wrong usage, 3 partly done, 4 storage or
network unreachable, 5 refused.
"""

import importlib
import keyword
import sys
from pathlib import Path

import click

from copytrail import __version__
from copytrail.errors import explain
from copytrail.output import Talk

SECTIONS = {
    "Start": {
        "demo": "Make and look at a story with no network",
        "read": "Read scraped texts into headline, body, credits …",
        "new": "Start a story from texts, tables, URLs or feeds",
    },
    "Capture": {
        "crawl": "Fetch a story's pages, politely, into WARC",
        "discover": "Where more coverage may lie, with evidence",
        "recrawl": "Visit again what is due; record edits and deletions",
        "import": "Bring in WARC and WACZ files of others, bytes unchanged",
    },
    "Read": {
        "search": "Articles by their words and by what is known of them",
        "status": "What is captured, waiting, due, changed or gone",
        "text": "The clean text of pages in files, each line explained",
        "diff": "What an article changed between its captures",
        "relate": "Who copied, cited and quoted whom, in text files",
        "compare": "Two texts side by side, with what they share",
        "gather": "Put articles into stories as they come; candidates",
        "graph": "A story's texts and what binds them, for other tools",
        "judge": "Decide what belongs to a story and which relations hold",
    },
    "Take away": {
        "serve": "The reading room: the archive in a browser, Memento, CDX",
        "report": "The story page: who took what from whom, edits, proof",
        "publish": "A site of plain files, in a folder or a bucket",
        "pull": "A story as warc, wacz, parquet, sqlite, csv, text …",
        "index": "The CDXJ of any WARC files",
        "cite": "A citation with capture time and digest, and its proof",
    },
    "Look after": {
        "verify": "Check every byte of WARC, WACZ or the whole store",
        "withdraw": "Hide or erase captures on request; a tombstone stays",
        "rebuild": "Make the catalogue anew from the store",
        "reprocess": "Read texts again with the present extractor",
        "profile": "Learn what the pages of an outlet have in common",
        "deploy": "Create or update the Prefect deployments",
        "config": "Show settings and where each one comes from",
        "doctor": "Check machine, settings, store and Prefect",
    },
}
EXIT_CODES = """\
Exit: 0 done  1 problem found  2 wrong usage  3 partly done  4 storage or
      network unreachable  5 refused (robots, no contact, withdrawn)
"""


class Sections(click.Group):
    """A group whose commands live in ``copytrail.commands`` and are listed by section."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name."""
        return [name for section in SECTIONS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        name = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name  # import_.py
        command: click.Command = importlib.import_module(f"copytrail.commands.{name}").command
        # Click's mark of lines that stay as they are; in a raw docstring, which the linter asks for, it is two characters.
        command.help = (command.help or "").replace("\\b\n", "\b\n")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by section, without importing any."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """End with the exit codes."""
        formatter.write_paragraph()
        formatter.write(EXIT_CODES)


@click.group(cls=Sections, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.option("-C", "--project", metavar="DIR", default=".", envvar="COPYTRAIL_PROJECT", help="Project folder: where copytrail.toml lies.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing but errors on stderr.")
@click.option("-v", "--verbose", is_flag=True, help="More on stderr.")
@click.pass_context
def cli(ctx: click.Context, project: str, *, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Preserve, compare and share the news coverage of one story.

    New here?  copytrail demo     (works with no network, ends in a story page)
    """
    ctx.obj = Talk(project=Path(project), as_json=as_json, quiet=quiet, verbose=verbose)


def main() -> None:
    """Run the command line; errors that a person can mend are one line, not a traceback."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Aborted.", err=True)
        sys.exit(1)
    except Exception as error:
        message, code = explain(error)
        if message is None:
            raise
        click.echo(f"copytrail: {message}", err=True)
    sys.exit(code if isinstance(code, int) else 0)
