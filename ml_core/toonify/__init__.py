"""Cartoon renderers: an analysed photo in, a cartoon texture with the same geometry out.

``renderer`` and ``video`` are our own default; ``stylegan2`` and ``animegan2`` are back ends with weights.
"""
