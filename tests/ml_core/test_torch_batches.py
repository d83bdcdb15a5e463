"""Real networks of ours over stacked arrays: the same answers as one by one, in every precision."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ml_core.device import ExecutionPlan  # noqa: E402
from ml_core.toonify.animegan2.generator import Generator  # noqa: E402
from ml_core.torch_batches import TorchBatches  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return Generator().eval()


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, (3, 32, 32)).astype(np.float32) for _ in range(3)]


def test_a_batch_answers_as_its_items_do_alone(network, pictures):
    batches = TorchBatches(network, "cpu", ExecutionPlan())
    together = batches(pictures)
    for picture, answer in zip(pictures, together, strict=True):
        with torch.no_grad():
            alone = network(torch.from_numpy(picture)[None])[0].numpy()
        assert answer.shape == (3, 32, 32)
        np.testing.assert_allclose(answer, alone, atol=1e-5)


@pytest.mark.parametrize(
    "plan",
    [
        ExecutionPlan(),
        ExecutionPlan(channels_last=True),
        ExecutionPlan("bf16"),
        ExecutionPlan("bf16", channels_last=True),
        ExecutionPlan("fp16"),
    ],
    ids=str,
)
def test_a_plan_stays_within_its_stated_tolerance(network, pictures, plan):
    batches = TorchBatches(network, "cpu", plan)
    assert batches(pictures)[0].dtype == np.float32
    deviation = batches.deviation(pictures)
    assert deviation <= plan.tolerance
    if plan.precision != "fp32":
        assert deviation > 1e-5, "the precision was not used"


def test_padding_does_not_show(network, pictures):
    exact = TorchBatches(network, "cpu", ExecutionPlan())(pictures)
    padded = TorchBatches(network, "cpu", ExecutionPlan())
    padded.plan = ExecutionPlan(compilation="cuda_graphs")  # pads; what runs is still the eager network
    answers = padded(pictures)
    assert len(answers) == 3
    np.testing.assert_allclose(answers, exact, atol=1e-6)
