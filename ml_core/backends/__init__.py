"""Which engine draws and which one animates: our own at once, or a published network with weights.

One interface for each of the two (``Toonifier``, ``Animator``); ``choose`` finds the engines that were
asked for and says where it had to take our own instead. Nothing here imports torch before a network is
asked for.
"""

from ml_core.backends.choice import (
    ANIMATORS,
    CANNOT_BE_HAD,
    OWN,
    TOONIFIERS,
    Animator,
    Backends,
    Chosen,
    Fallback,
    Performance,
    Toonifier,
    Used,
    choose,
    fallen_back,
    on_cpu,
)
from ml_core.backends.driving import Driving, DrivingCapture, DrivingVideo, driving_from_bytes
from ml_core.backends.models import network_models

__all__ = [
    "ANIMATORS",
    "CANNOT_BE_HAD",
    "OWN",
    "TOONIFIERS",
    "Animator",
    "Backends",
    "Chosen",
    "Driving",
    "DrivingCapture",
    "DrivingVideo",
    "Fallback",
    "Performance",
    "Toonifier",
    "Used",
    "choose",
    "driving_from_bytes",
    "fallen_back",
    "network_models",
    "on_cpu",
]
