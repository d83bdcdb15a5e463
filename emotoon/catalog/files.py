"""The catalog as readable files: what a template means, and how it moves or where faces go."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEMPLATES_DIR = Path(__file__).parent / "templates"
MOTIONS_DIR = Path(__file__).parent / "motions"
PICTURES_DIR = Path(__file__).parent / "pictures"
LAYOUTS_DIR = PICTURES_DIR / "layouts"


@dataclass(frozen=True)
class TemplateFile:
    """The parsed content of one template and the text of its motion, or of its picture."""

    template_id: str
    fields: dict[str, Any]
    digest: str


def catalog_read(*, templates: Path = TEMPLATES_DIR, motions: Path = MOTIONS_DIR) -> list[TemplateFile]:
    """Every template, in the order of their ids. A missing motion or a broken file names itself."""
    return [_read(path, motions) for path in sorted(templates.glob("*.toml"))]


def pictures_read(*, pictures: Path = PICTURES_DIR, layouts: Path = LAYOUTS_DIR) -> list[TemplateFile]:
    """Every picture template, in the order of their ids."""
    return [_read(path, layouts, "picture") for path in sorted(pictures.glob("*.toml"))]


def _read(path: Path, folder: Path, acts: str = "motion") -> TemplateFile:
    """``acts``: motion or picture, which lies in ``folder``."""
    text = path.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name}: {error}") from None
    act_path = folder / f"{data[acts]}.toml"
    if not act_path.exists():
        raise ValueError(f"{path.name}: there is no {acts} {data[acts]!r} in {folder}")
    act = act_path.read_text(encoding="utf-8")
    fields = {
        "covers": data.get("covers", ""),
        "title_ko": data["title"]["ko"],
        "title_en": data["title"]["en"],
        "category": data["category"],
        "emoji": data["emoji"],
        "labels": data["labels"],
        "captions": data["captions"],
        "messages": data["messages"],
        "hard_negatives": data.get("hard_negatives", []),
        "kind": "picture" if acts == "picture" else "talking_head",
        "motion": "",
        "picture": "",
        acts: act,
    }
    return TemplateFile(data["id"], fields, hashlib.sha256((text + act).encode()).hexdigest())
