"""Training at 16 px: it learns, stops and goes on as if it had not, and freezes what it should."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from ml_core.errors import DatasetInvalid, DeviceMissing, WeightsUnavailable
from ml_core.toonify.stylegan2.checkpoint import NetworkShape, load_generator
from ml_core.training.style.drawn_faces import drawn_faces
from ml_core.training.style.freeze import freeze_discriminator
from ml_core.training.style.job import train_style
from ml_core.training.style.losses import path_length_penalty, r1_penalty
from ml_core.training.style.options import TrainOptions
from ml_core.training.style.order import LATEST, StyleJob
from ml_core.training.style.pictures import write_png
from ml_core.training.style.run import BEST, run
from ml_core.training.style.team import Team
from ml_core.training.style.trainer import Trainer, networks_from_base, networks_from_scratch

pytestmark = pytest.mark.torch

SHAPE = NetworkShape(16, style_dim=16, n_mlp=2, channel_multiplier=2, widest=16)
OPTIONS = TrainOptions(
    images=64, batch=8, r1=1.0, path_weight=2.0, path_every=2, r1_every=2, ada=True, ada_images=200,
    ema_half_life=100, snapshot_every=32, kid_samples=32,
)  # fmt: skip
ALONE = Team(0, 1, torch.device("cpu"))


@pytest.fixture(scope="module")
def faces():
    return drawn_faces(40, "comic", 16)


def trainer(faces, **changes) -> Trainer:
    return Trainer(networks_from_scratch(SHAPE, 1), faces, replace(OPTIONS, **changes), ALONE)


def weights(player: torch.nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in player.parameters()])


def test_resuming_goes_on_as_if_it_had_never_stopped(faces, tmp_path):
    straight = trainer(faces)
    for _ in range(6):
        straight.step()

    stopped = trainer(faces)
    for _ in range(3):
        stopped.step()
    stopped.save(tmp_path / "run.pt")
    resumed = trainer(faces)
    resumed.resume(tmp_path / "run.pt")
    for _ in range(3):
        resumed.step()

    assert resumed.images == straight.images == 48
    for name in ("g", "d", "ema"):
        assert torch.equal(weights(getattr(resumed, name)), weights(getattr(straight, name)))
    assert resumed.adaptive.p == straight.adaptive.p


def test_kid_falls(faces, tmp_path):
    options = replace(OPTIONS, images=1200, snapshot_every=600, path_weight=0.0)
    held_out = drawn_faces(100, "comic", 16, 900)
    rows = run(networks_from_scratch(SHAPE, 1), faces, options, tmp_path, ALONE, reference=held_out)
    assert [row.images for row in rows] == [0, 600, 1200]
    assert rows[-1].kid < 0.5 * rows[0].kid


def test_files_of_a_run(faces, tmp_path):
    rows = run(networks_from_scratch(SHAPE, 1), faces, OPTIONS, tmp_path, ALONE)
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["images"] for row in log] == [row.images for row in rows] == [0, 32, 64]
    assert (tmp_path / "grid_00000064.png").stat().st_size > 1000
    assert load_generator(tmp_path / LATEST).shape == SHAPE
    assert load_generator(tmp_path / BEST).mean_w.shape == (1, 16)
    more = run(
        networks_from_scratch(SHAPE, 1), faces, replace(OPTIONS, images=96), tmp_path, ALONE, resume=True
    )
    assert [row.images for row in more] == [96]


def test_freeze_d_keeps_the_first_blocks(faces, tmp_path):
    run(networks_from_scratch(SHAPE, 1), faces, OPTIONS, tmp_path, ALONE)
    networks, _ = networks_from_base(tmp_path / LATEST)
    tuned = Trainer(networks, faces, replace(OPTIONS, freeze_d=2), ALONE)
    before = [weights(block).clone() for block in tuned.d.convs]
    for _ in range(3):
        tuned.step()
    changed = [not torch.equal(b, weights(block)) for b, block in zip(before, tuned.d.convs, strict=True)]
    assert changed == [False, False, True]


def test_freezing_more_than_there_is_is_refused():
    with pytest.raises(ValueError, match=r"0\.\.3"):
        freeze_discriminator(SHAPE.discriminator(), 4)


def test_the_moving_average_follows_slowly(faces):
    moving = trainer(faces, ema_half_life=8)
    start = weights(moving.ema).clone()
    moving.step()
    halfway = (start + weights(moving.g)) / 2
    assert torch.allclose(weights(moving.ema), halfway, atol=1e-6)


def test_mixed_precision_stays_near_full_precision(faces):
    full, mixed = trainer(faces), trainer(faces, precision="bf16")
    for _ in range(2):
        a, b = full.step(), mixed.step()
    assert b["d"] == pytest.approx(a["d"], rel=0.1)
    assert torch.isfinite(weights(mixed.g)).all()


def test_r1_is_the_squared_slope():
    class Plane(torch.nn.Module):
        def forward(self, x):
            return 3.0 * x.flatten(1)[:, :1]

    assert r1_penalty(Plane(), torch.zeros(2, 3, 4, 4)) == pytest.approx(9.0)


def test_path_length_is_nought_when_all_lengths_are_the_mean():
    rows = torch.randn(2, 3, 5, requires_grad=True)
    image = rows.sum(1)[:, :3, None, None].expand(2, 3, 4, 4) * 1.0
    random = torch.ones(2, 3, 4, 4)
    length = torch.tensor((3 * (16 / 4.0) ** 2) ** 0.5)
    penalty, mean = path_length_penalty(image, rows, length, random)
    assert float(penalty.detach()) == pytest.approx(0.0, abs=1e-8)
    assert mean == pytest.approx(float(length))


def test_a_checkpoint_without_progress_cannot_be_resumed(faces, tmp_path):
    g = SHAPE.generator()
    torch.save({"g": g.state_dict(), "g_ema": g.state_dict()}, tmp_path / "g.pt")
    with pytest.raises(WeightsUnavailable, match="cannot be resumed"):
        trainer(faces).resume(tmp_path / "g.pt")
    with pytest.raises(WeightsUnavailable, match="no discriminator"):
        networks_from_base(tmp_path / "g.pt")


def job(tmp_path, **changes) -> StyleJob:
    options = TrainOptions(
        images=16, batch=8, ada=True, r1=1.0, path_weight=0.0, ema_half_life=100, snapshot_every=16,
        kid_samples=8, freeze_d=changes.pop("freeze_d", 0),
    )  # fmt: skip
    values = {"dataset": tmp_path / "set", "out": tmp_path / "out", "size": 16, "widest": 8, "device": "cpu"}
    return StyleJob(**{**values, **changes}, options=options)


@pytest.fixture
def folder(tmp_path, faces):
    (tmp_path / "set").mkdir()
    for index, face in enumerate(faces[:12]):
        write_png(tmp_path / "set" / f"{index}.png", face)
    return tmp_path


def test_a_job_trains_from_a_folder(folder):
    seen: list[dict[str, object]] = []
    result = train_style(job(folder), seen.append)
    assert result["pictures"] == 12
    assert [row["images"] for row in seen] == [0, 16]
    assert load_generator(folder / "out" / LATEST).shape.size == 16


def test_jobs_that_cannot_be_done_are_refused(folder):
    for changes, code in (
        ({"freeze_d": 9}, "freeze_d_invalid"),
        ({"dataset": folder / "out"}, "dataset_empty"),
    ):
        with pytest.raises(DatasetInvalid) as refused:
            train_style(job(folder, **changes), lambda _: None)
        assert refused.value.code == code
    if not torch.cuda.is_available():
        with pytest.raises(DeviceMissing):
            train_style(job(folder, device="cuda"), lambda _: None)
