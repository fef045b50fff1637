"""What verification finds: the nouns of ``copytrail verify``.

Contract: a finding says where it is (file, byte offset of the record's gzip member, record id, each None where it does not apply), which
rule was broken and where the standard states it, how grave it is, and in words what was met.  The rules themselves are data:
``archive/verify_rules.py`` and ``archive/warcrules.py``.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How grave a finding is."""

    ERROR = "error"  # bytes are lost, cannot be read or proved, or a "shall" of the standard is broken
    WEAK = "weak"  # against the standard's advice, nothing is lost
    NOTE = "note"  # worth knowing, nobody's fault


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its short name, the section that states it, what breaking it means, and the rule in words."""

    id: str
    section: str
    severity: Severity
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule, broken at one place."""

    file: str
    offset: int | None = None
    record_id: str | None = None
    rule: str
    section: str
    severity: Severity
    message: str


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was looked at, and how many findings of each severity there were."""

    files: int = 0
    records: int = 0
    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Severity, 0))

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return self.found[Severity.ERROR]
