"""Byte fitting: encodes, time, fill of the limit and looks, for all targets over rendered or given clips."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.core.management.base import CommandParser

from emotoon.bench.drawn_clips import DRAWN_CLIPS, draw_clip
from emotoon.bench.rendered_clips import RENDERED_CLIPS, render_clip
from emotoon.core.commands import names_chosen
from emotoon.core.errors import InvalidInput
from emotoon.ml.export import (
    Clip,
    Exported,
    Target,
    check,
    clip_read,
    encode,
    export_all,
    looks_like,
    targets_named,
)

PEER_PRESETS = {"telegram_video": "telegram", "whatsapp_anim": "whatsapp"}
"""Targets that sticker-convert is compared on, and its names for them."""
_PEER_SECONDS = 1800
_FILL_BAR = 0.85
_DRAWN_FPS = 24.0
_DRAWN_FRAMES = 60


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--target", default="all", metavar="NAME[,NAME]|all")
    parser.add_argument("--clips", type=Path, metavar="DIR", help="animated files of your own")
    parser.add_argument(
        "--only",
        default=",".join(RENDERED_CLIPS),
        metavar="NAME[,NAME]",
        help=f"six rendered stickers by default; drawn clips: {', '.join(DRAWN_CLIPS)}",
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--against-venv", type=Path, metavar="PATH", help="environment that has sticker-convert installed"
    )


def run(options: dict[str, Any]) -> dict[str, Any]:
    targets = targets_named([name.strip() for name in options["target"].split(",") if name.strip()])
    rows: list[dict[str, Any]] = []
    totals: dict[str, float] = {}
    work: dict[str, float] = {}
    clips = _given(options["clips"]) if options["clips"] else _made(options["only"])
    against = options["against_venv"]
    peer: list[dict[str, Any]] = []
    for name, clip in clips:
        began, worked = time.perf_counter(), time.process_time()
        made = list(export_all(clip, targets, threads=options["threads"]))
        totals[name] = round(time.perf_counter() - began, 2)
        work[name] = round(time.process_time() - worked, 2)
        rows += [_row(name, clip, one, target) for one, target in zip(made, targets, strict=True)]
        print(f"{name}: {totals[name]} s", file=sys.stderr)  # noqa: T201 - progress of a command
        if against is not None:
            peer += _peer_rows(name, clip, against, rows)
    return {"summary": _summary(rows, totals, work), "files": rows, "sticker_convert": peer}


def _made(wanted: str) -> Iterable[tuple[str, Clip]]:
    names = names_chosen(wanted, (*RENDERED_CLIPS, *DRAWN_CLIPS), option="only")
    return ((name, _clip(name)) for name in names)


def _clip(name: str) -> Clip:
    if name in RENDERED_CLIPS:
        return render_clip(name)
    return draw_clip(name, frames=_DRAWN_FRAMES, fps=_DRAWN_FPS)


def _given(folder: Path) -> Iterable[tuple[str, Clip]]:
    files = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    if not files:
        raise InvalidInput("clips_missing", f"{folder} holds no files", field="clips")
    return ((path.stem, clip_read(path)) for path in files)


def _row(name: str, clip: Clip, made: Exported, target: Target) -> dict[str, Any]:
    if made.fitted is None:
        return {"clip": name, "target": target.name, "ok": False, "error": str(made.error)}
    fitted = made.fitted
    size, limit = len(fitted.file.data), fitted.limit
    ssim, alpha = looks_like(clip, fitted.file.data, target)
    return {
        "clip": name,
        "target": target.name,
        "ok": fitted.certificate.ok,
        "encodes": fitted.encodes,
        "seconds": round(fitted.seconds, 3),
        "bytes": size,
        "limit": limit,
        "fill": round(size / limit, 3) if limit else None,
        "best_quality": fitted.best,
        "ssim": round(ssim, 4),
        "alpha_error": round(alpha, 3),
        "given_up": list(fitted.given_up),
    }


def _summary(rows: list[dict[str, Any]], totals: dict[str, float], work: dict[str, float]) -> dict[str, Any]:
    met = [row for row in rows if row["ok"]]
    pressed = [row for row in met if row["fill"] is not None and not row["best_quality"]]
    if not met:
        return {"files": len(rows), "ok": 0}
    return {
        "files": len(rows),
        "ok": len(met),
        "median_encodes": median(row["encodes"] for row in met),
        "mean_encodes": round(float(np.mean([row["encodes"] for row in met])), 3),
        "median_seconds": round(median(row["seconds"] for row in met), 3),
        "seconds_all_targets": totals,
        "cpu_seconds_all_targets": work,
        "pressed_files": len(pressed),
        "least_fill_when_pressed": min((row["fill"] for row in pressed), default=None),
        "below_fill_bar": [f"{row['clip']}/{row['target']}" for row in pressed if row["fill"] < _FILL_BAR],
        "median_ssim": round(median(row["ssim"] for row in met), 4),
        "median_alpha_error": round(median(row["alpha_error"] for row in met), 3),
    }


# sticker-convert, in its own environment and its own process: it is GPL and never a dependency ------------


@dataclass(frozen=True)
class _PeerRun:
    seconds: float
    cpu_seconds: float
    data: bytes | None
    log: str


def _peer_rows(name: str, clip: Clip, venv: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ours = {row["target"]: row for row in rows if row["clip"] == name and row["ok"]}
    out = []
    for target_name, preset in PEER_PRESETS.items():
        if target_name not in ours:
            continue
        (target,) = targets_named([target_name])
        worked = time.process_time()
        (alone,) = export_all(clip, [target], threads=1)
        cpu_seconds = time.process_time() - worked
        seconds = alone.fitted.seconds if alone.fitted else float("nan")
        peer = _peer_run(clip, venv, preset)
        row: dict[str, Any] = {"clip": name, "target": target_name, "seconds": round(peer.seconds, 2)}
        if peer.data is None:
            row["error"] = peer.log[-400:]
        else:
            # The peer begins where the clip begins, not at its peak.
            unturned = replace(target, fit=replace(target.fit, first_frame="start"))
            ssim, alpha = looks_like(clip, peer.data, unturned, near=2)
            row |= {
                "bytes": len(peer.data),
                "ok": check(peer.data, target).ok,
                "ssim": round(ssim, 4),
                "alpha_error": round(alpha, 3),
                "our_seconds": round(seconds, 2),
                "our_ssim": ours[target_name]["ssim"],
                "times_faster": round(peer.seconds / seconds, 1),
                "cpu_seconds": round(peer.cpu_seconds, 2),
                "our_cpu_seconds": round(cpu_seconds, 2),
                "times_less_cpu": round(peer.cpu_seconds / cpu_seconds, 1),
            }
        print(row, file=sys.stderr)  # noqa: T201 - progress of a command
        out.append(row)
    return out


def _peer_run(clip: Clip, venv: Path, preset: str) -> _PeerRun:
    program = venv / "bin" / "sticker-convert"
    if not program.exists():
        raise InvalidInput(
            "peer_missing", f"{program} is not there; install sticker-convert in it", field="venv"
        )
    with TemporaryDirectory() as folder:
        source, made = Path(folder, "in"), Path(folder, "out")
        source.mkdir()
        (source / "clip.png").write_bytes(encode(clip, "apng", colours=None).data)
        command = [
            str(program.resolve()), "--no-confirm", "--no-progress", "--processes", "1",
            "--input-dir", str(source), "--output-dir", str(made), "--preset", preset,
        ]  # fmt: skip
        began, worked = time.perf_counter(), _children_cpu()
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_PEER_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return _PeerRun(_PEER_SECONDS, _PEER_SECONDS, None, f"stopped after {_PEER_SECONDS} s")
        seconds = time.perf_counter() - began
        files = sorted(path for path in made.glob("clip.*")) if made.is_dir() else []
        data = files[0].read_bytes() if files else None
        return _PeerRun(seconds, _children_cpu() - worked, data, done.stderr or done.stdout)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
