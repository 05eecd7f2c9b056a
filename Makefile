# Every target is one line that also works by hand; `make` alone lists them.

VERSION   := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
SEEDS     ?= 100
FUZZTIME  ?= 10s
RACE      ?= ./...
SHELL     := /bin/bash -o pipefail

.DEFAULT_GOAL := help
.PHONY: help build vet test race lint fuzz-smoke sim-smoke bench docs ci clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/checker, a static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '-X checker/cli.version=$(VERSION)' -o bin/checker ./cmd/checker

vet: ## gofmt and go vet
	@bad=$$(gofmt -l .); test -z "$$bad" || { echo "not formatted: gofmt -w" $$bad; exit 1; }
	go vet ./...

test: vet ## every test; says what could not be tested here
	go test ./...
	@timeout 10 docker info >/dev/null 2>&1 || echo "skipped: docker, no engine answers"
	@test -d ../shared/histories || echo "skipped: recorded histories of other projects, ../shared/histories is absent"

race: ## the tests under the race detector; RACE=./runner narrows them; needs a C compiler
	CGO_ENABLED=1 go test -race $(RACE)

lint: vet ## the rules of the house, and staticcheck where it is installed
	go test ./internal/tidy
	@if command -v staticcheck >/dev/null; then staticcheck -version && staticcheck ./...; else echo "skipped: staticcheck is not installed"; fi

fuzz-smoke: ## every fuzz target for FUZZTIME=10s
	@grep -rEo --include='*_test.go' '^func Fuzz\w+' . | sed -E 's|/[^/]*_test.go:func | |' | sort | while read -r dir target; do echo "$$dir $$target" && go test "$$dir" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) || exit 1; done || { echo "fuzz-smoke: a target failed, or there is none"; exit 1; }

sim-smoke: ## SEEDS=100 simulated runs of the reference database, each judged
	@go test -list '^TestSeeds$$' ./runner | grep -x TestSeeds >/dev/null || { echo "runner has no TestSeeds: nothing would be run"; exit 1; }
	go test ./runner -count=1 -timeout 30m -run '^TestSeeds$$' -args -seeds $(SEEDS)

bench: ## every benchmark, with allocations
	go test -run '^$$' -bench . -benchmem $$(grep -rlE --include='*_test.go' '^func Benchmark' . | xargs -n1 dirname | sort -u)

docs: ## write the generated parts of docs/ anew
	go test ./internal/tidy -count=1 -run '^TestArchitecture$$' -rewrite
	go test ./runner -count=1 -run '^TestPlantedBugs$$' -args -rewrite

ci: ## what CI runs
	bash .ci/run

clean: ## remove what make built; the runs in store/ stay
	rm -rf bin
