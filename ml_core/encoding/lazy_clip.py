"""A clip that is drawn while it is encoded.

No thread is there to draw. Encoders ask for the frames that they need next; who asks first for one draws it,
and whoever wants one meanwhile waits. So the core that an encoder leaves free draws for it: of VP9's two
streams alpha takes the shorter time, gets ahead, and does most of the drawing beside colour.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

import numpy as np

from ml_core.types import Clip, Image


class LazyClip:
    """A FrameSource whose frames are drawn once each, in the order and by the thread that asks first.

    draw: puts frame ``index`` into an (H, W, 4) uint8 array; called by one thread at a time.
    shape: (N, H, W, 4). on_drawn: told, by the same thread, how many frames are drawn; may raise to stop.

    A frame that failed, and every frame that is asked for after it, raises that error: no encoder goes on.
    """

    def __init__(
        self,
        draw: Callable[[int, Image], object],
        shape: tuple[int, int, int, int],
        *,
        fps: float,
        poster: int,
        on_drawn: Callable[[int], None],
    ) -> None:
        self.fps, self.poster = fps, poster
        self._draw, self._on_drawn = draw, on_drawn
        self._frames = np.empty(shape, np.uint8)
        self._drawn = np.zeros(shape[0], bool)
        self._failure: BaseException | None = None
        self._lock = Lock()

    @property
    def shape(self) -> tuple[int, ...]:
        return self._frames.shape

    def frame(self, index: int) -> Image:
        if not self._drawn[index]:
            with self._lock:
                self._make(index)
        image: Image = self._frames[index]
        return image

    def whole(self) -> Clip:
        for index in range(len(self._frames)):
            self.frame(index)
        return Clip(self._frames, self.fps, self.poster)

    def _make(self, index: int) -> None:
        """With the lock held: another thread may have drawn the frame while this one waited."""
        if self._failure is not None:
            raise self._failure
        if self._drawn[index]:
            return
        try:
            self._draw(index, self._frames[index])
            self._drawn[index] = True
            self._on_drawn(int(self._drawn.sum()))
        except BaseException as error:
            self._failure = error
            raise
