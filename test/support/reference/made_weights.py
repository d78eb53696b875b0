"""Weights that need no file: each value follows from the tensor's name by integer arithmetic.

test/support/made-checkpoint.ts computes the same values, so that a reference of a few kilobytes stands for a whole checkpoint.
"""

import math
import zlib

import numpy as np
import torch

# The largest whole number that k may be, so that center + k * step has no rounding in the stored type.
LARGEST = {"F32": 8191, "F16": 1023, "BF16": 127}
TORCH = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def mix(x: np.ndarray) -> np.ndarray:
    """The last steps of MurmurHash3, by Austin Appleby, over numbers of 32 bits."""
    with np.errstate(over="ignore"):
        x = x ^ (x >> np.uint32(16))
        x = x * np.uint32(0x85EBCA6B)
        x = x ^ (x >> np.uint32(13))
        x = x * np.uint32(0xC2B2AE35)
        return x ^ (x >> np.uint32(16))


def describe(name: str, shape: list[int], dtype: str, center: float, spread: float) -> dict:
    """What a tensor's values are: center + k * step, k from -range to range."""
    largest = LARGEST[dtype]
    if center:
        largest //= 4
    exponent = round(math.log2(spread / largest))
    step = 2.0**exponent
    count = min(largest, max(1, round(spread / step)))
    return {"name": name, "dtype": dtype, "shape": shape, "center": center, "exponent": exponent, "range": count}


def values(tensor: dict) -> torch.Tensor:
    """The tensor in its stored type."""
    size = math.prod(tensor["shape"])
    seed = np.uint32(zlib.crc32(tensor["name"].encode()))
    with np.errstate(over="ignore"):
        index = np.arange(size, dtype=np.uint32) * np.uint32(0x9E3779B9) + seed
    k = (mix(index) % np.uint32(2 * tensor["range"] + 1)).astype(np.int64) - tensor["range"]
    exact = tensor["center"] + k.astype(np.float64) * 2.0 ** tensor["exponent"]
    made = torch.from_numpy(exact).to(TORCH[tensor["dtype"]])
    if not np.array_equal(made.to(torch.float64).numpy(), exact):
        raise ValueError(f"{tensor['name']} would be rounded")
    return made.reshape(tensor["shape"])
