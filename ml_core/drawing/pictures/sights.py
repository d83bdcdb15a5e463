"""Things with a face: an astronaut's helmet, the sun, a swaddled baby."""

from __future__ import annotations

import math

from ml_core.drawing import shapes
from ml_core.drawing.ink import WHITE, box, mix, moved, oval, path
from ml_core.drawing.pictures.sheet import Picture, Sheet, blank_face, blush
from ml_core.drawing.timing import swing
from ml_core.types import Rgb

SUIT: Rgb = (238, 242, 250)
SUIT_LINE: Rgb = (94, 106, 140)
SUNNY: Rgb = (255, 206, 66)


def _space_behind(sheet: Sheet) -> None:
    sky = box(14, 14, 498, 498, 44)
    sheet.gradient(sky, (22, 20, 62), (74, 48, 130))
    sheet.canvas.save()
    sheet.canvas.clipPath(sky, doAntiAlias=True)
    for k in range(34):
        x, y = 20 + (k * 137.5) % 472, 20 + (k * 89.3) % 440
        glow = 0.45 + 0.5 * abs(swing(sheet.phase + k * 0.13, 1))
        sheet.fill(oval(x, y, 1.6 + (k % 3)), (255, 248, 220), glow)
    sheet.shape(oval(452, 96, 54), (92, 176, 232), (36, 84, 150), 4)
    sheet.fill(
        path("M416 76 C436 58 452 78 470 66 C486 90 450 96 456 116 C436 132 420 104 416 76 Z"),
        (118, 206, 130),
    )
    sheet.shape(oval(66, 110, 26), (250, 196, 120), (178, 112, 60), 4)
    sheet.line(oval(66, 110, 46, 11), (250, 226, 170), 5)
    body = path("M70 512 C72 408 150 352 256 352 C362 352 440 408 442 512 Z")
    sheet.shape(body, SUIT, SUIT_LINE)
    sheet.canvas.restore()
    sheet.shape(oval(256, 214, 172, 166), SUIT, SUIT_LINE, 6)
    sheet.shape(oval(256, 216, 142, 134), (34, 44, 86), SUIT_LINE, 6)


def _space_before(sheet: Sheet) -> None:
    glass = oval(256, 216, 142, 134)
    sheet.fill(glass, (130, 190, 255), 0.10)
    shine = path("M140 190 C150 130 196 100 236 98 C196 118 168 152 162 206 C160 222 138 214 140 190 Z")
    sheet.fill(shine, WHITE, 0.55)
    sheet.fill(oval(372, 286, 9, 16), WHITE, 0.5)
    sheet.line(glass, (214, 160, 60), 11)
    sheet.line(glass, SUIT_LINE, 3)
    for x in (84, 428):
        sheet.shape(box(x - 18, 184, x + 18, 250, 12), (214, 222, 238), SUIT_LINE)
    sheet.shape(path("M150 372 Q256 430 362 372 L372 398 Q256 458 140 398 Z"), (214, 222, 238), SUIT_LINE)
    sheet.shape(box(312, 428, 384, 470, 6), WHITE, SUIT_LINE, 3)
    sheet.sprite(shapes.heart(), 348, 449, 0.6)
    sheet.sprite(shapes.sparkle(), 96, 300 + 6 * swing(sheet.phase, 1), 0.8)
    sheet.sprite(shapes.sparkle(), 430, 318 - 6 * swing(sheet.phase, 1), 0.6)


ASTRONAUT = Picture(_space_behind, _space_before)


