SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
LOCKS := requirements-bootstrap.lock requirements.lock
# Test processes; each test file stays in one of them, so that a file's servers are started once.
WORKERS ?= 2
# What bash's `time` prints after a step: how long it took.
export TIMEFORMAT := (%1lR)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: .venv/run.stamp ## the main job on an invented newsroom: no network, no server, under a minute
	@$(BIN)/copytrail demo

test: .venv/dev.stamp lint judges ## linters, types, imports and every test, with what they need installed
	@scripts/system-packages
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

lint: .venv/dev.stamp ## ruff, mypy --strict, import-linter
	time $(BIN)/ruff check
	time $(BIN)/ruff format --check
	time $(BIN)/mypy
	time $(BIN)/lint-imports --no-logo

judges: .venv/dev.stamp ## programs of other people that judge our files, each in its own environment
	@scripts/judges

docs: .venv/dev.stamp ## the documentation in site/, with every link checked; the tests build it too
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "look: site/index.html"

lock: .venv/run.stamp ## write the locks anew from pyproject.toml (UPGRADE=1: newest versions)
	scripts/lock $(if $(UPGRADE),--upgrade)

bench: .venv/dev.stamp judges ## what is measured: text, start of the face, capture, upload, verification, pull
	$(BIN)/python -m benchmarks.text_quality
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.capture_fidelity
	$(BIN)/python -m benchmarks.capture_cost
	$(BIN)/python -m benchmarks.upload_cost
	$(BIN)/python -m benchmarks.verify_cost
	$(BIN)/python -m benchmarks.pull_cost

clean: ## remove environments and caches
	rm -rf site .venv .venv-judges .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/run.stamp: $(LOCKS) pyproject.toml scripts/environment
	@echo "making the environment"
	@time scripts/environment run

.venv/dev.stamp: $(LOCKS) requirements-dev.lock pyproject.toml scripts/environment
	@echo "making the environment"
	@time scripts/environment dev

.PHONY: help demo test lint judges docs lock bench clean
