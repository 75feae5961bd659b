PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: install demo test test-settings test-slow lint docs dist

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: install
	@echo "== 1. Enhancers: a network adds nothing to what GC content and k-mer counts say"
	$(BIN)/python scripts/train.py model=cnn
	@echo "== 2. Made records: the order of two motifs decides, and a plain BiLSTM sees it"
	$(BIN)/python scripts/train.py model=bilstm data=planted
	@echo "== 3. Genes against DNA with the same 6-mers: the order of bases decides, and only a network sees it"
	$(BIN)/python scripts/train.py model=cnn_bilstm data=ecoli_coding
	$(BIN)/python scripts/predict.py bundle=runs/latest/bundle input=data/ecoli_coding/test.fa.gz output=runs/demo.predictions.tsv overwrite=true
	@head -4 runs/demo.predictions.tsv
	@echo "report: $$(cd runs/latest && pwd -P)/report.html"

test: lint
	$(PYTEST)

# Kernels round by processor: PyTorch's own and those of oneDNN can be told to be those of an older one.
SETTINGS := ATEN_CPU_CAPABILITY=default ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 ONEDNN_MAX_CPU_ISA=SSE41 OMP_NUM_THREADS=1

test-settings: install
	@for setting in $(SETTINGS); do \
		echo "== $$setting"; env $$setting $(PYTEST) || exit 1; \
	done
	@echo "== beside two busy programs"; \
	yes > /dev/null & first=$$!; yes > /dev/null & second=$$!; \
	trap "kill $$first $$second" EXIT; $(PYTEST)

test-slow: install
	$(PYTEST) -m slow

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The documentation site, in build/site: its pages run, warnings are errors, and every link is followed. Pages are dealt
# out to processes in pieces of a few neighbours, so that there must be several pieces for the pages that take long.
docs: $(VENV)/docs-installed
	$(BIN)/sphinx-build -W --keep-going -q -j 8 -b html -d build/doctrees docs build/site
	$(BIN)/python docs/_extensions/check_site.py build/site
	@echo "site: $$(pwd -P)/build/site/index.html"

$(VENV)/docs-installed: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	touch $@

# Wheel and sdist, in dist/: built, installed in a new environment, and tried in an empty folder.
dist: install
	$(BIN)/python packaging/check_dist.py
