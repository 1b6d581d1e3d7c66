# Two commands do most things: `make run` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
HOST ?= 127.0.0.1
PORT ?= 8000
VAR_DIR ?= var
export HOST PORT

.PHONY: help run test setup check format screenshots guide audit lock migrations clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: setup $(VAR_DIR)/static/staticfiles.json  ## the whole site with content, on http://$(HOST):$(PORT)
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) load_starter_content
	@$(MANAGE) load_demo_data || echo "The site starts without adding demo data."
	@HASHED_STATIC=1 exec $(MANAGE) serve

test: setup  ## every test this machine can run, and which it could not and why
	@$(BIN)/pytest $(PYTEST_ARGS)

check: setup  ## style, types, templates, migrations, deployment settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2 --check
	$(MANAGE) makemigrations --check --dry-run
	env -i PATH="$(PATH)" $$(grep -vE '^(#|$$)' deploy/production.env.example | sed "s/'//g") \
		$(MANAGE) check --deploy --fail-level WARNING

format:  ## put code and templates into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2

screenshots: setup  ## every page at 320 and 1440 px, light and dark, into screenshots/
	@$(BIN)/python -m tests.browser.screenshots

guide: setup  ## the pictures of docs/editing.md, into docs/images/
	@$(BIN)/python -m tests.browser.guide

audit: setup node_modules/.package-lock.json  ## Lighthouse's scores and largest paint of home, article, clinic and form
	@$(BIN)/python -m tests.browser.audit

node_modules/.package-lock.json: package-lock.json
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

setup: $(VENV)/installed  ## the virtual environment, from the lock

$(VENV)/installed: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is not it. Try: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || \
		{ echo "Could not make a virtual environment. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing the packages of requirements-dev.txt into $(VENV) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(VAR_DIR)/static/staticfiles.json: $(VENV)/installed $(shell find static -type f 2>/dev/null)
	@HASHED_STATIC=1 $(MANAGE) collectstatic --noinput --clear --verbosity 0

lock:  ## compile the hashed requirements from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --generate-hashes --no-header --no-emit-index-url \
		--universal --python-version 3.11 --output-file requirements.txt
	uv pip compile pyproject.toml --group dev --constraint requirements.txt --generate-hashes \
		--no-header --no-emit-index-url --universal --python-version 3.11 --output-file requirements-dev.txt

clean:  ## remove what was made here, the development database included
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis
