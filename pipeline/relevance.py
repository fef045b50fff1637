"""Which articles are about a story: its words, and how like them a text is.

``story_words(texts)`` gives the words that tell most about a story, the most telling first; ``score(words, text)`` says how like a text is
to them, 0 to 1; ``in_window`` holds a date against the story's.  Pure, no model, any language: words are compared by their first letters,
texts in scripts without spaces by pairs of characters.

The score is a cosine: the share of a story's words that a text uses grows with the text's length, its direction does not.  Measured on the
demo newsroom and the five seeds (tests/pipeline/test_relevance.py prints the figures): coverage of the story 0.30 and more, the same
people in another matter 0.24 and less, unrelated news pages 0.14; ``BELONGS`` stands between.  The few words of a feed's entry cannot
decide (coverage 0.1 and more, other matters up to 0.3): ``WORTH_A_LOOK`` only saves fetches.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from pipeline.lexicon import words as lexicon

BELONGS = 0.27
WORTH_A_LOOK = 0.09
WORDS = 60  # of a story: 24 to 80 were tried; below 40 the margin closes, above 60 nothing is gained
_STEM = 5  # letters: a rough stem that serves all European languages
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2,}|[^\W\d_]{3,}")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
LANGUAGES = (
    *("english", "german", "french", "spanish", "italian", "portuguese", "dutch", "swedish", "danish"),
    *("polish", "czech", "russian", "ukrainian", "belarusian", "turkish"),
)


def story_words(texts: Iterable[str], most: int = WORDS) -> tuple[str, ...]:
    """The words of a story: those that many of its texts use, and use often; each in its most frequent form."""
    weight: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = {}
    for text in texts:
        found = list(_words(text))
        for word in found:
            forms.setdefault(_stem(word), Counter())[word] += 1
        counts = Counter(map(_stem, found))
        spread.update(counts.keys())
        weight.update({stem: math.log1p(count) for stem, count in counts.items()})
    ranked = sorted(weight, key=lambda stem: (-spread[stem] * weight[stem], stem))
    return tuple(forms[stem].most_common(1)[0][0] for stem in ranked[:most])


def score(words: Sequence[str], text: str) -> float:
    """How like ``text`` is to a story whose words are ``words``, the most telling first: 0 for no word in common, 1 for the same words."""
    story: dict[str, float] = {}
    for rank, word in enumerate(words):
        story.setdefault(_stem(word), 1 / math.log2(rank + 2))
    used = {stem: 1 + math.log(count) for stem, count in Counter(map(_stem, _words(text))).items()}
    lengths = math.hypot(*story.values()) * math.hypot(*used.values())
    return min(sum(weight * used.get(stem, 0.0) for stem, weight in story.items()) / lengths, 1.0) if lengths else 0.0


def in_window(published: datetime, earliest: datetime | None, latest: datetime | None, days: int) -> bool:
    """Whether a date lies within ``days`` of the story's dates; a story without dates has no window.  A time without zone is in UTC."""
    first, last = earliest or latest, latest or earliest
    if first is None or last is None:
        return True
    margin = timedelta(days=days)
    return _aware(first) - margin <= _aware(published) <= _aware(last) + margin


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _stem(word: str) -> str:
    return word[:_STEM]


def _words(text: str) -> Iterator[str]:
    """The telling words of a text, case-folded."""
    found = [word for match in _WORD.finditer(text.casefold()) for word in _parts(match[0])]
    counts = Counter(found)
    stop = max((_stop(language) for language in LANGUAGES), key=lambda entries: sum(counts[word] for word in entries))
    return (word for word in found if word not in stop)


def _parts(word: str) -> Iterable[str]:
    return (word[at : at + 2] for at in range(len(word) - 1)) if _UNSPACED.match(word) else (word,)


@cache
def _stop(language: str) -> frozenset[str]:
    return frozenset(lexicon("stopwords", language))
