"""Weights: the manifest of what there is and under which licence, and whether what lies here is what it says.

``weights_path`` is what loaders call. Nothing in here imports torch or reaches the network; pulling is
the site's (``manage.py models pull``).
"""

from ml_core.weights.check import (
    FileReport,
    FileState,
    check_licence,
    file_sha256,
    verify_weights,
    weights_path,
)
from ml_core.weights.formats import check_format
from ml_core.weights.ledger import Pin, pins_read, pins_write, seen_write
from ml_core.weights.manifest import Archive, WeightsEntry, WeightsFile, entry_named, manifest

__all__ = [
    "Archive",
    "FileReport",
    "FileState",
    "Pin",
    "WeightsEntry",
    "WeightsFile",
    "check_format",
    "check_licence",
    "entry_named",
    "file_sha256",
    "manifest",
    "pins_read",
    "pins_write",
    "seen_write",
    "verify_weights",
    "weights_path",
]
