"""Persons: a king in his frame, somebody crying over work, somebody in a rain of money."""

from __future__ import annotations

from ml_core.drawing import shapes
from ml_core.drawing.ink import WHITE, box, moved, oval, path, polygon
from ml_core.drawing.pictures.sheet import INK, Picture, Sheet
from ml_core.drawing.timing import swing
from ml_core.types import Rgb

GOLD_DARK: Rgb = (150, 98, 22)
ROYAL: Rgb = (186, 30, 54)
TEAR: Rgb = (108, 190, 250)


def _king_behind(sheet: Sheet) -> None:
    sheet.shape(box(10, 10, 502, 502, 18), (226, 172, 62), GOLD_DARK, 6)
    sheet.shape(box(30, 30, 482, 482, 10), (250, 212, 110), GOLD_DARK, 3)
    inner = box(46, 46, 466, 466, 6)
    sheet.shape(inner, (74, 28, 62), GOLD_DARK, 5)
    sheet.gradient(inner, (122, 40, 74), (52, 20, 52), 46, 466)
    sheet.canvas.save()
    sheet.canvas.clipPath(inner, doAntiAlias=True)
    for x, flip in ((46, 1), (466, -1)):
        edge, fold = x + flip * 128, x + flip * 34
        curtain = path(
            f"M{x} 46 L{edge} 46 C{edge - flip * 10} 150 {fold} 220 {x + flip * 22} 466 L{x} 466 Z"
        )
        sheet.shape(curtain, ROYAL, (104, 12, 34), 4)
        sheet.line(
            path(f"M{x + flip * 78} 50 C{x + flip * 66} 150 {x + flip * 12} 220 {x + flip * 10} 440"),
            (130, 16, 40),
            5,
        )
    cape = path("M66 480 C76 388 150 352 256 352 C362 352 436 388 446 480 Z")
    sheet.shape(cape, ROYAL, (104, 12, 34))
    sheet.canvas.restore()


def _king_before(sheet: Sheet) -> None:
    inner = box(46, 46, 466, 466, 6)
    sheet.canvas.save()
    sheet.canvas.clipPath(inner, doAntiAlias=True)
    fur = path(
        "M108 410 C150 344 210 336 256 370 C302 336 362 344 404 410 C420 436 384 470 356 446 C330 "
        "424 292 414 256 452 "
        "C220 414 182 424 156 446 C128 470 92 436 108 410 Z"
    )
    sheet.shape(fur, WHITE, (150, 140, 150), 4)
    for x, y in ((140, 416), (186, 388), (230, 398), (282, 398), (326, 388), (372, 416)):
        sheet.fill(moved(path("M0 -10 C6 -2 5 8 0 12 C-5 8 -6 -2 0 -10 Z"), x, y), INK)
    sheet.shape(oval(256, 414, 17), (70, 160, 240), (24, 70, 140), 4)
    sheet.fill(oval(251, 408, 5), WHITE, 0.85)
    sheet.canvas.restore()
    _crown(sheet)
    sheet.line(inner, GOLD_DARK, 6)
    for x, y in ((28, 28), (484, 28), (28, 484), (484, 484)):
        sheet.sprite(shapes.round_star(), x, y, 0.8)


def _crown(sheet: Sheet) -> None:
    x, y = (float(v) for v in sheet.faces[0][10, :2])
    bob = -2 + 4 * swing(sheet.phase, 1)
    crown = path("M-96 0 L-108 -84 L-58 -40 L-2 -108 L56 -40 L108 -84 L96 0 Q0 26 -96 0 Z")
    sheet.shape(moved(crown, x, y - 38 + bob), (255, 204, 60), GOLD_DARK)
    sheet.line(moved(path("M-92 -16 Q0 10 92 -16"), x, y - 38 + bob), (214, 150, 30), 4)
    for dx, dy, colour in ((-108, -84, shapes.RED), (-2, -108, shapes.BLUE), (108, -84, shapes.RED)):
        sheet.shape(oval(x + dx, y - 38 + dy + bob, 11), colour, shapes.deep(colour), 4)
    for dx, colour in ((-54, shapes.MINT), (0, shapes.RED), (54, shapes.MINT)):
        sheet.shape(oval(x + dx, y - 46 + bob + 8 * (dx == 0), 10), colour, shapes.deep(colour), 3)


KING = Picture(_king_behind, _king_before)


