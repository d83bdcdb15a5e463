"""Things on paper and screens: a wanted poster, a birthday card, a heart for two, the news."""

from __future__ import annotations

import math

from ml_core.drawing import shapes
from ml_core.drawing.ink import WHITE, box, mix, moved, oval, path, polygon
from ml_core.drawing.pictures.sheet import Picture, Sheet
from ml_core.drawing.timing import swing
from ml_core.types import Rgb

PAPER: Rgb = (240, 220, 176)
PAPER_EDGE: Rgb = (150, 108, 60)
BROWN: Rgb = (96, 56, 32)


def _wanted_behind(sheet: Sheet) -> None:
    torn = path(
        "M52 22 L150 14 L262 24 L374 12 L462 22 L456 130 L466 250 L458 380 L464 494 L350 488 L238 "
        "498 L140 488 "
        "L48 496 L56 372 L46 240 L56 120 Z"
    )
    sheet.shape(torn, PAPER, PAPER_EDGE, 6)
    for x, y, r in ((92, 60, 34), (420, 430, 46), (86, 440, 26), (430, 90, 20)):
        sheet.fill(oval(x, y, r, r * 0.7), (214, 182, 126), 0.55)
    sheet.text("현상수배", 256, 92, 66, BROWN)
    sheet.line(path("M86 110 L426 110 M86 118 L426 118"), BROWN, 3)
    sheet.shape(box(106, 134, 406, 378, 4), (226, 208, 170), BROWN, 6)
    sheet.gradient(box(106, 134, 406, 378, 4), (252, 240, 212), (206, 178, 128), 134, 378)


def _wanted_before(sheet: Sheet) -> None:
    sheet.line(box(106, 134, 406, 378, 4), BROWN, 7)
    sheet.line(box(114, 142, 398, 370, 2), BROWN, 2)
    for x, y in ((256, 20), (60, 30), (452, 30)):
        sheet.shape(oval(x, y, 9), (208, 64, 56), (120, 30, 30), 3)
        sheet.fill(oval(x - 3, y - 3, 3), WHITE, 0.8)
    stamp = moved(box(-74, -25, 74, 25, 10), 368, 352, turn=-12)
    sheet.fill(stamp, (255, 246, 230), 0.85)
    sheet.line(stamp, (204, 40, 44), 6)
    sheet.text("귀여운 죄", 368, 362, 30, (204, 40, 44), turn=-12)


WANTED = Picture(_wanted_behind, _wanted_before)


def _birthday_behind(sheet: Sheet) -> None:
    card = box(14, 14, 498, 498, 40)
    sheet.gradient(card, (255, 222, 232), (255, 242, 206))
    for k in range(9):
        angle = math.radians(40 * k + 8)
        ray = polygon(
            [
                (256, 230),
                (256 + 420 * math.cos(angle), 230 + 420 * math.sin(angle)),
                (256 + 420 * math.cos(angle + 0.3), 230 + 420 * math.sin(angle + 0.3)),
            ]
        )
        sheet.canvas.save()
        sheet.canvas.clipPath(card, doAntiAlias=True)
        sheet.fill(ray, WHITE, 0.42)
        sheet.canvas.restore()
    _bunting(sheet)
    body = path("M120 512 C128 404 190 366 256 366 C322 366 384 404 392 512 Z")
    sheet.canvas.save()
    sheet.canvas.clipPath(card, doAntiAlias=True)
    sheet.shape(body, sheet.palette.clothes or (92, 140, 214), sheet.palette.line)
    sheet.canvas.restore()


def _bunting(sheet: Sheet) -> None:
    sheet.line(path("M20 46 Q256 104 492 46"), (150, 110, 120), 3)
    colours: tuple[Rgb, ...] = (shapes.PINK, shapes.GOLD, shapes.MINT, shapes.SKY, shapes.VIOLET)
    for k in range(9):
        t = (k + 0.5) / 9
        x, y = 20 + 472 * t, 46 + 2 * 58 * t * (1 - t)
        flag = moved(path("M-20 0 L20 0 L0 34 Z"), x, y, turn=(0.5 - t) * 22 + 3 * swing(sheet.phase, 1))
        sheet.shape(flag, colours[k % 5], shapes.deep(colours[k % 5]), 3)


def _birthday_before(sheet: Sheet) -> None:
    x, y = (float(v) for v in sheet.faces[0][10, :2])
    hat = moved(path("M-56 6 Q0 24 56 6 L4 -112 Q0 -118 -4 -112 Z"), x + 6, y - 50, turn=7)
    sheet.shape(hat, shapes.MINT, shapes.deep(shapes.MINT))
    for dx, dy, colour in ((-18, -22, shapes.PINK), (18, -30, shapes.GOLD), (2, -66, shapes.PINK)):
        sheet.fill(oval(x + 8 + dx, y - 46 + dy, 8), colour)
    sheet.shape(oval(x + 22, y - 166, 17), shapes.PINK, shapes.deep(shapes.PINK), 4)
    _cake(sheet)
    for k, colour in enumerate(
        (shapes.PINK, shapes.SKY, shapes.GOLD, shapes.MINT, shapes.VIOLET, shapes.ORANGE)
    ):
        fall = (sheet.phase + k * 0.37) % 1
        for side in (60 + 22 * (k % 3), 452 - 26 * (k % 3)):
            sheet.sprite(shapes.paper(k % 3, colour), side, 110 + 250 * fall, 1.0, 360 * fall + 50 * k)


