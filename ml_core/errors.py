"""Expected failures of ml_core: typed, with a stable code, never a bare string.

The Django side turns ``code`` and ``params`` into a sentence in the person's language;
``str(error)`` is an English sentence for logs and the command line that says what to do.
"""

from __future__ import annotations


class MlError(Exception):
    """Base of all expected failures. ``permanent``: trying the same input again cannot help."""

    permanent = True

    def __init__(self, code: str, message: str, **params: object) -> None:
        super().__init__(message)
        self.code = code
        self.params = params


class PhotoRejected(MlError):
    """The picture cannot be used: not an image, too large, no usable face, ..."""


class SentenceRejected(MlError):
    """The sentence cannot be used: empty, too long, ..."""


class LookInvalid(MlError):
    """A look names a style, region or colour that the renderer does not have."""


class MotionInvalid(MlError):
    """A motion file says something the puppet does not understand."""


class TargetUnmet(MlError):
    """A file cannot be made within a messenger's limits at acceptable quality."""


class ClipInvalid(MlError):
    """An animated input cannot be read or is outside the accepted limits."""


class SoundInvalid(MlError):
    """A sound file cannot be read."""


class WeightsUnavailable(MlError):
    """Model weights are missing, corrupt, or not allowed by the licence mode."""


class DatasetInvalid(MlError):
    """A folder of training pictures cannot be used: empty, too small, unreadable, ..."""


class DeviceMissing(MlError):
    """The device that was asked for is not there."""


class ModelUnavailable(MlError):
    """A model is not known or its loader failed, though its weights are there."""


class OutputInvalid(MlError):
    """A model answered with something that is no answer: NaN or infinity."""


class ServiceBusy(MlError):
    """The queue is full or the deadline has passed; trying again later can help."""

    permanent = False


class ServiceDown(MlError):
    """The service is stopping or quarantined after a device error."""

    permanent = False


class OutOfMemory(MlError):
    """The device ran out of memory even after halving the batch and evicting models."""

    permanent = False
