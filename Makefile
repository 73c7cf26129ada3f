# make test       the whole suite; installs what it needs (real Asterisk included on Debian as root)
# make bench      the benchmarks, all in one run
# make fuzz       every fuzz test for FUZZTIME (default 60s)
# make generate   the generated parts of docs/

FUZZTIME ?= 60s

.PHONY: build test bench fuzz generate
build:
	go build -o ivrd ./cmd/ivrd

test:
	sh test/run.sh

bench:
	sh test/bench.sh

fuzz:
	sh test/fuzz.sh $(FUZZTIME)

generate:
	go run ./cmd/ivrd api > docs/reference.md
	go run ./cmd/ivrd api --stubs > docs/ivrd.d.lua
	go run ./cmd/ivrd api --backends > docs/backends.md
