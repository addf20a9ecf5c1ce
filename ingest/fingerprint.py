"""What the marts are made from, as one hash: the current batches and the dbt project."""

from __future__ import annotations

import hashlib

from ingest.database import connect
from ingest.settings import DBT_DIR

# What decides the figures besides the data: a change here means the marts must be built again.
CODE_FOLDERS = ("models", "macros", "seeds", "tests")


def code_fingerprint() -> str:
    """Hash of the dbt project: models, macros, seeds, tests and settings."""
    digest = hashlib.sha256((DBT_DIR / "dbt_project.yml").read_bytes())
    for folder in CODE_FOLDERS:
        for path in sorted((DBT_DIR / folder).rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(DBT_DIR)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def input_fingerprint() -> str:
    """Hash of everything the marts are made from: the current batches and the dbt project."""
    digest = hashlib.sha256(code_fingerprint().encode())
    with connect("junheng_transformer") as connection:
        rows = connection.execute(
            "select record, md5(string_agg(partition_key || '/' || batch_id, ',' order by partition_key)) "
            "from ops.current_batch group by record order by record"
        ).fetchall()
    for record, partitions in rows:
        digest.update(f"{record}:{partitions}".encode())
    return digest.hexdigest()
