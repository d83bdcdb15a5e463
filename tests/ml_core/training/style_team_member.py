"""Run by torchrun from test_style_team: trains a few steps as one of two processes and prints its weights."""

from __future__ import annotations

import sys

import torch

from ml_core.toonify.stylegan2.checkpoint import NetworkShape
from ml_core.training.style.drawn_faces import drawn_faces
from ml_core.training.style.options import TrainOptions
from ml_core.training.style.team import join
from ml_core.training.style.trainer import Trainer, networks_from_scratch

torch.set_num_threads(1)
team = join("cpu")
shape = NetworkShape(16, style_dim=8, n_mlp=1, widest=8)
options = TrainOptions(images=32, batch=8, ada=True, path_every=2, r1_every=2)
trainer = Trainer(networks_from_scratch(shape, 1), drawn_faces(16, "comic", 16), options, team)
for _ in range(4):
    trainer.step()
checksum = sum(
    float(p.detach().double().abs().sum()) for p in (*trainer.g.parameters(), *trainer.d.parameters())
)
sys.stdout.write(f"member {team.rank} of {team.size} {trainer.images} {checksum!r} {trainer.adaptive.p!r}\n")
team.leave()
