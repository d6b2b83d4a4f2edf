# Two commands on a bare machine: `make up`, then `./redlab drill ha dps-crash`. Everything generated lies in .lab/.
STACK ?= ha
PYTHON ?= python3
# Files and messages are UTF-8 in any locale.
export PYTHONUTF8 := 1
.DEFAULT_GOAL := help
CHECKED := tests/unit tests/golden tests/errors
PYTEST := pytest tests --durations 30 --durations-min 5 $(CHECKED:%=--ignore=%)
IN_LAB := . .lab/env.sh &&
IN_VENV := PATH="$(CURDIR)/.lab/venv/bin:$$PATH" &&

.PHONY: help setup python browser up destroy test pictures site drills check coverage test-engine bench engine-stop

help: ## this text
	@awk -F ' ## ' '/^[a-z-]+:.* ## / {split($$1, name, ":"); printf "make %-12s %s\n", name[1], $$2}' $(MAKEFILE_LIST)

setup: ## get what is missing: Python packages, Docker engine, base image, Pulumi, Docker provider
	@$(PYTHON) lab/toolchain setup

python:
	@$(PYTHON) lab/toolchain python

browser:
	@$(PYTHON) lab/toolchain browser

up: setup ## bring up the lab of STACK (default ha) and say what to try next
	@$(IN_LAB) redlab up $(STACK)

destroy: setup ## remove the lab of STACK (default ha)
	@$(IN_LAB) redlab destroy $(STACK)

check: python ## lint, types, import contracts and the tests that need no Docker engine
	@$(IN_VENV) ruff check . && ruff format --check . && oxfmt --check 'lab/**/*.{js,css}' && mypy && lint-imports && pytest -p randomly $(CHECKED) --numprocesses 2

coverage: python ## which lines of the packages the tests without a Docker engine reach, as a table
	@$(IN_VENV) pytest $(CHECKED) --numprocesses 2 --quiet --cov=redundancy --cov=redlab --cov=redlab_provider --cov=toolchain --cov-report=term:skip-covered

test: setup browser check ## the checks, then all tests, with a failover drill for each mechanism
	@$(IN_LAB) $(PYTEST) -m "not measures and not campaign" --numprocesses 3 --dist loadfile
	@$(IN_LAB) $(PYTEST) -m "measures and not campaign"

pictures: python ## draw the topologies of stacks/ in docs/images anew
	@$(IN_VENV) for stack in $(basename $(notdir $(wildcard stacks/*.yaml))); do \
		redlab graph $$stack --format svg > docs/images/$$stack.svg || exit 1; done

site: python ## the site of the documents, in .lab/site
	@$(IN_VENV) NO_MKDOCS_2_WARNING=1 mkdocs build

drills: setup browser ## every scenario of every stack, and the table of it for docs/measurements-log.md
	@$(IN_LAB) $(PYTEST) -m "measures or campaign" --drill-table .lab/artefacts/drills

test-engine: setup ## run all that depends on the Docker engine on another one: ENGINE=26, 27, 28, 29, 29-nftables
	@$(IN_LAB) python -m tests.engines $(ENGINE)

bench: setup ## deployment, ingest and memory figures, as a table and as JSON
	@$(IN_LAB) python -m bench

engine-stop: ## stop the Docker engine, if `make setup` started it
	@$(PYTHON) lab/toolchain stop
