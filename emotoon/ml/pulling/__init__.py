"""Pulling weights: from their publisher, a mirror or a folder into the weights folder."""

from emotoon.ml.pulling.order import PulledFile, PullOrder
from emotoon.ml.pulling.pull import pull

__all__ = ["PullOrder", "PulledFile", "pull"]