def _sun_behind(sheet: Sheet) -> None:
    sky = box(14, 14, 498, 498, 44)
    sheet.gradient(sky, (126, 206, 255), (226, 246, 255))
    sheet.canvas.save()
    sheet.canvas.clipPath(sky, doAntiAlias=True)
    for k in range(14):
        angle = 360 * k / 14 + 360 / 14 * sheet.phase
        ray = moved(
            path("M-26 -176 L26 -176 L0 -262 Z"), 256, 226, turn=angle, scale=1 + 0.05 * swing(sheet.phase, 2)
        )
        sheet.shape(ray, (255, 170, 50), (230, 126, 30), 4)
    sheet.fill(oval(256, 226, 186), (255, 232, 150), 0.6)
    sheet.shape(oval(256, 226, 166), SUNNY, (230, 146, 30), 6)
    sheet.fill(oval(200, 140, 40, 20), (255, 240, 180), 0.8)
    blank = [*(blush(x, 262, 30, (255, 120, 70), 0.45) for x in (136, 376))]
    for layer in blank:
        for shape, paint in layer.fills():
            sheet.canvas.drawPath(shape, paint)
    hill = path("M0 440 C120 380 220 450 330 420 C420 398 470 410 520 440 L520 520 L0 520 Z")
    sheet.shape(hill, (128, 206, 110), (70, 150, 74))
    sheet.canvas.restore()


def _sun_before(sheet: Sheet) -> None:
    drift = 8 * swing(sheet.phase, 1)
    for x, y, scale in ((84, 118, 1.5), (432, 92, 1.2), (448, 352, 1.5)):
        sheet.sprite(shapes.puff(), x + drift, y, scale)


SUN = Picture(_sun_behind, _sun_before)

BLANKET: Rgb = (178, 214, 250)


def _baby_behind(sheet: Sheet) -> None:
    back = box(14, 14, 498, 498, 44)
    sheet.gradient(back, (255, 244, 214), (255, 218, 226))
    for k in range(16):
        sheet.fill(oval(50 + 132 * (k % 4) + 40 * (k // 4 % 2), 56 + 124 * (k // 4), 9), WHITE, 0.8)
    bundle = path("M92 300 C60 430 120 500 256 506 C392 500 452 430 420 300 Z")
    sheet.shape(bundle, BLANKET, (88, 130, 190), 6)
    for k in range(12):
        angle = math.radians(180 + 180 * k / 11)
        x, y = 256 + 168 * math.cos(angle), 246 + 178 * math.sin(angle)
        sheet.shape(oval(x, y, 30), WHITE, (190, 170, 196), 4)
    sheet.shape(oval(256, 236, 168, 176), (255, 206, 220), (206, 130, 160), 6)
    palette = sheet.palette
    blank_face(sheet, sheet.faces[0], palette.skin, mix(palette.skin, palette.line, 0.75))


def _baby_before(sheet: Sheet) -> None:
    points = sheet.faces[0]
    for index, side in ((205, -1), (425, 1)):
        x, y = (float(v) for v in points[index, :2])
        for shape, paint in blush(x + 8 * side, y - 10, 26).fills():
            sheet.canvas.drawPath(shape, paint)
    x, y = (float(v) for v in points[10, :2])
    sheet.line(moved(path("M0 14 C-20 -2 -6 -28 10 -16 C22 -6 8 10 0 0"), x, y + 6), sheet.palette.hair, 6)
    wrap = path(
        "M80 330 C130 410 200 408 256 446 C312 408 382 410 432 330 C452 440 392 506 256 510 C120 "
        "506 60 440 80 330 Z"
    )
    sheet.shape(wrap, BLANKET, (88, 130, 190), 6)
    sheet.line(path("M256 446 C246 470 250 490 256 508"), (88, 130, 190), 5)
    for k, (x, y) in enumerate(((136, 430), (196, 470), (330, 466), (388, 420))):
        sheet.sprite(shapes.round_star(shapes.GOLD if k % 2 else WHITE), x, y, 0.55)
    bow = path("M0 0 C-50 -40 -64 30 0 10 C64 30 50 -40 0 0 Z")
    sheet.shape(moved(bow, 256, 402 + 2 * swing(sheet.phase, 1)), shapes.PINK, shapes.deep(shapes.PINK))


BABY = Picture(_baby_behind, _baby_before)
