"""The comparisons of plain fine-tuning, FreezeD, ADA and both on small drawn sets, and the proof by pictures.

``python -m ml_core.training.style.experiment OUT --part PART`` runs what docs/networks.md laid down
beforehand. Every run goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass, replace
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
from ml_core.training.style.order import LATEST
from ml_core.training.style.pictures import grid_of, to_pictures, to_tensor, write_png
from ml_core.training.style.run import LOG, Measure, Snapshot, run
from ml_core.training.style.team import Team
from ml_core.training.style.trainer import Networks, networks_from_base, networks_from_scratch, samples

BASE_FACES = 2000
HELD_OUT_FIRST, HELD_OUT = 100_000, 500
STYLE_FIRST = 50_000
SEEDS = (0, 1, 2)
ARMS = {"plain": (False, False), "freezeD": (True, False), "ada": (False, True), "freezeD+ada": (True, True)}
"""Name -> (FreezeD, ADA)."""
SMALL = NetworkShape(32, style_dim=64, n_mlp=2, channel_multiplier=1, widest=32)
TINY = TrainOptions(
    images=0, batch=8, r1=1.0, path_weight=0.0, ema_half_life=500, ada_images=10_000, kid_samples=500
)
"""Path length regularisation is off: at this size it costs a quarter of the time and changes little."""
PROOF_BASE_IMAGES, PROOF_TUNE_IMAGES, PROOF_SET = 48_000, 12_000, 500
GROWN_BASE_IMAGES, GROWN_TUNE_IMAGES = 8_000, 6_000
SHEET_SCALE = 2
BLENDS = (16, 8, 4)


@dataclass(frozen=True)
class Plan:
    """One comparison. ``shape`` and ``base_images`` are of the base; ``grown_images``: pictures it is shown
    after growing to twice its side, 0 for no growing. ``drawings``: size of the small set. ``tuning``: of
    every arm, which differs only in freeze_d, ada and seed. ``frozen``: blocks that FreezeD keeps.
    """

    name: str
    shape: NetworkShape
    base_images: int
    grown_images: int
    drawings: int
    frozen: int
    tuning: TrainOptions

    @property
    def size(self) -> int:
        return 2 * self.shape.size if self.grown_images else self.shape.size


COMPARE_32 = Plan("compare", SMALL, 16_000, 0, 50, 2, replace(TINY, images=4_000, snapshot_every=800))
COMPARE_64 = Plan(
    "compare64",
    replace(SMALL, widest=16),
    6_400,
    1_600,
    20,
    2,
    replace(TINY, images=480, snapshot_every=240, kid_samples=200, ema_half_life=100, ada_images=2_000),
)
PLANS = {plan.name: plan for plan in (COMPARE_32, COMPARE_64)}


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
    """One fine-tuning run on comic faces, gone on with if it was stopped; KID against people it never saw."""
    networks, shape = networks_from_base(base)
    faces = drawn_faces(drawings, "comic", shape.size, STYLE_FIRST)
    held_out = drawn_faces(min(HELD_OUT, options.kid_samples), "comic", shape.size, HELD_OUT_FIRST)
    run(networks, faces, options, out, _alone(), reference=held_out, resume=True)
    return [Snapshot(**json.loads(row)) for row in (out / LOG).read_text(encoding="utf-8").splitlines()]


def base_of(plan: Plan, out: Path) -> Path:
    """The checkpoint that every arm of a plan starts from."""
    base = train_base(plan.shape, plan.base_images, out / f"{plan.name}_base_{plan.shape.size}")
    if not plan.grown_images:
        return base
    start, shape = grown(*networks_from_base(base))
    return train_base(shape, plan.grown_images, out / f"{plan.name}_base_{shape.size}", start)


def compare(plan: Plan, out: Path) -> dict[str, object]:
    """Every arm with every seed; writes NAME.json after each run, so that what there is can be read."""
    base = base_of(plan, out)
    count = min(HELD_OUT, plan.tuning.kid_samples)
    measure = Measure(drawn_faces(count, "comic", plan.size, HELD_OUT_FIRST), count)
    others = drawn_faces(count, "comic", plan.size, HELD_OUT_FIRST + HELD_OUT)
    small_set = drawn_faces(plan.drawings, "comic", plan.size, STYLE_FIRST)
    rows: dict[str, list[dict[str, object]]] = {arm: [] for arm in ARMS}
    report: dict[str, object] = {
        "floor_kid": measure.kid_of(to_tensor(others)),
        "training_set_kid": measure.kid_of(to_tensor(small_set)),
        "arms": rows,
    }
    for seed in SEEDS:
        for arm, (freeze_d, ada) in ARMS.items():
            options = replace(plan.tuning, seed=seed, freeze_d=plan.frozen if freeze_d else 0, ada=ada)
            curve = tune(base, options, plan.drawings, out / f"{plan.name}_{arm}_{seed}")
            rows[arm].append({"seed": seed, "curve": [asdict(point) for point in curve]})
            (out / f"{plan.name}.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    return report


def arms_sheet(plan: Plan, out: Path, columns: int = 14) -> None:
    """NAME.png. Rows: drawings of unseen people, then the same latents through each arm (last checkpoint,
    seed 0).
    """
    wanted = drawn_faces(columns, "comic", plan.size, HELD_OUT_FIRST)
    rows = [grid_of(wanted, columns)]
    for arm in ARMS:
        network = load_generator(out / f"{plan.name}_{arm}_0" / LATEST).network
        rows.append(grid_of(to_pictures(samples(network, columns, 5)), columns))
    write_png(out / f"{plan.name}.png", _stacked(rows))


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
    """Runs one part of the plan, or all, on one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--part", choices=(*PLANS, "prove"), default=None, help="default: all, in this order")
    options = parser.parse_args()
    torch.set_num_threads(1)
    started = time.process_time()
    for name, plan in PLANS.items():
        if options.part in (None, name):
            compare(plan, options.out)
            arms_sheet(plan, options.out)
    if options.part in (None, "prove"):
        prove(options.out)
    print(f"{time.process_time() - started:.0f} s of CPU time")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
