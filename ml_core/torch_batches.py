"""Runs a torch network over stacked arrays, as an ExecutionPlan says.

One transfer to the device and one back per batch, from pinned memory and without blocking on CUDA; the only
synchronisation is the wait for the whole answer. Imports torch: nothing of the default engine imports this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml_core.device import ExecutionPlan
from ml_core.errors import OutputInvalid

_DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}
_MODES = {"default": "default", "cuda_graphs": "reduce-overhead"}


def finite(answer: Tensor, network: str) -> Tensor:
    """``answer``, before it is rounded to bytes, where NaN would become a black picture.

    Raises OutputInvalid (``result_not_finite``). Waits for the device.
    """
    if not bool(answer.isfinite().all()):
        raise OutputInvalid("result_not_finite", f"{network} computed NaN or infinity.")
    return answer


class TorchBatches:
    """``batches(arrays)``: equally shaped arrays in, one array each out, in order.

    The network takes one tensor (N, ...) and returns one (N, ...); answers are float32 unless integers.
    """

    def __init__(self, network: nn.Module, device: str, plan: ExecutionPlan) -> None:
        self.plan = plan
        self.device = torch.device(device)
        self.network = network.to(self.device).eval().requires_grad_(False)
        if plan.channels_last:
            to_format: Any = self.network.to
            to_format(memory_format=torch.channels_last)
        self._run: Callable[[Tensor], Tensor] = self.network
        if plan.compilation != "none":
            self._run = torch.compile(self.network, mode=_MODES[plan.compilation])

    def __call__(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """arrays: n of one shape and dtype. Returns n arrays."""
        with torch.inference_mode():
            answer = self._forward(self._sent(arrays))[: len(arrays)]
            fetched = self._fetched(answer if not answer.is_floating_point() else answer.float())
        return list(fetched.numpy())

    def deviation(self, arrays: Sequence[NDArray[Any]]) -> float:
        """Largest difference from eager float32, as a share of the answer's range (see TOLERANCES)."""
        with torch.inference_mode():
            sent = self._sent(arrays)
            exact: Tensor = self.network(sent).float()
            planned = self._forward(sent).float()
            span = (exact.max() - exact.min()).clamp_min(torch.finfo(torch.float32).tiny)
            return float((planned - exact).abs().max() / span)

    def _forward(self, sent: Tensor) -> Tensor:
        dtype = _DTYPES.get(self.plan.precision)
        with torch.autocast(self.device.type, dtype=dtype, enabled=dtype is not None):
            return self._run(sent)

    def _sent(self, arrays: Sequence[NDArray[Any]]) -> Tensor:
        """(N, ...) on the device; N is padded with the last array where the plan wants few shapes."""
        count = self.plan.batch_shape(len(arrays))
        on_gpu = self.device.type == "cuda"
        first = torch.from_numpy(np.ascontiguousarray(arrays[0]))
        host = torch.empty((count, *first.shape), dtype=first.dtype, pin_memory=on_gpu)
        for index in range(count):
            host[index] = torch.from_numpy(np.ascontiguousarray(arrays[min(index, len(arrays) - 1)]))
        sent = host.to(self.device, non_blocking=on_gpu)
        if self.plan.channels_last and sent.dim() == 4:
            sent = sent.contiguous(memory_format=torch.channels_last)
        return sent

    def _fetched(self, answer: Tensor) -> Tensor:
        """The answer in the host's memory."""
        if self.device.type != "cuda":
            return answer.contiguous()
        host = torch.empty(answer.shape, dtype=answer.dtype, pin_memory=True)
        host.copy_(answer, non_blocking=True)
        torch.cuda.current_stream(self.device).synchronize()
        return host
