.DEFAULT_GOAL := help

# Everything runs on the Node.js that package.json names: `npm run` puts it first in PATH.
installed := node_modules/.package-lock.json

$(installed): package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# As `npm run local`, but not through npm, which answers Ctrl-C with exit code 130 whatever its child
# says. The small young generation keeps a cluster of 500 machines at 315 MB instead of 450 MB.
run-examples := node_modules/.bin/node --max-semi-space-size=4 hack/local/main.ts --apply=examples --timeline=127.0.0.1:0

.PHONY: help run test test-real e2e images bench format generate verify release-manifests clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# On a terminal the cluster gets a process group of its own (-m): Ctrl-C then reaches it and not make,
# which would otherwise call it a failure.
run: $(installed) ## Start the embedded cluster and the controller with examples/, and watch them
	@if [ -t 0 ]; then bash -mc '$(run-examples); exit $$?'; else $(run-examples); fi

test: $(installed) ## Format, lint, types, unit and integration tests
	@npm run --silent test

test-real: $(installed) ## The same stories, and more, on real control planes
	@npm run --silent test:real

e2e: $(installed) ## The user's journey on a cluster that runs containers: yours, kind, or this machine's own
	@npm run --silent test:e2e

# BASE: an image with Node.js 24 and npm; debian: made from Debian's packages, with buildah.
images: $(installed) ## Build the images with docker, podman or buildah: [BASE=…] [TAG=dev] [PREFIX=REGISTRY/PATH]
	@node_modules/.bin/node hack/images/main.ts $(if $(BASE),--base='$(BASE)') $(if $(TAG),--tag='$(TAG)') \
		$(if $(PREFIX),--prefix='$(PREFIX)')

bench: $(installed) ## A short run of all benchmarks; fails where a budget is missed by a factor of 3
	@npm run --silent test:bench

format: $(installed) ## Rewrite files as `make test` wants them
	@npm run --silent format

generate: $(installed) ## Rewrite the files that come from code
	@npm run --silent generate

verify: $(installed) ## Fail where these files are not what the code says
	@npm run --silent generate -- --check

# The images are pushed before: CONTROLLER_DIGEST, HOLLOW_NODE_DIGEST and FAULT_PROXY_DIGEST (sha256:…) pin them,
# PREFIX says where they are.
release-manifests: $(installed) ## Write dist/: install.yaml of VERSION=v0.1.0, clusterctl's files, checksums
	@node_modules/.bin/node hack/release/main.ts --version='$(VERSION)' \
		--controller-digest='$(CONTROLLER_DIGEST)' --hollow-node-digest='$(HOLLOW_NODE_DIGEST)' \
		--fault-proxy-digest='$(FAULT_PROXY_DIGEST)' $(if $(PREFIX),--prefix='$(PREFIX)')

clean: ## Remove what was installed and built
	rm -rf node_modules coverage dist
