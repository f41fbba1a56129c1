# Every recipe works from a fresh clone: it makes the virtual environment it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(VENV)/lock/bin/uv
RESOLVE := $(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test check docs bench chaos screenshots lock

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/run ## Open a Slack on localhost with a believable company behind it, and Kahvi in it
	@$(BIN)/kahvi demo

test: $(VENV)/dev ## Run every test, real PostgreSQL included; no network, Slack, Stripe, Docker or root needed
	@$(BIN)/pytest -n auto

check: $(VENV)/dev ## Lint, types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

screenshots: $(VENV)/dev ## Draw the pictures of README anew; needs chromium
	@$(BIN)/python -m tests.screenshots

docs: $(VENV)/dev ## Make the pages of docs/ anew that come from the code
	@$(BIN)/python -m tests.pages

bench: $(VENV)/dev ## Measure speed and memory against bare floors in the same run; half an hour at full size
	@$(BIN)/python -m tests.bench

chaos: $(VENV)/dev ## Prove delivery and scheduling under kills, freezes and lost answers; about two hours at full size
	@$(BIN)/python -m tests.chaos

lock: $(VENV)/lock ## Resolve the dependencies of pyproject.toml anew, with hashes
	$(RESOLVE) --upgrade --extra build --output-file requirements.lock
	$(RESOLVE) --upgrade --extra build --extra dev --constraints requirements.lock --output-file requirements-dev.lock

$(VENV)/run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kahvi needs Python 3.11 or newer; set PYTHON=...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Kahvi runs on into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: requirements-dev.lock $(VENV)/run
	@echo "Installing what the tests need into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/lock: $(VENV)/run
	@$(PYTHON) -m venv $@ && $@/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
