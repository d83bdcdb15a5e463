"""The data set check finds each fault on its own and is silent on a good set."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ml_core.errors import DatasetInvalid
from ml_core.training.style.dataset_check import check_dataset, judge
from ml_core.training.style.drawn_faces import draw_face, drawn_faces, person
from ml_core.training.style.pictures import read_picture, write_png

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def comics() -> np.ndarray:
    return drawn_faces(80, "comic", 64)


def names(pictures: np.ndarray) -> list[str]:
    return [f"{index:03}.png" for index in range(len(pictures))]


def problems(pictures: np.ndarray) -> set[str]:
    return set(judge(pictures, names(pictures)).problems)


@pytest.mark.parametrize("style", ["comic", "portrait"])
def test_a_good_set_is_fit(style):
    pictures = drawn_faces(80, style, 64)
    assert judge(pictures, names(pictures)).fit


def test_few_pictures(comics):
    assert problems(comics[:20]) == {"too_few"}


def test_copies_are_named(comics):
    copy = cv2.imdecode(cv2.imencode(".jpg", comics[3], [cv2.IMWRITE_JPEG_QUALITY, 85])[1], cv2.IMREAD_COLOR)
    pictures = np.concatenate([comics, copy[None]])
    report = judge(pictures, names(pictures))
    assert set(report.problems) == {"duplicates"}
    assert report.outliers["duplicates"] == ("003.png = 080.png",)


def test_grey_pictures(comics):
    grey = np.repeat(comics.mean(3, keepdims=True).astype(np.uint8), 3, axis=3)
    assert "pale" in problems(grey)


def test_two_styles(comics):
    mixed = np.concatenate([comics, drawn_faces(40, "portrait", 64, 500)])
    report = judge(mixed, names(mixed))
    assert set(report.problems) == {"two_styles"}
    found, foreign = set(report.outliers["style"]), set(names(mixed)[80:])
    assert found <= foreign
    assert len(found) >= 0.85 * len(foreign)


@pytest.mark.parametrize("by", [(8, -7), (14, 0)])
def test_shifted_faces_are_named(comics, by):
    shifted = comics.copy()
    for index in range(0, 80, 4):
        shifted[index] = np.roll(shifted[index], by, (0, 1))
    report = judge(shifted, names(shifted))
    assert "misaligned" in report.problems
    assert set(report.outliers["misaligned"]) == set(names(shifted)[::4])


def test_mixed_backgrounds(comics):
    draw = np.random.default_rng(0)
    busy = comics.copy()
    for index in range(40):
        wall = cv2.resize(draw.integers(0, 255, (6, 6, 3), dtype=np.uint8), (64, 64))
        busy[index, :14] = wall[:14]
        busy[index, :, :9] = wall[:, :9]
        busy[index, :, -9:] = wall[:, -9:]
    assert "mixed_backgrounds" in problems(busy)


def test_a_folder_is_read_whatever_the_format(tmp_path):
    picture = draw_face(person(1), "comic", 96)
    write_png(tmp_path / "a.png", picture)
    cv2.imwrite(str(tmp_path / "b.jpg"), picture[:, :80, ::-1])
    rgba = np.dstack([picture[..., ::-1], np.zeros((96, 96), np.uint8)])
    cv2.imwrite(str(tmp_path / "c.png"), rgba)
    assert check_dataset(tmp_path).pictures == 3
    assert read_picture(tmp_path / "a.png", 96).tolist() == picture.tolist()
    assert read_picture(tmp_path / "c.png", 32).min() == 255


def test_folders_that_cannot_be_used(tmp_path):
    with pytest.raises(DatasetInvalid) as empty:
        check_dataset(tmp_path)
    assert empty.value.code == "dataset_empty"
    (tmp_path / "x.png").write_bytes(b"not a picture")
    with pytest.raises(DatasetInvalid) as broken:
        check_dataset(tmp_path)
    assert broken.value.code == "picture_unreadable"


def test_a_person_looks_alike_in_both_styles():
    first, second = person(3), person(3)
    assert first == second
    assert person(4) != first
