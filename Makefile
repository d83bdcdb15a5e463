# Two commands matter: `make run` serves the site, `make test` proves it. Both set up what they need.

SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet --no-warn-conflicts --root-user-action=ignore -c constraints.txt
EMOTOON_PORT ?= 8000
export EMOTOON_PORT

# What the tests need beyond Python: servers to run through, a browser to look with, headers to build uwsgi.
TEST_PACKAGES := chromium debootstrap fonts-nanum gcc libpcre2-dev make nginx-light postgresql python3-dev

.PHONY: run dev serve prove-image setup system test lint format parity bench chaos clean

.venv/run.stamp: requirements/run.txt requirements/nodeps.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	  || { echo "emotoon needs Python 3.11: make run PYTHON=/path/to/python3.11"; exit 2; }
	@echo "setting up .venv (once; about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) -r requirements/run.txt
	@$(PIP) --no-deps -r requirements/nodeps.txt
	@$(BIN)/python -m emotoon.core.native --install
	@touch $@

.venv/full.stamp: .venv/run.stamp requirements/full.txt requirements/dev.txt requirements/nodeps-full.txt
	@echo "setting up torch, servers and tools (once; a few minutes) ..."
	@$(MAKE) --no-print-directory system
	@$(PIP) -r requirements/dev.txt
	@$(PIP) --no-deps -r requirements/nodeps-full.txt
	@touch $@

run: .venv/run.stamp
	@$(BIN)/python manage.py prepare
	@exec $(BIN)/python manage.py serve

dev: .venv/run.stamp
	@$(BIN)/python manage.py prepare
	@EMOTOON_DEBUG=1 $(BIN)/python manage.py serve --reload

# As an operator runs it: PostgreSQL, nginx and uWSGI on this machine; Ctrl-C stops all.
serve: setup
	@exec $(BIN)/python -m emotoon.core.local_stack

# The Dockerfile's steps in a clean Debian root (as root; minutes; needs the package mirrors).
prove-image: setup
	@$(BIN)/python -m tests.deploy.prove_dockerfile

setup: .venv/full.stamp

system:
	@$(BIN)/python -m emotoon.core.native --install --packages $(TEST_PACKAGES)

test: setup lint
	@$(BIN)/python -m emotoon.core.translations
	@$(BIN)/python -m pytest -n 2 --dist loadscope

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@git ls-files '*.html' | xargs $(BIN)/djade --check --target-version 5.2
	@git ls-files '*.html' | xargs $(BIN)/djhtml --check --tabwidth 2

format: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@git ls-files '*.html' | xargs $(BIN)/djade --target-version 5.2
	@git ls-files '*.html' | xargs $(BIN)/djhtml --tabwidth 2

clean:
	rm -rf .venv var

parity: setup
	@$(BIN)/python -m tests.parity

# Workers killed with -9 at random while they share a queue; ten minutes or so.
chaos: setup
	@$(BIN)/python -m tests.chaos

# Every number of docs/quality.md anew; minutes, on an idle machine.
bench: setup
	@for name in render quality search export; do $(BIN)/python manage.py bench $$name --json; done
