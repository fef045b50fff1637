"""Verdicts: one for every answer, and never an edit from a wall."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archive.kinds import Change, PageKind, Phase, Truncation, Verdict
from archive.records import Capture, Failure, Quality, RecordRef, Revision
from pipeline.outcomes import WALLS, Answer, exit_code, judge

NOW = datetime(2026, 5, 13, tzinfo=UTC)
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "verdicts.yaml").read_text(encoding="utf-8"))
CAPTURE = Capture(
    id="urn:uuid:1",
    url="http://paper.example/a",
    surt="example,paper)/a",
    time=NOW,
    kind="response",
    status=200,
    mime="text/html",
    ref=RecordRef(key="warc/x", offset=0, length=1),
    payload_digest=None,
    payload_length=1,
    block_digest="sha256:0",
)


def answer_of(case: dict[str, Any]) -> Answer:
    """The Answer that a row of the table describes."""
    change = case.get("change")
    revision = (
        Revision(url=CAPTURE.url, number=2, change=Change(change), before="a", after="b", time=NOW, extractor="x") if change else None
    )
    failure = Failure(phase=Phase(case["failure"]), kind="x", message="what happened") if "failure" in case else None
    return Answer(
        status=case.get("status"),
        failure=failure,
        truncated=Truncation(case["truncated"]) if "truncated" in case else None,
        capture=replace(CAPTURE, kind="revisit" if case.get("revisit") else "response"),
        location=case.get("location"),
        quality=Quality(kind=PageKind(case["kind"]), reasons=("seen",)) if "kind" in case else None,
        known=case.get("known", False),
        revision=revision,
        problem=case.get("problem"),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(str(value) for value in case.values())[:60])
def test_each_kind_of_answer_has_its_verdict(case: dict[str, Any]) -> None:
    """The table of answers: verdict, and a reason that names what happened."""
    verdict, reason = judge(answer_of(case))

    assert verdict == Verdict(case["verdict"])
    assert case["reason"] in reason


@given(
    status=st.none() | st.integers(100, 599),
    phase=st.none() | st.sampled_from(Phase),
    truncated=st.none() | st.sampled_from(Truncation),
    kind=st.none() | st.sampled_from(PageKind),
    change=st.none() | st.sampled_from(Change),
    known=st.booleans(),
)
def test_every_answer_has_a_verdict_and_walls_are_never_edits(**case: Any) -> None:
    """Whatever comes back there is one verdict with a reason; a wall or an error page is neither edited nor unchanged (law 4)."""
    kind, status = case["kind"], case["status"]
    case["failure"] = case.pop("phase")
    verdict, reason = judge(answer_of({name: value for name, value in case.items() if value is not None}))

    assert isinstance(verdict, Verdict)
    assert reason
    if kind in WALLS or (kind in {PageKind.SOFT_404, PageKind.REDIRECT_HOME} and status == 200):
        assert verdict not in {Verdict.EDITED, Verdict.GONE, Verdict.UNCHANGED, Verdict.KEPT}


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([], 0),
        ([Verdict.KEPT, Verdict.GONE], 0),
        ([Verdict.KEPT, Verdict.REFUSED_ROBOTS, Verdict.REFUSED_SCOPE], 0),
        ([Verdict.KEPT, Verdict.THROTTLED], 3),
        ([Verdict.UNREACHABLE, Verdict.FAILED], 4),
        ([Verdict.OVER_BUDGET, Verdict.REFUSED_ROBOTS], 3),
        ([Verdict.REFUSED_ROBOTS, Verdict.REFUSED_SCOPE], 5),
        ([Verdict.REFUSED_ROBOTS, Verdict.UNREACHABLE], 4),
    ],
)
def test_the_exit_code_tells_how_the_run_went(verdicts: list[Verdict], code: int) -> None:
    """0 done, 3 partly done, 4 nothing reached, 5 all refused."""
    assert exit_code(verdicts) == code


def test_a_lie_stands_behind_the_reason() -> None:
    """Whatever the verdict is, the reason says how the server broke its promise, and the verdict stays."""
    for answer in (Answer(status=200, capture=CAPTURE), Answer(status=404, capture=CAPTURE)):
        verdict, reason = judge(answer)
        assert judge(replace(answer, lie="the server lied")) == (verdict, f"{reason}; the server lied")
