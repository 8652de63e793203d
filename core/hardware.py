"""What the machine is: stated beside every figure, and asked whether bfloat16 pays.

Owns questions to the machine; needs no TensorFlow. A GPU is TensorFlow's to see: `training` asks it.
"""

import functools
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import psutil

PACKAGES: Final = ("tensorflow", "tensorflow-cpu", "keras", "onnxruntime", "tf2onnx", "numpy", "streamlit")


@functools.cache
def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def processor() -> str:
    """The processor's name as the system gives it."""
    for line in _cpuinfo().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware; without it the arithmetic is emulated and slow."""
    flags = _cpuinfo()
    return "avx512_bf16" in flags or "amx_bf16" in flags


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe() -> dict[str, Any]:
    """The machine and the versions, for `environment.json` and benchmarks."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": cores(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "bfloat16": has_bfloat16(),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
