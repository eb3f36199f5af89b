# Each target installs what it needs and is missing first; see deploy/setup.sh.
#   make demo ARGS="--port 8051 --days 30"    make test ARGS="-k ingest"    make bench ONLY=ingest

RUN := .venv/bin/
ROUNDS ?= 200
INPUTS ?= 1000000
SEED ?= 1
# Test processes, each with servers of its own: one more than cores, because a third of the time is
# waiting. Servers that are given can only be used by one.
WORKERS ?= $(if $(GEBAEUDE_DATABASE_URL)$(GEBAEUDE_MQTT_URL),0,$(shell expr $$(nproc) + 1))

.PHONY: setup demo test lint types audit sbom bench chaos fuzz fuzz-guided
.NOTPARALLEL:

setup:
	@sh deploy/setup.sh all

demo:
	@sh deploy/setup.sh runtime
	@$(RUN)gebaeude demo $(ARGS)

test: setup lint types
	@$(RUN)python -m pytest -n $(WORKERS) $(ARGS)

lint: setup
	@$(RUN)ruff check
	@$(RUN)ruff format --check
	@$(RUN)lint-imports

types: setup
	@$(RUN)mypy

# Known weaknesses of what requirements*.txt pin, see deploy/audit.py. The tool has an environment of
# its own. REACHABLE=1: what cannot be looked up from here is counted, and not held against us.
audit:
	@test -x .venv/audit/bin/pip-audit || python3 -m venv .venv/audit
	@.venv/audit/bin/python -m pip install --quiet pip-audit==2.10.1
	@.venv/audit/bin/python deploy/audit.py $(if $(REACHABLE),--reachable)

# The bill of materials (CycloneDX) on standard output, nothing else.
sbom:
	@sh deploy/setup.sh runtime >&2
	@.venv/bin/python deploy/sbom.py

# One JSON object a line on standard output, nothing else.
bench: setup
	@$(RUN)python -m bench $(ONLY)

# The fault suite, long form: ROUNDS of it, shared out by the faults' weights.
chaos: setup
	@sh deploy/setup.sh chaos
	@GEBAEUDE_CHAOS_ROUNDS=$(ROUNDS) $(RUN)python -m pytest tests/chaos $(ARGS)

# Damaged messages through all decoders, long form; the seed makes a run repeatable.
fuzz: setup
	@$(RUN)python -m tests.fuzz --inputs $(INPUTS) --seed $(SEED)

# The same, looking for code that no input has reached yet; atheris has wheels for Linux.
fuzz-guided: setup
	@test -d .venv/atheris || $(RUN)pip install -q --no-deps --target .venv/atheris atheris==3.0.0
	@PYTHONPATH=.venv/atheris $(RUN)python -m tests.fuzz.guided -runs=$(INPUTS) -seed=$(SEED)
