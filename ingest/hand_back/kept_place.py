"""Where a mended workbook goes in the new batch of its folder, and the rows that this is about, in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from ingest.contract import Contract
from ingest.hand_back.held_mends import Mend

# Blocks of the folder's own workbooks lie below its first part that was taken over.
OWN = (
    "source_block < (select coalesce(min(first_block), 32768) from ops.batch_part "
    "where batch_id = %(batch)s and first_block > 0)"
)
IN_PART = "batch_id = %(head)s and source_block between %(first)s and %(last)s"
# The mended file stayed for some stages only, or came back for a workbook of which another file stayed so.
STAYED_PARTLY = (
    "select 1 from ops.kept_mend where outcome = 'partly' and (mended_batch_id = %(mended)s "
    "or (batch_id, member) in (select origin_batch_id, origin_sheet from ops.mended_row "
    "where batch_id = %(mended)s and source_row = 0))"
)
# Of the batch that counts only what counts.
COUNTS = (
    "partition_key in (select partition_key from ops.current_batch "
    "where record = %(record)s and batch_id = %(head)s)"
)


@dataclass(frozen=True)
class Place:
    """Where a mended workbook is to go: the folder's new batch, and the name it has there.

    ``stages`` are those of which its rows go there; None: all of them.
    """

    batch_id: UUID
    mend: Mend
    member: str
    is_rewritten: bool  # other bytes that say the same to the record; what the school wrote may be new
    stages: tuple[str, ...] | None = None

    @property
    def of_stages(self) -> str:
        """In SQL: a row is of these stages."""
        return "true" if self.stages is None else "stage = any(%(stages)s)"

    def values(self, contract: Contract) -> dict[str, object]:
        """For the statements."""
        return {
            "record": contract.record,
            "batch": self.batch_id,
            "head": self.mend.head_id,
            "mended": self.mend.mended_id,
            "first": self.mend.first_block,
            "last": self.mend.last_block,
            "member": self.member,
            "stages": list(self.stages or ()),
        }
