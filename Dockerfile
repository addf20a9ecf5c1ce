# Airflow with the project in it: the same package, DAGs and lock file as on a laptop.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    VIRTUAL_ENV=/opt/junheng \
    PATH=/opt/junheng/bin:$PATH \
    JUNHENG_HOME=/srv/junheng/home \
    JUNHENG_LANDING=/srv/junheng/landing

RUN groupadd --gid 10001 junheng \
    && useradd --uid 10001 --gid junheng --no-create-home --home-dir /srv/junheng/home junheng \
    && install -d -o junheng -g junheng /srv/junheng/home /srv/junheng/landing \
    && python -m venv /opt/junheng

# Its own layer: the packages change far less often than the project. pip compiles their bytecode,
# which every task, a process of its own, would otherwise do again. The lock is complete, hence
# --no-deps; a package marked "never" in it is left out by its marker.
COPY requirements.lock /opt/app/
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement /opt/app/requirements.lock

WORKDIR /opt/app
COPY pyproject.toml README.md ./
COPY ingest ingest
COPY expectations expectations
COPY dbt_project dbt_project
COPY dags dags
COPY docker/healthy.py docker/healthy.py
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && python -m compileall -q ingest expectations dags

USER junheng
ENTRYPOINT ["python", "-m", "ingest.airflow_environment"]
CMD ["airflow", "version"]
