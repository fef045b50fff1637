"""Invented news texts with known relations: what the finding of copies and of derivation is measured on.

All is made from lists of words below and a ``random.Random`` that the caller seeds; nothing is anybody's text.

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
from random import Random
from typing import NamedTuple

_SYLLABLES = "ba dor el fen gal hov ir jun kel lam mor nes ol par quin ros sal tev ul ven wes yar zan bri cor dal eck fro gun hal".split()
_NOUNS = (
    "bridge harbour council school valley tunnel ferry orchard reservoir library stadium hospital railway quarry market museum airport forest "
    "prison factory monastery lighthouse theatre canal glacier vineyard refinery barracks archive observatory clinic warehouse depot laboratory "
    "embassy cathedral nursery shipyard mill dam pipeline substation crossing pavilion hostel academy tannery brewery greenhouse terminal"
).split()
_THINGS = (
    "budget permit contract survey inquiry petition licence strike repair merger lease auction ballot verdict audit reform subsidy tender protest "
    "rescue evacuation inspection closure expansion appeal plan outage leak shortage tariff dispute ceasefire curfew boycott recall vaccine drought"
).split()
_VERBS = (
    "approved delayed rejected reviewed financed blocked postponed welcomed questioned measured widened emptied rebuilt inspected abandoned renamed "
    "guarded flooded reopened photographed mapped sold searched insured painted crossed defended borrowed audited cancelled praised ignored"
).split()
_QUALITIES = (
    "narrow costly unfinished historic regional careful sudden disputed empty northern private temporary quiet heavy late broken modern crowded "
    "distant legal rusty fragile silent generous partial urgent damaged popular official secret small wide early frozen coastal rural former"
).split()
_ADVERBS = "quietly again twice reluctantly overnight abruptly slowly formally unexpectedly partly jointly briefly openly eventually".split()
_PEOPLE = (
    "engineers residents farmers pilots judges teachers nurses divers miners lawyers students fishermen builders drivers auditors volunteers "
    "inspectors traders pensioners shepherds surveyors brewers weavers gardeners"
).split()


class Ladder(NamedTuple):
    """Texts by id, and the pairs that are copies."""

    texts: dict[str, str]
    copies: frozenset[tuple[str, str]]


def name(rng: Random) -> str:
    """A name that nobody has."""
    return "".join(rng.choice(_SYLLABLES) for _ in range(rng.choice((2, 2, 3)))).capitalize()


def _sentence(rng: Random, names: Sequence[str]) -> str:
    noun, thing, verb, quality, people = (lambda: rng.choice(_NOUNS)), (lambda: rng.choice(_THINGS)), (lambda: rng.choice(_VERBS)), (
        lambda: rng.choice(_QUALITIES)
    ), (lambda: rng.choice(_PEOPLE))
    shapes: tuple[Callable[[], str], ...] = (
        lambda: f"{rng.choice(names)} {rng.choice(_ADVERBS)} {verb()} the {quality()} {noun()} near {rng.choice(names)}",
        lambda: f"{rng.randint(3, 990)} {people()} {verb()} a {quality()} {thing()} while {people()} {verb()} the {noun()}",
        lambda: f"after the {quality()} {thing()}, {people()} from {rng.choice(names)} {verb()} {rng.randint(2, 60)} {noun()} keys",
        lambda: f"the {noun()} of {rng.choice(names)} was {rng.choice(_ADVERBS)} {verb()} by {quality()} {people()}",
        lambda: f"a {thing()} over the {quality()} {noun()} {verb()} {people()} who had {rng.choice(_ADVERBS)} {verb()} every {thing()}",
        lambda: f"in {rng.choice(names)} the {thing()} cost {rng.randint(100, 9900)} crowns, which {people()} {verb()} {rng.choice(_ADVERBS)}",
        lambda: f"no {noun()} had been {verb()} since {people()} {verb()} its {quality()} {thing()} in {rng.randint(1950, 2020)}",
        lambda: f"{rng.choice(names)} and {rng.choice(names)} {verb()} each other's {thing()}, {quality()} or {quality()}, and {verb()} a {noun()}",
    )
    made = rng.choice(shapes)()
    return f"{made[0].upper()}{made[1:]}."


def article(rng: Random, sentences: int | None = None) -> str:
    """A report; a paragraph has two or three sentences."""
    names = [name(rng) for _ in range(rng.randint(5, 9))]
    made = [_sentence(rng, names) for _ in range(sentences or rng.randint(15, 35))]
    return "\n".join(" ".join(made[at : at + 3]) for at in range(0, len(made), 3))


def edited(rng: Random, text: str, share: float) -> str:
    """``text`` with such a share of its words replaced, dropped or doubled with another."""
    banks = (_NOUNS, _THINGS, _QUALITIES, _PEOPLE)
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
            texts[f"b{number}{'xy'[step]}"], origins[f"b{number}{'xy'[step]}"] = ways[(number + step) % len(ways)](texts[f"a{number}"]), {number}
        if number and number % 4 == 0:
            parts = [_cut(texts[f"a{which}"], rng.uniform(0.55, 1)) for which in (number, number - 1)]
            texts[f"m{number}"], origins[f"m{number}"] = "\n".join(parts), {number, number - 1}
    copies = {(left, right) for left, right in combinations(sorted(texts), 2) if origins[left] & origins[right]}
    return Ladder(texts, frozenset(copies))


_WEATHER = (
    "The weather for {town} on {day}: the morning starts with {sky} over the coast, and temperatures rise from {low} to {high} degrees by noon. "
    "In the afternoon {sky2} moves in from the {side}, with gusts of up to {gust} kilometres an hour on exposed roads. "
    "The chance of rain is {rain} percent, and up to {mm} millimetres may fall before midnight. At night temperatures drop to {night} degrees, "
    "with mist in the valleys. The outlook for the next two days: little change in the south, cooler in the north, with highs of {next} degrees. "
    "The sun rises at {rise} and sets at {set}. The water temperature at {beach} is {water} degrees."
)
_MATCH = (
    "{home} beat {away} {goals} at the {ground} on {day} in front of {crowd} spectators. {scorer} opened the scoring in the {minute}th minute after a "
    "pass by {passer}, and {second} doubled the lead before the break. The visitors came back into the match after the restart, but {keeper} saved "
    "from {striker} in the {late}th minute. It was the {nth}th win of the season for {home}, who move up to place {place} with {points} points. "
    "{away} stay on place {low} and travel to {next} next week. Coach {coach} said the team had deserved the result."
)
_MARKET = (
    "Shares in {town} closed {way} on {day}. The leading index {moved} {percent} percent to {level} points, after trading between {floor} and {top} "
    "points during the session. Turnover reached {turnover} million crowns. Among the winners were {win}, up {up} percent, and {win2}, up {up2} "
    "percent, while {lose} lost {down} percent after its quarterly figures. The crown traded at {rate} to the dollar, and the yield of the ten-year "
    "bond stood at {bond} percent. A barrel of oil cost {oil} dollars, an ounce of gold {gold} dollars."
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_SKIES = ("bright sunshine", "low cloud", "thick fog", "scattered showers", "high cloud", "light drizzle", "snow", "thunderstorms")
_FIGURES = (
    "low high gust rain mm night next rise set water crowd minute late nth place points percent level floor top turnover up up2 down rate bond oil "
    "gold"
).split()


def forms(rng: Random, count: int) -> dict[str, str]:
    """So many reports of each of the three forms."""
    texts = {}
    town, ground, beach = name(rng), f"{name(rng)} Park", name(rng)
    for kind, form in (("weather", _WEATHER), ("match", _MATCH), ("market", _MARKET)):
        for number in range(count):
            figures = {key: f"{rng.uniform(1, 100):.1f}" if rng.random() < 0.5 else str(rng.randint(1, 9000)) for key in _FIGURES}
            who = {key: name(rng) for key in "home away scorer passer second keeper striker coach win win2 lose".split()}
            fixed = {"town": town, "ground": ground, "beach": beach, "day": rng.choice(_DAYS), "goals": f"{rng.randint(1, 5)}-{rng.randint(0, 3)}"}
            words = {"sky": rng.choice(_SKIES), "sky2": rng.choice(_SKIES), "side": rng.choice(["north", "south", "east", "west"])}
            words |= {"way": rng.choice(["higher", "lower"]), "moved": rng.choice(["gained", "lost"])}
            texts[f"{kind}{number}"] = form.format(**{**figures, **who, **fixed, **words})
    return texts


# One event in five wordings; {…} are its names and figures.  Line n of each reporter says the same as line n of the others.
_REPORTERS: tuple[tuple[str, ...], ...] = (
    (
        "A fire tore through the {place} in {town} on {day} evening, killing at least {dead} people and leaving {hurt} in hospital, police said.",
        "{chief}, who heads the fire service of {region}, said {crews} crews had fought the flames until dawn.",
        "“{quote}” {chief} told reporters outside the gates.",
        "Investigators believe the blaze began in the basement, where {firm} had stored paint since {year}.",
        "The company has denied that it broke any rule.",
        "Mayor {mayor} declared three days of mourning and promised help to the families.",
        "“{second}” she said.",
        "Prosecutors in {capital} have opened a case against two managers, neither of whom has been arrested.",
        "It was the worst disaster of its kind in {region} for {decades} years.",
    ),
    (
        "At least {dead} people have died in {town} after flames swept the {place} late on {day}; another {hurt} were injured, according to officers.",
        "Some {crews} teams battled all night to bring the inferno under control, the head of {region}’s firefighters, {chief}, reported.",
        "He described what they met: “{quote}”",
        "Paint kept below ground by {firm} for the past years, since {year} to be exact, may have caught light first, detectives suspect.",
        "A spokesman for the business rejected claims of negligence.",
        "Families will be looked after, {mayor}, mayor of the city, pledged as she ordered flags to fly at half mast.",
        "Her words: “{second}”",
        "Two executives face an inquiry launched from {capital}, though both remain free.",
        "Nothing comparable has struck {region} in {decades} years.",
    ),
    (
        "The death toll from {day}’s blaze at {town}’s {place} has reached {dead}, with {hurt} survivors under treatment.",
        "It took {crews} brigades some nine hours to win, {chief} explained this morning on behalf of the rescuers of {region}.",
        "“{quote}” was how he put it.",
        "Why did it burn so fast? Drums of lacquer belonging to {firm} had stood in the cellar from {year} on, and everything points to them.",
        "Lawyers acting for the owner call such talk premature.",
        "Mourning has been proclaimed by {mayor}, who governs the town and visited relatives of victims overnight.",
        "“{second}” the mayor assured them.",
        "Meanwhile a criminal investigation in {capital} targets a pair of directors who have not been detained.",
        "People in {region} would have to look back {decades} years for a comparable loss.",
    ),
    (
        "{town} woke to grief: {dead} dead, {hurt} wounded, and of the {place} only walls after what happened there on {day} night.",
        "“We had {crews} units there,” recalled {chief}, chief of {region}’s brigade, his face black with soot.",
        "Then came the sentence that everyone here repeats: “{quote}”",
        "Suspicion has fallen on a paint store run by {firm}; it was set up under the building in {year}.",
        "Not so, the firm answers, every inspection was passed.",
        "In the town hall {mayor} signed a decree on mourning and a fund for those who lost someone.",
        "“{second}” promised the mayor.",
        "Whether two of the firm’s bosses go to court will be settled by magistrates from {capital}.",
        "Older residents of {region} remember only one calamity like it, {decades} years ago.",
    ),
    (
        "Officials put the number of victims of the {place} fire in {town} at {dead}; {hurt} more are being cared for since {day}.",
        "According to {region}’s top fire officer, {chief}, dawn had come before the {crews} squads could withdraw.",
        "Asked about the first minutes, he answered: “{quote}”",
        "Forensic experts are looking at chemicals that {firm} deposited beneath the hall; the permit dates from {year}.",
        "Its management insists that all was in order.",
        "For three days no music will play in the city; that is the wish of {mayor}, its mayor, who also announced payments.",
        "“{second}” were her words to the bereaved.",
        "Charges are being weighed in {capital} against two people at the top of the company, still at liberty.",
        "Statistics for {region} show nothing so deadly within {decades} years.",
    ),
)
_QUOTES = (
    "When we came up the road the roof was already gone and people were calling from the windows on the second floor.",
    "I have done this work since I was a boy and I have never seen a building burn from below like this one did.",
    "There was no water in the mains for almost half an hour, and we had to bring it up from the river by hand.",
)
_SECONDS = (
    "No family in this town will be left alone with its bills, whatever the courts may decide in the end.",
    "We will rebuild what can be rebuilt, and we will name what was lost, one by one, on the wall of the new hall.",
)


def independent(rng: Random) -> list[str]:
    """One event as five reporters tell it; each begins with the news and tells the rest in an order of its own."""
    slots = {key: name(rng) for key in "town chief region firm mayor capital".split()}
    slots |= {"place": f"{name(rng)} Hall", "chief": f"{name(rng)} {name(rng)}", "mayor": f"{name(rng)} {name(rng)}", "day": rng.choice(_DAYS)}
    slots |= {"dead": str(rng.randint(4, 90)), "hurt": str(rng.randint(12, 300)), "crews": str(rng.randint(9, 40))}
    slots |= {"year": str(rng.randint(1990, 2020)), "decades": str(rng.randint(20, 70))}
    slots |= {"quote": rng.choice(_QUOTES), "second": rng.choice(_SECONDS)}
    texts = []
    for lines in _REPORTERS:
        said = [line.format(**slots) for line in lines]
        groups = [said[1:3], said[3:5], said[5:7], said[7:8], said[8:9]]
        rng.shuffle(groups)
        texts.append("\n".join([said[0], *(line for group in groups for line in group)]))
    return texts


_SYNONYMS = {
    "said": "stated", "killing": "which killed", "began": "started", "people": "persons", "fire": "blaze", "evening": "night", "company": "firm",
    "told": "informed", "promised": "pledged", "worst": "deadliest", "opened": "launched", "help": "support", "denied": "rejected",
    "late": "at a late hour", "may": "might", "reported": "noted", "another": "a further", "has": "had", "inquiry": "investigation",
}  # fmt: skip
_FILLER = (
    "The events underline how important it is to learn from such days.",
    "Observers agree that much remains to be done in the weeks ahead.",
    "The case shows the challenges that communities face when the unexpected happens.",
    "It remains to be seen which conclusions will be drawn by those in charge.",
)


def rewritten(rng: Random, text: str) -> str:
    """A text written over by a desk that adds nothing of its own: speech reported, sentences dropped, a fifth of the words changed."""
    sentences = [part for line in text.replace("“", "").replace("”", "").split("\n") for part in re.split(r"(?<=[.!?]) ", line)]
    kept = [part for number, part in enumerate(sentences) if number == 0 or rng.random() < 0.7]
    words = " ".join(kept).split(" ")
    changed = [word if word[0].isupper() or rng.random() < 0.72 else _SYNONYMS.get(word, rng.choice(_QUALITIES)) for word in words]
    return f"{' '.join(changed)}\n{' '.join(rng.sample(_FILLER, 3))}"
