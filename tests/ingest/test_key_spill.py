"""Keys of a file are kept on disk, and those that recur are found however many are compared at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ingest.conform import Keys
from ingest.key_spill import KeySpill

HASHES = [7, 8, 9, 7, 10, 9, 2**63 + 1, 11, 12, 2**63 + 1, 7]
LEFT_OUT = {3, 7}  # rows that were not loaded


def filled(folder: Path, at_once: int) -> KeySpill:
    """The hashes in pieces of three rows; rows are numbered from 2."""
    spill = KeySpill(folder, at_once)
    for start in range(0, len(HASHES), 3):
        at = range(start, min(start + 3, len(HASHES)))
        spill.add(
            Keys(
                sheet=start % 2,
                rows=np.array([i + 2 for i in at]),
                block=1,
                hashes=np.array([HASHES[i] for i in at], np.uint64),
                is_loaded=np.array([i not in LEFT_OUT for i in at]),
                texts=pa.array([f"key {i}" for i in at if i in LEFT_OUT], pa.string()),
            )
        )
    return spill


@pytest.mark.parametrize("at_once", [1, 4, 100])
def test_hashes_that_recur_are_found_in_parts(tmp_path: Path, at_once: int) -> None:
    recurring = filled(tmp_path, at_once).hashes_that_recur()
    assert sorted(recurring.tolist()) == [7, 9, 2**63 + 1]


def test_rows_are_given_back_with_the_keys_of_those_left_out(tmp_path: Path) -> None:
    spill = filled(tmp_path, 100)
    found = spill.with_hash_in(np.array([7, 11], np.uint64)).to_pylist()
    assert [(row["sheet"], row["row"], row["block"], row["is_loaded"], row["key"]) for row in found] == [
        (0, 2, 1, True, None),
        (1, 5, 1, False, "key 3"),
        (0, 9, 1, False, "key 7"),
        (1, 12, 1, True, None),
    ]
    assert spill.with_hash_in(np.empty(0, np.uint64)).num_rows == 0


def test_no_keys_at_all(tmp_path: Path) -> None:
    assert len(KeySpill(tmp_path).hashes_that_recur()) == 0


def test_a_folder_has_more_sheets_than_a_small_number_holds(tmp_path: Path) -> None:
    spill = KeySpill(tmp_path)
    spill.add(
        Keys(
            sheet=2**15,  # some eleven forms of each of 3,000 workbooks
            rows=np.array([2, 3]),
            block=1,
            hashes=np.array([7, 7], np.uint64),
            is_loaded=np.array([True, True]),
            texts=pa.array([], pa.string()),
        )
    )
    found = spill.with_hash_in(spill.hashes_that_recur())
    assert found["sheet"].to_pylist() == [2**15, 2**15]
