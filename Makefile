# Everything runs in .venv, made from the locked requirements. `make setup` a second time does nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made
# What `make sbom` and `make audit` run has an environment of its own.
AUDIT_VENV := .venv-audit
AUDIT_STAMP := $(AUDIT_VENV)/.made
# So has what the return is measured beside: never a dependency of the project or its tests.
PEERS := .bench-peers
PEERS_STAMP := $(PEERS)/.made
RESTATE_SERVER := @restatedev/restate-server@1.7.12
# How many processes share the tests: more than a small machine has cores, because many tests mostly wait.
WORKERS ?= 3
# Some images forbid Python to keep what it has compiled; every process that a test starts would compile it again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup demo test types tests browser proxies prometheus nats crash proofs bench bench-peers load sbom audit lock clean

help:  ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

setup: $(STAMP)  ## make .venv from the locked requirements

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Homeward needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; name another with make PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## play returns of every kind through a real Temporal server
	$(BIN)/python -m starter.demo

test: setup  ## run every check and test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory --jobs 2 types tests

types: setup
	$(BIN)/mypy

# Proxies after the browser: two installations at once would shut each other out.
tests: setup browser $(AUDIT_STAMP)
	@$(MAKE) --no-print-directory proxies
	@$(MAKE) --no-print-directory prometheus
	$(BIN)/python -m pytest --numprocesses $(WORKERS)

browser:  ## install Chromium, which page tests need, where it is missing and this may be done
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing Chromium for page tests"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -qq --no-install-recommends chromium >/dev/null && exit; \
	fi; \
	echo "page tests need Chromium: install the package \`chromium\`"

# Where a service manager runs, installing would start servers at ports 80 and 443 of the machine.
proxies:  ## install nginx and Caddy, which proxy tests need, where they are missing and this may be done
	@export PATH="$$PATH:/usr/sbin:/usr/local/sbin"; missing=; \
	for name in nginx caddy openssl; do command -v $$name >/dev/null || missing="$$missing $$name"; done; \
	[ -n "$$missing" ] || exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ ! -d /run/systemd/system ]; then \
		echo "installing$$missing for proxy tests"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -qq --no-install-recommends $$missing >/dev/null && exit; \
	fi; \
	echo "proxy tests need$$missing: install the packages of these names"

prometheus:  ## install Prometheus, which tests of alerts need, where it is missing and this may be done
	@command -v prometheus >/dev/null && command -v promtool >/dev/null && exit; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ ! -d /run/systemd/system ]; then \
		echo "installing Prometheus for tests of alerts"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -qq --no-install-recommends prometheus >/dev/null && exit; \
	fi; \
	echo "tests of alerts need Prometheus: install the package \`prometheus\`"

nats:  ## install the NATS server, which the proof of its stream needs, where it is missing and this may be done
	@PATH="$$PATH:/usr/sbin:/usr/local/sbin" command -v nats-server >/dev/null && exit; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ ! -d /run/systemd/system ]; then \
		echo "installing the NATS server for the proof of its stream"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -qq --no-install-recommends nats-server >/dev/null && exit; \
	fi; \
	echo "the proof of its stream needs a NATS server: install the package \`nats-server\`"

crash: setup  ## the longer proof that no killed process and no failing step spoils anything
	$(BIN)/python -m pytest tests/crash tests/workflows/failures -m "crash or not crash" --numprocesses $(WORKERS) --dist worksteal

proofs: setup prometheus nats  ## the proofs that wait: alerts at a real Prometheus, outages, deletions, rollouts
	$(BIN)/python -m pytest -m long --numprocesses $(WORKERS)

bench: setup  ## performance as ratios and counts
	$(BIN)/python -m benchmarks

# What cannot be had is left out of the table, which says so, and is asked for again next time.
$(PEERS_STAMP): benchmarks/peers/requirements.txt
	@$(PYTHON) -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r $< \
		&& npm install --prefix $(PEERS) --silent --no-audit --no-fund $(RESTATE_SERVER) && touch $@ \
		|| echo "not every package of a peer could be installed"

bench-peers: setup $(PEERS_STAMP)  ## the same steps and events on DBOS and Restate, in one run
	$(BIN)/python -m benchmarks.peers

load: setup  ## what open returns cost, what is done beside 100, 1,000 and 10,000 of them, and how long the desk takes
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.desk

$(AUDIT_STAMP): requirements-audit.lock
	$(PYTHON) -m venv --clear $(AUDIT_VENV)
	$(AUDIT_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

sbom: $(AUDIT_STAMP)  ## write what production installs to dist/homeward.cdx.json, as CycloneDX
	@mkdir -p dist
	@$(AUDIT_VENV)/bin/python -W ignore::UserWarning -m cyclonedx_py requirements --pyproject pyproject.toml \
		--output-reproducible --output-file dist/homeward.cdx.json requirements.lock
	@echo "wrote dist/homeward.cdx.json"

# Asks OSV, the public database of advisories, or a mirror of it that OSV_URL names. Each release needs an answer:
# where the database is out of reach this fails.
audit: $(AUDIT_STAMP)  ## ask for known vulnerabilities of what production installs
	@mkdir -p dist && rm -f dist/audit.txt
	@if $(AUDIT_VENV)/bin/pip-audit --requirement requirements.lock --disable-pip --strict --progress-spinner off \
		--vulnerability-service osv $(if $(OSV_URL),--osv-url $(OSV_URL)) --output dist/audit.txt 2>dist/audit.log; \
	then tail -n 1 dist/audit.log; \
	elif [ -s dist/audit.txt ]; then cat dist/audit.txt; exit 1; \
	else tail -n 1 dist/audit.log >&2; \
		echo "the advisories were not to be had, nothing is known about any release; see dist/audit.log" >&2; exit 1; \
	fi

lock: setup  ## compile the lock files again from pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
		--generate-hashes --no-header --upgrade --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra local --extra agents --extra streams --group build --group dev --constraints requirements.lock \
		--universal --python-version 3.11 --generate-hashes --no-header --upgrade --quiet \
		--output-file requirements-dev.lock
	$(BIN)/uv pip compile --group audit --universal --python-version 3.11 \
		--generate-hashes --no-header --upgrade --quiet --output-file requirements-audit.lock

clean:  ## remove what was made, but no data
	rm -rf $(VENV) $(AUDIT_VENV) $(PEERS) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
