"""The training loop: one adversarial game over a small set of drawings.

StyleGAN2 (Karras 2020) with lazy regularisation, fine-tuned from a base model with a partly frozen
discriminator (Mo 2020) and adaptive augmentation (Karras 2020b). All randomness comes from one
generator that is stored, so a resumed run goes on as if it had never stopped.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ml_core.errors import WeightsUnavailable
from ml_core.toonify.stylegan2.checkpoint import NetworkShape, shape_of
from ml_core.toonify.stylegan2.discriminator import Discriminator
from ml_core.toonify.stylegan2.generator import Generator, mean_w, spread
from ml_core.torch_weights import State, install, read_checkpoint, state_under
from ml_core.training.style.adaptive import AdaptiveProbability
from ml_core.training.style.augment import Augmenter
from ml_core.training.style.freeze import freeze_discriminator
from ml_core.training.style.losses import discriminator_loss, generator_loss, path_length_penalty, r1_penalty
from ml_core.training.style.options import TrainOptions
from ml_core.training.style.pictures import Batches, Pictures
from ml_core.training.style.team import Team

ADAPT_EVERY = 4
"""Steps between two moves of the augmentation probability (Karras 2020b, appendix D)."""
PATH_BATCH_SHRINK = 2


@dataclass
class Networks:
    """The two players and the moving average of the first."""

    g: Generator
    d: Discriminator
    ema: Generator


def networks_from_scratch(shape: NetworkShape, seed: int) -> Networks:
    """Fresh players; the same seed gives the same weights without touching torch's global state."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        g, d = shape.generator(), shape.discriminator()
    return Networks(g, d, copy.deepcopy(g))


def networks_from_base(path: Path) -> tuple[Networks, NetworkShape]:
    """Players of a base checkpoint: the averaged generator, and the discriminator it was trained with.

    Raises WeightsUnavailable when either is missing.
    """
    content = read_checkpoint(path)
    state = state_under(content, ("g_ema", "g"))
    shape = shape_of(state)
    if "d" not in content:
        raise WeightsUnavailable(
            "weights_wrong_network", f"{path} has no discriminator; fine-tuning needs a training checkpoint."
        )
    g, d = shape.generator(), shape.discriminator()
    install(g, state, "the base generator")
    install(d, state_under(content, ("d",)), "the base discriminator")
    return Networks(g, d, copy.deepcopy(g)), shape


