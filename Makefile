# Everything a fresh machine needs is python3 (3.11 or 3.12), make and git.
.DEFAULT_GOAL := help
PYTHON ?= # a Python 3.11 or 3.12 of your choice; without one, the first on PATH that can make a .venv
BIN := .venv/bin
STAMP := .venv/.installed
DEMO_DIR := .demo

.PHONY: chaos fuzz score help demo serve test test-unit test-e2e check format lock bench wheel clean

help: ## Show the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

# The stamp names the folder: a checkout that was moved or copied is installed anew.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(STAMP)
endif
$(STAMP): requirements.lock pyproject.toml scripts/bootstrap.sh
	@sh scripts/bootstrap.sh $@ $(PYTHON)

demo: $(STAMP) ## Run the pipeline over the sample documents and search them
	@STORAGE_DIR=$(DEMO_DIR) $(BIN)/clerk demo

serve: $(STAMP) ## Serve the compiled databases in a browser
	@STORAGE_DIR=$(DEMO_DIR) $(BIN)/clerk serve

test: $(STAMP) ## All tests
	@$(BIN)/python -m pytest -q -n 2 -m "not e2e"
	@$(BIN)/python -m pytest -q -n 2 --dist loadscope -m e2e

test-unit: $(STAMP) ## The fast tests only
	@$(BIN)/python -m pytest -q -n 2 -m "not e2e"

test-e2e: $(STAMP) ## The tests with real servers and worker processes only
	@$(BIN)/python -m pytest -q -n 2 --dist loadscope -m e2e

check: $(STAMP) ## Lint, format, types, import contracts, file sizes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/check_sizes.py

format: $(STAMP) ## Rewrite the sources as the formatter wants them
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: $(STAMP) ## Measure; writes docs/performance.md, text-layers.md and ocr-accuracy.md
	@$(BIN)/python -m benchmarks $(BENCH)

chaos: $(STAMP) ## Kill each part of a running stack and count what is lost; writes docs/reliability.md
	@$(BIN)/python -m benchmarks.chaos --write

fuzz: $(STAMP) ## Read and draw 2,000 damaged PDFs as a worker does; ends with one line of JSON
	@$(BIN)/python -m benchmarks.fuzz

score: $(STAMP) ## Score votes and entities on labelled texts; writes docs/accuracy.md
	@$(BIN)/python benchmarks/score.py

wheel: $(STAMP) ## Build the wheel and test it in an environment of its own
	@$(BIN)/python scripts/check_wheel.py

lock: ## Resolve the dependencies anew (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --quiet --output-file requirements.lock

clean: ## Remove what the targets made, the demo's documents too
	rm -rf .venv $(DEMO_DIR) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
