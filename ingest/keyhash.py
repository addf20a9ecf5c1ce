"""64-bit hashes of texts, a column at a time: to find rows that may share a key without keeping the keys."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def _powers(count: int) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.cumprod(np.full(count, _BASE, dtype=np.uint64), dtype=np.uint64)


def mix(numbers: np.ndarray) -> np.ndarray:
    """Spread the bits of each number (the finaliser of splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = (numbers ^ (numbers >> np.uint64(30))) * _MIX_1
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
        return mixed ^ (mixed >> np.uint64(31))


def hash_texts(texts: pa.StringArray) -> np.ndarray:
    """A hash of each text (NULL counts as empty); equal texts have equal hashes in every process."""
    if not len(texts):
        return np.empty(0, dtype=np.uint64)
    texts = texts.fill_null("")
    _, offset_buffer, data_buffer = texts.buffers()
    offsets = np.frombuffer(offset_buffer, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    offsets = offsets.astype(np.int64)
    if data_buffer is None or offsets[-1] == offsets[0]:
        return mix(np.zeros(len(texts), dtype=np.uint64))
    data = np.frombuffer(data_buffer, np.uint8)[offsets[0] : offsets[-1]].astype(np.uint64)
    starts = offsets[:-1] - offsets[0]
    lengths = np.diff(offsets)
    places = np.arange(len(data)) - np.repeat(starts, lengths)
    with np.errstate(over="ignore"):
        weighted = (data + np.uint64(1)) * _powers(int(lengths.max()))[places]
    hashes = np.zeros(len(texts), dtype=np.uint64)
    filled = lengths > 0
    # reduceat would give an empty text the weight of its neighbour, so only filled ones take part.
    hashes[filled] = np.add.reduceat(weighted, starts[filled])
    return mix(hashes ^ lengths.astype(np.uint64))


def combine(hashes: np.ndarray, more: np.ndarray) -> np.ndarray:
    """The hash of a sequence from the hash of its beginning and that of its next part."""
    with np.errstate(over="ignore"):
        return mix(hashes * _BASE + more)
