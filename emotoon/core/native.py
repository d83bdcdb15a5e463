"""Are the native parts there? Run before Django: ``python -m emotoon.core.native [--install]``.

Each Python package with native code is imported in a process of its own; a missing shared library is
traced to its Debian package, which is installed when we are root on Debian, and named otherwise.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence

NATIVE_MODULES = (
    "numpy",
    "cv2",
    "skia",
    "av",
    "ai_edge_litert.interpreter",
    "numba",
    "scipy.spatial",
    "imagequant",
    "oxipng",
)

LIBRARY_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgomp.so.1": "libgomp1",
    "libatomic.so.1": "libatomic1",
    "libstdc++.so.6": "libstdc++6",
    "libexpat.so.1": "libexpat1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
IMPORT_SECONDS = 120


def import_problem(module: str) -> str | None:
    """None when the module imports, else the last line of why not."""
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        capture_output=True,
        text=True,
        timeout=IMPORT_SECONDS,
        check=False,
    )
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it crashed"])[-1]


def package_for(problem: str) -> str | None:
    """The Debian package that holds the shared library a message complains about."""
    missing = re.search(r"(lib[\w+.-]+\.so(?:\.\d+)*)", problem)
    return LIBRARY_PACKAGES.get(missing.group(1)) if missing else None


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Sequence[str]) -> None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet, stdout=subprocess.DEVNULL)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(command, check=True, env=quiet, stdout=subprocess.DEVNULL)


def absent_packages(packages: Sequence[str]) -> list[str]:
    """Those that dpkg does not know as installed; empty where there is no dpkg to ask."""
    if shutil.which("dpkg-query") is None:
        return []
    absent = []
    for package in packages:
        command = ["dpkg-query", "-W", "-f", "${Status}", package]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if "install ok installed" not in done.stdout:
            absent.append(package)
    return absent


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def _ensure_packages(packages: Sequence[str], *, allowed: bool) -> bool:
    absent = absent_packages(packages)
    if not absent:
        return True
    if allowed and may_install():
        _say(f"installing system packages: {' '.join(absent)}")
        install(absent)
        return True
    _say(f"please install: sudo apt-get install {' '.join(absent)}")
    return False


def _ensure_imports(*, allowed: bool) -> bool:
    complete = True
    for module in NATIVE_MODULES:
        tried: set[str] = set()
        while problem := import_problem(module):
            package = package_for(problem)
            if package is None or package in tried or not (allowed and may_install()):
                advice = f"; install the system package {package}" if package else ""
                _say(f"{module} does not import: {problem}{advice}")
                complete = False
                break
            _say(f"installing system package {package} for {module}")
            install([package])
            tried.add(package)
    return complete


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="install what is missing when root on Debian")
    parser.add_argument(
        "--packages", nargs="*", default=[], help="system packages to check instead of imports"
    )
    options = parser.parse_args()
    if options.packages:
        return 0 if _ensure_packages(options.packages, allowed=options.install) else 2
    return 0 if _ensure_imports(allowed=options.install) else 2


if __name__ == "__main__":
    sys.exit(main())
