"""The incoming border: whether a loaded batch makes sense, before it becomes current.

Only the rows of the batch are read. Nothing that a check returns or writes holds a value of a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from expectations.check import Check, Failure, Outcome, Text, failures, no_row_where
from expectations.columns import column_checks
from expectations.rules import table_checks
from expectations.runner import Runner, write_outcomes
from expectations.swings import write_swings
from ingest import database
from ingest.contract import Contract, contracts
from ingest.standing import write_emptied

ROLE = "junheng_loader"
_ALL_RULES = "rules_of_a_row"


@dataclass(frozen=True)
class BatchVerdict:
    """Whether a batch may become current and, if not, what it breaks."""

    is_success: bool
    failures: tuple[Failure, ...]


def suite(contract: Contract, earlier: Sequence[UUID] = ()) -> list[Check]:
    """Every check of a batch of that record; ``earlier`` as in ``table_checks``."""
    return [*column_checks(contract), *table_checks(contract, earlier)]


def check_batches(record: str, batch_ids: Sequence[UUID], run_id: str) -> dict[UUID, BatchVerdict]:
    """Check loaded batches in the order in which they would become current; a verdict for each.

    A batch is held against what it would replace: the current batch, or a good one of ``batch_ids`` that
    comes before it. One row a check goes to ops.quality_result. KeyError when there is no such record;
    ValueError for a batch that the ledger does not know.
    """
    contract = contracts()[record]
    files = _files(record, batch_ids)
    verdicts: dict[UUID, BatchVerdict] = {}
    if not files:
        return verdicts
    with Runner(ROLE, has_places=True) as runner, database.connect(ROLE) as connection:
        held = _held_by_all(runner, contract, list(files))
        for batch_id, file_name in files.items():
            earlier = [known for known, verdict in verdicts.items() if verdict.is_success]
            write_emptied(connection, contract, batch_id, earlier)
            write_swings(connection, contract, batch_id, earlier)
            connection.commit()
            outcomes = _check_batch(runner, contract, batch_id, earlier, held)
            write_outcomes(
                connection,
                outcomes,
                run_id=run_id,
                border="incoming",
                suite=record,
                subject=file_name,
                record=record,
                batch_id=batch_id,
            )
            connection.commit()
            found = failures(outcomes, file_name)
            verdicts[batch_id] = BatchVerdict(not found, found)
    return verdicts


def _rows_of(contract: Contract, batch_ids: Sequence[UUID]) -> str:
    ids = ", ".join(f"'{batch_id}'" for batch_id in batch_ids)
    return f"select * from {contract.table} where batch_id = any(array[{ids}]::uuid[])"


def _held_by_all(runner: Runner, contract: Contract, batch_ids: Sequence[UUID]) -> set[str]:
    """Names of checks that every row of all batches passes, asked at once: most nights break few of them.

    The rules of a row are asked as one, which reads the rows once; only where it fails are they asked singly.
    """
    row_wise = [check for check in suite(contract) if check.is_row_wise]
    rules = [check for check in row_wise if check.is_sql]
    columns = [check for check in row_wise if not check.is_sql]
    asked = [*columns, *([_all_of(rules)] if rules else [])]
    held = {check.name for check in runner.passed(_rows_of(contract, batch_ids), asked)}
    return held | {rule.name for rule in rules} if _ALL_RULES in held else held


def _all_of(rules: Sequence[Check]) -> Check:
    condition = " or ".join(f"({rule.broken_where})" for rule in rules)
    nothing = Text("", "")
    return no_row_where(_ALL_RULES, condition, what=nothing, matters=nothing, mend=nothing, column=_ALL_RULES)


def _check_batch(
    runner: Runner, contract: Contract, batch_id: UUID, earlier: Sequence[UUID], held: set[str]
) -> list[Outcome]:
    """Outcomes of the whole suite for one batch; those of ``held`` are known already."""
    checks = suite(contract, earlier)
    asked = [check for check in checks if check.name not in held]
    known = {o.check.name: o for o in runner.run(_rows_of(contract, [batch_id]), asked)}
    return [known.get(check.name, Outcome(check, is_success=True)) for check in checks]


def _files(record: str, batch_ids: Sequence[UUID]) -> dict[UUID, str]:
    """File names of the batches, in the order in which acceptance makes them current.

    A replay holds rows of several files, and a place may be in any of them: all are named.
    """
    with database.connect(ROLE) as connection:
        rows = connection.execute(
            """
            select batch_id, coalesce(
                (
                    select string_agg(origin.file_name, ' + ' order by part.first_block)
                    from ops.batch_part as part
                    inner join ops.load_batch as origin on part.origin_batch_id = origin.batch_id
                    where part.batch_id = batch.batch_id
                ),
                file_name
            )
            from ops.load_batch as batch
            where record = %s and batch_id = any(%s)
            order by file_modified_at, file_path, batch_id
            """,
            [record, list(batch_ids)],
        ).fetchall()
    files: dict[UUID, str] = dict(rows)
    unknown = set(batch_ids) - set(files)
    if unknown:
        raise ValueError(
            f"the ledger has no batch of {record} with id {', '.join(sorted(map(str, unknown)))}"
        )
    return files
