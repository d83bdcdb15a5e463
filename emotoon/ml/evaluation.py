"""The door for people who measure and train what understands sentences, and who film motions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from emotoon.core.errors import InvalidInput
from emotoon.ml.encoders import encoder_of_index, encoder_required, encoder_told
from emotoon.ml.refusals import for_operators
from emotoon.ml.text import TemplateText

VIDEO_BYTES = 100_000_000
"""A driving video comes from a phone camera: ten seconds of 4K stay below this."""
VIDEO_FRAMES = 600
"""Ten seconds, the longest motion, at 60 frames a second."""
VIDEO_SECONDS_TO_DECODE = 120.0


def recommender_evaluate(
    *, queries: Sequence[Mapping[str, Any]], without: str | None = None
) -> dict[str, Any]:
    """Measures of the index in place over ``[{"text", "accept"}]``; see ml_core.text.evaluation.

    without: a signal that the search shall not hear. Raises InvalidInput ``signal_unknown``.
    """
    from ml_core.text.evaluation import evaluate
    from ml_core.text.search import SearchIndex

    with for_operators():
        index = SearchIndex.load(settings.SEARCH_INDEX_DIR, encoder_of_index)
    if without is not None:
        try:
            index = index.without(without)
        except ValueError as error:
            raise InvalidInput("signal_unknown", f"{error}.", field="without") from error
    return {"index": index.version, "encoder": encoder_told(index.encoder.name), **evaluate(index, queries)}


def sts_evaluate(*, path: Path) -> dict[str, Any]:
    """Spearman correlation of the chosen encoder on a KorSTS file; no other stands in for it."""
    from ml_core.text.evaluation import evaluate_sts

    encoder = encoder_required()
    try:
        return {"encoder": encoder.name, **evaluate_sts(encoder, path)}
    except (ValueError, IndexError) as error:
        raise InvalidInput(
            "sts_file", f"{path}: expected tab-separated columns score, sentence1 and sentence2 ({error})."
        ) from error


def moderator_evaluate(*, path: Path) -> dict[str, Any]:
    """Macro-F1 on a BEEP! file (.tsv), or what is refused of the texts of ``[{"text": ...}]`` (.json).

    Raises InvalidInput ``moderation_file`` for a file of another kind.
    """
    from ml_core.text.moderation import Moderator
    from ml_core.text.moderation.evaluation import evaluate_classes, evaluate_refusals

    try:
        if path.suffix == ".tsv":
            return evaluate_classes(Moderator.load(), path)
        rows = json.loads(path.read_text(encoding="utf-8"))
        return evaluate_refusals(Moderator.load(), [str(row["text"]) for row in rows])
    except (ValueError, LookupError, TypeError) as error:
        raise InvalidInput(
            "moderation_file",
            f'{path}: expected a BEEP! .tsv file with columns comments and hate, or JSON [{{"text": ...}}] '
            f"({error}).",
            field="file",
        ) from error


def encoder_train(
    *,
    data: Path,
    templates: Sequence[TemplateText],
    out: Path,
    seed: int,
    minutes: float,
    steps: int | None = None,
    pieces: int | None = None,
    recipe: str = "static",
    device: str = "cpu",
) -> dict[str, Any]:
    """Train the sentence encoder and write it to ``out``.

    recipe: ``static`` (ml_core.training.sentence.encoder) or ``transformer`` (the module of that name).
    """
    if recipe == "transformer":
        return _transformer_train(data, templates, out, seed, minutes, steps, pieces, device)
    from ml_core.training.sentence.encoder import STEPS, VOCABULARY, train_encoder

    with for_operators():
        return train_encoder(
            data,
            templates,
            out,
            seed=seed,
            time_budget=60 * minutes,
            steps=steps or STEPS,
            vocabulary=pieces or VOCABULARY,
        )


def _transformer_train(
    data: Path,
    templates: Sequence[TemplateText],
    out: Path,
    seed: int,
    minutes: float,
    steps: int | None,
    pieces: int | None,
    device: str,
) -> dict[str, Any]:
    from dataclasses import replace

    from ml_core.training.sentence.transformer import TransformerRecipe, train_transformer

    recipe = TransformerRecipe()
    if steps:
        recipe = replace(recipe, pretrain_steps=steps, steps=steps)
    if pieces:
        recipe = replace(recipe, vocabulary=pieces)
    with for_operators():
        return train_transformer(
            data, templates, out, seed=seed, time_budget=60 * minutes, device=device, recipe=recipe
        )


def motion_capture(*, data: bytes, motion_id: str) -> tuple[str, dict[str, Any]]:
    """A driving video (WebM, MP4, GIF, APNG, WebP) to the text of a motion file and what was seen."""
    import numpy as np

    from ml_core.animation.capture import DrivingFrames, motion_from_landmarks
    from ml_core.animation.motion_file import MAX_DURATION_S, motion_to_toml
    from ml_core.encoding.decoding import ReadLimits
    from ml_core.encoding.reading import read_clip
    from ml_core.face.tracking import FaceTracker

    limits = ReadLimits(bytes=VIDEO_BYTES, frames=VIDEO_FRAMES, decode_seconds=VIDEO_SECONDS_TO_DECODE)
    with for_operators():
        clip = read_clip(data, limits)
        if clip.duration_s > MAX_DURATION_S:
            raise InvalidInput(
                "clip_too_long",
                f"The video lasts {clip.duration_s:.1f} s; a motion lasts at most {MAX_DURATION_S:.0f} s.",
            )
        faces = FaceTracker().track([np.ascontiguousarray(frame[..., :3]) for frame in clip.frames])
        driving = DrivingFrames(
            np.stack([face.points for face in faces]), np.stack([face.iris for face in faces]), clip.fps
        )
        motion = motion_from_landmarks(driving, motion_id)
    seen = {
        "frames": len(faces),
        "fps": round(clip.fps, 3),
        "found": sum(face.found for face in faces),
        "tracks": sorted(motion.tracks),
    }
    return motion_to_toml(motion), seen
