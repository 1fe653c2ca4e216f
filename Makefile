.DEFAULT_GOAL := help

# Everything runs on the Node.js that package.json names; npm puts it first in PATH.
installed := node_modules/.package-lock.json

$(installed): package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
