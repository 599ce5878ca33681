# squall: `make help` lists the targets.
.PHONY: help build run test test-long selftest lint docs cross bench images clean
.DEFAULT_GOAL := help

# .ci/run makes it go test -json, which gotestsum reads.
GOTEST ?= go test

# What takes longest has a name that begins so: `make test` leaves it out, `make
# test-long` runs nothing else, and `go test ./...` runs both. ci_test.go
# lists these tests.
LONG := ^TestLong

# With the race detector; one package at a time, since the load in one test would
# disturb what another measures.
TESTFLAGS := -race -p 1 -timeout 25m

PACKAGES ?= ./...
VERSION = $(shell git describe --tags --always --dirty 2>/dev/null)
PLATFORMS ?= linux/amd64 linux/arm64 darwin/amd64 darwin/arm64

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/squall, which knows its version
	go build -ldflags '-X main.stamp=$(VERSION)' -o bin/squall ./cmd/squall

run: ## run the main scenario end to end and print where its report is
	go run ./cmd/squall run consumer-kill

test: ## run the tests (with RabbitMQ and MariaDB, where an engine has the images)
	go build -race ./...
	$(GOTEST) $(TESTFLAGS) -skip '$(LONG)' $(PACKAGES)

test-long: ## run the tests that take longest, which make test leaves out
	$(GOTEST) $(TESTFLAGS) -run '$(LONG)' $(PACKAGES)

selftest: ## prove that the audit catches what it promises to (two minutes)
	go run ./cmd/squall selftest

lint: ## check format, vet, staticcheck, unhandled errors and module files
	.ci/lint

docs: ## write the pages that are made from the code (docs/faults.md)
	mkdir -p bin
	go run ./cmd/squall list faults --markdown >bin/faults.md
	mv bin/faults.md docs/faults.md

cross: ## build, vet and compile the tests for Linux and macOS, amd64 and arm64
	.ci/cross $(PLATFORMS)

bench: ## run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

images: ## build the images of RabbitMQ and MariaDB from Debian packages
	sh sim/backend/images/build.sh

clean: ## remove what earlier runs left (containers, binaries); run directories stay
	-go run ./cmd/squall clean
	rm -rf bin
