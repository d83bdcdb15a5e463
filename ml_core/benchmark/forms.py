"""The forms in which a network may run: precision, memory format, compilation; each against eager float32.

A form that a device or a torch build cannot run is told by its message and left out; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ml_core.benchmark.floor import seconds_per_call
from ml_core.benchmark.networks import Subject
from ml_core.device import TOLERANCES, Precision

DTYPES: dict[Precision, torch.dtype] = {
    "fp32": torch.float32,
    "fp16": torch.float16,
    "bf16": torch.bfloat16,
}


@dataclass(frozen=True)
class Form:
    """compile_mode: of torch.compile, or None for eager. ``max-autotune`` replays CUDA graphs."""

    precision: Precision
    compile_mode: str | None = None

    @property
    def name(self) -> str:
        run = "eager" if self.compile_mode is None else f"compiled ({self.compile_mode})"
        return f"{run} {self.precision}, channels last"


CUDA_FORMS = (
    Form("fp16"),
    Form("bf16"),
    Form("fp16", "default"),
    Form("fp16", "max-autotune"),
    Form("bf16", "max-autotune"),
)
CPU_FORMS = (Form("fp32"), Form("bf16"))
"""Eager only: they prove the code, not a speed; compiling on a CPU takes minutes."""


@dataclass(frozen=True)
class Measured:
    """ms: of all items. deviation: largest difference from eager float32, as a share of its range."""

    form: Form
    ms: float
    deviation: float

    @property
    def within(self) -> bool:
        return self.deviation <= TOLERANCES[self.form.precision]


def channels_last(module: nn.Module) -> None:
    """In place, weights of 2-D and 3-D convolutions each in their own format.

    ``Module.to(memory_format=...)`` takes one format for both and fails on the other rank.
    """
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    for parameter in module.parameters():
        if parameter.dim() in formats:
            parameter.data = parameter.data.contiguous(memory_format=formats[parameter.dim()])


def in_chunks(
    run: Callable[..., Tensor], inputs: Sequence[Tensor], chunk: int, *, copied: bool = False
) -> Iterator[Tensor]:
    """The answers to ``chunk`` items at a time. copied: a replayed CUDA graph overwrites its last answer."""
    for parts in zip(*(tensor.split(chunk) for tensor in inputs), strict=True):
        answer = run(*parts)
        yield answer.clone() if copied else answer


def fitting_chunk(subject: Subject, say: Callable[[str], None]) -> int:
    """The largest chunk, halved from the subject's own, that one eager float32 call has memory for.

    Raises torch.OutOfMemoryError when a single item does not fit.
    """
    chunk = subject.chunk
    while True:
        try:
            next(in_chunks(subject.module, subject.inputs, chunk))
        except torch.OutOfMemoryError:
            if chunk == 1:
                raise
        else:
            return chunk
        # outside the handler: the exception kept the failed call's tensors alive
        torch.cuda.empty_cache()
        chunk //= 2
        say(f"{subject.name}: out of memory, {chunk} at a time")


@contextmanager
def exact_float32() -> Iterator[None]:
    """No TF32 in convolutions, which cuDNN is otherwise allowed by default."""
    cudnn = torch.backends.cudnn
    before = cudnn.allow_tf32
    cudnn.allow_tf32 = False
    try:
        yield
    finally:
        cudnn.allow_tf32 = before


def measure_forms(
    subject: Subject, chunk: int, device: torch.device, say: Callable[[str], None]
) -> tuple[list[Measured], dict[str, str]]:
    """Every form that runs, and the message of every one that does not."""
    with exact_float32():
        exact = next(in_chunks(subject.module, subject.inputs, chunk)).float().clone()
    channels_last(subject.module)
    found: list[Measured] = []
    failed: dict[str, str] = {}
    for form in CUDA_FORMS if device.type == "cuda" else CPU_FORMS:
        say(f"measuring {subject.name}: {form.name}")
        try:
            found.append(_measured(form, subject, chunk, exact, device))
        except Exception as error:  # noqa: BLE001 - compilers and kernels raise what they like; told in the row
            failed[form.name] = (
                f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"
            )
        if device.type == "cuda":
            torch.compiler.reset()
            torch.cuda.empty_cache()
    return found, failed


def _measured(form: Form, subject: Subject, chunk: int, exact: Tensor, device: torch.device) -> Measured:
    run: Callable[..., Tensor] = subject.module
    if form.compile_mode is not None:
        run = torch.compile(subject.module, mode=form.compile_mode, dynamic=False)
    half = form.precision != "fp32"
    graphs = form.compile_mode == "max-autotune"

    def all_items() -> None:
        with torch.autocast(device.type, dtype=DTYPES[form.precision], enabled=half):
            for _ in in_chunks(run, subject.inputs, chunk):
                pass

    with torch.autocast(device.type, dtype=DTYPES[form.precision], enabled=half):
        answer = next(in_chunks(run, subject.inputs, chunk, copied=graphs)).float()
    span = (exact.max() - exact.min()).clamp_min(torch.finfo(torch.float32).tiny)
    deviation = float((answer - exact).abs().max() / span)
    return Measured(form, 1000.0 * seconds_per_call(all_items, device), deviation)
