# Every target that a person may want has a sentence behind two hashes; `make help` prints them.
# PYTHON=/path/to/python3.12 chooses the Python; ARGS="-k slots" goes to pytest, ARGS="-n 0" keeps it to one process.

PYTHON ?=
ARGS ?=
UPGRADE ?=

# As many processes as there are cores, eight at most: each starts a Chromium and a PostgreSQL of its own.
PROCESSES = -n auto --maxprocesses 8 --dist worksteal

CHECKOUT_PYTHON = .venv/bin/python
COMPILE = $(CHECKOUT_PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate $(UPGRADE)

# The first Python of these that is new enough; else whichever there is, and setup_env.py says what is missing.
SET_UP = @for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			exec $$python setup_env.py $(1); \
		fi; \
	done; \
	if command -v python3 >/dev/null 2>&1; then exec python3 setup_env.py $(1); fi; \
	echo "There is no Python here: install Python 3.11 or newer, then run the same command again." >&2; exit 3

.DEFAULT_GOAL := help
.PHONY: help demo day desk pictures test check format setup setup-dev rehearse bench-begin bench-audience bench-mail bench-verbs bench-teasers bench-desk torture fuzz sign-off \
	requirements clean

help: ## Lists the targets.
	@echo "Each target first sets up what is missing."
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

demo: ## Shows the main job; nothing leaves this machine.
	$(call SET_UP,run)
	@./pressrun demo

desk: ## Opens the desk with the demo's stories, on this machine.
	$(call SET_UP,run)
	@test -f pressrun-demo/settings.toml || ./pressrun demo >/dev/null
	@./pressrun serve --enter Demo --settings pressrun-demo/settings.toml

pictures: ## Takes the README's pictures of the desk anew, with the Chromium of the tests.
	$(call SET_UP,dev)
	@.venv/bin/python -m tests.desk.web.picturing

day: ## Plays a newsroom's whole day and compares log and platforms.
	$(call SET_UP,run)
	@./pressrun demo --day

test: ## Runs the tests, a process for each core.
	$(call SET_UP,dev)
	@$(CHECKOUT_PYTHON) -m pytest $(PROCESSES) $(ARGS)

check: ## Lint, format, types, and which room may import which.
	$(call SET_UP,dev)
	$(CHECKOUT_PYTHON) -m ruff check .
	$(CHECKOUT_PYTHON) -m ruff format --check .
	$(CHECKOUT_PYTHON) -m mypy
	.venv/bin/lint-imports --no-logo

format: ## Puts the code into its one format.
	$(call SET_UP,dev)
	$(CHECKOUT_PYTHON) -m ruff format .
	$(CHECKOUT_PYTHON) -m ruff check --fix .

setup: ## Makes .venv with what Pressrun needs to run.
	$(call SET_UP,run)

setup-dev: ## The same, with the tools of the tests and checks.
	$(call SET_UP,dev)

rehearse: ## Leaves the rehearsal platforms running, with their page.
	$(call SET_UP,run)
	@./pressrun rehearse

bench-begin: ## Times how soon 100 deliveries due at one instant have begun.
	$(call SET_UP,dev)
	@$(CHECKOUT_PYTHON) -m tests.bench.begin $(ARGS)

bench-verbs: ## Times how soon a pause holds all workers and a kill deletes.
	$(call SET_UP,dev)
	@$(CHECKOUT_PYTHON) -m tests.bench.verbs $(ARGS)

bench-audience: ## Times how fast an issue's audience is frozen.
	$(call SET_UP,dev)
	@$(CHECKOUT_PYTHON) -m tests.bench.audience $(ARGS)

bench-mail: ## Times an issue to 20,000 readers beside Postfix's own smtp-source.
	$(call SET_UP,dev)
	@$(CHECKOUT_PYTHON) -m tests.bench.mail $(ARGS)

bench-teasers: ## Measures the teasers beside naive rules.
	$(call SET_UP,dev)
	@$(CHECKOUT_PYTHON) -m tests.bench.teasers $(ARGS)

bench-desk: ## Times each page of the desk over 100,000 deliveries, or a log as long as ARGS="--log 1000000" says.
	$(call SET_UP,dev)
	@$(CHECKOUT_PYTHON) -m tests.bench.desk $(ARGS)

torture: ## Proves the two promises at length: kills, faults, lies (about an hour).
	$(call SET_UP,dev)
	@$(CHECKOUT_PYTHON) -m tests.torture $(ARGS)

fuzz: ## Searches for files that the readers of sources cannot stand (ten minutes).
	$(call SET_UP,dev)
	@$(CHECKOUT_PYTHON) -m tests.fuzz $(ARGS)

sign-off: ## Writes build/sign-off.html: real stories' teasers to mark.
	$(call SET_UP,dev)
	@$(CHECKOUT_PYTHON) -m tests.bench.sign_off $(ARGS)

requirements: ## Pins versions; UPGRADE=--upgrade takes the newest.
	$(call SET_UP,run)
	$(COMPILE) requirements/uv.in --output-file requirements/uv.txt
	$(COMPILE) requirements/run.in --output-file requirements/run.txt
	$(COMPILE) requirements/dev.in --output-file requirements/dev.txt

clean: ## Removes .venv, caches and built files, no data.
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
