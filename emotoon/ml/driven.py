"""A face driven by another one, by LivePortrait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emotoon.ml.clips import is_video
from emotoon.ml.engine import run
from emotoon.ml.refusals import for_operators

if TYPE_CHECKING:
    from ml_core.driven_portrait import DrivenPortrait

_ZIP = b"PK\x03\x04"


def portrait_drive(*, source: bytes, driving: bytes) -> DrivenPortrait:
    """source: a photo, WebM or MP4; driving: the same, or an .npz captured before. Raises InvalidInput."""
    from ml_core.driven_portrait import DriveRequest

    photo = not is_video(driving) and not driving.startswith(_ZIP)
    with for_operators():
        made: DrivenPortrait = run(
            "drive", DriveRequest(source, is_video(source), driving, photo), lambda stage, percent: None
        )
    return made
