"""ml_core's typed failures in the person's language: what happened and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from emotoon.core.errors import EmotoonError, InvalidInput, Text
from ml_core.errors import MlError, PhotoRejected, SentenceRejected, ServiceDown

MESSAGES: dict[str, Text] = {
    # photos
    "not_an_image": _("This is not a picture we can read. Please choose a JPEG, PNG or WebP photo."),
    "unsupported_format": _(
        "This kind of picture is not supported. Please choose a JPEG, PNG or WebP photo."
    ),
    "truncated": _("The photo is damaged or incomplete. Please save or send it again."),
    "too_many_bytes": _("The photo is larger than 10 MB. Please choose a smaller one."),
    "too_many_pixels": _("The photo has too many pixels. Please choose one of at most 25 megapixels."),
    "animated_too_large": _("This moving picture is too large. Please choose a still photo."),
    "too_small": _("The picture is too small. Please choose a larger photo."),
    "photo_decode_failed": _("The photo could not be read safely. Please choose another one."),
    "photo_decode_timeout": _("Reading the photo took too long. Please choose a smaller one."),
    "no_face": _("No face was found. Please choose a closer photo of your face from the front."),
    "face_too_small": _("The face is too small in this photo. Please choose a closer one."),
    "face_blurred": _("The face is blurred. Please choose a sharper photo."),
    "face_too_dark": _("The photo is too dark. Please choose one with more light on the face."),
    "turned_away": _("The face is turned away. Please choose a photo that looks towards the camera."),
    "mouth_covered": _("The mouth is covered. Please choose a photo without a mask or a hand before it."),
    "sunglasses": _("The eyes are hidden. Please choose a photo without sunglasses."),
    "not_human": _("This does not look like a person's face. Please choose a photo of a person."),
    "face_index_out_of_range": _("There are fewer faces in the photo. Please choose one of those shown."),
    "analysis_unreadable": _("This photo must be uploaded again."),
    # faces put into pictures
    "target_no_face": _("There is no face in the target picture. Please choose one that shows a face."),
    "target_face_out_of_range": _(
        "The target picture has %(count)s faces, so face %(face_index)s is not there. "
        "Please choose from 0 to %(last)s."
    ),
    "swap_clip_too_long": _("The clip lasts %(seconds)s seconds. Please cut it to at most %(most)s seconds."),
    "swap_format": _("This kind of file is written as %(known)s, not as %(format)s."),
    "swap_region_unknown": _("There is no such region of a face. Please choose from: %(known)s."),
    "swap_amount": _("The amount goes from 0 to 1."),
    "clip_face_lost": _(
        "The face leaves the picture for too long. Please use a clip that shows it throughout."
    ),
    "file_unknown": _("This is not an animated picture we can read. Use WebP, GIF, APNG, WebM or MP4."),
    "file_corrupt": _("The file is damaged or incomplete. Please save or send it again."),
    "frames_too_many": _("The file has too many frames. Please make it shorter."),
    "picture_unknown": _("There is no such picture."),
    # sentences
    "empty": _("Please type a sentence."),
    "too_long": _("The sentence is too long. Please use at most 200 letters."),
    "no_words": _("Please type a few words or an emoji."),
    # what must not be written; each says what is wrong, and nobody is blamed
    "moderated_hate": _("This puts people down for who they are. Please say it without that."),
    "moderated_harassment": _("This could hurt somebody. Please say it in a kinder way."),
    "moderated_sexual": _("Sexual content cannot be used here."),
    "moderated_minors": _("This cannot be used here."),
    "moderated_self_harm": _(
        "If you are having a hard time, please talk to somebody: in Korea 109, day and night, free. "
        "We cannot use this sentence."
    ),
    "moderated_personal_data": _(
        "There seems to be a phone number, address or similar. Please leave it out."
    ),
    "moderated_spam": _("This looks like advertising. Please write it in your own words."),
    # looks
    "look_invalid": _("This style or setting is not known."),
    "backend_unknown": _("This style or setting is not known."),
    # driving motions, sound, networks
    "sound_unreadable": _("This sound cannot be read. Please save it as a 16 bit WAV file."),
    "capture_invalid": _("This is not a captured motion. Please capture it again."),
    "capture_needs_liveportrait": _(
        "Only LivePortrait can play this captured motion, and it is not in use here. "
        "Please give a video of a face."
    ),
    "weights_missing": _(
        "The network that this needs has no weights on this machine. "
        "An operator gets them with “manage.py models pull”."
    ),
    "weights_not_commercial": _(
        "The weights that this needs may not be used commercially. "
        "For research, set EMOTOON_LICENCE_MODE=research."
    ),
    "index_stale": _(
        "The search for templates must be built anew. An operator does that with “manage.py load_catalog”."
    ),
    "index_missing": _(
        "The search for templates must be built anew. An operator does that with “manage.py load_catalog”."
    ),
    # passing troubles
    "queue_full": _("Many people are making stickers right now. Please try again in a moment."),
    "deadline_passed": _("It waited too long. It will be tried again."),
    "service_down": _("The drawing service is restarting. It will be tried again."),
    "device_lost": _("The drawing service is restarting. It will be tried again."),
    "worker_lost": _("The machine stopped three times while making it. Please try another photo."),
    "internal_error": _("Something went wrong on our side. Please try again later."),
    "result_not_finite": _("This photo could not be drawn. Please choose another photo or style."),
    "model_load_failed": _("This style cannot be used at the moment. Please choose another one."),
    "model_unknown": _("This style cannot be used at the moment. Please choose another one."),
    "out_of_memory": _("The machine is short of memory. It will be tried again."),
}

_FALLBACK = _("Something went wrong while making the sticker (%(code)s).")


class RenderingFailed(EmotoonError):
    """ml_core failed in a way it expected; ``permanent`` says whether another attempt can help."""

    status = 422

    def __init__(self, error: MlError, message: Text) -> None:
        super().__init__(error.code, message, **error.params)
        self.permanent = error.permanent


class EngineStopped(RenderingFailed):
    """The service ended before it began this work, which is unharmed; another process can do it."""


def message_for(code: str, params: Mapping[str, object] | None = None) -> Text:
    """The sentence for a code of ml_core, also for codes kept in a job's row."""
    message = MESSAGES.get(code)
    if message is None:
        return _FALLBACK % {"code": code}
    return message % params if params and "%(" in str(message) else message


@contextmanager
def translated() -> Iterator[None]:
    """Turn ml_core's errors into the site's."""
    try:
        yield
    except PhotoRejected as error:
        raise InvalidInput(
            error.code, message_for(error.code, error.params), field="photo", **error.params
        ) from error
    except SentenceRejected as error:
        raise InvalidInput(
            error.code, message_for(error.code, error.params), field="sentence", **error.params
        ) from error
    except MlError as error:
        unharmed = isinstance(error, ServiceDown) and error.code == "service_down"
        failure = EngineStopped if unharmed else RenderingFailed
        raise failure(error, message_for(error.code, error.params)) from error


@contextmanager
def for_operators() -> Iterator[None]:
    """For commands: ml_core's own sentences say what to do."""
    try:
        yield
    except MlError as error:
        raise InvalidInput(error.code, str(error), field="", **error.params) from error
