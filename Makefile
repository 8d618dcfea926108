# `make report` and `make test` need Python 3.11 or newer and make; the rest is set up in .venv.
#   PYTHON=...   interpreter to make .venv with
#   WORKERS=...  processes that run the tests (default: one for each core)
#   CASES=... SEED=... LAYERS=...  what `make soak` checks

PYTHON  ?=
WORKERS ?= auto
CASES   ?= 10000
SEED    ?= 1
LAYERS  ?=

VENV      := .venv
BIN       := $(VENV)/bin
READY     := $(VENV)/.ready
PEERS     := $(VENV)/.peers
PIP       := $(BIN)/python -m pip --disable-pip-version-check
INSTALL   := $(PIP) install --quiet --constraint constraints.txt
INSTALLED := build/installed
COPIED    := build/.copied
PACKAGES  := gradcheck properties reference reports
SOURCES    = $(shell find $(PACKAGES) -type f ! -path '*/__pycache__/*')
PYTEST    := $(BIN)/pytest -n $(WORKERS) --dist loadgroup --gradcheck
# One thread for each worker: more of them only wait for one another.
THREADS   := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

.DELETE_ON_ERROR:
.PHONY: help report test test-all doctest lint ruff mypy gate bench soak clean

help:
	@echo 'make report    print the error report of every registered layer'
	@echo 'make test      run the tests and the doctests'
	@echo 'make test-all  run those as well that build environments of their own'
	@echo 'make lint      ruff and mypy --strict'
	@echo 'make gate      the gate for contributors: gradcheck gate'
	@echo 'make bench     run the benchmarks'
	@echo 'make soak     check correct layers CASES times: how often does the checker cry wolf?'
	@echo 'make clean     remove all that these commands made'

report: $(READY)
	$(BIN)/gradcheck run

# `gradcheck gate` draws every layer's full number of cases, and so does `make test-all`.
test: $(READY) doctest
	$(THREADS) $(PYTEST) --gradcheck-examples 25 -m 'not environment'

test-all: $(READY) $(PEERS) doctest
	$(THREADS) $(PYTEST)

# On an installed copy, where names are the ones that users see.
doctest: $(COPIED)
	cd $(INSTALLED) && ../../$(BIN)/python -m pytest -q -c ../../pyproject.toml --doctest-modules gradcheck

lint: ruff mypy

ruff: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

# On the installed copy as well: mypy does not see how an editable installation maps folders.
mypy: $(COPIED)
	cd $(INSTALLED) && ../../$(BIN)/mypy --strict --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache -p gradcheck
	cd tests && MYPYPATH=../$(INSTALLED) ../$(BIN)/mypy --strict --config-file ../pyproject.toml --cache-dir ../.mypy_cache --explicit-package-bases .

gate: $(READY)
	$(BIN)/gradcheck gate

bench: $(READY) $(PEERS)
	@set -e; for script in benchmarks/[!_]*.py; do \
		test -f "$$script" || { echo 'benchmarks/ holds no script' >&2; exit 1; }; \
		echo "$$script"; $(BIN)/python "$$script"; \
	done

soak: $(READY)
	$(BIN)/python benchmarks/_soak.py --cases $(CASES) --seed $(SEED) $(LAYERS)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .gradcheck
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Redone when the requirements or the pins change, and only then.
$(READY): pyproject.toml constraints.txt
	@new='import sys; sys.exit(sys.version_info < (3, 11))'; \
	for python in $(or $(PYTHON),python3.11 python3); do \
		if "$$python" -c "$$new" 2>/dev/null; then \
			echo "setting up $(VENV) with $$python (about a minute)"; exec "$$python" -m venv $(VENV); \
		fi; \
	done; \
	echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11' >&2; exit 1
	$(INSTALL) setuptools
	$(INSTALL) --no-build-isolation --editable '.[dev,examples]'
	@touch $@

# Other checkers, which stand beside this one in some tests and benchmarks.
$(PEERS): $(READY)
	$(INSTALL) --no-build-isolation --editable '.[peers]'
	@touch $@

$(COPIED): $(READY) $(SOURCES)
	@rm -rf build
	$(INSTALL) --no-deps --no-build-isolation --target $(INSTALLED) .
	@touch $@
