"""An expectation in SQL that only counts. Imports Great Expectations: import it late."""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.core.result_format import ResultFormat
from great_expectations.expectations import UnexpectedRowsExpectation

_COUNT = "unexpected_rows_query.row_count"


class ExpectNoRows(UnexpectedRowsExpectation):
    """UnexpectedRowsExpectation without the rows: the query runs once, not twice, and none is fetched."""

    metric_dependencies: ClassVar[tuple[str, ...]] = (_COUNT,)

    def _validate(
        self, metrics: dict, runtime_configuration: dict | None = None, execution_engine: Any = None
    ) -> dict:
        asked = self._get_result_format(runtime_configuration=runtime_configuration)
        count = metrics[_COUNT]
        if (asked["result_format"] if isinstance(asked, dict) else asked) == ResultFormat.BOOLEAN_ONLY:
            return {"success": count == 0}
        return {"success": count == 0, "result": {"observed_value": count}}
