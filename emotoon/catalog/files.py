"""The catalog as readable files: one TOML for what a template means, one for how it moves."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEMPLATES_DIR = Path(__file__).parent / "templates"
MOTIONS_DIR = Path(__file__).parent / "motions"


@dataclass(frozen=True)
class TemplateFile:
    """The parsed content of one template and the text of its motion."""

    template_id: str
    fields: dict[str, Any]
    digest: str


def catalog_read(*, templates: Path = TEMPLATES_DIR, motions: Path = MOTIONS_DIR) -> list[TemplateFile]:
    """Every template, in the order of their ids. A missing motion or a broken file names itself."""
    return [_read(path, motions) for path in sorted(templates.glob("*.toml"))]


def _read(path: Path, motions: Path) -> TemplateFile:
    text = path.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name}: {error}") from None
    motion_path = motions / f"{data['motion']}.toml"
    if not motion_path.exists():
        raise ValueError(f"{path.name}: there is no motion {data['motion']!r} in {motions}")
    motion = motion_path.read_text(encoding="utf-8")
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
        "motion": motion,
    }
    return TemplateFile(data["id"], fields, hashlib.sha256((text + motion).encode()).hexdigest())
