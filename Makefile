# Every task of the project. `make help` lists them.
SWIFT ?= swift

.PHONY: help install install-tests oracles build test soak fuzz storm check bench demo clean

help: ## list the tasks
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /	/' | expand -t 12

install: ## install the Debian packages that are needed
	@scripts/install-packages

install-tests:
	@scripts/install-packages tests

oracles: install-tests
	@scripts/install-oracles

build: install ## build .build/release/rollout
	$(SWIFT) build -c release --product rollout

demo: ## install, build, and watch two rollouts on a fleet of real hosts: a good one and a bad one
	@scripts/demo

test: oracles ## install, build and run every test; those that need root or a server say so when they are skipped
	@scripts/test

soak: install ## play SEEDS fresh nights in the simulation (100000 unless given), and print every promise that is broken
	@scripts/soak "$(or $(SEEDS),100000)"

fuzz: install ## feed every reader of hostile bytes what libFuzzer makes up, for SECONDS (60 unless given) each
	@scripts/fuzz "$(or $(SECONDS),60)"

storm: install ## a fleet of real hosts under kill -9, faults and full disks for MINUTES (30 unless given)
	STORM_MINUTES="$(or $(MINUTES),30)" scripts/test --filter StormTests

check: ## format, imports and spelling of the code, without building it
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift
	scripts/check-imports

bench: install ## measure beside peers; see Benchmarks/README.md
	Benchmarks/run

clean: ## remove everything that was built
	rm -rf .build Benchmarks/.build
