# Two commands matter: `make run` and `make test`. PYTHON=python3.12, HOST, PORT and ARGS may be given.
SHELL := /bin/bash
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
BIN := .venv/bin

.PHONY: help run test check lock environment environment-dev
.DEFAULT_GOAL := help

help:
	@echo "make run    start Tessera with a demo coalition (PORT=8000)"
	@echo "make test   run all tests (ARGS='-k name' for some)"
	@echo "make check  format, lint, types, import contracts, migrations, tests"
	@echo "make lock   compile the hashed requirements anew"

environment:
	@PYTHON="$(PYTHON)" scripts/environment requirements.txt

environment-dev:
	@PYTHON="$(PYTHON)" scripts/environment requirements.txt requirements-dev.txt

run: environment
	@$(BIN)/tessera demo
	@TESSERA_DEMO=1 exec $(BIN)/tessera serve --host "$(HOST)" --port "$(PORT)"

test: environment-dev
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: environment-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	TESSERA_SECRET_KEY=only-for-checking-migrations $(BIN)/python -W ignore -m django makemigrations --check --dry-run \
		--settings tessera.site.settings
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lock: environment-dev
	scripts/lock
