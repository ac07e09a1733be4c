"""Where and how the numbers are worked out: device, number type, memory layout, threads. Decided here, once."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's mallopt()
_GLIBC_MOST = 32 << 20  # the largest threshold that glibc takes


@dataclass(frozen=True)
class Compute:
    """What a piece of work runs on."""

    device: torch.device
    dtype: torch.dtype  # of products under autocast; float32 means no autocast. Weights stay float32
    threads: int

    @property
    def name(self) -> str:
        """For people: "cpu, 2 threads, bfloat16"."""
        return f"{self.device}, {self.threads} threads, {str(self.dtype).removeprefix('torch.')}"

    def memory(self) -> int | None:
        """Bytes that the device has in all; None where the system does not say, as on Windows."""
        if self.device.type == "cuda":
            return torch.cuda.get_device_properties(self.device).total_memory
        try:
            return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (AttributeError, ValueError, OSError):
            return None

    @contextmanager
    def products(self) -> Iterator[None]:
        """Within it, convolutions and matrix products run in this dtype."""
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            yield

    def place(self, module: nn.Module) -> nn.Module:
        """The module on the device, in channels-last layout, which every backend here runs fastest."""
        return module.to(device=self.device).to(memory_format=torch.channels_last)

    def put(self, pixels: Tensor) -> Tensor:
        """A batch on the device, in channels-last layout."""
        return pixels.to(self.device, memory_format=torch.channels_last, non_blocking=True)


def fast_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware: AMX, or AVX-512 with its BF16 part."""
    known = torch.cpu.get_capabilities()
    return bool(known.get("amx_bf16") or known.get("avx512_bf16"))


def for_training() -> Compute:
    """A GPU where there is one; bfloat16 products where the hardware has them, float32 elsewhere."""
    if torch.cuda.is_available():
        dtype = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
        return Compute(torch.device("cuda"), dtype, torch.get_num_threads())
    dtype = torch.bfloat16 if fast_bfloat16() else torch.float32
    return Compute(torch.device("cpu"), dtype, torch.get_num_threads())


def for_answers() -> Compute:
    """As for training, but in float32: an answer must not depend on the CPU or on which pictures share its batch."""
    return Compute(for_training().device, torch.float32, torch.get_num_threads())


def keep_freed_memory() -> None:
    """Asks glibc to keep what is freed for the next step; by default it gives megabytes back to the system each time,
    and a training step then spends up to a third of its time on getting them again. Elsewhere it does nothing."""
    if not sys.platform.startswith("linux"):
        return
    try:
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, _GLIBC_MOST)
        libc.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
    except (OSError, AttributeError):
        return
