# Each target installs what it needs and is missing first; see deploy/setup.sh.
#   make demo ARGS="--port 8051 --days 30"    make test ARGS="-k ingest"    make bench ONLY=ingest

RUN := .venv/bin/
ROUNDS ?= 200

.PHONY: setup demo test lint types bench chaos
.NOTPARALLEL:

setup:
	@sh deploy/setup.sh all

demo:
	@sh deploy/setup.sh runtime
	@$(RUN)gebaeude demo $(ARGS)

test: setup lint types
	@$(RUN)python -m pytest $(ARGS)

lint: setup
	@$(RUN)ruff check
	@$(RUN)ruff format --check
	@$(RUN)lint-imports

types: setup
	@$(RUN)mypy

# One JSON object a line on standard output, nothing else.
bench: setup
	@$(RUN)python -m bench $(ONLY)

# The fault suite, long form: ROUNDS of it, shared out by the faults' weights.
chaos: setup
	@GEBAEUDE_CHAOS_ROUNDS=$(ROUNDS) $(RUN)python -m pytest tests/chaos $(ARGS)