def _cake(sheet: Sheet) -> None:
    sheet.shape(oval(256, 466, 158, 20), (232, 236, 246), (150, 156, 180))
    sheet.shape(box(136, 404, 376, 472, 16), (255, 250, 240), (190, 140, 110))
    sheet.shape(
        path("M136 424 Q136 396 160 396 L352 396 Q376 396 376 424 Q362 448 346 426 Q328 452 308 428 "
        "Q286 452 264 428 "
             "Q240 452 220 428 Q200 452 178 426 Q156 446 136 424 Z"),
        (255, 150, 176), (196, 74, 110), 4,
    )  # fmt: skip
    for x in (196, 256, 316):
        sheet.shape(box(x - 6, 358, x + 6, 398, 3), shapes.SKY, shapes.BLUE, 3)
        flame = path("M0 0 C-13 -8 -7 -22 0 -34 C7 -22 13 -8 0 0 Z")
        sway = 9 * swing(sheet.phase + x / 512, 2)
        sheet.shape(moved(flame, x, 356, turn=sway), (255, 196, 60), (240, 120, 40), 3)


BIRTHDAY = Picture(_birthday_behind, _birthday_before)

BIG_HEART = (
    "M256 452 C-44 286 -6 36 142 44 C208 48 246 92 256 122 C266 92 304 48 370 44 C518 36 556 286 256 452 Z"
)


def _couple_behind(sheet: Sheet) -> None:
    heart = path(BIG_HEART)
    sheet.line(heart, (255, 96, 140), 34)
    sheet.gradient(heart, (255, 214, 226), (255, 168, 194), 40, 450)
    sheet.canvas.save()
    sheet.canvas.clipPath(heart, doAntiAlias=True)
    for k in range(5):
        for j in range(5):
            sheet.sprite(shapes.heart((255, 190, 208)), 40 + 108 * k + 54 * (j % 2), 60 + 92 * j, 0.5, 12)
    for index, x in enumerate((172, 340)):
        palette = sheet.palettes[min(index, len(sheet.palettes) - 1)]
        clothes = palette.clothes or ((104, 140, 220) if index == 0 else (250, 196, 90))
        clothes = clothes if index == 0 else mix(clothes, (255, 140, 120), 0.45)
        body = moved(path("M-104 170 C-98 40 -52 6 0 6 C52 6 98 40 104 170 Z"), x, 300)
        sheet.shape(body, clothes, palette.line)
    sheet.canvas.restore()


def _couple_before(sheet: Sheet) -> None:
    heart = path(BIG_HEART)
    sheet.line(heart, (214, 44, 92), 20)
    sheet.line(heart, (255, 112, 150), 12)
    beat = 1 + 0.12 * swing(sheet.phase, 2)
    for x, y, scale, turn in ((256, 96, 1.3, 0), (60, 92, 0.9, -18), (454, 96, 0.9, 18), (256, 168, 0.7, 6)):
        sheet.sprite(shapes.heart((255, 64, 112)), x, y, scale * beat, turn)


COUPLE = Picture(_couple_behind, _couple_before)


def _news_behind(sheet: Sheet) -> None:
    screen = box(14, 30, 498, 482, 26)
    sheet.gradient(screen, (26, 60, 130), (60, 130, 206), 30, 482)
    sheet.canvas.save()
    sheet.canvas.clipPath(screen, doAntiAlias=True)
    for k in range(7):
        sheet.line(oval(256, 210, 60 + 52 * k, 30 + 34 * k), (150, 200, 255), 2, 0.4)
        sheet.line(path(f"M{40 + 72 * k} 30 L{-20 + 92 * k} 420"), (150, 200, 255), 2, 0.22)
    suit: Rgb = (44, 50, 76)
    body = path("M86 440 C96 346 168 320 256 320 C344 320 416 346 426 440 Z")
    sheet.shape(body, suit, (20, 22, 40))
    sheet.shape(path("M214 322 L256 404 L298 322 Q256 300 214 322 Z"), WHITE, (170, 176, 196), 4)
    sheet.shape(
        polygon([(244, 344), (268, 344), (276, 420), (256, 440), (236, 420)]), (214, 52, 62), (130, 24, 34), 4
    )
    sheet.canvas.restore()


def _news_before(sheet: Sheet) -> None:
    sheet.shape(path("M206 320 L256 376 L236 402 L182 334 Z M306 320 L256 376 L276 402 L330 334 "
    "Z"), (58, 64, 94),
                (20, 22, 40), 4)  # fmt: skip
    sheet.canvas.save()
    sheet.canvas.clipPath(box(14, 30, 498, 482, 26), doAntiAlias=True)
    sheet.shape(box(14, 404, 498, 482, 0), (20, 32, 66), (10, 18, 40), 3)
    sheet.canvas.restore()
    sheet.shape(box(30, 352, 166, 404, 6), (222, 34, 44), (140, 16, 26), 3)
    sheet.text("속보", 98, 392, 40, WHITE)
    sheet.fill(box(166, 358, 482, 404, 0), WHITE, 0.94)
    sheet.text("방금 들어온 소식", 322, 392, 30, (24, 36, 72))
    if sheet.phase < 0.6:
        sheet.fill(oval(44, 58, 8), (255, 60, 60))
    sheet.text("LIVE", 82, 67, 24, WHITE, edge=(190, 20, 30))
    sheet.line(box(14, 30, 498, 482, 26), (18, 28, 58), 10)


NEWS = Picture(_news_behind, _news_before)
