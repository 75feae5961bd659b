PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install demo test lint

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: install
	$(BIN)/python scripts/train.py model=bilstm
	$(BIN)/python scripts/predict.py bundle=runs/latest/bundle input=data/enhancers/test.fa output=runs/demo.predictions.tsv overwrite=true
	@head -4 runs/demo.predictions.tsv
	@echo "report: $$(cd runs/latest && pwd -P)/report.html"

test: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
