"""Drawn pictures that a person's face is put into, by name.

Each is two functions: what lies behind the faces and what lies before them. Where the faces are is data
(``emotoon/catalog/pictures/*.toml``).
"""

from collections.abc import Mapping
from types import MappingProxyType

from ml_core.drawing.pictures import cards, people, sights
from ml_core.drawing.pictures.sheet import Picture

PICTURES: Mapping[str, Picture] = MappingProxyType(
    {
        "wanted": cards.WANTED,
        "birthday": cards.BIRTHDAY,
        "couple": cards.COUPLE,
        "news": cards.NEWS,
        "king": people.KING,
        "office_tears": people.OFFICE_TEARS,
        "money_rain": people.MONEY_RAIN,
        "astronaut": sights.ASTRONAUT,
        "sun": sights.SUN,
        "baby": sights.BABY,
    }
)
