"""The reference of the rules: those by which ``copytrail verify`` judges files, and those by which text is told from residue.

Contract: what verification asks for is data in ``archive/verify_rules.py`` and ``archive/warcrules.py`` and is shown as it stands there.  A
rule of text is known by its name; its words are in ``words.yaml``, and a name too many or too few there is a ValueError.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from archive.findings import Rule
from archive.kinds import BlockKind
from archive.verify_rules import RULES
from archive.warcrules import FIELDS, TYPES, Field
from docs.made.markdown import code, page, plain, table
from pipeline.blockkinds import taken
from pipeline.lexicon import words
from pipeline.rulebook import rulebook

DATA = Path(__file__).with_name("words.yaml")


def told(section: str) -> Mapping[str, Any]:
    """One part of ``words.yaml``."""
    found: Mapping[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))[section]
    return found


def held(section: str, names: set[str]) -> Mapping[str, Any]:
    """The words for exactly these names; ValueError names what is too many or too few."""
    found = told(section)
    if wrong := names ^ set(found):
        raise ValueError(f"{DATA.name}, {section}: without words, or words without it: {', '.join(sorted(wrong))}")
    return found


def verification_page() -> str:
    """The rules of ``copytrail verify``, and what the standard asks of header fields."""
    return page(
        "Rules of verification",
        "Each finding of `copytrail verify` names one of these rules; its [severity](lists.md#severity) says how grave it is. "
        "A rule's name never changes its meaning, because people keep results.",
        table(
            ("rule", "severity", "what holds, and where it is stated"),
            ((code(rule.id), rule.severity, _stated(rule)) for rule in RULES.values()),
        ),
        "## Header fields",
        "What the rules `field-missing`, `field-value`, `field-repeated`, `field-misplaced` and `field-undefined` hold records against.",
        table(("field", "section of WARC 1.1", "holds", "needed on", "not on", "may repeat"), map(_field, FIELDS, FIELDS.values())),
    )


def _stated(rule: Rule) -> str:
    return plain(rule.text) + (f" <small>{plain(rule.section)}</small>" if rule.section != "-" else "")


def _field(name: str, field: Field) -> tuple[str, ...]:
    needed = "every record" if field.needed_on == TYPES else ", ".join(field.needed_on)
    return (
        code(name),
        field.section,
        plain(field.expected),
        needed,
        ", ".join((*field.barred_from, *field.undefined_on)),
        "yes" * field.repeats,
    )


def text_page() -> str:
    """The rules that take a paragraph out of a text."""
    kinds = {rule: kind for kind in BlockKind for rule in _rules_of(kind)}
    meant = held("text rules", set(kinds))
    shapes = {rule.name: 0 for rule in rulebook().rules}
    for rule in rulebook().rules:
        shapes[rule.name] += len(rule.shapes)
    rows = (
        (code(rule), code(taken(rule, None)), plain(meant[rule]), str(shapes[rule]) if rule in shapes else "by markup or place")
        for rule in kinds
    )
    return page(
        "Rules of text",
        "A text is what is left of a ledger of all blocks. What a rule takes out stays in the ledger with the rule's name, and "
        "`copytrail text FILE.html --explain` and `copytrail read` show it. No rule names an outlet, and none goes by words alone: "
        "each also needs a place or a shape.",
        table(("rule", "the block is then", "what it takes", "shapes in `pipeline/rules/residue.yaml`"), rows),
        "A shape is a regular expression over a whole line. Where a rule may act (anywhere, before the first or after the last body "
        "paragraph), how long a line it may take and until which day of capture it holds stands beside it in that file, which is made "
        "to be read.",
        "The classes of blocks are a [closed list](lists.md#blockkind).",
    )


def _rules_of(kind: BlockKind) -> tuple[str, ...]:
    try:
        return tuple(words("classes", f"rules {kind}"))
    except ValueError:  # no rule gives this class
        return ()
