# squall: `make help` lists the targets.
.PHONY: help run test selftest lint cross bench images clean
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## run the main scenario end to end and print where its report is
	go run ./cmd/squall run consumer-kill

# One package at a time: a storm in one test would measure the load of another.
test: ## run all tests (container suites too, where an engine has the images)
	go build -race ./...
	go test -race -p 1 -timeout 25m ./...

selftest: ## prove that the audit catches what it promises to (two minutes)
	go run ./cmd/squall selftest

lint: ## check format, vet and module files
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...
	go mod verify

cross: ## build, vet and compile the tests for Linux and macOS, amd64 and arm64
	@set -e; for os in linux darwin; do for arch in amd64 arm64; do \
		echo "$$os/$$arch"; export CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch; \
		go build -o /dev/null ./...; go vet ./...; go test -exec true ./... >/dev/null; \
	done; done

bench: ## run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

images: ## build the images of RabbitMQ and MariaDB from Debian packages
	sh sim/backing/images/build.sh

clean: ## remove what earlier runs left (containers, binaries); run directories stay
	-go run ./cmd/squall clean
	rm -rf bin
