"""Health check of a container: exit 0 when Airflow's monitor calls the named component healthy.

Asking the api server costs a tenth of a second; ``airflow jobs check`` imports Airflow for several.
"""

from __future__ import annotations

import json
import sys
import urllib.request

SECONDS = 5


def is_healthy(component: str, monitor: str) -> bool:
    """Whether ``component`` (metadatabase, scheduler, triggerer, dag_processor) reports itself healthy."""
    with urllib.request.urlopen(monitor, timeout=SECONDS) as answer:  # noqa: S310  owner: maintainers; the address stands in docker-compose.yml, no end
        return bool(json.load(answer)[component]["status"] == "healthy")


if __name__ == "__main__":
    sys.exit(0 if is_healthy(sys.argv[1], sys.argv[2]) else 1)
