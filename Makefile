# Every command of the project. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
# Airflow starts a process a task: without compiled bytecode each would spend seconds on imports.
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install demo demo-real test check format lock bench clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/installed: requirements.lock pyproject.toml
	@echo "Making the environment from requirements.lock (once; about a minute) …"
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); }
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/installed ## make the environment from the lock file

demo: install ## the first night on a made district and published figures
	@$(BIN)/junheng demo

demo-real: install ## the same night on real data of other places in ../shared/data
	@$(BIN)/junheng demo --real ../shared/data

# In our own order (tests/conftest.py): xdist would begin with the files of most tests, and end with the longest.
test: install ## every test, a file at a time on each core
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: install ## lint, types, format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 1 dbt_project
	@$(BIN)/yamllint --strict .

format: install ## mend what can be mended by machine
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix --processes 1 dbt_project

lock: install ## resolve requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev \
		pyproject.toml --output-file requirements.lock

bench: install ## ours beside the alternatives
	@$(BIN)/python -m bench.ingest
	@$(BIN)/python -m bench.workbooks
	@$(BIN)/python -m bench.bad_files
	@$(BIN)/python -m bench.coefficients
	@$(BIN)/python -m bench.night

clean: ## stop the embedded database and remove what the machine made (not the environment)
	@test ! -x $(BIN)/junheng || $(BIN)/junheng db stop
	@rm -rf .junheng
