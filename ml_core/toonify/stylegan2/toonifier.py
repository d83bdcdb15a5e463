"""Toonify: align -> project -> blended generator -> paste back by matte (Pinkney & Adler 2020)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml_core.errors import WeightsUnavailable
from ml_core.toonify.colour import lab_from_rgb, rgb_from_lab
from ml_core.toonify.layers import region
from ml_core.toonify.palette import palette
from ml_core.toonify.smoothing import bled
from ml_core.toonify.study import study
from ml_core.toonify.stylegan2.align import AlignedFace, align, lay_back
from ml_core.toonify.stylegan2.blend import blend
from ml_core.toonify.stylegan2.checkpoint import LoadedGenerator, build_generator
from ml_core.toonify.stylegan2.generator import Generator
from ml_core.toonify.stylegan2.project import Encoder, OptimisingEncoder
from ml_core.toonify.styles import STYLES
from ml_core.torch_batches import finite
from ml_core.types import FaceAnalysis, Image, ToonPortrait

VECTOR_PARTS = "flat"
"""Our style whose line and line weight suit the parts drawn over a neural texture."""
BLEED = 12.0
STRONGEST, WEAKEST = 4, 64
"""Resolutions the strength 1 and 0 swap at: below 8 px the pose itself becomes the cartoon model's."""


@dataclass(frozen=True)
class BlendStrength:
    """Where the toon model takes over: at ``resolution`` (its layers from one finer on, see ``blend``),
    softly over ``width`` layers or hard if None.
    """

    resolution: int
    width: float | None = 1.0


def blend_strength(strength: float, width: float | None = 1.0) -> BlendStrength:
    """0..1 -> resolution 64..4, a power of two: the coarser the swap, the stronger the cartoon."""
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"strength is {strength}; give a number from 0 to 1")
    octaves = round(math.log2(WEAKEST) + strength * (math.log2(STRONGEST) - math.log2(WEAKEST)))
    return BlendStrength(2**octaves, width)


@dataclass(frozen=True)
class Projected:
    """A face ready to be drawn by any blend. w_plus: (1, L, style_dim)."""

    face: AlignedFace
    w_plus: Tensor


Blended = Callable[[BlendStrength], Generator]
"""The generator of one blend, on the device."""


class Blends:
    """Blends two related generators when first asked for and keeps them.

    Raises WeightsUnavailable (``weights_unrelated``) when the networks differ in shape.
    """

    def __init__(self, photo: LoadedGenerator, toon: LoadedGenerator, device: str = "cpu") -> None:
        if photo.shape != toon.shape:
            raise WeightsUnavailable(
                "weights_unrelated",
                f"The two models are {photo.shape} and {toon.shape}; only models fine-tuned from one another "
                "can be blended.",
            )
        self.photo, self.toon = photo, toon
        self.device = torch.device(device)
        self._kept: dict[BlendStrength, Generator] = {}

    def __call__(self, how: BlendStrength) -> Generator:
        if how not in self._kept:
            mixed = blend(self.photo.state, self.toon.state, how.resolution, width=how.width)
            self._kept[how] = build_generator(mixed, self.photo.mean_w).network.to(self.device)
        return self._kept[how]


def no_blends(how: BlendStrength) -> Generator:
    """For a toonifier that only projects until it is given blends."""
    raise WeightsUnavailable("weights_missing", f"No toon model was given to blend at {how.resolution} px.")


