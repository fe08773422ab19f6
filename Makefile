# Everything a developer does here. Needs Python 3.11 or newer and make; all else is installed into .careline/.

SHELL := /bin/sh
# A start of ten processes that compile everything anew takes minutes.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help install run demo status compose-env test test-fast coverage page-test lint types bench faults faults-controls docs e2e lock clean

# The first Python that is new enough; `make PYTHON=… run` chooses another.
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
IN := .careline/venv/bin/
LOCAL := $(IN)python -m careline_local
PYTEST := $(LOCAL) test-parts -- $(IN)python -m pytest
SOURCES := shared services deploy tests bench conftest.py
TYPED := shared/src shared/tests deploy/local/src deploy/local/tests $(wildcard services/*/src/*_*) services/feedback/src services/directory/src tests bench conftest.py

help: ## this list
	@echo 'make TARGET, where TARGET is one of'
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' Makefile

install: ## install the Python packages of the lock files (the other targets do it by themselves)
	@python="$(PYTHON)"; \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Careline needs Python 3.11 or newer, and no command python3 or python3.11 is one (PYTHON=… names another)." >&2; \
		exit 1; }; \
	$$python deploy/local/bootstrap.py

run: install ## start everything with demo data; Ctrl-C stops it (DEMO=0: start empty)
	@exec $(LOCAL) up

demo: install ## a small city lives against what `make run` started (SPEED=…, PER_MINUTE=…; ARGS=--help)
	@exec $(LOCAL) city $(if $(SPEED),--speed $(SPEED)) $(if $(PER_MINUTE),--per-minute $(PER_MINUTE)) $(ARGS)

compose-env: install ## write the secrets that docker-compose.yml asks for
	@$(LOCAL) compose-env

status: install ## what runs, and how much memory it takes
	@$(LOCAL) status

test: install page-test ## all tests
	@$(PYTEST) -n auto --dist loadgroup $(ARGS)

test-fast: install ## the tests that need no browser and break nothing (ARGS=… for pytest)
	@$(PYTEST) -n auto --dist loadgroup -m "not e2e and not faults" $(ARGS)

coverage: install ## the fast tests, with the lines of the services that they run: at least 90 %
	@$(PYTEST) -n auto --dist loadgroup -m "not e2e and not faults" --cov=customer_profile --cov=interaction_router \
		--cov=care_scheduler --cov=feedback --cov=directory --cov=careline --cov-report=term:skip-covered \
		--cov-fail-under=90 services shared $(ARGS)

page-test: install ## types, lint, tests and size of the page
	@$(LOCAL) page check

lint: install ## style and import rules of the Python code
	@$(IN)ruff check $(SOURCES)
	@$(IN)ruff format --check $(SOURCES)
	@$(IN)lint-imports

types: install ## types of the Python code
	@$(IN)mypy $(TYPED)
	@for service in customer-profile interaction-router care-scheduler feedback directory; do \
		(cd services/$$service && ../../$(IN)mypy --config-file ../../pyproject.toml tests) || exit 1; done

bench: install ## measure, and write bench/latest.json (ONLY=id measures one)
	@$(IN)python -m bench $(if $(ONLY),--only $(ONLY))

faults: install ## kill and freeze everything under load and check the history (ARGS='--only TEXT' for some)
	@$(IN)python -m tests.faults $(ARGS)

faults-controls: install ## break each safeguard on purpose and see the checker turn red
	@$(IN)python -m tests.faults.controls

docs: install ## write the interfaces of the services to docs/openapi and docs/asyncapi
	@$(LOCAL) documents

e2e: install ## the main job in a real browser
	@$(PYTEST) tests/e2e -m e2e $(ARGS)

lock: install ## write the lock files (UPGRADE=1: newest versions)
	@$(IN)uv pip compile -q $(if $(UPGRADE),--upgrade) --generate-hashes --universal --python-version 3.11 --no-header --group dev \
		$(foreach package,careline careline-customer-profile careline-interaction-router careline-care-scheduler careline-feedback careline-directory careline-local,--no-emit-package $(package)) \
		pyproject.toml -o requirements.lock
	@$(LOCAL) lock-jars

clean: ## delete what was installed and built; data, secrets and logs stay
	@rm -rf .careline/venv .careline/cache .careline/jars .careline/test .careline/tmp .careline/chromium .careline/page \
		services/agent-desk/node_modules services/agent-desk/dist deploy/local/browser/node_modules
