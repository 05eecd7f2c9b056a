# Every target is one line that also works by hand; `make` alone lists them.

VERSION   := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
SEEDS     ?= 100
FIRST     ?= 1
FUZZTIME  ?= 10s
RACE      ?= ./...
ROWS      ?= all
NIGHTLY   ?= 10000000
RELEASE   ?= bookworm
SHELL     := /bin/bash -o pipefail

.DEFAULT_GOAL := help
.PHONY: help build vet test race lint fuzz-smoke sim-smoke sim-soak invariants nightly bench bench-linear bench-sim bench-txn oracle bench-all docs hermitage base-image ci clean

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
	CGO_ENABLED=1 go test -race -short -timeout 20m $(RACE)

lint: vet ## the rules of the house, and staticcheck where it is installed
	go test ./internal/tidy
	@if command -v staticcheck >/dev/null; then staticcheck -version && staticcheck ./...; else echo "skipped: staticcheck is not installed"; fi

fuzz-smoke: ## every fuzz target for FUZZTIME=10s
	@grep -rEo --include='*_test.go' '^func Fuzz\w+' . | sed -E 's|/[^/]*_test.go:func | |' | sort | while read -r dir target; do echo "$$dir $$target" && go test "$$dir" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) || exit 1; done || { echo "fuzz-smoke: a target failed, or there is none"; exit 1; }

sim-smoke: ## SEEDS=100 simulated runs of the reference database over all its configurations, each judged
	@go test -list '^TestSeeds$$' ./runner | grep -x TestSeeds >/dev/null || { echo "runner has no TestSeeds: nothing would be run"; exit 1; }
	go test ./runner -count=1 -timeout 30m -run '^TestSeeds$$' -args -seeds $(SEEDS)

sim-soak: ## the same for long: SEEDS=10000 from FIRST=1 on; stops at nothing and names what was not valid
	go test ./runner -count=1 -timeout 24h -run '^TestSeeds$$' -args -seeds $(SEEDS) -first-seed $(FIRST)

FIGURES := go test -run '^$$' -count 3

invariants: ## the reference database, and SEEDS=100 simulated runs, with invariants that cost too much to be always there
	go test -tags invariants ./targets/refdb
	go test -tags invariants ./runner -count=1 -timeout 60m -run '^TestSeeds$$' -args -seeds $(SEEDS)

nightly: ## NIGHTLY=10000000 fresh random histories: the method of each data type against every order, search and Porcupine
	go test ./check/linear -count=1 -timeout 24h -run '^TestMethods$$' -v -args -histories $(NIGHTLY) -first-seed $$(date +%s)0000

BENCH_SIM := $(FIGURES) -cpu 1 -benchtime 30x -bench '^BenchmarkTransactions$$' ./runner

bench-sim: ## how fast a run of transactions is simulated and judged, and what a transaction costs; half a minute
	@{ $(BENCH_SIM); } 2>&1 | go run ./internal/figures

bench: ## the figures that are promised, beside their goals and peers; three minutes
	@{ $(FIGURES) -cpu 1 -bench '^BenchmarkRun$$' ./runner; \
	$(BENCH_SIM); \
	$(FIGURES) -bench '^BenchmarkInterpreter$$' ./runner; \
	$(FIGURES) -bench '^BenchmarkGossip$$' ./sim; \
	$(FIGURES) -bench '^Benchmark(Read|Peer|Write)$$' ./history; \
	CHECKER_LINEAR_HUGE=1 $(FIGURES) -benchtime 1x -bench '^BenchmarkRegister$$/^ops=10000000$$' ./check/linear; \
	$(FIGURES) -bench '^BenchmarkSearch$$/^ops=10000$$/^clients=10$$' ./check/linear; \
	$(FIGURES) -bench '^BenchmarkObserve$$' ./check/consensus; } 2>&1 | go run ./internal/figures

bench-linear: ## checks of single objects beside Porcupine, four minutes; ROWS=set,mutex narrows them
	go test ./check/linear -count=1 -timeout 60m -run '^TestTable$$' -v -args -table '$(ROWS)' | grep '^|'

bench-txn: ## checks of up to ten million transactions beside Elle's and AWDIT's figures, two minutes; ROWS=lists/1M narrows them
	go test ./check/txn -count=1 -timeout 60m -run '^TestTable$$' -v -args -table $(ROWS) | grep '^|'

