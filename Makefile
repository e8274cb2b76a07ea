# What one does with Havn. CI runs `make test`, and nothing else.

CARGO ?= cargo
ASSETS := crates/web/assets
BUILT := $(ASSETS)/dist/manifest.json

.DEFAULT_GOAL := help
.PHONY: help demo build test lint unit faults browser bench hardening assets setup setup-tests format

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: setup assets ## Two accounts full of mail in a throw-away folder; Ctrl-C ends it
	$(CARGO) build --quiet -p havn
	@./target/debug/havn demo

build: setup assets ## The program whole: target/release/havn
	$(CARGO) build --release -p havn

test: setup-tests ## Everything, also in a real browser
	$(MAKE) lint
	$(MAKE) unit
	$(MAKE) faults
	$(MAKE) browser

lint: assets ## Form, clippy, and what may depend on what
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) deny --log-level error check bans licenses sources

unit: assets ## Every Rust test
	$(CARGO) nextest run --workspace
	$(CARGO) test --quiet --workspace --doc

browser: assets ## Whole journeys in Chromium
	@if [ -f e2e/package.json ]; then \
		$(CARGO) build --quiet -p havn && cd e2e && npm ci --no-audit --no-fund --silent && npm test; \
	fi

faults: assets ## Faults on purpose, in short: killed, out of disk, a call that fails
	bench/hardening --short

bench: setup-tests assets ## The speed of each work: one JSON line each, and bench/RESULTS.md
	bench/run

hardening: setup-tests assets ## The faults and attacks in full
	bench/hardening

format: ## Put everything into form
	$(CARGO) fmt --all

assets: $(BUILT) ## Scripts and styles of the pages

$(BUILT): $(shell find $(ASSETS)/src -type f) $(ASSETS)/package-lock.json $(ASSETS)/build.mjs
	cd $(ASSETS) && npm ci --no-audit --no-fund --silent && npm run --silent build
	@touch $@

setup: ## What is missing on a fresh Debian or Ubuntu to build
	@.ci/setup build

setup-tests: ## What is missing to test
	@.ci/setup test
