"""Invented news texts with known relations: what the finding of copies and of derivation is measured on.

All is made from the words of ``invented.yaml`` and a ``random.Random`` that the caller seeds; nothing is anybody's text.

* ``article(rng)``: a report of 15 to 35 sentences with names and figures of its own.
* ``ladder(rng, count)``: reports and what became of them on other sites, with the pairs that are copies: words changed, boilerplate around,
  cut to a part, both, two merged.  Each site puts the same boilerplate around all of its texts.
* ``forms(rng, count)``: weather, match and market reports of many days: one form, other names and figures, no copies.
* ``independent(rng)``: one event as five reporters tell it: the same names, figures and quotations, no sentence in common.
* ``rewritten(rng, text)``: a text as a lazy desk writes it over: speech reported, sentences dropped, words changed, filler added.
"""

import re
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import yaml

_DATA: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))


class Ladder(NamedTuple):
    """Texts by id, and the pairs that are copies."""

    texts: dict[str, str]
    copies: frozenset[tuple[str, str]]


def name(rng: Random) -> str:
    """A name that nobody has."""
    return "".join(rng.choice(_DATA["syllables"]) for _ in range(rng.choice((2, 2, 3)))).capitalize()


def _sentence(rng: Random, names: Sequence[str]) -> str:
    made = re.sub(r"\{(\w+)\}", lambda match: _word(rng, names, match[1]), rng.choice(_DATA["shapes"]))
    return f"{made[0].upper()}{made[1:]}."


def _word(rng: Random, names: Sequence[str], kind: str) -> str:
    if kind == "name":
        return rng.choice(names)
    return str(rng.randint(*_DATA["ranges"][kind])) if kind in _DATA["ranges"] else str(rng.choice(_DATA[kind]))


def article(rng: Random, sentences: int | None = None, people: Sequence[str] = ()) -> str:
    """A report; a paragraph has three sentences.  ``people`` are its names, if they are not to be its own."""
    names = people or [name(rng) for _ in range(rng.randint(5, 9))]
    made = [_sentence(rng, names) for _ in range(sentences or rng.randint(15, 35))]
    return "\n".join(" ".join(made[at : at + 3]) for at in range(0, len(made), 3))


def story(rng: Random, count: int) -> list[str]:
    """So many reports of some 450 words with the same names: every fifth is a copy of one before it, every fifth written over from one."""
    names = [name(rng) for _ in range(8)]
    texts = [article(rng, 32, names)]
    while len(texts) < count:
        before = rng.choice(texts)
        way = len(texts) % 5
        texts.append(edited(rng, before, 0.05) if way == 1 else rewritten(rng, before) if way == 3 else article(rng, 32, names))
    return texts


def edited(rng: Random, text: str, share: float) -> str:
    """``text`` with such a share of its words replaced, dropped or doubled with another."""
    banks = (_DATA["nouns"], _DATA["things"], _DATA["qualities"], _DATA["people"])
    words = []
    for word in re.findall(r"\S+|\n", text):
        if word != "\n" and rng.random() < share:
            how = rng.random()
            other = rng.choice(rng.choice(banks))
            words += [other] if how < 0.6 else [] if how < 0.8 else [word, other]
        else:
            words.append(word)
    return re.sub(r" ?\n ?", "\n", " ".join(words))


def _cut(text: str, share: float) -> str:
    words = text.split(" ")
    return " ".join(words[: max(int(len(words) * share), 1)])