class StyleGan2Toonifier:
    """Draws faces with two related generators: ``photo`` keeps the structure, ``blended`` gives the drawing.

    encoder: default is the W+ optimisation through ``photo`` (seconds on a GPU, minutes on a CPU).
    """

    def __init__(
        self,
        photo: LoadedGenerator,
        blended: Blended,
        *,
        style: str = "toon",
        encoder: Encoder | None = None,
        device: str = "cpu",
    ) -> None:
        self.photo, self.blended = photo, blended
        self.style = style
        self.device = torch.device(device)
        photo.network.to(self.device)
        self.encoder = encoder or OptimisingEncoder(photo.network)

    def toonify(
        self, analysis: FaceAnalysis, strength: float = 0.6, width: float | None = 1.0
    ) -> ToonPortrait:
        """The portrait drawn by the blend of that strength (0..1); same geometry as ``analysis``."""
        return self.toonify_many([analysis], [strength], width)[0]

    def toonify_many(
        self, analyses: Sequence[FaceAnalysis], strengths: Sequence[float], width: float | None = 1.0
    ) -> list[ToonPortrait]:
        """Several portraits; their projection, which takes nearly all the time, runs as one batch."""
        drawn = []
        for analysis, found, strength in zip(analyses, self.project_many(analyses), strengths, strict=True):
            picture = self.draw(found, blend_strength(strength, width))
            drawn.append(self.portrait(analysis, picture, strength))
        return drawn

    def compare(
        self, analysis: FaceAnalysis, first: BlendStrength, second: BlendStrength
    ) -> tuple[ToonPortrait, ToonPortrait]:
        """One projection drawn by two blends, to be put side by side."""
        found = self.project(analysis)
        one, two = (self.portrait(analysis, self.draw(found, how), 1.0) for how in (first, second))
        return one, two

    def project(self, analysis: FaceAnalysis) -> Projected:
        """Align the face and find its w+; the slow part, shared by all strengths."""
        return self.project_many([analysis])[0]

    def project_many(self, analyses: Sequence[FaceAnalysis]) -> list[Projected]:
        """Several faces at once."""
        size = self.photo.shape.size
        faces = [align(each.image, each.landmarks, size, each.valid) for each in analyses]
        images = torch.from_numpy(np.stack([face.image.transpose(2, 0, 1) for face in faces]))
        rows = self.encoder.encode((images.float() / 127.5 - 1.0).to(self.device))
        return [Projected(face, found[None]) for face, found in zip(faces, rows, strict=True)]

    def draw(self, found: Projected, how: BlendStrength) -> tuple[Image, NDArray[np.float32]]:
        """The blended generator's picture, (size, size, 3) uint8 RGB, and its alignment."""
        with torch.no_grad():
            image = finite(self.blended(how)(found.w_plus)[0], "StyleGAN2")
        scaled = (image.clamp(-1, 1) * 127.5 + 127.5).round().to(torch.uint8)
        return np.ascontiguousarray(scaled.permute(1, 2, 0).cpu().numpy()), found.face.matrix

    def portrait(
        self, analysis: FaceAnalysis, drawn: tuple[Image, NDArray[np.float32]], strength: float
    ) -> ToonPortrait:
        """Paste a drawn face into the portrait frame and cut it out by the matte."""
        laid, cover = lay_back(drawn[0], drawn[1], analysis.image.shape[:2])
        mixed = laid * cover[..., None] + analysis.image * (1.0 - cover[..., None])
        return as_portrait(analysis, np.asarray(np.round(mixed), np.uint8), self.style, strength)


def as_portrait(analysis: FaceAnalysis, picture: Image, style: str, strength: float) -> ToonPortrait:
    """A drawn picture as the texture that the puppet animates.

    picture: (S, S, 3) uint8 RGB in the portrait frame, same geometry as the photo. Colour is bled over
    the matte's border; the palette is sampled from the drawing.
    """
    sitter = study(analysis, STYLES[VECTOR_PARTS], {}, locks=0.0)
    clean = rgb_from_lab(bled(lab_from_rgb(picture), analysis.matte, BLEED))
    alpha = np.round(sitter.layers.alpha * 255.0).astype(np.uint8)
    texture = np.dstack([clean, alpha])
    brows = region(analysis.regions, "brows")
    return ToonPortrait(
        texture=texture,
        palette=palette(texture, sitter, STYLES[VECTOR_PARTS], brows),
        style=style,
        strength=strength,
        eye_scale=1.0,
        analysis=analysis,
    )
