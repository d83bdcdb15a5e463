"""Fine-tune StyleGAN2 on a folder of drawings: FreezeD, ADA, EMA, KID; resumes; several GPUs by torchrun.

One GPU:      python manage.py train_style drawings/ --base ffhq.pt --freeze-d 4 --ada --out var/style
Several GPUs: torchrun --nproc-per-node 4 manage.py train_style drawings/ --base ffhq.pt --out var/style
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from emotoon.core.commands import USAGE_ERROR, EmotoonCommand
from emotoon.core.errors import InvalidInput
from emotoon.ml.networks import LATEST, StyleJob, TrainOptions, style_dataset_check, style_train

FILES_NAMED = 5
"""Of the pictures that stand apart, on one line."""


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", type=Path, help="folder of drawings of one style, faces aligned")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--base", type=Path, metavar="CKPT", help="training checkpoint to start from")
        parser.add_argument("--freeze-d", type=int, default=0, metavar="N", help="discriminator blocks kept")
        parser.add_argument("--ada", action="store_true", help="adapt the augmentation to overfitting")
        parser.add_argument("--ada-images", type=int, default=500_000, help="images in which p may reach 1")
        parser.add_argument("--images", type=int, default=300_000, help="pictures shown in all")
        parser.add_argument("--batch", type=int, default=16, help="over all processes")
        parser.add_argument("--size", type=int, default=256, help="without --base: side of the pictures")
        parser.add_argument("--widest", type=int, default=512, help="without --base: most channels")
        parser.add_argument("--learning-rate", type=float, default=0.002)
        parser.add_argument("--r1", type=float, default=10.0, help="gamma")
        parser.add_argument("--path-weight", type=float, default=2.0, help="0 turns path length off")
        parser.add_argument("--ema-half-life", type=int, default=10_000, help="in pictures")
        parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
        parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
        parser.add_argument("--snapshot-every", type=int, default=20_000, help="pictures between checkpoints")
        parser.add_argument("--kid-samples", type=int, default=1000)
        parser.add_argument("--reference", type=Path, metavar="DIR", help="held-out pictures for the KID")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--resume", action="store_true", help="go on from DIR/latest.pt")
        parser.add_argument("--check-only", action="store_true", help="judge the data set and stop")
        parser.add_argument("--unfit", action="store_true", help="train although the check found problems")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, as_json: bool, check_only: bool, unfit: bool, **options: Any) -> None:
        with self.failing_clearly():
            check = style_dataset_check(dataset=options["dataset"])
            for sentence in check["problems"].values():
                self.say(sentence)
            for code, names in check["outliers"].items():
                self.say(f"  {code}: {_listed(names)}")
            result: dict[str, Any] = {"dataset": check}
            if not check_only and (check["fit"] or unfit):
                self._check_progress(options["out"], resume=options["resume"])
                result["training"] = self._train(options)
        # Under torchrun every process comes here; one answers.
        if as_json and result.get("training", {}).get("leads", True):
            self.answer(result)
        if not check_only and "training" not in result:
            message = "Not trained; mend the data set, or insist with --unfit."
            raise CommandError(message, returncode=USAGE_ERROR)

    def _train(self, options: dict[str, Any]) -> dict[str, Any]:
        try:
            return style_train(order=_job(options), on_snapshot=self._say_snapshot)
        except OSError as error:
            message = f"{error.filename or options['out']}: {error.strerror}. Choose another --out."
            raise InvalidInput("out_unwritable", message, field="out") from error

    def _check_progress(self, out: Path, *, resume: bool) -> None:
        """A training that is there already is never begun anew by forgetting a word."""
        latest = out / LATEST
        if latest.is_file() and not resume:
            message = f"{latest} is there already: go on with --resume, or choose another --out."
            raise InvalidInput("style_exists", message, field="out")
        if resume and not latest.is_file():
            self.say(f"There is no {latest} yet: the training begins anew.")

    def _say_snapshot(self, row: dict[str, Any]) -> None:
        self.say(f"{row['images']:>9} pictures  KID {row['kid']:.3f}  p {row['p']:.3f}  r_t {row['r_t']:.2f}")


def _listed(names: Sequence[str]) -> str:
    """The first of them; ``--json`` has all."""
    rest = len(names) - FILES_NAMED
    return ", ".join(names[:FILES_NAMED]) + (f" and {rest} more (--json names all)" if rest > 0 else "")


def _job(options: dict[str, Any]) -> StyleJob:
    """The command line's words, sorted into the job and its training options."""

    def named(kind: type) -> dict[str, Any]:
        return {field.name: options[field.name] for field in fields(kind) if field.name in options}

    return StyleJob(**named(StyleJob), options=TrainOptions(**named(TrainOptions)))
