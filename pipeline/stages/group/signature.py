"""MinHash signatures, bit for bit datasketch's (2.0, scheme ``affine32``), computed over arrays.

datasketch makes the permutations (its constructor) and checks them; only the inner loop is ours, because
``MinHash.update_batch`` hashes each shingle in Python (five times slower; a test compares every value).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

SCHEME = "affine32"
SEED = 1
_BLOCK = 1024
"""Shingles at a time: 128 permutations of 1,024 values stay in the cache of one core."""

_SHIFTS = (np.uint32(16), np.uint32(13))
_MIX = (np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35))


@cache
def permutations(num_perm: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The ``a`` and ``b`` that datasketch draws, as columns uint32[num_perm, 1]."""
    from datasketch import MinHash

    factor, term = MinHash(num_perm=num_perm, seed=SEED, scheme=SCHEME).permutations
    return factor.astype(np.uint32)[:, None], term.astype(np.uint32)[:, None]


def hash32(shingle: bytes) -> int:
    """The ``hashfunc`` with which datasketch makes the same signature from little-endian 8-byte shingles."""
    return int.from_bytes(shingle[:4], "little")


def sign(shingles: NDArray[np.uint64], num_perm: int) -> NDArray[np.uint32]:
    """The signature of a set of shingles: uint32[num_perm]; empty for an empty set (datasketch's equals every other's)."""
    if not shingles.size:
        return np.empty(0, np.uint32)
    factor, term = permutations(num_perm)
    value = shingles.astype(np.uint32)
    value ^= value >> _SHIFTS[0]
    value *= _MIX[0]
    value ^= value >> _SHIFTS[1]
    value *= _MIX[1]
    value ^= value >> _SHIFTS[0]
    lows = np.empty((num_perm, -(-value.size // _BLOCK)), np.uint32)
    room = np.empty((num_perm, min(_BLOCK, value.size)), np.uint32)
    for number, start in enumerate(range(0, value.size, _BLOCK)):
        block = value[start : start + _BLOCK]
        part = np.multiply(factor, block, out=room[:, : block.size])
        part += term
        part.min(axis=1, out=lows[:, number])
    signature: NDArray[np.uint32] = lows.min(axis=1)
    return signature
