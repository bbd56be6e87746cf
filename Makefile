# Two commands are enough: `make demo` for a first map, `make test` for the tests. `make` alone lists all of them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo install test check lint format clean

BIN := .venv/bin

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## install what is missing to run the program
	@scripts/bootstrap.sh run

demo: ## read the sample articles and publish a first map to site/
	@scripts/bootstrap.sh run
	@$(BIN)/incident-map --home .incident-map --site site run articles

test: ## run the whole test suite
	@scripts/bootstrap.sh test
	@$(BIN)/python -m pytest

lint: ## check form, types and the floors of the house, without the tests
	@scripts/bootstrap.sh test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports

check: lint ## all of lint, then all tests
	@$(BIN)/python -m pytest

format: ## put the code into form
	@scripts/bootstrap.sh test
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## remove what was made: site, demo data, caches, virtual environment
	@if [ -x $(BIN)/incident-map ] && [ -d .incident-map ]; then $(BIN)/incident-map --home .incident-map cluster remove --yes; fi
	@rm -rf site .site-generations .incident-map .venv build dist
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
