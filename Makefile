# Close KPI pipeline. `make demo` shows it, `make setup` and `make run` run it with your account; all set up all they need in .venv.

PYTHON ?= $(shell for python in python3.12 python3.13 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& { command -v $$python; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
# Two makes at once in one clone: the second waits for the first one's installation.
LOCK := $(if $(shell command -v flock),flock .venv.lock,)

ACCOUNT ?=
SETTINGS ?=
AS_OF ?=
OUT ?=
ONCE ?=
TESTS ?= tests
SIZE ?= 1000
TOOLS ?= ours,tap,airbyte,airbyte-yaml
LIMIT ?= 12
PEER_PYTHON ?=
SCALE ?= 1
DAYS ?= 400
CLIENTS := .clients
RECORDINGS ?= $(CLIENTS)/gspread/tests/cassettes
STATE ?= state
SAMPLE ?= 25
SEED ?= 1

.PHONY: setup run demo test test-fast test-clients mutants lint docs format lock screenshots bench-extract bench-extract-large bench-kpis bench-publish bench-page bench-backfill bench-lake bench-scale clean help

help: ## Show the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.run ## Run everything: ONCE=1, ACCOUNT=folder, SETTINGS=yaml, AS_OF=YYYY-MM-DD, OUT=folder.
	@$(BIN)/python -m sandbox.demo --account "$(ACCOUNT)" --settings "$(SETTINGS)" \
		--as-of "$(AS_OF)" --out "$(OUT)" --once "$(ONCE)"

setup: $(VENV)/.run ## Set up your account, in a dialogue; what works is not asked for again.
	@$(BIN)/python -m close_kpis setup --lake "$(STATE)/lake"

# exec: the signal that stops a service reaches the program itself.
run: $(VENV)/.run ## Run it with your account on this machine, without Docker: STATE=folder, ONCE=1.
	@exec $(BIN)/python -m close_kpis run --state "$(STATE)" $(if $(filter-out 0,$(ONCE)),--once)

test: $(VENV)/.dev $(VENV)/store/.done ## Run all tests and print the slowest 20; TESTS=path for some.
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=20 $(TESTS)

test-fast: $(VENV)/.dev ## Run the tests of the daily loop: no scheduler, no browser, no server of others.
	$(BIN)/python -m pytest -n 3 --dist loadfile -m "not slow and not e2e and not browser and not postgres" $(TESTS)

test-clients: $(VENV)/.dev ## Try the Sheets sandbox with other clients, gspread's tests and recordings: RECORDINGS=folder (needs Node.js, git).
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --target $(CLIENTS)/pygsheets pygsheets==2.0.6
	npm install --silent --prefix $(CLIENTS) google-spreadsheet@5.3.0
	test -d $(CLIENTS)/gspread || git clone --quiet --depth 1 --branch v6.2.1 https://github.com/burnash/gspread $(CLIENTS)/gspread
	PYGSHEETS=$(CLIENTS)/pygsheets GOOGLE_SPREADSHEET=$(CLIENTS) GSPREAD_SOURCE=$(CLIENTS)/gspread SHEETS_RECORDINGS=$(RECORDINGS) \
		$(BIN)/python -m pytest -s tests/sandbox/sheets_api/clients

mutants: $(VENV)/.dev $(VENV)/mutants/.done ## Change the core in small ways and print what no test notices: SAMPLE=25, SEED=1 (up to 20 min).
	PYTHONPATH=. nice -n 10 $(VENV)/mutants/bin/python -m tests.mutation --sample $(SAMPLE) --seed $(SEED)

lint: $(VENV)/.dev ## Run the checks of .pre-commit-config.yaml over everything: style, types, SQL, secrets, spelling.
	$(BIN)/pre-commit run --all-files

# Not --quiet: MkDocs counts only the warnings that it shows.
docs: $(VENV)/.docs ## Build the documentation site into site/; a warning is an error.
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

format: $(VENV)/.dev ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.dev ## Compile the requirements.txt files again from their requirements.in.
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-celery.in --no-strip-extras -o requirements-celery.txt
	cd sandbox && ../$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-dev.in --no-strip-extras -o requirements-dev.txt
	cd tests/store && ../../$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	cd tests/mutation && ../../$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	cd docs && ../$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt

screenshots: $(VENV)/.dev ## Take the README's screenshots again (needs Chromium).
	$(BIN)/python docs/take_screenshots.py

bench-extract: $(VENV)/.run ## Measure the extraction beside two connectors: SIZE=leads, TOOLS=ours,tap, LIMIT=minutes, PEER_PYTHON=path.
	PYTHONPATH=.:plugins $(BIN)/python -m benchmarks.extract --size $(SIZE) --tools $(TOOLS) --limit-minutes $(LIMIT) \
		--command "make bench-extract SIZE=$(SIZE) TOOLS=$(TOOLS) LIMIT=$(LIMIT)" \
		$(if $(PEER_PYTHON),--peer-python $(PEER_PYTHON))

bench-extract-large: $(VENV)/.run ## Measure our extraction of two million activities, and a daily sync of a million leads (30 min, 8 GB).
	PYTHONPATH=.:plugins $(BIN)/python -m benchmarks.extract --tools ours --size 20000 --activities 2000000 --changes 500 \
		--limit-minutes 40 --title "First load of two million activities" --command "make bench-extract-large"
	PYTHONPATH=.:plugins $(BIN)/python -m benchmarks.extract --tools ours --size 1000000 --activities 2000000 --changes 1000 \
		--limit-minutes 40 --title "Daily sync of an account of a million leads" --free-first-load --command "make bench-extract-large"

bench-kpis: $(VENV)/.dev ## Time the KPI tables of a large account against pandas; SCALE=0.1 for a smaller one.
	$(BIN)/python -m benchmarks.kpis --scale $(SCALE) --write

bench-publish: $(VENV)/.dev ## Count the requests of a publish beside gspread-dataframe and gspread-formatting.
	PYTHONPATH=.:plugins $(BIN)/python -m benchmarks.publish --write

bench-page: $(VENV)/.dev ## Time the page Sales KPIs of a million leads in Airflow's UI (needs Chromium).
	PYTHONPATH=.:plugins $(BIN)/python -m benchmarks.page --write

bench-backfill: $(VENV)/.dev ## Time backfills of months without news, and with, under a real scheduler (6 min).
	PYTHONPATH=.:plugins $(BIN)/python -m benchmarks.backfill --write

bench-lake: $(VENV)/.dev ## Live through days of a company with a lake that is maintained weekly: DAYS=400 is a year and a month.
	PYTHONPATH=.:plugins $(BIN)/python -m benchmarks.lake_years --days $(DAYS) --write

bench-scale: $(VENV)/.dev ## Read, compute and publish accounts of 20 thousand to 3 million leads in 1 GB: SIZES=leads,... (an hour).
	PYTHONPATH=.:plugins $(BIN)/python -m benchmarks.scale $(if $(SIZES),--sizes $(SIZES)) --write

clean: ## Remove the virtual environment.
	rm -rf $(VENV) .venv.lock $(CLIENTS)

$(VENV)/.run: requirements.txt sandbox/requirements.txt plugins/pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python"; exit 1; }
	@$(LOCK) sh -e -c 'test -e $@ && test -z "$$(find requirements.txt sandbox/requirements.txt plugins/pyproject.toml -newer $@)" || { \
		echo "Installing the locked packages in $(VENV) (about a minute) ..."; \
		test -x $(BIN)/python || $(PYTHON) -m venv $(VENV); \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r sandbox/requirements.txt; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e plugins; \
		touch $@; }'

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@$(LOCK) sh -e -c 'test -e $@ && test -z "$$(find requirements-dev.txt $(VENV)/.run -newer $@)" || { \
		echo "Installing the test tools in $(VENV) ..."; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt; \
		touch $@; }'

$(VENV)/store/.done: tests/store/requirements.txt | $(VENV)/.run
	@$(LOCK) sh -e -c 'test -e $@ && test -z "$$(find tests/store/requirements.txt -newer $@)" || { \
		$(BIN)/python -m venv $(VENV)/store; \
		$(VENV)/store/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/store/requirements.txt; \
		touch $@; }'

$(VENV)/mutants/.done: $(VENV)/.run tests/mutation/requirements.txt
	@$(LOCK) sh -e -c '$(BIN)/python -m venv $(VENV)/mutants; \
		$(VENV)/mutants/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/mutation/requirements.txt; \
		touch $@'

$(VENV)/.docs: $(VENV)/.dev docs/requirements.txt
	@$(LOCK) sh -e -c 'test -e $@ && test -z "$$(find docs/requirements.txt $(VENV)/.dev -newer $@)" || { \
		echo "Installing the tools of the documentation in $(VENV) ..."; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r docs/requirements.txt; \
		touch $@; }'
