"""Single poses by channel."""

from __future__ import annotations

from ml_core.animation.channels import INDEX
from ml_core.animation.motion import Pose, rest_pose


def posed(**channels: float) -> Pose:
    """The rest pose with some channels set; ``__`` stands for the dot of a name."""
    values = rest_pose().values.copy()
    for name, value in channels.items():
        values[:, INDEX[name.replace("__", ".")]] = value
    return Pose(values, 1.0)
