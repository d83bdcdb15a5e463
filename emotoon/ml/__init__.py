"""The one door to ml_core: the site imports this package, never ml_core itself.

Heavy libraries are imported inside functions, on first use: pages that show no sticker start without
them, and web workers never load torch.
"""

from emotoon.ml.backends import animator_names, fallback_notes, toonifier_names
from emotoon.ml.certificates import FileLines, certificate_kept, file_text
from emotoon.ml.encoders import encoder_choice, encoder_export, encoder_told
from emotoon.ml.engine import (
    engine_device_check,
    engine_on_device_loss,
    engine_status,
    engine_stop,
    engine_warm_up,
)
from emotoon.ml.looks import Look, format_names, formats_check, look_details, look_read, style_names
from emotoon.ml.photos import ExaminedPhoto, photo_examine
from emotoon.ml.refusals import EngineStopped, message_for
from emotoon.ml.rendering import (
    RenderedSticker,
    StickerOrder,
    clip_of_sticker,
    motion_check,
    picture_check,
    picture_places,
    sticker_render,
)
from emotoon.ml.text import (
    PICTURES,
    TemplateText,
    search,
    search_catalog_version,
    search_encoder,
    search_index_build,
    search_index_version,
    sentence_check,
    sentence_moderate,
)
from emotoon.ml.weights import weights_list, weights_path, weights_pull, weights_verify
from ml_core.types import EncodedFile

__all__ = [
    "PICTURES",
    "EncodedFile",
    "EngineStopped",
    "ExaminedPhoto",
    "FileLines",
    "Look",
    "RenderedSticker",
    "StickerOrder",
    "TemplateText",
    "animator_names",
    "certificate_kept",
    "clip_of_sticker",
    "encoder_choice",
    "encoder_export",
    "encoder_told",
    "engine_device_check",
    "engine_on_device_loss",
    "engine_status",
    "engine_stop",
    "engine_warm_up",
    "fallback_notes",
    "file_text",
    "format_names",
    "formats_check",
    "look_details",
    "look_read",
    "message_for",
    "motion_check",
    "photo_examine",
    "picture_check",
    "picture_places",
    "search",
    "search_catalog_version",
    "search_encoder",
    "search_index_build",
    "search_index_version",
    "sentence_check",
    "sentence_moderate",
    "sticker_render",
    "style_names",
    "toonifier_names",
    "weights_list",
    "weights_path",
    "weights_pull",
    "weights_verify",
]
