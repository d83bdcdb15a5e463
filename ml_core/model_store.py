"""Models of this process: loaded on first need, measured, and the least recently used given up for room.

The thread that owns the device loads and evicts; others only look. Pipelines are handed ``Models`` and ask
for what they need by name; a model is pinned until the work that asked for it has ended.
"""

from __future__ import annotations

import gc
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ml_core.device import DeviceName, ThreadPlan, choose_device
from ml_core.device_errors import is_device_lost, is_out_of_memory
from ml_core.errors import MlError, ModelUnavailable, OutOfMemory, WeightsUnavailable
from ml_core.model_memory import bytes_of

logger = logging.getLogger(__name__)

MEGABYTE = 1_000_000

Locate = Callable[[str], Path]
"""Name in the manifest of weights -> installed path; raises WeightsUnavailable."""


def nowhere(name: str) -> Path:
    """The default ``Locate``."""
    raise WeightsUnavailable(
        "weights_missing", f"No folder of weights is known here, so {name} is not found."
    )


class Models(Protocol):
    """What a pipeline is handed: ``models["stylegan2-ffhq"]`` is loaded when first asked for."""

    @property
    def device(self) -> str:
        """Where models run, and what else can run there: ``cpu`` or a torch device. Raises DeviceMissing."""
        ...

    def __getitem__(self, name: str) -> Any: ...


class NoModels:
    """``Models`` for a process that runs our own engines only, on its CPU."""

    device = "cpu"

    def __getitem__(self, name: str) -> Any:
        raise WeightsUnavailable("weights_missing", f"There is no store of models here, so no {name}.")


@dataclass(frozen=True)
class ModelSpec:
    """How one model comes to be.

    load: (path of the weights or None, device) -> model. weights: its name in the manifest; empty: it needs
    none. warm_up: runs the model once, so that the first person does not pay for lazy initialisation.
    """

    load: Callable[[Path | None, str], Any]
    weights: str = ""
    warm_up: Callable[[Any], None] | None = None


@dataclass(frozen=True)
class ModelStatus:
    """One loaded model. ``used``: how often work has asked for it since it was loaded."""

    name: str
    megabytes: float
    in_use: bool
    used: int


@dataclass(frozen=True)
class StoreStatus:
    """``models``: the least recently used first. ``device``: empty until the first model was needed."""

    device: str
    budget_mb: float
    models: tuple[ModelStatus, ...]
    evictions: int


@dataclass
class _Resident:
    model: Any
    bytes: int
    pins: int = 0
    used: int = 0


@dataclass
class ModelLease:
    """``Models`` for one piece of work; everything asked for stays loaded until the lease ends."""

    _store: ModelStore
    names: list[str] = field(default_factory=list)

    @property
    def device(self) -> str:
        return self._store.device

    def __getitem__(self, name: str) -> Any:
        model = self._store._acquire(name, pin=name not in self.names)
        if name not in self.names:
            self.names.append(name)
        return model


