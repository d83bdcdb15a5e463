"""Packs as zips: counts, icons, manifests, texts, preview, limits."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.utils import translation
from PIL import Image

from emotoon.bench.drawn_clips import draw_clip
from emotoon.core.errors import InvalidInput
from emotoon.ml.export import Clip, check, load_targets
from emotoon.packs.exports.archive import PREVIEW_FILE, pack_archive
from emotoon.packs.exports.content import PackArchive, PackContent, StickerContent
from emotoon.packs.exports.rules import pack_problems
from emotoon.packs.exports.wording import AI_NOTICE_FILE, accessibility_both, keywords_within, sticker_name

TARGETS = load_targets()


@pytest.fixture(scope="module")
def clip() -> Clip:
    return draw_clip("nod", frames=8, side=64, fps=8.0)


@pytest.fixture
def sticker(clip: Clip) -> StickerContent:
    return StickerContent(
        load=lambda: clip,
        is_still=False,
        sentence='고마워 <b>"진짜"</b>',
        title_ko="고개 숙여 인사",
        title_en="bow",
        emoji=("🙏", "💛", "😊", "✨"),
        keywords=("고마워", "감사", "thanks"),
    )


def pack(sticker: StickerContent, count: int) -> PackContent:
    return PackContent("pck_test", "우리 가족", "Our family", "emotoon", (sticker,) * count)


def opened(archive: PackArchive) -> ZipFile:
    return ZipFile(BytesIO(archive.data))


def test_whatsapp_pack(sticker: StickerContent) -> None:
    progress: list[int] = []
    made = pack_archive(pack(sticker, 3), TARGETS["whatsapp_anim"], on_progress=progress.append)
    assert made.ok
    assert progress[-1] == 100
    with opened(made) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {
            "01.webp", "02.webp", "03.webp", "tray.png", "contents.json", "stickers.json", AI_NOTICE_FILE,
            PREVIEW_FILE,
        }  # fmt: skip
        (described,) = json.loads(archive.read("contents.json"))["sticker_packs"]
        tray = archive.read("tray.png")
        assert check(archive.read("02.webp"), TARGETS["whatsapp_anim"]).ok
    assert described["animated_sticker_pack"] is True
    assert described["tray_image_file"] == "tray.png"
    assert described["stickers"][0]["emojis"] == ["🙏", "💛", "😊"]
    spoken = described["stickers"][0]["accessibility_text"]
    assert "고개 숙여 인사" in spoken
    assert "bow" in spoken
    assert len(spoken) <= 255
    with Image.open(BytesIO(tray)) as picture:
        assert picture.size == (96, 96)
    assert len(tray) <= 50_000


def test_line_pack_is_named_as_line_asks(sticker: StickerContent) -> None:
    made = pack_archive(pack(sticker, 8), TARGETS["line_anim"])
    with opened(made) as archive:
        names = set(archive.namelist())
        with Image.open(BytesIO(archive.read("main.png"))) as main:
            assert (main.size, main.format) == ((240, 240), "PNG")
            assert 5 <= main.n_frames <= 20
        with Image.open(BytesIO(archive.read("tab.png"))) as tab:
            assert tab.size == (96, 74)
    assert {f"{number:02}.png" for number in range(1, 9)} | {"main.png", "tab.png"} <= names


def test_telegram_and_signal_manifests(sticker: StickerContent) -> None:
    with opened(pack_archive(pack(sticker, 1), TARGETS["telegram_emoji"])) as archive:
        body = json.loads(archive.read("telegram.json"))
        assert "thumbnail.webm" in archive.namelist()
    assert body["sticker_type"] == "custom_emoji"
    assert body["stickers"][0]["format"] == "video"
    assert body["stickers"][0]["keywords"] == ["고마워", "감사", "thanks"]
    with opened(pack_archive(pack(sticker, 1), TARGETS["signal_anim"])) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["stickers"][0]["emoji"] == "🙏"
    assert manifest["cover"]["file"] == "cover.png"


def test_the_preview_escapes_what_people_wrote(sticker: StickerContent) -> None:
    made = pack_archive(replace(pack(sticker, 1), title_ko="<script>x</script>"), TARGETS["telegram_static"])
    with opened(made) as archive:
        page = archive.read(PREVIEW_FILE).decode()
        notice = archive.read(AI_NOTICE_FILE).decode()
    assert "<script" not in page
    assert "&lt;b&gt;" in page
    assert 'src="01.png"' in page
    assert "AI로 생성" in notice
    assert "AI로 생성됨 / AI-generated" in page


def test_the_same_pack_gives_the_same_bytes(sticker: StickerContent) -> None:
    first, second = (pack_archive(pack(sticker, 1), TARGETS["telegram_static"]) for _ in range(2))
    assert first.data == second.data


@pytest.mark.parametrize(
    ("name", "count", "message"),
    [
        ("line_anim", 5, "needs 8 stickers; 3 are missing"),
        ("line_anim", 15, "needs 16 stickers; 1 is missing"),
        ("line_anim", 30, "takes 24 stickers; please take 6 out"),
        ("kakao_static", 31, "needs 32 stickers; 1 is missing"),
        ("whatsapp_anim", 2, "needs 3 stickers; 1 is missing"),
        ("whatsapp_anim", 31, "takes 30 stickers; please take 1 out"),
        ("telegram_video", 0, "needs 1 stickers; 1 is missing"),
        ("telegram_video", 121, "takes 120 stickers; please take 1 out"),
        ("line_bot", 3, "has no packs"),
    ],
)
def test_wrong_counts_say_how_many(sticker: StickerContent, name: str, count: int, message: str) -> None:
    with translation.override("en"), pytest.raises(InvalidInput, match=message):
        pack_archive(pack(sticker, count), TARGETS[name])


def test_stills_and_animations_are_not_mixed(sticker: StickerContent, clip: Clip) -> None:
    still = replace(sticker, load=lambda: Clip(clip.frames[:1], 1.0), is_still=True)
    mixed = replace(pack(sticker, 3), stickers=(sticker, still, sticker))
    with translation.override("en"):
        (problem,) = pack_problems(mixed, TARGETS["whatsapp_anim"])
        assert problem.code == "mixed"
        assert problem.message.endswith("these are stills: 2.")
        (problem,) = pack_problems(pack(still, 3), TARGETS["whatsapp_anim"])
        assert problem.code == "still"
        assert pack_problems(pack(still, 3), TARGETS["whatsapp_static"]) == ()


def test_kakao_takes_stills_beside_three_animated(sticker: StickerContent, clip: Clip) -> None:
    still = replace(sticker, load=lambda: Clip(clip.frames[:1], 1.0), is_still=True)
    target = TARGETS["kakao_anim"]
    few = replace(pack(sticker, 24), stickers=(sticker,) * 2 + (still,) * 22)
    assert [problem.code for problem in pack_problems(few, target)] == ["animated"]
    enough = replace(few, stickers=(sticker,) * 3 + (still,) * 21)
    assert pack_problems(enough, target) == ()
    assert target.pack is not None
    small = replace(target, pack=replace(target.pack, counts=(4,)))
    made = pack_archive(replace(enough, stickers=enough.stickers[:4]), small)
    assert made.ok
    assert [file.path for file in made.files[2:4]] == ["03.webp", "04.png"]
    icon = made.files[-1]
    assert (icon.path, len(icon.data) <= 16_000) == ("icon.png", True)


def test_missing_words_are_named(sticker: StickerContent) -> None:
    bad = replace(
        pack(replace(sticker, emoji=()), 3), identifier="꾸러미", title_ko=" ", title_en="", cover=9
    )
    codes = {problem.code for problem in pack_problems(bad, TARGETS["whatsapp_anim"])}
    assert codes == {"identifier", "title", "cover", "emoji"}


def test_archive_limits_are_checked(sticker: StickerContent) -> None:
    target = TARGETS["telegram_static"]
    assert target.pack is not None
    tight = replace(target, pack=replace(target.pack, zip_bytes=1000))
    with pytest.raises(InvalidInput) as caught:
        pack_archive(pack(sticker, 1), tight)
    assert caught.value.code == "pack_too_large"


def test_texts_keep_their_limits(sticker: StickerContent) -> None:
    long = replace(sticker, sentence="가" * 300)
    assert len(accessibility_both(long, 125)) == 125
    assert sticker_name(long, (2, 30)) == "가" * 29 + "…"
    assert len(sticker_name(replace(sticker, sentence="ㅋ"), (2, 30))) >= 2
    assert keywords_within(sticker, 6) == ("고마워", "감사")


def test_the_certificate_names_every_file(sticker: StickerContent) -> None:
    made = pack_archive(pack(sticker, 1), TARGETS["telegram_static"]).as_dict()
    files = made["files"]
    assert isinstance(files, list)
    assert [(file["path"], file["ok"]) for file in files] == [("01.png", True), ("thumbnail.png", True)]
    assert files[0]["marks"] == ["xmp"]
