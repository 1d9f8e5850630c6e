# Minyi 民意. `make run` to try it, `make test` to check it; `make help` lists the rest.
PORT ?= 8000
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"
PARALLEL := -n auto --maxprocesses 4 --dist worksteal

.PHONY: run install test lint test-slow bench lock translations clean help

run: install  ## the demonstration township on 127.0.0.1:$(PORT)
	@$(BIN)/minyi run --port $(PORT)

install: $(VENV)/.installed  ## the environment in .venv, from requirements.lock

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Minyi needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv module is missing. Install it with: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev-installed: requirements-dev.lock $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@

test: lint  ## everything but the slow suites; installs what the tests need
	@.ci/prepare
	$(BIN)/pytest $(PARALLEL) -m "not slow and not bench"

lint: $(VENV)/.dev-installed  ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-slow: $(VENV)/.dev-installed  ## the simulations and the long runs
	@.ci/prepare
	$(BIN)/pytest $(PARALLEL) -m slow

bench: $(VENV)/.dev-installed  ## measures; prints tables, judges nothing
	@.ci/prepare wrk
	$(BIN)/python -m tests.benchmarks

lock: $(VENV)/.dev-installed  ## resolves the dependencies anew and writes both lock files
	$(BIN)/$(LOCK) --extra build pyproject.toml -o requirements.lock
	$(BIN)/$(LOCK) --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

translations: $(VENV)/.dev-installed  ## gathers the screens' words and compiles the catalogues
	$(BIN)/python -m tests.support.translations

clean:  ## the environment and the caches; never the data in var/
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build *.egg-info

help:
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14
