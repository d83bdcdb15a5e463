"""A person's face put into a picture or a clip.

``swapper`` is our own, commercially clean way: the source face is warped over the target's mesh, takes the
target's light and complexion, and is blended in where the target's face is bare. ``inswapper`` is the
published network through the insightface package.
"""
