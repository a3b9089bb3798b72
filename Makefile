# Two commands: `make demo` and `make test`. Both set everything up first; `make setup` alone makes .venv.
# Everything is pinned by constraints.txt (versions and hashes). uv is used where it is present.
.DEFAULT_GOAL := help
.PHONY: help setup environment demo test check lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEPS := $(VENV)/.constraints.txt
STAMP := $(VENV)/.setup-stamp

help:
	@echo "make demo    set up, then run the main job over a bundled small web"
	@echo "make test    set up, then lint, types, import contracts and tests"
	@echo "make setup   only make .venv with wirefold in it"
	@echo "make lock    resolve the dependencies anew into constraints.txt (needs uv)"

setup: $(STAMP)

# What was installed is kept beside it: while the pins stand, nothing is asked of an index, so setup works offline.
# --no-deps: constraints.txt is the whole resolution; older pips stumble over resolving extras again.
$(DEPS): constraints.txt
	@if cmp -s constraints.txt $@; then touch $@; else $(MAKE) --no-print-directory environment; fi

$(STAMP): $(DEPS) pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
	  { $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; } && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@

environment:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "wirefold needs Python 3.11 or newer; say which: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --clear --python "$(PYTHON)" $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r constraints.txt ; \
	else \
	  "$(PYTHON)" -m venv --clear $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r constraints.txt ; \
	fi
	@cp constraints.txt $(DEPS)

demo: setup
	@$(BIN)/wirefold demo

test: check
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock:
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --upgrade \
	  --group dev --extra parquet --extra serve pyproject.toml -o constraints.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
