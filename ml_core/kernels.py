"""Loops compiled by numba (Lam, Pitrou and Seibert 2015), kept on disk and read without its compiler.

Before it looks into its cache, numba imports and registers everything that Python code may mean to its
compiler: linear algebra with scipy.linalg, dictionaries, random numbers, C declarations. That takes longer
than all else about the first sticker's kernels, and machine code that is ready needs none of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys


class _ReadyCode(FunctionCache):
    """numba's cache of one function: asked as it is; if it has nothing, the compiler is made ready."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        rtsys.initialize(target_context)  # allocation and reference counts, which machine code may call
        found = self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        if found is None:
            found = super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        return found


def kernel(
    *, boundscheck: bool | None = None, fastmath: bool = False, nogil: bool = False
) -> Callable[[Callable[..., Any]], Any]:
    """As ``numba.njit(cache=True, ...)``, but quick to start.

    For loops over numbers and arrays. Reductions such as ``values.sum()`` bring numba's linear algebra back:
    take them outside. Code that multiplies matrices or hashes text names routines that numba makes known only
    while it starts its compiler: use ``njit`` for such.
    """

    def compiled(loops: Callable[..., Any]) -> Any:
        dispatcher: Any = njit(boundscheck=boundscheck, fastmath=fastmath, nogil=nogil)(loops)
        dispatcher._cache = _ReadyCode(loops)  # type: ignore[no-untyped-call]
        return dispatcher

    return compiled
