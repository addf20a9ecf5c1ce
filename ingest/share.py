"""Too many rows set aside: the file as a whole is then no good."""

from __future__ import annotations

import shlex

from ingest.contract import Contract
from ingest.problems import Problem, file_problem

RULE = "too_many_rejected"


def share_problem(file_name: str, contract: Contract, rejected: int, data_rows: int) -> Problem | None:
    """What is wrong with a file of which more rows are set aside than its record allows; None where not."""
    share = rejected / max(data_rows, 1)
    if share <= contract.max_rejected_share:
        return None
    limit = f"{contract.max_rejected_share:.0%}"
    return file_problem(
        RULE,
        file_name,
        found=f"{rejected} / {data_rows} = {share:.1%}",
        expected=(
            f"有问题的行不超过 {limit}（整个文件未入库）",
            f"no more than {limit} of the rows with problems (nothing of the file was loaded)",
        ),
        mend=(
            f"用 junheng rejected --file {shlex.quote(file_name)} 逐行查看并改正后重新交入",
            f"see junheng rejected --file {shlex.quote(file_name)}, "
            "correct the rows and hand the file in again",
        ),
    )
