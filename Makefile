# Everything here works on a fresh clone: each target makes .venv if it is missing or pyproject.toml has changed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint bench soak wheel clean

demo: $(READY)
	@$(BIN)/lapor-gateway demo $(if $(KEEP),--keep $(KEEP))

test: $(READY)
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not soak" --ignore=tests/bench $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

bench: $(READY)
	@$(BIN)/python -m tests.bench $(ARGS)

soak: $(READY)
	@$(BIN)/python -m pytest -q -m soak --timeout 3600 $(ARGS)

wheel: $(READY)
	@$(BIN)/python -m build --wheel --outdir dist .

clean:
	@rm -rf $(VENV) dist

$(READY): pyproject.toml constraints.txt tools/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh tools/setup.sh
