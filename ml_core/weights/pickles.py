"""Whether a torch file holds tensors and nothing else, told without running or unpickling anything.

The rule of ``torch.load(weights_only=True)``, made stricter: the opcodes of a pickle are read as data, and
only those pass that build containers, numbers and texts, and calls of the functions that rebuild tensors.
So it also holds on machines without torch.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

_OPCODES = frozenset(
    {
        "PROTO", "STOP", "MARK", "POP", "NONE", "NEWTRUE", "NEWFALSE",
        "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT",
        "BINUNICODE", "SHORT_BINSTRING", "EMPTY_LIST", "EMPTY_TUPLE", "EMPTY_DICT", "EMPTY_SET",
        "APPEND", "APPENDS", "SETITEM", "SETITEMS", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3",
        "BINGET", "LONG_BINGET", "BINPUT", "LONG_BINPUT",
        "BINPERSID", "GLOBAL", "REDUCE", "NEWOBJ", "BUILD",
    }
)  # fmt: skip
_STORAGES = ("Double", "Float", "Half", "Long", "Int", "Short", "Char", "Byte", "Bool", "BFloat16")
TENSOR_GLOBALS = frozenset(
    {
        "collections OrderedDict",
        "torch Size",
        "torch device",
        "torch._utils _rebuild_tensor",
        "torch._utils _rebuild_tensor_v2",
        "torch._utils _rebuild_parameter",
        "torch._tensor _rebuild_from_type_v2",
        "torch.nn.parameter Parameter",
        "torch Tensor",
        *(f"torch {kind}Storage" for kind in _STORAGES),
    }
)
"""What torch itself allows (a part of it), as ``module name``."""
HARMLESS_GLOBALS = frozenset({"argparse Namespace"})
"""Published training checkpoints carry their command line; see ``ml_core.torch_weights.HARMLESS``."""
_ALLOWED = TENSOR_GLOBALS | HARMLESS_GLOBALS
_MAX_PICKLE_BYTES = 64_000_000
_ZIP_HEAD = b"PK\x03\x04"
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_PICKLES = 5
"""Before the zip format (torch 1.6): magic number, version, machine, content, storages; then raw numbers."""


class NotTensors(Exception):
    """The file can be read, but there is more in it than tensors. ``str(error)`` says what."""


def check_torch_file(path: Path) -> None:
    """Reads pickles, not tensors. Raises NotTensors, or ValueError: no torch file, or a damaged one."""
    with path.open("rb") as stream:
        if zipfile.is_zipfile(stream):
            _check_archive(stream)
            return
        stream.seek(0)
        if stream.read(len(_ZIP_HEAD)) == _ZIP_HEAD:
            raise ValueError("the archive ends early")
        stream.seek(0)
        _check_legacy(stream)


def _check_archive(stream: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            if any("/code/" in f"/{member.filename}" for member in members):
                raise NotTensors("it is a TorchScript archive, which carries code")
            pickles = [member for member in members if member.filename.endswith(".pkl")]
            if not any(member.filename.endswith("/data.pkl") for member in pickles):
                raise ValueError("there is no data.pkl in it")
            for member in pickles:
                if member.file_size > _MAX_PICKLE_BYTES:
                    raise ValueError(f"{member.filename} is too large for names of tensors")
                check_pickle(io.BytesIO(archive.read(member)))
    except (zipfile.BadZipFile, RuntimeError, zlib.error) as error:  # RuntimeError: locked, unknown packing
        raise ValueError(f"the archive is damaged ({error})") from error


def _check_legacy(stream: BinaryIO) -> None:
    head = io.BytesIO(stream.read(_MAX_PICKLE_BYTES))
    if check_pickle(head) != _LEGACY_MAGIC:
        raise NotTensors("it is a pickle, but not one that torch wrote")
    for _ in range(_LEGACY_PICKLES - 1):
        check_pickle(head)


def check_pickle(stream: BinaryIO) -> object:
    """Read one pickle's opcodes up to its STOP; the stream is left behind it.

    Returns the last whole number in it (the magic number of the old format is a pickle of one number).
    Raises NotTensors, or ValueError when it is no pickle.
    """
    number: object = None
    try:
        for opcode, argument, _ in pickletools.genops(stream):
            if opcode.name == "GLOBAL" and argument not in _ALLOWED:
                raise NotTensors(f"it would call {str(argument).replace(' ', '.')}")
            if opcode.name not in _OPCODES:
                raise NotTensors(f"it uses the pickle instruction {opcode.name}, which tensors do not need")
            if isinstance(argument, int):
                number = argument
    except (ValueError, EOFError, IndexError, UnicodeDecodeError, pickle.UnpicklingError) as error:
        raise ValueError(f"it is not a whole pickle ({error})") from error
    return number
