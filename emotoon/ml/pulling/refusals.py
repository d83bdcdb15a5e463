"""Why weights cannot be used or pulled, in the operator's language, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from emotoon.core.errors import EmotoonError, Text
from ml_core.errors import WeightsUnavailable

MESSAGES: dict[str, Text] = {
    "weights_unknown": _("There are no weights named “%(name)s”; `manage.py models list` shows all."),
    "weights_not_commercial": _(
        "%(name)s (%(licence)s) may not be used commercially. Set EMOTOON_LICENCE_MODE=research if that is "
        "what you do."
    ),
    "weights_missing": _(
        "%(name)s (%(file)s) is not in %(folder)s. Run `manage.py models pull %(name)s`, or get it from "
        "%(source)s."
    ),
    "weights_corrupt/size": _(
        "%(path)s has another size than published. Pull it again, or write weights of your own into "
        "%(manifest)s."
    ),
    "weights_corrupt/hash": _(
        "%(path)s is not what was published (another sha256). Pull it again, or write weights of your own "
        "into %(manifest)s."
    ),
    "weights_corrupt/renamed": _("%(path)s is %(known)s under another name. Pull both again."),
    "weights_corrupt/form": _("%(path)s is damaged or of another kind (%(reason)s)."),
    "weights_unsafe": _(
        "%(path)s is refused: it holds more than tensors (%(reason)s). Convert it to safetensors where it "
        "was made."
    ),
    "manifest_invalid": _("%(path)s is not understood: %(reason)s"),
    "pins_unreadable": _("%(path)s is not understood: %(reason)s"),
}
_OTHER = _("These weights cannot be used (%(code)s).")


class WeightsRefused(EmotoonError):
    """ml_core refused weights. Same code, translated."""

    status = 422


class PullRefused(EmotoonError):
    """A pull cannot begin or go on."""

    status = 422

    @staticmethod
    def other_size(file: str, offered: int, published: int) -> PullRefused:
        return PullRefused(
            "weights_hash_wrong",
            _("%(file)s is not what was published: %(offered)s bytes are offered, not %(published)s.")
            % {"file": file, "offered": f"{offered:,}", "published": f"{published:,}"},
        )


@contextmanager
def weights_translated() -> Iterator[None]:
    """Turn ml_core's refusals of weights into the site's."""
    try:
        yield
    except WeightsUnavailable as error:
        raise WeightsRefused(error.code, weights_message(error), **error.params) from error


def weights_message(error: WeightsUnavailable) -> Text:
    """The sentence for a refusal, in the language of whoever reads it."""
    why = error.params.get("why")
    text = MESSAGES.get(f"{error.code}/{why}" if why else error.code)
    return _OTHER % {"code": error.code} if text is None else text % error.params


def disk_full(folder: Path, needed: int | None, free: int | None) -> PullRefused:
    """Without numbers: it filled while writing, and the unfinished file was removed."""
    if needed is None or free is None:
        text = _(
            "The disk with %(folder)s is full; the unfinished file was removed. Make room and pull again."
        ) % {"folder": folder}
    else:
        text = _("%(folder)s has %(free)s MB free; %(needed)s MB are needed, and 64 MB stay free.") % {
            "folder": folder,
            "free": f"{free / 1e6:,.0f}",
            "needed": f"{needed / 1e6:,.0f}",
        }
    return PullRefused("weights_disk_full", text)


def folder_unusable(error: OSError, path: Path) -> PullRefused:
    return PullRefused(
        "weights_folder",
        _("%(path)s cannot be written or read: %(reason)s.")
        % {"path": error.filename or path, "reason": error.strerror or type(error).__name__},
    )


def interrupted(file: str, done: int, error: EmotoonError) -> PullRefused:
    refusal = PullRefused(
        "weights_interrupted",
        _("%(file)s: %(reason)s %(done)s MB are kept; the same command goes on from there.")
        % {"file": file, "reason": error.message, "done": f"{done / 1e6:,.1f}"},
    )
    refusal.permanent = False
    return refusal
