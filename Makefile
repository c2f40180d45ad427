# The two commands that matter: `make run` and `make test`. Everything else is a part of them.
# Needed: Python 3.11 or later, git, make. Node, the database and all else come as wheels.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
UV := $(BIN)/uv
STAMPS := $(VENV)/stamps

# Where an image forbids bytecode, each of the hundreds of processes of a test run compiles a thousand
# files anew: two thirds of the time that a command takes to start.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/bytecode

FRONTEND := $(filter-out frontend/node_modules frontend/dist frontend/fonts frontend/used.json,$(wildcard frontend/* frontend/src/* frontend/src/*/* frontend/src/*/*/* frontend/src/*/*/*/*))
PARTS := $(wildcard src/huying/locale/parts/*.po)

CHECKS := check-words check-format check-types check-layers check-migrations

.PHONY: help run setup test lint format bench screenshots docs docs-ready docs-serve lock audit sbom licences clean assets looked-for fonts locale $(CHECKS) made-ready

help: ## show these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: setup ## start everything: database, web, worker (PORT=8000)
	@exec $(BIN)/huying serve --port $(PORT) --demo

setup: $(STAMPS)/installed $(STAMPS)/assets $(STAMPS)/fonts $(STAMPS)/locale ## build .venv, assets, fonts and translations

$(STAMPS)/venv:
	@echo "Making $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "huying needs Python 3.11 or later; set PYTHON=/path/to/python3.11")'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/uv: requirements/bootstrap.txt | $(STAMPS)/venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(STAMPS)/installed: requirements/dev.txt pyproject.toml hatch_build.py requirements/runtime.in $(STAMPS)/uv
	@echo "Installing the pinned packages"
	@$(UV) pip sync --quiet --require-hashes requirements/dev.txt
	@$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

assets: $(STAMPS)/assets
$(STAMPS)/assets: $(FRONTEND) $(STAMPS)/installed frontend/used.json
	@echo "Building the assets"
	@$(PY) hatch_build.py assets
	@touch $@

# Written when the pages use other classes of Tabler than they did, which is known by looking.
frontend/used.json: looked-for | $(STAMPS)/installed
	@$(PY) hatch_build.py used
looked-for:

fonts: $(STAMPS)/fonts
$(STAMPS)/fonts: frontend/fonts/package-lock.json $(STAMPS)/installed
	@echo "Laying out the fonts of printed sheets"
	@$(PY) hatch_build.py fonts
	@touch $@

locale: $(STAMPS)/locale
$(STAMPS)/locale: $(PARTS) $(STAMPS)/installed
	@$(PY) hatch_build.py locale
	@touch $@

# A folder of its own: checking must not make, or touch, the data of `make run`.
lint: export HUYING_HOME := $(CURDIR)/.cache/lint
lint: setup ## ruff, mypy, import rules, missing migrations
	@$(MAKE) --no-print-directory --jobs=$(words $(CHECKS)) --output-sync=target $(CHECKS)
check-words: ; @$(BIN)/ruff check .
check-format: ; @$(BIN)/ruff format --check .
check-types: ; @$(BIN)/mypy
check-layers: ; @$(BIN)/lint-imports --no-cache
check-migrations: ; @$(BIN)/huying manage makemigrations --check --dry-run

# While mypy has one core, the other makes the data folder ready that the tests copy.
test: CHECKS += made-ready docs-ready
made-ready: ; @$(PY) -m tests.made_ready

# The second line proves on PostgreSQL 15 what the first proves on the one that comes with the wheel.
test: lint ## everything that must hold
	@$(BIN)/pytest -n auto --dist worksteal
	@$(BIN)/pytest -n auto --dist worksteal --external-postgres tests/cases tests/places

format: setup ## put the code into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup ## the benchmarks of docs/performance.md
	@$(BIN)/huying bench all --json

screenshots: setup ## the pictures of docs/images (needs Chromium)
	@$(BIN)/huying screenshots --to docs/images

# The site's own packages lie beside the others: `make setup` needs none of them.
$(STAMPS)/docs: requirements/docs.txt docsite/package-lock.json $(STAMPS)/installed
	@$(UV) venv --quiet --allow-existing --python $(PY) $(VENV)/docs
	@$(UV) pip sync --quiet --require-hashes --python $(VENV)/docs/bin/python requirements/docs.txt
	@$(PY) -c 'import pathlib, hatch_build; hatch_build.npm("ci", "--loglevel=error", cwd=pathlib.Path("docsite"))'
	@touch $@
docs-ready: $(STAMPS)/docs

docs: $(STAMPS)/docs ## build the site of the documentation (build/site)
	@NO_MKDOCS_2_WARNING=1 $(VENV)/docs/bin/mkdocs build --strict

docs-serve: $(STAMPS)/docs ## show it while one writes (PORT=8000)
	@NO_MKDOCS_2_WARNING=1 exec $(VENV)/docs/bin/mkdocs serve --dev-addr 127.0.0.1:$(PORT)

lock: $(STAMPS)/uv ## pin the requirements anew (add UPGRADE=--upgrade)
	@for name in bootstrap runtime traces dev docs; do \
		$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-header --no-emit-index-url --no-emit-find-links $(UPGRADE) \
			requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

audit: setup ## look the code over: bandit, secrets, licences
	@$(BIN)/bandit --quiet --recursive --configfile pyproject.toml src hatch_build.py
	@$(BIN)/detect-secrets-hook --baseline .secrets.baseline $$(git ls-files)
	@$(BIN)/pytest -q tests/security/test_supply.py

sbom: setup ## list what is given out (CycloneDX, build/huying.cdx.json)
	@mkdir -p build
	@$(PY) -m tests.security.licences --sbom build/huying.cdx.json

licences: setup ## write docs/licences.md
	@$(PY) -m tests.security.licences

clean: ## remove what was built, not the data
	@rm -rf $(VENV) .cache build dist frontend/node_modules docsite/node_modules src/huying/static/huying/dist src/huying/fonts frontend/used.json
