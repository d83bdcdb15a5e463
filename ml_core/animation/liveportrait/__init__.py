"""LivePortrait: portrait animation with stitching and retargeting control (Guo et al. 2024, 2407.03168).

Own torch implementation with the official tensor names. Landmarks come from the 468-point mesh in
place of the published, non-commercial detectors.
"""
