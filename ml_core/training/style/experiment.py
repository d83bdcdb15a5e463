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

from ml_core.toonify.stylegan2.blend import blend
from ml_core.toonify.stylegan2.checkpoint import NetworkShape, build_generator, load_generator
from ml_core.training.style.drawn_faces import drawn_faces
from ml_core.training.style.options import TrainOptions
from ml_core.training.style.pictures import grid_of, to_pictures, to_tensor, write_png
from ml_core.training.style.run import BEST, LATEST, Measure, Snapshot, run
from ml_core.training.style.team import Team
from ml_core.training.style.trainer import networks_from_base, networks_from_scratch, samples

BASE_FACES = 2000
SMALL_SET = 50
HELD_OUT_FIRST, HELD_OUT = 100_000, 500
STYLE_FIRST = 50_000
SEEDS = (0, 1, 2)
ARMS = {"plain": (0, False), "freezeD": (2, False), "ada": (0, True), "freezeD+ada": (2, True)}
"""Name -> (frozen blocks, ADA)."""
SMALL = NetworkShape(32, style_dim=64, n_mlp=2, channel_multiplier=1, widest=32)
PROOF = NetworkShape(64, style_dim=64, n_mlp=2, channel_multiplier=1, widest=32)
TINY = TrainOptions(
    images=0, batch=8, r1=1.0, path_weight=0.0, ema_half_life=500, ada_images=10_000, kid_samples=500
)
"""Path length regularisation is off: at this size it costs a quarter of the time and changes little."""
BASE_IMAGES = {32: 16_000, 64: 10_000}
TUNE_IMAGES = 4_000
SNAPSHOT = 800


def _alone() -> Team:
    return Team(0, 1, torch.device("cpu"))


def train_base(shape: NetworkShape, out: Path) -> Path:
    """The base model: natural shaded faces from scratch. Returns its checkpoint."""
    options = replace(TINY, images=BASE_IMAGES[shape.size], ema_half_life=1_500, snapshot_every=4_000, seed=7)
    faces = drawn_faces(BASE_FACES, "portrait", shape.size)
    held_out = drawn_faces(HELD_OUT, "portrait", shape.size, HELD_OUT_FIRST)
    run(networks_from_scratch(shape, 7), faces, options, out, _alone(), reference=held_out, resume=True)
    return out / LATEST


def tune(base: Path, arm: str, seed: int, size: int, out: Path) -> list[Snapshot]:
    """One fine-tuning run on the small comic set; KID against people it never saw."""
    freeze_d, ada = ARMS[arm]
    options = replace(
        TINY, images=TUNE_IMAGES, snapshot_every=SNAPSHOT, seed=seed, freeze_d=freeze_d, ada=ada
    )
    faces = drawn_faces(SMALL_SET, "comic", size, STYLE_FIRST)
    held_out = drawn_faces(HELD_OUT, "comic", size, HELD_OUT_FIRST)
    networks, _ = networks_from_base(base)
    return run(networks, faces, options, out, _alone(), reference=held_out)


def compare(out: Path) -> dict[str, object]:
    """Every arm with every seed; writes comparison.json."""
    base = train_base(SMALL, out / "base_32")
    held_out = to_tensor(drawn_faces(HELD_OUT, "comic", 32, HELD_OUT_FIRST))
    measure = Measure(drawn_faces(HELD_OUT, "comic", 32, HELD_OUT_FIRST + HELD_OUT), HELD_OUT)
    rows: dict[str, list[dict[str, object]]] = {arm: [] for arm in ARMS}
    for seed in SEEDS:
        for arm in ARMS:
            curve = tune(base, arm, seed, 32, out / f"{arm}_{seed}")
            rows[arm].append({"seed": seed, "curve": [asdict(point) for point in curve]})
    report: dict[str, object] = {
        "floor_kid": measure.kid_of(held_out),
        "training_set_kid": measure.kid_of(to_tensor(drawn_faces(SMALL_SET, "comic", 32, STYLE_FIRST))),
        "arms": rows,
    }
    (out / "comparison.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    return report


def prove(out: Path) -> None:
    """The 64 px run, and the sheet of base, tuned and blended pictures of the same latents."""
    base = train_base(PROOF, out / "base_64")
    tune(base, "freezeD+ada", 0, 64, out / "style_64")
    blend_sheet(base, out / "style_64" / BEST, out / "blend_64.png")


def blend_sheet(base: Path, style: Path, sheet: Path, columns: int = 12) -> None:
    """Rows: base, blends with ever more of the tuned model, tuned; the same latents down each column."""
    first, second = load_generator(base).state, load_generator(style).state
    mixes = [first, *(blend(first, second, resolution) for resolution in (16, 8, 4)), second]
    rows = [grid_of(to_pictures(samples(build_generator(mix).network, columns, 5)), columns) for mix in mixes]
    gap = np.full((2, rows[0].shape[1], 3), 255, np.uint8)
    write_png(sheet, np.concatenate([part for row in rows for part in (row, gap)][:-1]))


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
    if options.part != "compare":
        prove(options.out)
    (options.out / "cpu_seconds.txt").write_text(f"{time.process_time() - started:.0f}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
