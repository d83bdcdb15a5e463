"""Speed and memory of the default engine: one photo to 60 frames to one Telegram WebM."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import CommandParser

from emotoon.bench.measuring.fresh import FreshProcess
from emotoon.bench.portraits import portrait_bytes
from emotoon.catalog.files import MOTIONS_DIR
from emotoon.core.bytecode import bytecode_compile
from emotoon.core.errors import InvalidInput

STAGES = "emotoon.bench.measuring.stages"
LAB = "emotoon.bench.measuring.lab"
CAPTION = "안녕하세요 반갑습니다"
RICH_TEMPLATE, RICH_CAPTION = "bday_wish", "생일 축하해!!"
"""Everything a template can have: two effects, a prop, rainbow letters."""
PLAIN = """
id = "plain"
duration_s = {seconds}
fps = 24
talking = true
blinks = [0.33, 0.8]

[tracks]
mouthSmile = 0.35
jawOpen = [{{ wave = "bump", cycles = 8, amplitude = 0.5, during = [0.06, 0.86], fade = 0.05 }}]
mouthPucker = [{{ wave = "bump", cycles = 4, amplitude = 0.5, during = [0.06, 0.86], fade = 0.05 }}]
browInnerUp = [{{ wave = "bump", cycles = 2, amplitude = 0.35 }}]
head.pitch = [{{ wave = "sine", cycles = 3, amplitude = 2.5 }}]
head.yaw = [{{ wave = "sine", cycles = 1, amplitude = 5 }}]
head.roll = [{{ wave = "sine", cycles = 2, amplitude = 2.5 }}]
"""
"""A talking head with a caption: what the lab draws in its motion of the same content, and no more."""
PLAIN_FPS = 24

FIGURES = ("from_photo_s", "from_portrait_s", "ms_per_frame")
CPU_FIGURES = ("cpu_from_photo_s", "cpu_from_portrait_s", "cpu_ms_per_frame")

Row = dict[str, Any]


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("photos", nargs="*", type=Path, metavar="PHOTO")
    parser.add_argument("--against", type=Path, metavar="DIR_OF_LAB_CODE", help="time the lab beside it")
    parser.add_argument("--runs", type=int, default=5, help="repetitions; best and median are reported")
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--rich", default=RICH_TEMPLATE, metavar="ID", help="template of the rich content")
    parser.add_argument("--size", type=int, default=512, help="side of the canvas in pixels")


def run(options: dict[str, Any]) -> Row:
    """Top-level figures are the best of the runs, medians beside them; with several photos, their mean."""
    runs, frames = options["runs"], options["frames"]
    if runs < 1 or frames < 5:
        raise InvalidInput("bench_options", "Use at least 1 run and at least 5 frames.", field="runs")
    lab_folder = _lab_folder(options["against"])
    with TemporaryDirectory() as folder:
        photos = _photo_files(portrait_bytes(options["photos"]), Path(folder))
        job = {
            "motion": PLAIN.format(seconds=frames / PLAIN_FPS),
            "caption": CAPTION,
            "size": options["size"],
        }
        rich = job | {"motion": _motion_text(options["rich"]), "caption": RICH_CAPTION}
        per_photo = [_measured(photo, job, rich, runs, lab_folder) for photo in photos.values()]
        fresh = _first(next(iter(photos.values())), job)
        parallel = _parallel(next(iter(photos.values())), job, runs)
    return _mean_of(per_photo) | fresh | parallel | {
        "photos": list(photos),
        "runs": runs,
        "frames": frames,
        "size": options["size"],
        "cores": os.cpu_count(),
        "load": [round(load, 1) for load in os.getloadavg()],
    }  # fmt: skip


def _lab_folder(folder: Path | None) -> Path | None:
    if folder is None:
        return None
    missing = [name for name in ("pipeline.py", "facekit.py", "models") if not (folder / name).exists()]
    if missing:
        raise InvalidInput(
            "lab_missing", f"{folder} is no copy of the lab: {', '.join(missing)} missing.", field="against"
        )
    return folder.resolve()


def _motion_text(template: str) -> str:
    path = MOTIONS_DIR / f"{template}.toml"
    if not path.exists():
        raise InvalidInput("motion_unknown", f"There is no motion {template}.", field="rich")
    return path.read_text(encoding="utf-8")


def _photo_files(photos: dict[str, bytes], folder: Path) -> dict[str, Path]:
    """Files that the child processes read, whatever the photos came from."""
    files = {}
    for name, data in photos.items():
        files[name] = folder / f"{name}.image"
        files[name].write_bytes(data)
    return files


def _measured(photo: Path, job: Row, rich: Row, runs: int, lab_folder: Path | None) -> Row:
    """Everything about one photo, by two processes that have made a sticker before."""
    with FreshProcess(STAGES) as ours:
        ours.call("from_photo", photo=str(photo), **job)  # compiles, loads, warms
        lab: Row = {}
        if lab_folder is None:
            whole = [_timed(ours, "from_photo", photo, job) for _ in range(runs)]
        else:
            whole, lab = _beside_lab(ours, photo, job, runs, lab_folder)
        portrait = [_timed(ours, "from_portrait", photo, job) for _ in range(runs)]
        full = [_timed(ours, "from_portrait", photo, rich) for _ in range(runs)]
        floor = _best([ours.call("floor", photo=str(photo), **job) for _ in range(runs)])
    runs_of = {name: whole if "photo" in name else portrait for name in FIGURES + CPU_FIGURES}
    best = {name: min(row[name] for row in rows) for name, rows in runs_of.items()}
    return {
        **{name: best[name] for name in FIGURES},
        "ratio": best["from_portrait_s"] / sum(floor.values()),
        "median": {name: median(row[name] for row in runs_of[name]) for name in FIGURES},
        "cpu": {name.removeprefix("cpu_"): best[name] for name in CPU_FIGURES},
        "stages": {name: 1000 * value for name, value in _best([row["stages"] for row in whole]).items()},
        "floor": {f"{name}_ms": 1000 * value for name, value in floor.items()},
        "rich": _rich(full, portrait),
        **lab,
    }


def _timed(ours: FreshProcess, function: str, photo: Path, job: Row) -> Row:
    """A sticker, and by itself the drawing of its frames, which a sticker mixes with encoding."""
    return ours.call(function, photo=str(photo), **job) | ours.call("drawing", photo=str(photo), **job)


def _rich(full: Sequence[Row], plain: Sequence[Row]) -> Row:
    rich, bare = (min(row["cpu_ms_per_frame"] for row in rows) for rows in (full, plain))
    return {
        "from_portrait_s": min(row["from_portrait_s"] for row in full),
        "ms_per_frame": min(row["ms_per_frame"] for row in full),
        "cpu_frame_ratio": rich / bare,
    }


def _best(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: min(row[name] for row in rows) for name in rows[0]}


def _beside_lab(ours: FreshProcess, photo: Path, job: Row, runs: int, folder: Path) -> tuple[list[Row], Row]:
    """Lab and ours in turns, so that what else the machine does hits both; ratios pair by pair."""
    from ml_core.animation.motion_file import motion_from_toml

    task = {"photo": str(photo), "caption": CAPTION, "frames": motion_from_toml(job["motion"]).frames}
    mine, theirs = [], []
    with FreshProcess(LAB, folder=folder) as lab:
        lab.call("from_photo", **task)
        for _ in range(runs):
            theirs.append(lab.call("from_photo", **task))
            mine.append(_timed(ours, "from_photo", photo, job))

    def ratio(name: str) -> float:
        return float(median(their[name] / my[name] for their, my in zip(theirs, mine, strict=True)))

    figures = {name: min(row[name] for row in theirs) for name in FIGURES}
    ratios = {f"{name.removesuffix('_s')}_ratio": ratio(name) for name in FIGURES + CPU_FIGURES}
    return mine, {"lab_ratio": ratio("from_photo_s"), "lab": figures | ratios}


def _first(photo: Path, job: Row) -> Row:
    """A process that has never made a sticker; its bytecode and kernels are compiled, as on a kept server."""
    bytecode_compile()
    began = time.perf_counter()
    with FreshProcess(STAGES) as process:
        process.call("from_photo", photo=str(photo), **job)
        seconds = time.perf_counter() - began
        peak = process.call("memory")["peak_rss_mb"]
    return {"first_sticker_s": round(seconds, 3), "peak_rss_mb": round(peak, 1)}


def _parallel(photo: Path, job: Row, runs: int) -> Row:
    """Two jobs at once, beside what the machine itself gives two programs that share nothing."""
    sticker: Row = {"photo": str(photo), **job}
    with FreshProcess(STAGES) as first, FreshProcess(STAGES) as second:
        for process in (first, second):
            process.call("from_portrait", **sticker)
        alone: dict[str, list[float]] = {"from_portrait": [], "count": []}
        together: dict[str, list[float]] = {"from_portrait": [], "count": []}
        for _ in range(runs):
            for function, arguments in (("from_portrait", sticker), ("count", {})):
                alone[function].append(_seconds((first,), function, arguments))
                together[function].append(_seconds((first, second), function, arguments))
    ratio, floor = (round(min(together[name]) / min(alone[name]), 3) for name in ("from_portrait", "count"))
    return {"parallel_2_ratio": ratio, "parallel_2_floor": floor}


def _seconds(processes: Sequence[FreshProcess], function: str, arguments: Row) -> float:
    """Until all of them have answered."""
    began = time.perf_counter()
    for process in processes:
        process.ask(function, **arguments)
    for process in processes:
        process.answer()
    return time.perf_counter() - began


def _mean_of(rows: Sequence[Row]) -> Row:
    """The mean of equal rows of numbers and of groups of numbers."""
    first = rows[0]
    return {
        name: _mean_of([row[name] for row in rows])
        if isinstance(value, dict)
        else _mean(row[name] for row in rows)
        for name, value in first.items()
    }


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return round(sum(numbers) / len(numbers), 4)
