"""Whether two values that texts give for one thing can both be true.

``judge(mine, its, copied=…)`` compares two values of one measure.  Between independent texts they conflict when nothing is true of both:
"139", "at least 139" and "nearly 140" agree, and so do 1,234 and a rounded 1,200.  In a text that was written over from the other
(``copied``: ``mine`` stands in it) more is asked: its value must follow from the source's, so "at least 93" out of "at least 139" is an
error, though both could be true; "more than 100" is not.
"""

import math
from typing import NamedTuple

from pipeline.facts.amounts import Amount
from pipeline.facts.calendar import Day
from pipeline.facts.mentions import Mention

_ROUND = 0.05  # a rounded number is off by no more
_LOOSE = 0.5  # "more than 100" may stand for 139, not for 900
_SMALL = 100  # units; below it nobody rounds without saying so
_EXACT = frozenset({"age", "ordinal", "label", "decade", "magnitude"})


class Judged(NamedTuple):
    """Whether two values agree, and why; ``same`` where the one says no less than the other."""

    agree: bool
    why: str
    same: bool = False


def _agree(why: str, *, same: bool = False) -> Judged:
    return Judged(agree=True, why=why, same=same)


def _differ(why: str) -> Judged:
    return Judged(agree=False, why=why)


def judge(mine: Mention, its: Mention, *, copied: bool = False) -> Judged | None:
    """Hold two values of one measure against each other; None where they cannot be compared."""
    if isinstance(mine.what, Day) or isinstance(its.what, Day):
        return _days(mine.what, its.what)
    first, second = mine.what, its.what
    if first.written or second.written:
        return _written(first, second)
    if _equal(first.value, second.value):
        return _agree("the same number" if first.operator == second.operator else "the same number, said more or less exactly", same=True)
    if first.measure in _EXACT:
        return _differ("the numbers differ")
    if _rounded(first, second) or (not copied and _rounded(second, first)):
        return _agree("one number is rounded")
    return _copied(first, second) if copied else _independent(first, second)


def _days(first: Amount | Day, second: Amount | Day) -> Judged | None:
    if not isinstance(first, Day) or not isinstance(second, Day):
        return None
    if first.value == second.value:
        return _agree("the same date", same=True)
    agree = first.agrees(second)
    if agree is None:
        return None
    if agree:
        return _agree("one date is less exact")
    alike = [
        (mine is None) == (its is None) for mine, its in ((first.year, second.year), (first.month, second.month), (first.day, second.day))
    ]
    return _differ("the dates differ") if all(alike) else None


def _written(first: Amount, second: Amount) -> Judged | None:
    if first.written == second.written:
        return _agree("the same words", same=True)
    if first.high and second.high:  # a vague word against a number or another vague word
        apart = first.low > second.high * 1.5 or second.low > first.high * 1.5
        return _differ("the number is far from what the word stands for") if apart else _agree("one text is less exact")
    return _differ("they differ") if first.written and second.written else None


def _equal(first: float, second: float) -> bool:
    return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-9)


def _rounded(rough: Amount, exact: Amount) -> bool:
    """Whether a number is the other one, rounded or converted from another unit."""
    converted = not _equal(rough.value, 0) and _unlike(rough, exact)
    if not converted and (rough.grain <= exact.grain or (rough.operator == "=" and abs(exact.value) < _SMALL * exact.grain)):
        return False
    off = abs(rough.value - exact.value)
    return off <= max(abs(exact.value), abs(rough.value)) * _ROUND and (converted or off <= rough.grain)


def _unlike(first: Amount, second: Amount) -> bool:
    """Whether two values are in different units of one measure, as miles and kilometres."""
    ratio = math.log10(first.grain / second.grain)
    return not math.isclose(ratio, round(ratio), abs_tol=1e-6)


def _independent(first: Amount, second: Amount) -> Judged:
    if first.low <= second.high and second.low <= first.high:
        return _agree("what the one says leaves room for the other")
    return _differ("the numbers differ")


def _copied(copy: Amount, source: Amount) -> Judged:
    """Whether a value follows from the one that it was taken over from."""
    within = copy.low <= source.value <= copy.high and copy.grain > source.grain
    if within and copy.operator != "=" and _LOOSE <= copy.value / (source.value or 1) <= 1 / _LOOSE:
        return _agree("the number is taken over less exactly")
    return _differ("the number is not the one that was taken over")
