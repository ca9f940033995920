# The front door. `make run` on a fresh machine needs Python 3.11 or newer, and npm for the charts'
# strict script; nothing here asks for sudo.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
CHARTS := assets/vendor/charts.js
LOCKED := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --strip-extras \
	--allow-unsafe --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --build-deps-for editable
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest
JOBS ?= 3
# What the worker trains for new data, in this order: what the start page shows comes first.
FIRST_MODELS := zones_dbscan+hotspot_forecast \
	zones_foot+hotspot_forecast_street+temporal_kmeans+zones_kmeans+zones_hierarchical+zones_hdbscan+zones_car \
	demand_forecast
# Then, for each target of the data, such as robbery; and what only the Patterns page shows.
TARGET_MODELS := zones_foot zones_dbscan hotspot_forecast hotspot_forecast_street demand_forecast
LAST_MODELS := patterns_pca patterns_umap patterns_tsne patterns_offense_profile

.PHONY: help install develop vendor packed run test coverage lint format bench faults docs lock sbom advisories \
	browser clean

help:
	@echo "make run      install, build the demo city if there is no data, serve on loopback, train"
	@echo "make test     all tests      make lint   ruff, mypy, import rules"
	@echo "make coverage tests, and the lines that they do not run"
	@echo "make bench    benchmarks     make faults long fault injection"
	@echo "make docs     screenshots    make lock   renew requirements.lock"
	@echo "make sbom     parts list     make advisories  known faults of packages"
	@echo "make install  browser        clean"

install: $(INSTALLED) vendor packed

# $(call INSTALL,LOCK): all that LOCK pins, the project itself, and its compiled scan.
define INSTALL
@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Python 3.11 or newer is needed; run 'make PYTHON=python3.11 install'."; exit 1; }
@echo "Installing into $(VENV) from $(1)"
@$(PIP_INSTALL) -r $(1)
@$(PIP_INSTALL) --quiet --no-deps --no-build-isolation -e .
@echo "Compiling the scan and the search for routes"
@$(BIN)/python -c "from analytics.crossfilter.compiled import ensure_stored; ensure_stored()"
@$(BIN)/python -c "from analytics.patrol.routes import ensure_compiled; ensure_compiled()"
@touch $@
endef

$(INSTALLED): requirements.lock pyproject.toml
	$(call INSTALL,requirements.lock)

# What tests, checks and benchmarks need: all of requirements.lock and more.
develop: $(INSTALLED_DEV) vendor packed

$(INSTALLED_DEV): requirements-dev.lock pyproject.toml
	$(call INSTALL,requirements-dev.lock)
	@touch $(INSTALLED)

vendor: $(CHARTS)

$(CHARTS): $(wildcard vendor/*)
	@if command -v npm >/dev/null 2>&1; then \
		folder=$$(mktemp -d) && cp vendor/* "$$folder" && \
		(cd "$$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && \
			node build.js "$$folder/built") && \
		rm -rf assets/vendor && cp -r "$$folder/built" assets/vendor && touch $@ || \
		echo "npm could not build the charts' strict script; the app runs without it."; \
		rm -rf "$$folder"; \
	else \
		echo "npm is missing: the app runs, with a weaker content policy (see patroliq doctor)."; \
	fi

# What browsers load, compressed as far as possible; only files that changed take time.
packed: vendor
	@$(BIN)/python -c "from app import pack_files; pack_files()" 2>/dev/null || \
		echo "Scripts could not be packed; the app packs them itself, a little less."

run: install
	@test -s "$${PATROLIQ_HOME:-var}/current" || $(BIN)/patroliq demo
	@test -s "$${PATROLIQ_HOME:-var}/models/index.json" || { \
		add="$(BIN)/patroliq jobs add train --promote-first"; \
		for names in $(FIRST_MODELS); do $$add $$(echo $$names | tr + ' '); done; \
		for target in $$($(BIN)/patroliq models targets --names); do \
			$$add $(TARGET_MODELS) --target=$$target; done; \
		$$add $(LAST_MODELS); } >/dev/null
	@PATROLIQ_LOG_FORMAT=$${PATROLIQ_LOG_FORMAT:-console} exec $(BIN)/patroliq serve --with-worker

# A file's tests share what is made for them, so one worker takes them all; the slow files come first.
test: develop browser
	$(PYTEST) -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not faults" $(PYTEST_ARGS) tests

# The same with the lines that no test runs. Apart, since counting them takes a third more time.
coverage: develop browser
	$(MAKE) test PYTEST_ARGS="--cov --cov-report=term:skip-covered"

lint: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: develop
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: develop
	$(BIN)/python -m bench

# Kills ingests, workers, web workers and clients often; `make test` does it a few times.
faults: develop
	$(PYTEST) -m faults --timeout 3600 tests

docs: develop browser
	$(BIN)/python -m docs.screenshots

lock: $(INSTALLED_DEV)
	$(LOCKED) --output-file requirements.lock pyproject.toml
	$(LOCKED) --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml

# What is shipped, as CycloneDX: Python packages, and those of the charts' script.
sbom: develop
	@mkdir -p build
	@$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml \
		--output-reproducible -o build/sbom-python.json
	@if command -v npm >/dev/null 2>&1; then \
		(cd vendor && npm sbom --package-lock-only --sbom-format cyclonedx) >build/sbom-charts.json; \
	fi
	@ls build/sbom-*.json

# Known faults of the pinned packages; where no database of them can be reached, it says so.
advisories: develop
	@mkdir -p build && rm -f build/advisories.json
	@$(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip \
		--progress-spinner off --format json --output build/advisories.json \
		2>build/advisories.log || true
	@$(BIN)/python -m docs.advisories build/advisories.json

# Tests skip with a reason where there is no Chromium, and fail under CI=true.
browser:
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		(apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium) \
			>/dev/null || echo "Chromium could not be installed; browser tests cannot run."; \
	else \
		echo "Chromium is missing; browser tests cannot run. Install your system's chromium."; \
	fi

clean:
	rm -rf build dist *.egg-info .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache \
		.hypothesis .import_linter_cache
