# Everything here works on a fresh clone: each target makes .venv if it is missing or pyproject.toml has changed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint bench soak corpora wheel clean

demo: $(READY)
	@$(BIN)/lapor-gateway demo $(if $(KEEP),--keep $(KEEP))

test: $(READY)
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile -m "not soak" --ignore=tests/bench $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

bench: $(READY)
	@$(BIN)/python -m tests.bench $(ARGS)

soak: $(READY)
	@$(BIN)/python -m pytest -q -m soak --timeout 3600 $(ARGS)

corpora: $(READY)
	@$(BIN)/python -m tests.corpus.mail_agreement

wheel: $(READY)
	@$(BIN)/python -m build --wheel --outdir dist .

clean:
	@rm -rf $(VENV) dist

# With uv where it is on PATH, else with venv and pip.
$(READY): pyproject.toml constraints.txt
	@if command -v uv >/dev/null 2>&1; then \
	  { [ -x $(BIN)/python ] || uv venv --quiet --python "$(PYTHON)" $(VENV); } && \
	  uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev]'; \
	elif $(PYTHON) -c 'import ensurepip' >/dev/null 2>&1; then \
	  { [ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV); } && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'; \
	else \
	  echo "This Python has no ensurepip: install the package python3-venv (Debian, Ubuntu), then try again." >&2; exit 1; \
	fi
	@touch $@
