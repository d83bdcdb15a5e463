"""The checker finds what is wrong, in files that other programs wrote."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from ml_core.encoding import edges
from ml_core.encoding.encode import encode
from ml_core.encoding.targets import load_targets
from ml_core.encoding.verification import check
from ml_core.types import Certificate, Clip

TARGETS = load_targets()


def pictures(count: int = 6, size: tuple[int, int] = (270, 270)) -> list[Image.Image]:
    """Frames as Pillow has them: a moving square on nothing."""
    out = []
    for index in range(count):
        image = Image.new("RGBA", size, (0, 0, 0, 0))
        image.paste((200, 60, 60, 255), (10 * index, 20, 10 * index + 90, 110))
        out.append(image)
    return out


def saved(format: str, frames: list[Image.Image], **options: object) -> bytes:
    out = BytesIO()
    frames[0].save(out, format, save_all=True, append_images=frames[1:], **options)  # type: ignore[arg-type]
    return out.getvalue()


def failed(certificate: Certificate) -> set[str]:
    return {one.name for one in certificate.failures}


def test_pillows_line_sticker_passes() -> None:
    certificate = check(saved("PNG", pictures(5), duration=200, loop=2), TARGETS["line_anim"])
    assert certificate.ok, certificate.failures
    assert {one.name for one in certificate.checks} >= {
        "container", "audio", "alpha", "dimensions", "frames", "different frames", "duration",
        "whole seconds", "delays", "loops", "bytes", "metadata",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("frames", "options", "wrong"),
    [
        (pictures(4), {"duration": 250, "loop": 1}, {"frames", "different frames"}),
        (pictures(21), {"duration": 50, "loop": 1}, {"frames", "whole seconds"}),
        (pictures(5), {"duration": 200, "loop": 0}, {"loops", "duration", "whole seconds"}),
        (pictures(5), {"duration": 200, "loop": 5}, {"loops", "duration"}),
        (pictures(5), {"duration": 190, "loop": 1}, {"whole seconds"}),
        (pictures(5), {"duration": [100, 300, 200, 200, 200], "loop": 1}, {"delays"}),
        (pictures(5, (271, 270)), {"duration": 200, "loop": 1}, {"dimensions"}),
        (pictures(5, (340, 270)), {"duration": 200, "loop": 1}, {"dimensions"}),
        (pictures(5, (200, 200)), {"duration": 200, "loop": 1}, {"dimensions"}),
    ],
)
def test_lines_limits(frames: list[Image.Image], options: dict[str, object], wrong: set[str]) -> None:
    assert failed(check(saved("PNG", frames, **options), TARGETS["line_anim"])) == wrong


def test_opaque_pictures_have_no_alpha() -> None:
    opaque = [frame.convert("RGB") for frame in pictures(5)]
    assert "alpha" in failed(check(saved("PNG", opaque, duration=200, loop=1), TARGETS["line_anim"]))


def test_lost_transparency_is_noticed() -> None:
    opaque = [frame.convert("RGB") for frame in pictures(5, (512, 512))]
    data = saved("WEBP", opaque, duration=100, loop=1)
    assert check(data, TARGETS["whatsapp_anim"]).ok
    assert failed(check(data, TARGETS["whatsapp_anim"], transparent=True)) == {"alpha"}


@pytest.mark.parametrize("target", ["whatsapp_anim", "line_anim", "telegram_video"])
def test_alpha_is_one_line_of_the_certificate(nod: Clip, target: str) -> None:
    data = encode(nod, TARGETS[target].format).data
    names = [one.name for one in check(data, TARGETS[target], transparent=True).checks]
    assert names.count("alpha") == 1


def test_whatsapps_limits() -> None:
    good = pictures(5, (512, 512))
    assert check(saved("WEBP", good, duration=100), TARGETS["whatsapp_anim"]).ok
    assert failed(check(saved("WEBP", good, duration=2100), TARGETS["whatsapp_anim"])) == {"duration"}
    assert failed(check(saved("WEBP", good, duration=5), TARGETS["whatsapp_anim"])) == {"shortest delay"}
    assert "frames" in failed(check(saved("WEBP", good[:1]), TARGETS["whatsapp_anim"]))
    assert "frames" in failed(check(saved("WEBP", good, duration=100), TARGETS["whatsapp_static"]))
    small = replace(TARGETS["whatsapp_anim"], limits=replace(TARGETS["whatsapp_anim"].limits, bytes=1000))
    assert failed(check(saved("WEBP", good, duration=100), small)) == {"bytes"}


def test_signal_must_loop_for_ever_and_be_square() -> None:
    assert check(saved("PNG", pictures(), duration=100, loop=0), TARGETS["signal_anim"]).ok
    assert failed(check(saved("PNG", pictures(), duration=100, loop=3), TARGETS["signal_anim"])) == {"loops"}
    oblong = saved("PNG", pictures(size=(270, 260)), duration=100, loop=0)
    assert failed(check(oblong, TARGETS["signal_anim"])) == {"dimensions"}


def test_ogq_must_end_where_it_began() -> None:
    frames = pictures(size=(740, 640))
    assert failed(check(saved("GIF", frames, duration=100, loop=0), TARGETS["ogq_anim"])) == {
        "first and last frame"
    }
    round_trip = [*frames, *frames[-2::-1]]
    assert check(saved("GIF", round_trip, duration=100, loop=0, disposal=2), TARGETS["ogq_anim"]).ok


_QUICK = {"crf": "40", "deadline": "realtime", "cpu-used": "8", "auto-alt-ref": "0"}


def _webm(codec: str, pixels: str, *, sound: bool = False, rate: int = 20, count: int = 20) -> bytes:
    out = BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream = container.add_stream(codec, rate=rate, options=_QUICK)
        stream.width = stream.height = 512
        stream.pix_fmt = pixels
        audio = container.add_stream("libopus", rate=48000, layout="mono") if sound else None
        for index in range(count):
            picture = np.zeros((512, 512, 4), np.uint8)
            picture[100:300, 100 + index : 300 + index] = (200, 60, 60, 255)
            frame = av.VideoFrame.from_ndarray(picture, format="rgba").reformat(format=pixels)
            frame.pts, frame.time_base = index, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio is not None:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.float32), "fltp", "mono")
            silence.sample_rate, silence.pts = 48000, 0
            container.mux(audio.encode(silence))
            container.mux(audio.encode(None))
    return out.getvalue()


def test_telegrams_limits() -> None:
    target = TARGETS["telegram_video"]
    assert check(_webm("libvpx-vp9", "yuva420p"), target).ok
    assert failed(check(_webm("libvpx-vp9", "yuv420p"), target)) == {"alpha"}
    assert failed(check(_webm("libvpx-vp9", "yuva420p", sound=True), target)) == {"audio"}
    assert failed(check(_webm("libvpx", "yuva420p"), target)) == {"codec"}
    assert failed(check(_webm("libvpx-vp9", "yuva420p", rate=40), target)) == {"rate"}
    assert failed(check(_webm("libvpx-vp9", "yuva420p", rate=6), target)) == {"duration"}


def test_the_wrong_container_is_named(nod: Clip) -> None:
    certificate = check(encode(nod, "gif").data, TARGETS["whatsapp_anim"])
    (container,) = [one for one in certificate.checks if one.name == "container"]
    assert (container.ok, container.limit, container.found) == (False, "webp", "gif")


def test_exif_is_not_let_through() -> None:
    exif = Image.Exif()
    exif[0x010F] = "camera"
    data = saved("WEBP", pictures(5, (512, 512)), duration=100, exif=exif)
    assert failed(check(data, TARGETS["whatsapp_anim"])) == {"metadata"}


@pytest.mark.parametrize("format", ["webp", "webm", "mp4", "apng", "gif", "png"])
def test_damaged_files_get_a_certificate_and_not_a_crash(nod: Clip, format: str) -> None:
    data = encode(nod, format).data
    rng = np.random.default_rng(1)
    for cut in (5, 20, 60, len(data) // 2, len(data) - 3):
        certificate = check(data[:cut], TARGETS["viber"])
        assert not certificate.ok
    for _ in range(40):
        broken = bytearray(data)
        for at in rng.integers(0, len(data), 8):
            broken[at] = rng.integers(0, 256)
        assert isinstance(check(bytes(broken), TARGETS["viber"]), Certificate)


def test_certificate_as_plain_values(nod: Clip) -> None:
    value = check(encode(nod, "gif").data, TARGETS["wechat"]).as_dict()
    assert set(value) == {"ok", "target", "checks", "marks"}
    assert set(value["checks"][0]) == {"name", "ok", "limit", "found"}


def test_video_bleed_leaves_visible_pixels_alone(nod: Clip) -> None:
    frame = nod.frames[0]
    bled = edges.bleed(frame)
    assert np.array_equal(bled[..., 3], frame[..., 3])
    seen = frame[..., 3] > 0
    assert np.array_equal(bled[seen], frame[seen])
    assert not np.array_equal(bled[~seen], frame[~seen])
