# squall: `make help` lists the targets.
.PHONY: help build run test selftest lint docs cross bench images clean
.DEFAULT_GOAL := help

VERSION = $(shell git describe --tags --always --dirty 2>/dev/null)
PLATFORMS ?= linux/amd64 linux/arm64 darwin/amd64 darwin/arm64

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/squall, which knows its version
	go build -ldflags '-X main.stamp=$(VERSION)' -o bin/squall ./cmd/squall

run: ## run the main scenario end to end and print where its report is
	go run ./cmd/squall run consumer-kill

# One package at a time: a storm in one test would measure the load of another.
test: ## run all tests (container suites too, where an engine has the images)
	go build -race ./...
	go test -race -p 1 -timeout 25m ./...

selftest: ## prove that the audit catches what it promises to (two minutes)
	go run ./cmd/squall selftest

lint: ## check format, vet, staticcheck, unhandled errors and module files
	.ci/lint

docs: ## write the pages that are made from the code (docs/faults.md)
	go test ./cmd/squall -count 1 -run '^TestFaultsPage$$' -update

cross: ## build, vet and compile the tests for Linux and macOS, amd64 and arm64
	.ci/cross $(PLATFORMS)

bench: ## run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

images: ## build the images of RabbitMQ and MariaDB from Debian packages
	sh sim/backend/images/build.sh

clean: ## remove what earlier runs left (containers, binaries); run directories stay
	-go run ./cmd/squall clean
	rm -rf bin
