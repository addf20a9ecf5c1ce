"""The keys of the rows of a file on disk, not in memory: a large file has many millions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.conform import Keys

# So many hashes are compared at once.
HASHES_AT_ONCE = 1 << 21
_SCHEMA = pa.schema(
    {
        "sheet": pa.int32(),  # of a folder every form of every workbook is one
        "row": pa.int32(),
        "block": pa.int16(),
        "hash": pa.uint64(),
        "is_loaded": pa.bool_(),
        "key": pa.string(),  # of rows that were not loaded
    }
)


class KeySpill:
    """Keys, all written before any is read. ``folder`` is a working folder, which goes with its files."""

    def __init__(self, folder: Path, hashes_at_once: int = HASHES_AT_ONCE) -> None:
        self.rows = 0
        self._hashes_at_once = hashes_at_once
        self._path = folder / "keys"
        self._writer = pa.ipc.new_stream(str(self._path), _SCHEMA)

    def add(self, keys: Keys) -> None:
        """The keys of some rows more."""
        count = len(keys.rows)
        left_out = np.cumsum(~keys.is_loaded) - 1
        texts = pc.take(keys.texts, pa.array(left_out, pa.int64(), mask=keys.is_loaded))
        columns = [
            np.full(count, keys.sheet, np.int32),
            keys.rows.astype(np.int32),
            np.full(count, keys.block, np.int16),
            keys.hashes,
            keys.is_loaded,
            texts,
        ]
        self._writer.write_batch(pa.record_batch(columns, schema=_SCHEMA))
        self.rows += count

    def hashes_that_recur(self) -> np.ndarray:
        """Hashes that more than one row has, in no order."""
        parts = -(-self.rows // self._hashes_at_once)
        return np.concatenate([np.empty(0, np.uint64), *(self._recurring(n, parts) for n in range(parts))])

    def _recurring(self, number: int, parts: int) -> np.ndarray:
        """Those of the hashes that fall to one part of several."""
        mine = []
        for batch in self._batches():
            hashes = batch["hash"].to_numpy()
            mine.append(hashes if parts == 1 else hashes[hashes % np.uint64(parts) == number])
        ordered = np.concatenate(mine)
        ordered.sort()
        return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])

    def with_hash_in(self, hashes: np.ndarray) -> pa.Table:
        """The rows that have one of these hashes."""
        if not len(hashes):
            return _SCHEMA.empty_table()
        wanted = pa.array(hashes)
        found = [batch.filter(pc.is_in(batch["hash"], wanted)) for batch in self._batches()]
        return pa.Table.from_batches(found, _SCHEMA)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        self._writer.close()
        with pa.OSFile(str(self._path)) as file, pa.ipc.open_stream(file) as reader:
            yield from reader