oracle: ## a million random histories of transactions, judged by check/txn and by brute force, twenty minutes
	go test ./check/txn -count=1 -timeout 60m -run '^TestTheOracleAgrees$$' -v -args -oracle 1000000

bench-all: ## every benchmark, with allocations
	go test -run '^$$' -bench . -benchmem $$(grep -rlE --include='*_test.go' '^func Benchmark' . | xargs -n1 dirname | sort -u)

docs: ## write the generated parts of docs/ anew
	go test ./internal/tidy -count=1 -run '^TestArchitecture$$' -rewrite
	go test ./cli -count=1 -run '^Test(Anomalies|Consistency)Page$$' -args -rewrite
	go test ./workloads/gen -count=1 -run '^TestPage$$' -rewrite
	go test ./runner -count=1 -run '^TestPlantedBugs$$' -args -rewrite

hermitage: ## write docs/hermitage.md anew, from real servers; needs a Docker engine and the base image
	go test ./targets/postgres ./targets/mariadb -count=1 -run '^TestServer$$' -args -rewrite

BASE_IMAGE := debian:bookworm-slim

base-image: ## the base of images of packages, made of Debian packages where no registry can be reached; as root, with mmdebstrap
	@if docker image inspect $(BASE_IMAGE) >/dev/null 2>&1; then echo "$(BASE_IMAGE) is there"; else \
	temp=$$(mktemp -d) && trap 'rm -rf "$$temp"' EXIT && \
	mmdebstrap --mode=root --variant=minbase bookworm "$$temp/base.tar" && docker import "$$temp/base.tar" $(BASE_IMAGE); fi

.PHONY: arm64 clock-arm64

arm64: ## vet what differs by architecture: the agent, which moves clocks
	GOARCH=arm64 go vet ./nemesis/agent

clock-arm64: ## move clocks on arm64, in an emulator with Debian's kernel, two minutes; RELEASE=bookworm; as root, with mmdebstrap, cpio and qemu-system-arm
	sh nemesis/agent/vdso/emulate.sh $(RELEASE)

.PHONY: bugs-in-containers track-record track-record-short screenshots

screenshots: build ## the pictures under docs/ anew, of real runs; needs Chromium and ../shared/histories
	@made=$$(mktemp -d); trap 'kill $$serving; rm -rf "$$made"' EXIT; \
	for bug in stale-leader-read lease-trusts-skewed-wall-clock retry-applied-twice reads-take-no-locks decision-log-lost; do \
		bin/checker run --quiet --out "$$made/store" --name $$bug --bug $$bug --seed 1; done; \
	bin/checker campaign --quiet --out "$$made/store" --name stale-reads --bug stale-leader-read --seeds 1-4; \
	bin/checker check --quiet --report "$$made/elle-paper.html" -m list-append ../shared/histories/elle/paper-example.edn; \
	bin/checker serve --address 127.0.0.1:8119 "$$made/store" & serving=$$!; \
	go test ./reports -count=1 -run '^TestScreenshots$$' -args -screenshots "$$made" -served 127.0.0.1:8119

bugs-in-containers: ## planted bugs found on real nodes, half an hour
	go test ./runner -count=1 -timeout 2h -run '^TestBugsInContainers$$' -v -args -containers

track-record: build ## published anomalies found again in containers, an hour, and docs/track-record.md from what came out
	bin/checker campaign --matrix track-record --jobs 1 --stop-on-anomaly --resume; code=$$?; [ $$code -le 2 ] || exit $$code
	go test ./campaign -count=1 -run '^TestTrackRecord$$' -args -record ../store/campaign-track-record

track-record-short: build ## the same in minutes: the anomalies that need no fault, and 30 s of the databases that must stay silent when killed and cut off
	out=$$(mktemp -d) && \
	bin/checker campaign --matrix track-record --out "$$out" --name anomalies --nemesis none --stop-on-anomaly && \
	bin/checker campaign --matrix track-record --out "$$out" --name silence --nemesis kill+partition --time-limit 30s && \
	rm -rf "$$out"

ci: ## what CI runs
	bash .ci/run

clean: ## remove what make built; the runs in store/ stay
	rm -rf bin
