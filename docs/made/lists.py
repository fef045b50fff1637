"""The reference of the closed lists: every value that may stand in a column, with its meaning from the code.

Contract: every closed list of the archive's nouns is here; one that is missing is found by a test.
"""

from enum import StrEnum

from archive import custody, findings, kinds, relations, withdrawals
from docs.made.markdown import code, page, plain, table
from docs.made.sources import members, summary

# A list and where its values stand.
LISTS: tuple[tuple[type[StrEnum], str], ...] = (
    (kinds.Verdict, "how a URL ended a run: column `verdict` of outcomes; every URL that a run knew has exactly one"),
    (kinds.Found, "how a URL came to be known: column `found` of captures and outcomes, `copytrail-found` in the WARC"),
    (kinds.PageKind, "what a captured page is: column `quality` of documents, flag `--kind`"),
    (kinds.BlockKind, "what a block of a page is: `copytrail text --explain`"),
    (kinds.State, "what became of an article: flag `--state`, column `state` of rows"),
    (kinds.Change, "what a version did to the one before it: column `change` of revisions"),
    (kinds.EventKind, "what exactly a version changed: `class` of the events of a revision, `copytrail diff`"),
    (relations.RelationKind, "what one text has to do with another, the strongest first"),
    (relations.FactVerdict, "whether the values that texts give for one thing can all be true"),
    (kinds.TextAlarmKind, "what speaks against a text being all of its article"),
    (kinds.AlarmKind, "what an operator is told without asking"),
    (kinds.Deed, "the lines of a run's request log"),
    (kinds.Phase, "the step in which a fetch failed: `copytrail-failure-phase` in the WARC"),
    (kinds.Truncation, "why a block is shorter than it was meant to be: `WARC-Truncated`"),
    (custody.Act, "what was done with the archive: objects under `custody/`"),
    (withdrawals.Mode, "what a withdrawal asks for: objects under `withdrawals/`"),
    (findings.Severity, "how grave a finding of `copytrail verify` is"),
)


def lists_page() -> str:
    """All of them, a table each."""
    parts = []
    for closed, where in LISTS:
        parts += [
            f"## {closed.__name__}",
            f"{plain(summary(closed))} Where it stands: {where}.",
            table(("value", "meaning"), ((code(value), plain(words)) for value, words in members(closed).items())),
        ]
    return page(
        "Closed lists",
        "Whatever stands in one of these columns is one of these words. A value outside its list is an error wherever it is read, "
        "never a new kind.",
        *parts,
    )
