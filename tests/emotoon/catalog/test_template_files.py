"""The template files are data written by hand: these checks keep them whole, varied and unambiguous."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

TEMPLATES = Path(__file__).parents[3] / "emotoon" / "catalog" / "templates"
MOTIONS = TEMPLATES.parent / "motions"

# The 63 ids that the issue about the recommender fixes; evaluation is done on them.
BASE_IDS = frozenset(
    re.findall(
        r"\w+",
        """
        joy bday_wish bday_thanks congrats thanks sorry angry annoyed surprised sad comfort sleepy
        goodnight morning hungry eating full love miss aegyo refuse agree cheer hello bye work_hate
        offwork busy drink hangover study exam_fail fluster shy tired sick worry scared bored lol
        praise envy sulk proud excited disappoint lonely absurd indiff waiting late please curious
        broke payday travel diet hot cold newyear weekend giveup fine
        """,
    )
)
CATEGORIES = frozenset(
    re.findall(
        r"\w+",
        """greet celebrate thanks apology love joy sad angry surprise agree refuse work study food rest health
    weather play encourage relation daily""",
    )
)
REQUIRED_KEYS = frozenset(
    ["id", "title", "category", "emoji", "motion", "labels", "captions", "messages", "hard_negatives"]
)
REGISTER_QUOTAS = {
    "slang": 4,
    "banmal": 4,
    "haeyo": 4,
    "hapsyo": 2,
    "dialect": 2,
    "elder": 2,
    "typo": 2,
    "emoji": 2,
    "indirect": 4,
    "negation": 2,
    "two_clause": 2,
    "english": 3,
    "long": 1,
}
MESSAGES_PER_TEMPLATE = 70
LABELS_PER_TEMPLATE = 5
CAPTION_RANGE = range(3, 6)
HARD_NEGATIVES_PER_TEMPLATE = 4
TEMPLATES_WANTED = range(85, 101)
CAPTION_LETTERS = 20  # a caption must stay legible on a 512 px sticker
MESSAGE_LETTERS = range(1, 61)
LONG_MESSAGE_LETTERS = range(35, 121)
NEAR_ACROSS, NEAR_WITHIN = 0.8, 0.9  # Jaccard of letter trigrams

NEGATION = re.compile(r"안|못|않|없|아니|아닌|아냐|[지도] ?마|지 ?말|말고|말아|말라|몰라|모르|몰랐|덜|커녕")
PICTOGRAM = re.compile("[\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\U0001f000-\U0001faff]")
PERSONAL_DATA = re.compile(r"\d{2,4}-\d{3,4}-\d{4}|\d{6}-\d{7}|@[\w.]+|https?://")

Template = dict[str, Any]


def load() -> dict[str, Template]:
    files = sorted(TEMPLATES.glob("*.toml"))
    return {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in files}


CATALOG = load()


def messages(template: Template) -> Iterator[str]:
    for register in template["messages"].values():
        yield from register


def trigrams(text: str) -> frozenset[str]:
    """Letter trigrams, blind to spaces and punctuation so that spacing alone does not make a message new."""
    letters = re.sub(r"[\s.,!?~^]+", "", text.casefold())
    padded = f"\x02{letters}\x03" if letters else text
    return frozenset(padded[i : i + 3] for i in range(max(1, len(padded) - 2)))


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)


def test_base_ids_are_all_there_and_refinements_name_one() -> None:
    assert set(CATALOG) >= BASE_IDS
    assert len(CATALOG) in TEMPLATES_WANTED
    for name, template in CATALOG.items():
        if name in BASE_IDS:
            assert "covers" not in template, name
        else:
            assert template["covers"] in BASE_IDS, name


@pytest.mark.parametrize("name", CATALOG)
def test_schema(name: str) -> None:
    template = CATALOG[name]
    assert REQUIRED_KEYS <= set(template) <= REQUIRED_KEYS | {"covers"}
    assert template["id"] == name
    assert re.fullmatch(r"[a-z][a-z_]*", name)
    assert template["category"] in CATEGORIES
    assert set(template["title"]) == {"ko", "en"}
    assert re.search("[가-힣]", template["title"]["ko"])
    assert re.search("[A-Za-z]", template["title"]["en"])
    assert (MOTIONS / f"{template['motion']}.toml").is_file()
    assert template["emoji"]
    assert all(PICTOGRAM.search(emoji) for emoji in template["emoji"])


@pytest.mark.parametrize("name", CATALOG)
def test_labels_are_descriptions(name: str) -> None:
    labels = CATALOG[name]["labels"]
    assert len(set(labels)) == len(labels) >= LABELS_PER_TEMPLATE
    for label in labels:
        assert label.endswith("다"), label
        assert len(label) >= 8, label


@pytest.mark.parametrize("name", CATALOG)
def test_captions_are_few_and_short(name: str) -> None:
    captions = CATALOG[name]["captions"]
    assert set(captions) == {"banmal", "jondaetmal"}
    for variants in captions.values():
        assert len(variants) in CAPTION_RANGE
        assert len(set(variants)) == len(variants)
        assert max(map(len, variants)) <= CAPTION_LETTERS, variants


@pytest.mark.parametrize("name", CATALOG)
def test_register_quotas(name: str) -> None:
    registers = CATALOG[name]["messages"]
    assert set(registers) == set(REGISTER_QUOTAS)
    short = {
        key: len(registers[key]) for key, quota in REGISTER_QUOTAS.items() if len(registers[key]) < quota
    }
    assert not short
    assert sum(map(len, registers.values())) >= MESSAGES_PER_TEMPLATE


@pytest.mark.parametrize("name", CATALOG)
def test_messages_are_what_their_register_says(name: str) -> None:
    template = CATALOG[name]
    for text in messages(template):
        assert text == text.strip()
        assert not PERSONAL_DATA.search(text), text
    for register, texts in template["messages"].items():
        letters = LONG_MESSAGE_LETTERS if register == "long" else MESSAGE_LETTERS
        assert all(len(text) in letters for text in texts), register
    for text in template["messages"]["english"]:
        assert not re.search("[가-힣ㄱ-ㅣ]", text), text
    for text in template["messages"]["emoji"]:
        assert PICTOGRAM.search(text), text
    for text in template["messages"]["negation"]:
        assert NEGATION.search(text), text


@pytest.mark.parametrize("name", CATALOG)
def test_hard_negatives_belong_elsewhere(name: str) -> None:
    template = CATALOG[name]
    negatives = template["hard_negatives"]
    assert len(negatives) >= HARD_NEGATIVES_PER_TEMPLATE
    own = set(messages(template))
    for negative in negatives:
        assert set(negative) == {"text", "belongs"}
        assert negative["belongs"] in CATALOG, negative
        assert negative["belongs"] != name
        assert negative["text"] not in own


def test_no_message_is_filler() -> None:
    """Near-duplicates, within a template and across: pairs come from an inverted index of trigrams."""
    entries = [
        (name, text, trigrams(text)) for name, template in CATALOG.items() for text in messages(template)
    ]
    holders: dict[str, list[int]] = defaultdict(list)
    for index, (_, _, grams) in enumerate(entries):
        for gram in grams:
            holders[gram].append(index)
    pairs = {pair for indices in holders.values() for pair in combinations(indices, 2)}
    near = [
        (entries[a][:2], entries[b][:2])
        for a, b in pairs
        if jaccard(entries[a][2], entries[b][2])
        >= (NEAR_WITHIN if entries[a][0] == entries[b][0] else NEAR_ACROSS)
    ]
    assert not near


def test_no_hard_negative_is_a_message_of_the_wrong_template() -> None:
    home = {text: name for name, template in CATALOG.items() for text in messages(template)}
    wrong = [
        (name, negative)
        for name, template in CATALOG.items()
        for negative in template["hard_negatives"]
        if home.get(negative["text"], negative["belongs"]) != negative["belongs"]
    ]
    assert not wrong


def test_openings_vary_within_a_template() -> None:
    """No template is one sentence with its ending swapped: few share their first five letters."""
    for name, template in CATALOG.items():
        openings: dict[str, int] = defaultdict(int)
        for text in messages(template):
            openings[re.sub(r"\s", "", text)[:5]] += 1
        opening, count = max(openings.items(), key=lambda item: item[1])
        assert count <= 4, (name, opening, count)
