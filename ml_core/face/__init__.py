"""The face room: from the bytes of a photo to a typed ``FaceAnalysis``, and nothing of it twice."""
