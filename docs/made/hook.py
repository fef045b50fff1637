"""What mkdocs asks us while it builds: pages made from the code, pages made from notebooks, the list of decisions.

Contract: nothing is written into ``docs/``.  A page of :data:`PAGES` lies where the navigation says; a notebook becomes a page beside it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from docs.made import commands, layout, lists, notebooks, rows, rules, settings, tables, warc

PAGES: Mapping[str, Callable[[], str]] = {
    "reference/commands.md": commands.commands_page,
    "reference/settings.md": settings.settings_page,
    "reference/tables.md": tables.tables_page,
    "reference/rows.md": rows.rows_page,
    "reference/lists.md": lists.lists_page,
    "reference/layout.md": layout.layout_page,
    "reference/warc.md": warc.warc_page,
    "reference/verification.md": rules.verification_page,
    "reference/text.md": rules.text_page,
}
DECISIONS = "Decisions"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put every decision record into the navigation, by its number."""
    records = sorted(path.relative_to(config.docs_dir).as_posix() for path in Path(config.docs_dir).glob("decisions/*.md"))
    for entry in config.nav or ():
        if isinstance(entry, dict) and DECISIONS in entry:
            entry[DECISIONS] = [*entry[DECISIONS], *records]
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add what is made."""
    for uri, made in PAGES.items():
        try:
            files.append(File.generated(config, uri, content=made()))
        except ValueError as error:
            raise PluginError(f"{uri}: {error}") from error
    files.append(File.generated(config, rows.SCHEMA, content=rows.json_schema()))
    for path in sorted(Path(config.docs_dir).glob("notebooks/*.ipynb")):
        files.append(File.generated(config, f"notebooks/{path.stem}.md", content=notebooks.page_of(path)))
    return files
