#!/bin/sh
# Makes the virtual environment: with uv where it is on PATH, else with venv and pip.
set -eu
if command -v uv >/dev/null 2>&1; then
  [ -x "$VENV/bin/python" ] || uv venv --quiet --python "$PYTHON" "$VENV"
  uv pip install --quiet --python "$VENV/bin/python" -c constraints.txt -e '.[dev]'
else
  if ! "$PYTHON" -c 'import ensurepip' >/dev/null 2>&1; then
    version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "This Python has no ensurepip: install the package python$version-venv (Debian, Ubuntu), then try again." >&2
    exit 1
  fi
  [ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
fi
touch "$VENV/.ready"
