# Everything a person does here. `make` alone shows this list. The work is done in scripts/.

# The first Python that is new enough; make PYTHON=/path/to/python3 names one.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
DEV = @$(if $(PYTHON),$(PYTHON) -m scripts.dev,echo "Python 3.11 or newer is needed: install it, on Debian with apt install python3." >&2; exit 1;)

.DEFAULT_GOAL := help
.PHONY: help run reset client check generate test test-fast test-long chaos failures bench bench-app screenshots lock manage

help: ## show this list
	$(DEV) help
run: ## set everything up and start the system on http://127.0.0.1:8000 (PORT=8100 changes it)
	$(DEV) run
reset: ## forget the demo's data: the next make run starts fresh
	$(DEV) reset
client: ## build the app's client anew
	$(DEV) client
check: ## lint, types, imports, migrations, generated files: reports every failure
	$(DEV) check
generate: ## write anew what is generated: API description, client types, state diagram
	$(DEV) generate
test: ## all checks and all tests; installs what they need (about 20 minutes)
	$(DEV) test
test-fast: ## tests without a browser, within a minute
	$(DEV) test-fast
test-long: ## all tests, with the property tests walking much further and the long chaos
	$(DEV) test-long
chaos: ## everything fails at once, three ledgers must agree: make chaos ARGS="--long --seed 1a2b3c4d"
	$(DEV) python tests.chaos $(ARGS)
failures: ## what the system must survive, the tests of each and how they ended last
	$(DEV) python scripts.failures
bench: ## measure; the figures go into docs/benchmarks.md
	$(DEV) python bench --write
bench-app: client ## measure how fast the app answers a hand, on a phone four times slower than this machine
	$(DEV) python bench.app --write
screenshots: ## take the pictures of the documentation anew
	$(DEV) python tests.browser.screenshots
lock: ## compile the requirements anew, with hashes
	$(DEV) lock
manage: ## any command of Django: make manage ARGS="showmigrations"
	$(DEV) manage $(ARGS)
