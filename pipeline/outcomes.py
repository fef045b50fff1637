"""How a URL ended a run, decided from what came back; and what a run's outcomes mean for its exit code.

Contract: pure; exactly one verdict for every answer, with a reason in words.  A wall is never an edit or a deletion, whatever status it
comes with, and a page that cannot be compared is *kept*, not *edited* (law 4).  What stands before an article for now is asked again:
a wall is *blocked*, a site under maintenance *throttled*.  A server that broke the promise of its validators is named in the reason,
whatever the verdict.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from archive.kinds import Change, PageKind, Phase, Truncation, Verdict
from archive.records import Capture, Failure, Quality, Revision

NOWHERE = frozenset({Phase.DNS, Phase.CONNECT, Phase.TLS})
WALLS = frozenset({PageKind.CONSENT_WALL, PageKind.BOT_WALL, PageKind.LOGIN_WALL, PageKind.LEGAL_WALL, PageKind.WALL, PageKind.MAINTENANCE})
BY_KIND = {
    **dict.fromkeys(WALLS, Verdict.BLOCKED),
    PageKind.LEGAL_WALL: Verdict.LEGAL_BLOCK,
    PageKind.MAINTENANCE: Verdict.THROTTLED,
    PageKind.SOFT_404: Verdict.FAILED,
    PageKind.REDIRECT_HOME: Verdict.FAILED,
}
WORDLESS = frozenset({PageKind.NOT_HTML, PageKind.EMPTY})
BY_STATUS = {
    401: (Verdict.BLOCKED, "the server wants a login"),
    402: (Verdict.BLOCKED, "the server wants money"),
    403: (Verdict.BLOCKED, "the server forbids it"),
    404: (Verdict.GONE, "not found"),
    410: (Verdict.GONE, "gone"),
    429: (Verdict.THROTTLED, "too many requests"),
    451: (Verdict.LEGAL_BLOCK, "unavailable for legal reasons"),
    503: (Verdict.THROTTLED, "service unavailable"),
}
GOOD = frozenset({Verdict.KEPT, Verdict.UNCHANGED, Verdict.EDITED, Verdict.GONE, Verdict.DUPLICATE})
REFUSED = frozenset({Verdict.REFUSED_ROBOTS, Verdict.REFUSED_SCOPE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything that the verdict on one fetch rests on."""

    status: int | None = None
    failure: Failure | None = None
    truncated: Truncation | None = None
    capture: Capture | None = None
    location: str | None = None
    quality: Quality | None = None
    known: bool = False  # an earlier capture of this article exists
    revision: Revision | None = None
    problem: str | None = None  # why no text could be read, or no comparison made
    lie: str | None = None  # how the server broke the promise of its ETag or Last-Modified (``pipeline.validators``)


def judge(answer: Answer) -> tuple[Verdict, str]:
    """The verdict on one fetch and the reason for it."""
    verdict, reason = _judge(answer)
    return verdict, f"{reason}; {answer.lie}" if answer.lie else reason


def _judge(answer: Answer) -> tuple[Verdict, str]:
    if answer.failure is not None and answer.failure.phase is Phase.POLICY:
        return Verdict.REFUSED_SCOPE, answer.failure.message
    if answer.truncated not in {None, Truncation.LENGTH}:
        return Verdict.FAILED, f"the body was cut short ({answer.truncated}); what came is kept"
    if answer.failure is not None and (answer.status is None or answer.truncated is None):
        verdict = Verdict.UNREACHABLE if answer.failure.phase in NOWHERE else Verdict.FAILED
        return verdict, f"{answer.failure.phase}: {answer.failure.message}"
    return _judge_status(answer)


def _judge_status(answer: Answer) -> tuple[Verdict, str]:
    status = answer.status
    if status is None:
        return Verdict.FAILED, "no answer"
    if status == 304:
        return _judge_unchanged(answer)
    walled = answer.quality is not None and answer.quality.kind in WALLS
    if status in BY_STATUS and not (walled and BY_STATUS[status][0] is Verdict.GONE):
        verdict, words = BY_STATUS[status]
        return verdict, f"{words} ({status}; {_named(answer.quality)})" if walled else f"{words} ({status})"
    if 300 <= status < 400:
        return _judge_quality(answer) or (Verdict.KEPT, f"redirect ({status}) to {answer.location or 'nowhere'}")
    if not (200 <= status < 300 or walled):
        return Verdict.FAILED, f"the server answered {status}"
    return _judge_page(answer)


def _judge_unchanged(answer: Answer) -> tuple[Verdict, str]:
    """A 304 says the same of whatever was held: of a wall too."""
    if not answer.known or answer.capture is None or answer.capture.kind != "revisit":
        return Verdict.FAILED, "the server says that nothing changed (304), but nothing was asked of it or nothing is held"
    return _judge_quality(answer) or (Verdict.UNCHANGED, "the server says that nothing changed (304)")


def _judge_quality(answer: Answer) -> tuple[Verdict, str] | None:
    """The verdict on a page that is there but is no article's."""
    if answer.quality is None or answer.quality.kind not in BY_KIND:
        return None
    return BY_KIND[answer.quality.kind], _named(answer.quality)


def _named(quality: Quality | None) -> str:
    """A kind of page and the reasons for it, in words."""
    return f"{quality.kind}: {'; '.join(quality.reasons)}" if quality else ""


def _judge_page(answer: Answer) -> tuple[Verdict, str]:
    other = _judge_quality(answer)
    if other is not None:
        return other
    if answer.truncated is Truncation.LENGTH:
        return Verdict.KEPT, "cut at the limit of one body; what came is kept"
    if not answer.known:
        return Verdict.KEPT, answer.problem or _captured(answer.quality)
    same = answer.capture is not None and answer.capture.kind == "revisit"
    if same and (answer.revision is None or answer.revision.change is not Change.RESTORED):
        return Verdict.UNCHANGED, "the same bytes as before"
    if answer.revision is None:
        return Verdict.KEPT, answer.problem or "captured again; not compared"
    if answer.revision.change is Change.RESTORED:
        return Verdict.UNCHANGED, "back after it was gone, with the same text"
    if answer.revision.change in {Change.NONE, Change.COSMETIC}:
        return Verdict.UNCHANGED, f"other bytes, the same text ({answer.revision.change})"
    return Verdict.EDITED, f"the text changed ({answer.revision.change})"


def _captured(quality: Quality | None) -> str:
    """That a page was captured, and why it has no text when it has none."""
    if quality is None or quality.kind not in WORDLESS:
        return "captured"
    return f"captured; no text: {_named(quality)}"


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """0 nothing was lost, 3 some was, 4 nothing could be reached, 5 everything was refused.

    What robots.txt or the run's own scope keeps out is no loss as long as something was let in.
    """
    seen = set(verdicts)
    if not seen or (seen & GOOD and seen <= GOOD | REFUSED):
        return 0
    if seen & GOOD or (seen <= {Verdict.OVER_BUDGET} | REFUSED and Verdict.OVER_BUDGET in seen):
        return 3
    return 5 if seen <= REFUSED else 4
