"""How the sticker should look: one choice for everyone, and finer ones for those who open them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from emotoon import ml

STYLE_NAMES = {"cel": _("Cel"), "pastel": _("Pastel"), "ink": _("Ink"), "flat": _("Flat")}
PART_NAMES = {
    "eyes": _("Eyes"),
    "mouth": _("Mouth"),
    "skin": _("Skin"),
    "hair": _("Hair"),
    "clothes": _("Clothes"),
    "background": _("Background"),
}
SWATCHES = {
    "hair": {
        "#1f1a1c": _("Black"),
        "#5a3825": _("Brown"),
        "#d9a94f": _("Blond"),
        "#a3341f": _("Red"),
        "#f08fb0": _("Pink"),
        "#5a6fd6": _("Blue"),
        "#b9bcc6": _("Silver"),
    },
    "lips": {"#c0404a": _("Red"), "#e58090": _("Pink"), "#d97757": _("Coral"), "#7d2b4a": _("Plum")},
    "clothes": {
        "#23252e": _("Black"),
        "#f2efe6": _("White"),
        "#c62f3b": _("Red"),
        "#f2c21a": _("Yellow"),
        "#3f8f5b": _("Green"),
        "#2f57a6": _("Blue"),
        "#e79ab5": _("Pink"),
    },
}
GLASSES = {"": _("As in the photo"), "on": _("With glasses"), "off": _("Without glasses")}
USUAL = ml.look_read()


def _share(label: Any, initial: float) -> forms.FloatField:
    slider = forms.NumberInput(attrs={"type": "range", "min": 0, "max": 1, "step": 0.05})
    return forms.FloatField(
        label=label, initial=initial, required=False, min_value=0, max_value=1, widget=slider
    )


class LookForm(forms.Form):
    """Every field may be missing: then it is as usual."""

    style = forms.CharField(required=False, max_length=24)
    strength = _share(_("Cartoon"), USUAL.strength)
    caricature = _share(_("Caricature"), USUAL.caricature)
    glasses = forms.ChoiceField(required=False, choices=list(GLASSES.items()), label=_("Glasses"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part, label in PART_NAMES.items():
            self.fields[f"part_{part}"] = _share(label, 1.0)
        for region, swatches in SWATCHES.items():
            choices = [("", _("As in the photo")), *swatches.items()]
            self.fields[f"colour_{region}"] = forms.ChoiceField(
                required=False, choices=choices, label=PART_NAMES.get(region, _("Lips"))
            )

    @staticmethod
    def styles() -> list[tuple[str, Any]]:
        return [(name, STYLE_NAMES.get(name, name)) for name in ml.style_names()]

    def parts(self) -> list[forms.BoundField]:
        return [self[f"part_{part}"] for part in PART_NAMES]

    def colours(self) -> list[tuple[forms.BoundField, list[tuple[str, Any]]]]:
        return [(self[f"colour_{region}"], list(swatches.items())) for region, swatches in SWATCHES.items()]

    def finer_errors(self) -> list[str]:
        """What is wrong with the folded-away fields, each named."""
        finer = [name for name in LookForm(None).fields if name != "style"]
        return [f"{self[name].label}: {error}" for name in finer for error in self[name].errors]

    def look(self) -> ml.Look:
        """The look that was chosen. Raises InvalidInput, as for a style that does not exist."""
        wish = self.cleaned_data
        chosen = {region: wish[f"colour_{region}"] for region in SWATCHES}
        shares = {part: wish[f"part_{part}"] for part in PART_NAMES}
        return ml.look_read(
            style=wish["style"] or USUAL.style,
            strength=USUAL.strength if wish["strength"] is None else wish["strength"],
            caricature=USUAL.caricature if wish["caricature"] is None else wish["caricature"],
            parts={part: share for part, share in shares.items() if share is not None},
            recolour={region: colour for region, colour in chosen.items() if colour},
            glasses={"on": True, "off": False}.get(wish["glasses"]),
        )