def _office_behind(sheet: Sheet) -> None:
    room = box(14, 14, 498, 498, 34)
    sheet.gradient(room, (58, 70, 110), (104, 116, 158))
    sheet.shape(box(318, 48, 464, 196, 8), (26, 32, 66), (196, 204, 226), 8)
    for k in range(14):
        sheet.fill(
            box(330 + 32 * (k % 4), 120 + 22 * (k // 4), 346 + 32 * (k % 4), 132 + 22 * (k // 4)),
            (255, 224, 120),
            0.85,
        )
    sheet.shape(oval(430, 82, 18), (255, 240, 190), (226, 200, 120), 3)
    sheet.shape(oval(92, 92, 46), WHITE, (60, 64, 92), 6)
    sheet.line(path("M92 92 L92 62 M92 92 L112 104"), (60, 64, 92), 6)
    sheet.text("야근", 92, 166, 26, (230, 234, 250))
    shirt = path("M96 470 C104 372 166 340 238 340 C310 340 372 372 380 470 Z")
    sheet.shape(shirt, (246, 248, 255), (96, 104, 140))
    sheet.shape(
        polygon([(228, 352), (250, 352), (258, 440), (238, 466), (220, 440)]),
        (70, 110, 196),
        (32, 56, 116),
        4,
    )


def _office_before(sheet: Sheet) -> None:
    points = sheet.faces[0]
    for eye, drift in ((145, -16), (374, 16)):
        x, y = (float(v) for v in points[eye, :2])
        stream = path(
            f"M-9 2 C-14 40 {drift - 14} 80 {drift - 12} 128 L{drift + 12} 128 C{drift + 10} 80 12 40 9 2 Z"
        )
        sheet.shape(moved(stream, x, y + 4), TEAR, (60, 130, 210), 3)
        for k in range(2):
            fall = (sheet.phase * 2 + 0.5 * k) % 1
            sheet.sprite(shapes.drop(), x + drift * (0.4 + fall), y + 30 + 100 * fall, 0.42)
    sheet.shape(path("M30 420 L482 420 L498 470 L498 498 L14 498 L14 470 Z"), (178, 128, 84), (104, 66, 40))
    sheet.shape(moved(box(-92, -62, 92, 46, 8), 150, 386, turn=-4), (72, 78, 96), (34, 38, 54))
    sheet.shape(moved(oval(0, -8, 13), 150, 386), (200, 208, 226), (34, 38, 54), 3)
    for k in range(5):
        sheet.shape(
            moved(box(-62, -8, 62, 8, 2), 400 + 6 * (k % 2), 424 - 15 * k, turn=3 - 2 * (k % 3)),
            WHITE,
            (150, 156, 180),
            3,
        )


OFFICE_TEARS = Picture(_office_behind, _office_before)


def _money_behind(sheet: Sheet) -> None:
    back = box(14, 14, 498, 498, 40)
    sheet.gradient(back, (120, 216, 160), (38, 140, 104))
    sheet.canvas.save()
    sheet.canvas.clipPath(back, doAntiAlias=True)
    _notes(sheet, 9, 0.0, 0.8)
    body = path("M92 512 C100 406 168 364 256 364 C344 364 412 406 420 512 Z")
    sheet.shape(body, (36, 40, 62), (14, 16, 30))
    sheet.canvas.restore()
    sheet.shape(path("M214 366 L256 448 L298 366 Q256 346 214 366 Z"), WHITE, (170, 176, 196), 4)


def _money_before(sheet: Sheet) -> None:
    chain = path("M186 372 C196 440 232 462 256 464 C280 462 316 440 326 372")
    sheet.line(chain, GOLD_DARK, 15)
    sheet.line(chain, shapes.GOLD, 9)
    sheet.shape(oval(256, 468, 22), shapes.GOLD, GOLD_DARK, 5)
    sheet.text("₩", 256, 478, 28, GOLD_DARK)
    _sunglasses(sheet)
    sheet.canvas.save()
    sheet.canvas.clipPath(box(14, 14, 498, 498, 40), doAntiAlias=True)
    _notes(sheet, 5, 0.41, 1.15, beside=True)
    sheet.canvas.restore()


def _notes(sheet: Sheet, count: int, start: float, scale: float, *, beside: bool = False) -> None:
    """Bank notes that fall and turn; ``beside``: only left and right of the face."""
    for k in range(count):
        fall = (sheet.phase + start + k * 0.618) % 1
        across = (k * 0.382 + start) % 1
        x = (30 + 90 * across if k % 2 else 482 - 90 * across) if beside else 30 + 452 * across
        sheet.canvas.save()
        sheet.canvas.translate(x + 14 * swing(fall, 2), -60 + 640 * fall)
        sheet.canvas.rotate(28 * swing(fall + k / 7, 1) + 24 * (k % 3 - 1))
        sheet.canvas.scale(scale, scale)
        sheet.shape(box(-44, -23, 44, 23, 4), (196, 236, 190), (58, 130, 84), 4)
        sheet.line(oval(0, 0, 14), (58, 130, 84), 3)
        sheet.text("₩", 0, 8, 22, (58, 130, 84))
        sheet.canvas.restore()


def _sunglasses(sheet: Sheet) -> None:
    points = sheet.faces[0]
    right, left = points[[33, 133], :2].mean(axis=0), points[[263, 362], :2].mean(axis=0)
    reach = float(((left - right) ** 2).sum() ** 0.5)
    for x, y in (right, left):
        lens = path("M-30 -14 L30 -14 C32 12 20 24 0 24 C-20 24 -32 12 -30 -14 Z")
        sheet.shape(moved(lens, float(x), float(y), scale=reach / 66), (26, 28, 44), (8, 8, 16), 5)
        sheet.line(
            moved(path("M-16 -4 L-6 12"), float(x), float(y), scale=reach / 66), (150, 166, 210), 5, 0.9
        )
    sheet.line(path(f"M{right[0]:.1f} {right[1] - 10:.1f} L{left[0]:.1f} {left[1] - 10:.1f}"), (8, 8, 16), 9)


MONEY_RAIN = Picture(_money_behind, _money_before)