class Trainer:
    """One run. ``images`` counts pictures shown so far over all processes."""

    def __init__(self, networks: Networks, pictures: Pictures, options: TrainOptions, team: Team) -> None:
        self.options = options
        self.team = team
        self.g = networks.g.to(team.device).train()
        self.d = networks.d.to(team.device).train()
        self.ema = networks.ema.to(team.device).eval().requires_grad_(False)
        self.local_batch = options.batch // team.size
        self.source = torch.Generator().manual_seed(options.seed * 1009 + team.rank)
        self.batches = Batches(pictures, self.local_batch, options.mirror, self.source)
        self.augment = Augmenter(self.source)
        self.adaptive = AdaptiveProbability(options.ada_images, options.ada_target)
        self.images = 0
        self.step_index = 0
        self.path_mean = torch.zeros((), device=team.device)
        self.overfitting = 0.0
        self._trained = freeze_discriminator(self.d, options.freeze_d)
        self.g_optim = _adam(
            list(self.g.parameters()), options, options.path_every if options.path_weight else 0
        )
        self.d_optim = _adam(self._trained, options, options.r1_every)

    # ---------------------------------------------------------------- one step

    def step(self) -> dict[str, float]:
        """One turn of each player. Returns the losses of this step."""
        losses = {"d": self._discriminator_turn(), "g": self._generator_turn()}
        self.step_index += 1
        self.images += self.local_batch * self.team.size
        self._average()
        if self.options.ada and self.step_index % ADAPT_EVERY == 0:
            self._adapt()
        return losses

    def _discriminator_turn(self) -> float:
        real = self._shown(self.batches.draw().to(self.team.device))
        with torch.no_grad(), self._precision():
            fake = self._generate(self.local_batch)
        fake = self._shown(fake.float())
        self.d.requires_grad_(False)
        for parameter in self._trained:
            parameter.requires_grad_(True)
        with self._precision():
            logits = self.d(real)
            loss = discriminator_loss(logits.float(), self.d(fake).float())
        self.adaptive.observe(logits)
        self._update(self.d_optim, self._trained, loss)
        if self.step_index % self.options.r1_every == 0:
            penalty = r1_penalty(self.d, real)
            self._update(
                self.d_optim, self._trained, penalty * (0.5 * self.options.r1 * self.options.r1_every)
            )
        return float(loss.detach())

    def _generator_turn(self) -> float:
        self.d.requires_grad_(False)
        parameters = list(self.g.parameters())
        with self._precision():
            fake = self._generate(self.local_batch)
            loss = generator_loss(self.d(self._shown(fake.float())).float())
        self._update(self.g_optim, parameters, loss)
        if self.options.path_weight and self.step_index % self.options.path_every == 0:
            rows = self._rows(max(1, self.local_batch // PATH_BATCH_SHRINK))
            image = self.g(rows, self._noise(len(rows)))
            random = self._normal(tuple(image.shape))
            penalty, self.path_mean = path_length_penalty(image, rows, self.path_mean, random)
            weight = self.options.path_weight * self.options.path_every
            # The image joins with weight 0 so that every parameter has a gradient in every process.
            self._update(self.g_optim, parameters, penalty * weight + 0.0 * image[0, 0, 0, 0])
        return float(loss.detach())

    def _update(
        self, optimiser: torch.optim.Optimizer, parameters: list[torch.nn.Parameter], loss: Tensor
    ) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.team.average(parameters)
        optimiser.step()

    def _shown(self, images: Tensor) -> Tensor:
        return self.augment(images, self.adaptive.p) if self.options.ada else images

    def _precision(self) -> torch.autocast:
        return torch.autocast(
            self.team.device.type, dtype=torch.bfloat16, enabled=self.options.precision == "bf16"
        )

    def _average(self) -> None:
        decay = 0.5 ** (self.options.batch / self.options.ema_half_life)
        with torch.no_grad():
            for kept, new in zip(self.ema.parameters(), self.g.parameters(), strict=True):
                kept.lerp_(new, 1.0 - decay)

    def _adapt(self) -> None:
        counts = torch.tensor([self.adaptive.signs, float(self.adaptive.seen)], device=self.team.device)
        signs, seen = self.team.total(counts).tolist()
        self.adaptive.signs, self.adaptive.seen = signs, int(seen)
        self.overfitting = self.adaptive.adapt()

    # ---------------------------------------------------------------- generation

    def _normal(self, shape: tuple[int, ...]) -> Tensor:
        return torch.randn(shape, generator=self.source).to(self.team.device)

    def _noise(self, count: int) -> list[Tensor]:
        return [self._normal((count, *noise.shape[1:])) for noise in self.g.registered_noise()]

    def _rows(self, count: int) -> Tensor:
        """w+ of ``count`` random latents, mixed with the given probability."""
        styles = [self.g.map(self._normal((count, self.g.style_dim)))]
        at = None
        if float(torch.rand((), generator=self.source)) < self.options.mixing:
            styles.append(self.g.map(self._normal((count, self.g.style_dim))))
            at = int(torch.randint(1, self.g.rows, (), generator=self.source))
        return spread(styles, self.g.rows, at)

    def _generate(self, count: int) -> Tensor:
        image: Tensor = self.g(self._rows(count), self._noise(count))
        return image

    # ---------------------------------------------------------------- files

    def state(self) -> dict[str, object]:
        """Everything a run needs to go on, in tensors and plain numbers, with rosinality's names."""
        return {
            "g": self.g.state_dict(),
            "d": self.d.state_dict(),
            "g_ema": self.ema.state_dict(),
            "latent_avg": mean_w(self.ema)[0].cpu(),
            "g_optim": self.g_optim.state_dict(),
            "d_optim": self.d_optim.state_dict(),
            "ada_aug_p": self.adaptive.p,
            "progress": {
                "images": self.images,
                "steps": self.step_index,
                "path_mean": float(self.path_mean),
                "signs": self.adaptive.signs,
                "seen": self.adaptive.seen,
            },
            "random": self.source.get_state(),
        }

    def save(self, path: Path) -> None:
        """Writes :meth:`state`; a reader never sees half a file."""
        unfinished = path.with_suffix(".part")
        torch.save(self.state(), unfinished)
        unfinished.replace(path)

    def resume(self, path: Path) -> None:
        """Goes on from a file written by :meth:`save`.

        Raises WeightsUnavailable when it is another network or no training checkpoint.
        """
        content = read_checkpoint(path)
        if "progress" not in content or "g_optim" not in content:
            raise WeightsUnavailable(
                "weights_wrong_network", f"{path} cannot be resumed: it holds no progress."
            )
        for key, network in (("g", self.g), ("d", self.d), ("g_ema", self.ema)):
            state: State = content[key]
            install(network, state, key)
        self.g_optim.load_state_dict(content["g_optim"])
        self.d_optim.load_state_dict(content["d_optim"])
        self.adaptive.p = float(content["ada_aug_p"])
        progress = content["progress"]
        self.images, self.step_index = int(progress["images"]), int(progress["steps"])
        self.adaptive.signs, self.adaptive.seen = float(progress["signs"]), int(progress["seen"])
        self.path_mean = torch.tensor(float(progress["path_mean"]), device=self.team.device)
        if self.team.rank == 0:
            self.source.set_state(content["random"])
        else:  # only the first process's stream is stored; the others start a new one, reproducibly
            self.source.manual_seed(self.options.seed * 1009 + self.team.rank + 7919 * self.step_index)


def _adam(
    parameters: list[torch.nn.Parameter], options: TrainOptions, lazy_every: int
) -> torch.optim.Optimizer:
    """Adam with the correction for a regulariser every ``lazy_every`` steps (Karras 2020, appendix B)."""
    ratio = lazy_every / (lazy_every + 1) if lazy_every else 1.0
    return torch.optim.Adam(parameters, lr=options.learning_rate * ratio, betas=(0.0, 0.99**ratio))


@torch.no_grad()
def samples(network: Generator, count: int, seed: int, *, chunk: int = 32) -> Tensor:
    """(count, 3, S, S) pictures of fixed latents and fixed noise, on the CPU."""
    source = torch.Generator().manual_seed(seed)
    device = network.input.input.device
    found = []
    for start in range(0, count, chunk):
        z = torch.randn(min(chunk, count - start), network.style_dim, generator=source).to(device)
        found.append(network(spread([network.map(z)], network.rows)).float().cpu())
    return torch.cat(found)


def train(trainer: Trainer, until: int, watch: Callable[[Trainer, dict[str, float]], None]) -> None:
    """Steps until ``until`` pictures have been shown; ``watch`` is called after every step."""
    while trainer.images < until:
        losses = trainer.step()
        watch(trainer, losses)
