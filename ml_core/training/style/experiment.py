"""The comparison of plain fine-tuning, FreezeD, ADA and both on a small drawn set, and the 64 px proof.

``python -m ml_core.training.style.experiment OUT`` runs what docs/networks.md laid down beforehand.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ml_core.toonify.stylegan2.blend import blend
from ml_core.toonify.stylegan2.checkpoint import (
    NetworkShape,
    build_generator,
    load_discriminator,
    load_generator,
)
from ml_core.toonify.stylegan2.perceptual import PerceptualDistance
from ml_core.toonify.stylegan2.project import OptimisingEncoder
from ml_core.torch_weights import State
from ml_core.training.style.drawn_faces import drawn_faces
from ml_core.training.style.grow import grown
from ml_core.training.style.options import TrainOptions
from ml_core.training.style.pictures import grid_of, to_pictures, to_tensor, write_png
from ml_core.training.style.run import LATEST, Measure, Snapshot, run
from ml_core.training.style.team import Team
from ml_core.training.style.trainer import Networks, networks_from_base, networks_from_scratch, samples

BASE_FACES = 2000
SMALL_SET = 50
HELD_OUT_FIRST, HELD_OUT = 100_000, 500
STYLE_FIRST = 50_000
SEEDS = (0, 1, 2)
ARMS = {"plain": (0, False), "freezeD": (2, False), "ada": (0, True), "freezeD+ada": (2, True)}
"""Name -> (frozen blocks, ADA)."""
SMALL = NetworkShape(32, style_dim=64, n_mlp=2, channel_multiplier=1, widest=32)
TINY = TrainOptions(
    images=0, batch=8, r1=1.0, path_weight=0.0, ema_half_life=500, ada_images=10_000, kid_samples=500
)
"""Path length regularisation is off: at this size it costs a quarter of the time and changes little."""
BASE_IMAGES, TUNE_IMAGES = 16_000, 4_000
PROOF_BASE_IMAGES, PROOF_TUNE_IMAGES, PROOF_SET = 48_000, 12_000, 500
GROWN_BASE_IMAGES, GROWN_TUNE_IMAGES = 8_000, 6_000
SNAPSHOT = 800
SHEET_SCALE = 2
BLENDS = (16, 8, 4)


def _alone() -> Team:
    return Team(0, 1, torch.device("cpu"))


def train_base(shape: NetworkShape, images: int, out: Path, start: Networks | None = None) -> Path:
    """The base model: natural shaded faces, from scratch or from ``start``; goes on where it stopped.

    Returns its checkpoint.
    """
    options = replace(TINY, images=images, ema_half_life=1_500, snapshot_every=4_000, seed=7)
    faces = drawn_faces(BASE_FACES, "portrait", shape.size)
    held_out = drawn_faces(HELD_OUT, "portrait", shape.size, HELD_OUT_FIRST)
    networks = start or networks_from_scratch(shape, 7)
    run(networks, faces, options, out, _alone(), reference=held_out, resume=True)
    return out / LATEST


def tune(base: Path, options: TrainOptions, drawings: int, out: Path) -> list[Snapshot]:
    """One fine-tuning run on comic faces; KID against people it never saw."""
    networks, shape = networks_from_base(base)
    faces = drawn_faces(drawings, "comic", shape.size, STYLE_FIRST)
    held_out = drawn_faces(HELD_OUT, "comic", shape.size, HELD_OUT_FIRST)
    return run(networks, faces, options, out, _alone(), reference=held_out)


def compare(out: Path) -> dict[str, object]:
    """Every arm with every seed; writes comparison.json."""
    base = train_base(SMALL, BASE_IMAGES, out / "base_32")
    held_out = to_tensor(drawn_faces(HELD_OUT, "comic", 32, HELD_OUT_FIRST))
    measure = Measure(drawn_faces(HELD_OUT, "comic", 32, HELD_OUT_FIRST + HELD_OUT), HELD_OUT)
    rows: dict[str, list[dict[str, object]]] = {arm: [] for arm in ARMS}
    for seed in SEEDS:
        for arm, (freeze_d, ada) in ARMS.items():
            options = replace(
                TINY, images=TUNE_IMAGES, snapshot_every=SNAPSHOT, seed=seed, freeze_d=freeze_d, ada=ada
            )
            curve = tune(base, options, SMALL_SET, out / f"{arm}_{seed}")
            rows[arm].append({"seed": seed, "curve": [asdict(point) for point in curve]})
    report: dict[str, object] = {
        "floor_kid": measure.kid_of(held_out),
        "training_set_kid": measure.kid_of(to_tensor(drawn_faces(SMALL_SET, "comic", 32, STYLE_FIRST))),
        "arms": rows,
    }
    (out / "comparison.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    return report


def arms_sheet(out: Path, sheet: Path, columns: int = 14) -> None:
    """Rows: drawings of unseen people, then the same latents through each arm (last checkpoint, seed 0)."""
    wanted = drawn_faces(columns, "comic", SMALL.size, HELD_OUT_FIRST)
    rows = [grid_of(wanted, columns)]
    for arm in ARMS:
        network = load_generator(out / f"{arm}_0" / LATEST).network
        rows.append(grid_of(to_pictures(samples(network, columns, 5)), columns))
    write_png(sheet, _stacked(rows))


def prove(out: Path) -> None:
    """A longer base and tuning at 32 px; then both grown to 64 px; and the sheets of each."""
    base = train_base(SMALL, PROOF_BASE_IMAGES, out / "proof_base_32")
    options = replace(TINY, images=PROOF_TUNE_IMAGES, snapshot_every=2_000, freeze_d=2, ada=True)
    tune(base, options, PROOF_SET, out / "proof_style_32")
    show(base, out / "proof_style_32" / LATEST, out, SMALL.size)
    prove_grown(base, out)


def prove_grown(base: Path, out: Path) -> None:
    """The base grown to twice its side, trained on, tuned, and shown."""
    start, shape = grown(*networks_from_base(base))
    large = train_base(shape, GROWN_BASE_IMAGES, out / f"proof_base_{shape.size}", start)
    options = replace(TINY, images=GROWN_TUNE_IMAGES, snapshot_every=2_000, freeze_d=2, ada=True)
    tune(large, options, PROOF_SET, out / f"proof_style_{shape.size}")
    show(large, out / f"proof_style_{shape.size}" / LATEST, out, shape.size)


def show(base: Path, style: Path, out: Path, size: int) -> None:
    """Writes blend_SIZE.png, projection_SIZE.png and blend_SIZE.json."""
    blend_sheet(base, style, out / f"blend_{size}.png")
    projection_sheet(base, style, out / f"projection_{size}.png")
    measures = json.dumps(blend_measures(base, style), indent=1)
    (out / f"blend_{size}.json").write_text(measures, encoding="utf-8")


def blends_of(base: Path, style: Path) -> dict[str, State]:
    """Base, blends with ever more of the tuned model, tuned."""
    first, second = load_generator(base).state, load_generator(style).state
    swaps = {f"from {2 * r} px": blend(first, second, r) for r in BLENDS}
    return {"base": first, **swaps, "tuned": second}


def blend_sheet(base: Path, style: Path, sheet: Path, columns: int = 14) -> None:
    """Rows: see :func:`blends_of`; the same latents down each column."""
    mixes = blends_of(base, style).values()
    rows = [grid_of(to_pictures(samples(build_generator(mix).network, columns, 5)), columns) for mix in mixes]
    write_png(sheet, _stacked(rows))


def projection_sheet(base: Path, style: Path, sheet: Path, columns: int = 14) -> None:
    """Rows: unseen people in the portrait style, their projection, its blends, and the truth: the same
    people drawn in the comic style.
    """
    photo = load_generator(base)
    people = drawn_faces(columns, "portrait", photo.shape.size, HELD_OUT_FIRST)
    distance = PerceptualDistance(load_discriminator(base, photo.shape))
    found = OptimisingEncoder(photo.network, distance).encode(to_tensor(people))
    rows = [grid_of(people, columns)]
    with torch.no_grad():
        for mix in list(blends_of(base, style).values())[:-1]:
            rows.append(grid_of(to_pictures(build_generator(mix).network(found)), columns))
    rows.append(grid_of(drawn_faces(columns, "comic", photo.shape.size, HELD_OUT_FIRST), columns))
    write_png(sheet, _stacked(rows))


def blend_measures(base: Path, style: Path) -> dict[str, dict[str, float]]:
    """Per blend: KID to comic faces (style), and how well an 8 x 8 grey thumbnail agrees with the base
    model's picture of the same latent (structure, mean correlation).
    """
    size = load_generator(base).shape.size
    measure = Measure(drawn_faces(HELD_OUT, "comic", size, HELD_OUT_FIRST), HELD_OUT)
    start: torch.Tensor | None = None
    found = {}
    for name, mix in blends_of(base, style).items():
        pictures = samples(build_generator(mix).network, HELD_OUT, 5)
        thumbs = torch.nn.functional.adaptive_avg_pool2d(pictures.mean(1), 8).flatten(1)
        thumbs = torch.nn.functional.normalize(thumbs - thumbs.mean(1, keepdim=True), dim=1)
        start = thumbs if start is None else start
        found[name] = {
            "kid_to_style": measure.kid_of(pictures),
            "structure": float((thumbs * start).sum(1).mean()),
        }
    return found


def _stacked(rows: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    gap = np.full((2, rows[0].shape[1], 3), 255, np.uint8)
    sheet = np.concatenate([part for row in rows for part in (row, gap)][:-1])
    return np.repeat(np.repeat(sheet, SHEET_SCALE, 0), SHEET_SCALE, 1)


def main() -> None:
    """Runs both parts, in the order of the plan."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--part", choices=("compare", "prove"), default=None)
    options = parser.parse_args()
    torch.set_num_threads(1)
    started = time.process_time()
    if options.part != "prove":
        compare(options.out)
        arms_sheet(options.out, options.out / "arms_32.png")
    if options.part != "compare":
        prove(options.out)
    (options.out / "cpu_seconds.txt").write_text(f"{time.process_time() - started:.0f}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