def ladder(rng: Random, count: int) -> Ladder:
    """``count`` reports on one site, and each changed in one way on others, every third in two ways; texts of one origin are copies."""
    texts: dict[str, str] = {}
    origins: dict[str, set[int]] = {}
    sites = [article(rng, 4).replace("\n", " ") for _ in range(6)]
    ways: tuple[Callable[[str], str], ...] = (
        lambda text: edited(rng, text, 0.05),
        lambda text: f"{(site := rng.choice(sites))}\n{text}\n{site[: len(site) // 2]}",
        lambda text: _cut(text, rng.uniform(0.3, 0.7)),
        lambda text: _cut(edited(rng, text, 0.05), rng.uniform(0.3, 0.7)),
    )
    for number in range(count):
        texts[f"a{number}"], origins[f"a{number}"] = article(rng), {number}
        for step in range(2 if number % 3 == 0 else 1):
            texts[f"b{number}{'xy'[step]}"], origins[f"b{number}{'xy'[step]}"] = (
                ways[(number + step) % len(ways)](texts[f"a{number}"]),
                {number},
            )
        if number and number % 4 == 0:
            parts = [_cut(texts[f"a{which}"], rng.uniform(0.55, 1)) for which in (number, number - 1)]
            texts[f"m{number}"], origins[f"m{number}"] = "\n".join(parts), {number, number - 1}
    copies = {(left, right) for left, right in combinations(sorted(texts), 2) if origins[left] & origins[right]}
    return Ladder(texts, frozenset(copies))


def forms(rng: Random, count: int) -> dict[str, str]:
    """So many reports of each of the three forms."""
    texts = {}
    town, ground, beach = name(rng), f"{name(rng)} Park", name(rng)
    for kind, form in _DATA["forms"].items():
        for number in range(count):
            figures = {key: f"{rng.uniform(1, 100):.1f}" if rng.random() < 0.5 else str(rng.randint(1, 9000)) for key in _DATA["figures"]}
            who = {key: name(rng) for key in _DATA["who"]}
            fixed = {
                "town": town,
                "ground": ground,
                "beach": beach,
                "day": rng.choice(_DATA["days"]),
                "goals": f"{rng.randint(1, 5)}-{rng.randint(0, 3)}",
            }
            words = {
                "sky": rng.choice(_DATA["skies"]),
                "sky2": rng.choice(_DATA["skies"]),
                "side": rng.choice(["north", "south", "east", "west"]),
            }
            words |= {"way": rng.choice(["higher", "lower"]), "moved": rng.choice(["gained", "lost"])}
            texts[f"{kind}{number}"] = form.format(**{**figures, **who, **fixed, **words})
    return texts


def independent(rng: Random) -> list[str]:
    """One event as five reporters tell it; each begins with the news and tells the rest in an order of its own."""
    slots = {key: name(rng) for key in _DATA["event"]}
    slots |= {
        "place": f"{name(rng)} Hall",
        "chief": f"{name(rng)} {name(rng)}",
        "mayor": f"{name(rng)} {name(rng)}",
        "day": rng.choice(_DATA["days"]),
    }
    slots |= {"dead": str(rng.randint(4, 90)), "hurt": str(rng.randint(12, 300)), "crews": str(rng.randint(9, 40))}
    slots |= {"year": str(rng.randint(1990, 2020)), "decades": str(rng.randint(20, 70))}
    slots |= {"quote": rng.choice(_DATA["quotes"]), "second": rng.choice(_DATA["seconds"])}
    texts = []
    for lines in _DATA["reporters"]:
        said = [line.format(**slots) for line in lines]
        groups = [said[1:3], said[3:5], said[5:7], said[7:8], said[8:9]]
        rng.shuffle(groups)
        texts.append("\n".join([said[0], *(line for group in groups for line in group)]))
    return texts


def rewritten(rng: Random, text: str) -> str:
    """A text written over by a desk that adds nothing of its own: speech reported, sentences dropped, a fifth of the words changed."""
    sentences = [part for line in text.replace("“", "").replace("”", "").split("\n") for part in re.split(r"(?<=[.!?]) ", line)]
    kept = [part for number, part in enumerate(sentences) if number == 0 or rng.random() < 0.7]
    words = " ".join(kept).split(" ")
    changed = [
        word if word[0].isupper() or rng.random() < 0.72 else _DATA["synonyms"].get(word, rng.choice(_DATA["qualities"])) for word in words
    ]
    return f"{' '.join(changed)}\n{' '.join(rng.sample(_DATA['filler'], 3))}"
