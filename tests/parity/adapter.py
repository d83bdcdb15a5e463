"""Our networks behind the method names that the parity kit calls (see README.md)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from ml_core.animation.liveportrait import crop, drive, pose, retarget
from ml_core.animation.liveportrait.appearance import AppearanceFeatureExtractor
from ml_core.animation.liveportrait.motion_extractor import MotionExtractor
from ml_core.animation.liveportrait.spade import SpadeGenerator
from ml_core.animation.liveportrait.warping import WarpingModule
from ml_core.speech.wav2lip import faces, sound
from ml_core.speech.wav2lip import generator as wav2lip_generator
from ml_core.toonify.animegan2 import generator as animegan2_generator
from ml_core.toonify.stylegan2 import blend as layer_swap
from ml_core.toonify.stylegan2 import generator as stylegan2_generator
from ml_core.toonify.stylegan2.discriminator import Discriminator


def factory(model: str) -> Any:
    """The adapter object of one network."""
    return {
        "stylegan2": StyleGan2,
        "liveportrait": LivePortrait,
        "animegan2": AnimeGan2,
        "wav2lip": Wav2Lip,
    }[model]()


class StyleGan2:
    generator = staticmethod(stylegan2_generator.Generator)
    discriminator = staticmethod(Discriminator)

    def map(self, g, z):
        return g.map(z)

    def render(self, g, zs=None, w_plus=None, psi=1.0, w_mean=None, mix_at=None, noise=None):
        if w_plus is None:
            styles = [stylegan2_generator.truncate(g.map(z), w_mean, psi) for z in zs]
            w_plus = stylegan2_generator.spread(styles, g.rows, mix_at)
        return g(w_plus, noise)

    def discriminate(self, d, images):
        return d(images)

    def blend(self, first, second, resolution, level=0, width=None):
        return layer_swap.blend(first, second, resolution, level=level, width=width)


class AnimeGan2:
    generator = staticmethod(animegan2_generator.Generator)

    def paint(self, g, x, align_corners):
        return animegan2_generator.paint(g, x, align_corners=align_corners)


class Wav2Lip:
    generator = staticmethod(wav2lip_generator.Generator)
    mel_spectrogram = staticmethod(sound.mel_spectrogram)
    mel_chunks = staticmethod(sound.mel_chunks)
    face_input = staticmethod(faces.face_input)

    def lipsync(self, g, mel, pictures):
        return g(mel, pictures)


class LivePortrait:
    def module(self, name):
        networks = {
            "appearance_feature_extractor": AppearanceFeatureExtractor,
            "motion_extractor": MotionExtractor,
            "warping_module": WarpingModule,
            "spade_generator": SpadeGenerator,
        }
        return networks[name]() if name in networks else retarget.KeypointMlp(name)

    def extract_feature(self, network, image):
        return network(image)

    def extract_motion(self, network, image):
        return network(image)

    headpose_degrees = staticmethod(pose.headpose_degrees)
    rotation_matrix = staticmethod(pose.rotation_matrix)

    def transform_keypoint(self, record):
        return pose.key_points(pose.refine(record))

    stitch = staticmethod(retarget.stitch)
    retarget_eye = staticmethod(retarget.retarget)
    retarget_lip = staticmethod(retarget.retarget)
    eye_close_ratio = staticmethod(retarget.eye_ratios)
    lip_close_ratio = staticmethod(retarget.lip_ratio)

    def crop_matrix(self, points, dsize, scale, vy_ratio):
        return crop.crop_matrix(points, dsize, scale, vy_ratio)

    paste_back = staticmethod(crop.paste_back)

    def drive(
        self,
        nets,
        source,
        driving,
        source_landmarks,
        driving_eye_ratios,
        driving_lip_ratios,
        lip_array,
        options,
    ):
        named = SimpleNamespace(**options)
        device = source["kp"].device

        def apertures(eyes, lips):
            return drive.Apertures(*(torch.from_numpy(np.asarray(r)).to(device) for r in (eyes, lips)))

        return drive.drive(
            drive.Retargeters(**nets),
            pose.refine(source),
            [pose.refine(frame) for frame in driving],
            apertures(
                retarget.eye_ratios(source_landmarks[None]), retarget.lip_ratio(source_landmarks[None])
            ),
            [apertures(e, m) for e, m in zip(driving_eye_ratios, driving_lip_ratios, strict=True)],
            torch.from_numpy(lip_array),
            drive.DriveOptions(
                relative=named.relative,
                stitching=named.stitching,
                multiplier=named.multiplier,
                expression_friendly=named.option == "expression-friendly",
                region=named.region,
                normalize_lip=named.normalize_lip,
                eye_retarget=named.eye_retarget,
                lip_retarget=named.lip_retarget,
                driven_by_video=named.driving_is_video,
            ),
        )

    def warp(self, network, feature, kp_source, kp_driving):
        warped = network(feature, kp_source, kp_driving)
        return {"occlusion_map": warped.occlusion, "deformation": warped.deformation, "out": warped.feature}

    def generate(self, network, warped):
        return network(warped)