class ModelStore:
    """Specs by name. ``budget_mb``: models beyond it are evicted when idle; one alone may be larger."""

    def __init__(
        self,
        specs: Mapping[str, ModelSpec],
        *,
        locate: Locate = nowhere,
        device: DeviceName = "cpu",
        budget_mb: float = 4096,
        threads: ThreadPlan | None = None,
    ) -> None:
        self._specs = dict(specs)
        self._locate = locate
        self._wanted_device = device
        self._device: str | None = None
        self._budget = int(budget_mb * MEGABYTE)
        self._threads = threads
        self._residents: dict[str, _Resident] = {}  # least recently used first
        self._sizes: dict[str, int] = {}
        self._evictions = 0
        self._turn = threading.RLock()  # one load or eviction at a time; takes seconds
        self._lock = threading.Lock()  # guards the table, so that looking never waits for a load

    @property
    def device(self) -> str:
        """``cpu`` or ``cuda``, chosen on first need. Raises DeviceMissing."""
        if self._device is None:
            self._device = choose_device(self._wanted_device)
        return self._device

    @contextmanager
    def lease(self) -> Iterator[ModelLease]:
        lease = ModelLease(self)
        try:
            yield lease
        finally:
            with self._lock:
                for name in lease.names:
                    self._residents[name].pins -= 1

    def warm_up(self, name: str) -> None:
        """Load a model and run it once."""
        spec = self._spec(name)
        with self.lease() as models:
            model = models[name]
            if spec.warm_up is not None:
                spec.warm_up(model)

    def evict_idle(self) -> int:
        """Unload everything that is not in use. Returns how many models went."""
        with self._turn:
            idle = [name for name, held in self._residents.items() if not held.pins]
            self._unload(idle)
        return len(idle)

    def status(self) -> StoreStatus:
        with self._lock:
            models = tuple(
                ModelStatus(name, held.bytes / MEGABYTE, held.pins > 0, held.used)
                for name, held in self._residents.items()
            )
        return StoreStatus(self._device or "", self._budget / MEGABYTE, models, self._evictions)

    def _spec(self, name: str) -> ModelSpec:
        try:
            return self._specs[name]
        except KeyError:
            known = ", ".join(sorted(self._specs)) or "none"
            raise ModelUnavailable(
                "model_unknown", f"There is no model {name!r}; there are: {known}."
            ) from None

    def _acquire(self, name: str, *, pin: bool) -> Any:
        with self._turn:
            if name not in self._residents:
                self._load(name, self._spec(name))
            with self._lock:
                held = self._residents[name] = self._residents.pop(name)  # now the most recently used
                held.pins += pin
                held.used += pin
            return held.model

    def _load(self, name: str, spec: ModelSpec) -> None:
        path = self._locate(spec.weights) if spec.weights else None
        self._make_room(self._sizes.get(name, _size_on_disk(path)))
        loaded = self._try_to_load(name, spec, path)
        if (
            loaded is None
        ):  # here the failed attempt's tensors are gone; the idle models may be what is too much
            self.evict_idle()
            loaded = self._try_to_load(name, spec, path)
        if loaded is None:
            raise OutOfMemory("out_of_memory", f"{name} does not fit into the device's memory.", model=name)
        model, size = loaded
        self._sizes[name] = size
        self._make_room(size)
        with self._lock:
            self._residents[name] = _Resident(model, size)
        logger.info("model %s loaded on %s: %.1f MB", name, self.device, size / MEGABYTE)

    def _try_to_load(self, name: str, spec: ModelSpec, path: Path | None) -> tuple[Any, int] | None:
        """Model and bytes, or None without the memory for it.

        Typed failures and a lost device pass as they are; anything else is told as one failed load.
        """
        try:
            return self._measured(spec, path)
        except MlError:
            raise
        except Exception as error:
            if is_out_of_memory(error):
                logger.warning("model %s: %s", name, error)
                return None
            if is_device_lost(error):
                raise
            raise ModelUnavailable(
                "model_load_failed",
                f"{name} could not be loaded: {type(error).__name__}: {error}",
                model=name,
            ) from error

    def _measured(self, spec: ModelSpec, path: Path | None) -> tuple[Any, int]:
        """The model and its bytes: what CUDA's allocator gained, or what its tensors take on a CPU."""
        before = _cuda_allocated(self.device)
        model = spec.load(path, self.device)
        if self._threads is not None:
            self._threads.apply()
        gained = _cuda_allocated(self.device) - before
        return model, gained if gained > 0 else bytes_of(model) or _size_on_disk(path)

    def _make_room(self, wanted: int) -> None:
        """Evict idle models, the least recently used first, until ``wanted`` bytes fit or none is idle."""
        taken = sum(held.bytes for held in self._residents.values()) + wanted
        going = []
        for name, held in self._residents.items():
            if taken <= self._budget:
                break
            if not held.pins:
                going.append(name)
                taken -= held.bytes
        self._unload(going)

    def _unload(self, names: list[str]) -> None:
        with self._lock:
            for name in names:
                del self._residents[name]
        for name in names:
            logger.info("model %s evicted", name)
        if names:
            self._evictions += len(names)
            release_cached_memory()


def release_cached_memory() -> None:
    """Give back what dead objects and CUDA's caching allocator still hold."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _cuda_allocated(device: str) -> int:
    torch = sys.modules.get("torch")
    if device != "cuda" or torch is None:
        return 0
    return int(torch.cuda.memory_allocated())


def _size_on_disk(path: Path | None) -> int:
    """An estimate before the first load, and for runtimes that do not tell (ONNX)."""
    if path is None:
        return 0
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())
