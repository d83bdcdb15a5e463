"""Expected failures of the site: a stable code, a sentence that says what to do, and an HTTP status."""

from __future__ import annotations

from django.utils.functional import Promise

Text = str | Promise


class EmotoonError(Exception):
    """``code`` never changes once published; ``message`` is shown to the person as it is.

    ``permanent``: asking again with the same input cannot help.
    """

    status = 400
    permanent = True

    def __init__(self, code: str, message: Text, **params: object) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.params = params


class InvalidInput(EmotoonError):
    """Something the person gave cannot be used. ``field`` names the input."""

    status = 422

    def __init__(self, code: str, message: Text, *, field: str = "", **params: object) -> None:
        super().__init__(code, message, **params)
        self.field = field


class NotFound(EmotoonError):
    """It is not there, or it is somebody else's; the two look the same from outside."""

    status = 404


class Conflict(EmotoonError):
    """The thing is not in a state in which this can be done."""

    status = 409


class QuotaExceeded(EmotoonError):
    status = 429
    permanent = False


class StorageUnavailable(EmotoonError):
    status = 503
    permanent = False
