# Each target says what it does: make help. Long logic lives in scripts/.
PYTHON := .venv/bin/python
export PYTHON
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help demo demo-once demo-bureau demo-bureau-once test check quick lint bench torture pbx playbooks hosts setup production release lock clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 26

demo: ## a whole office and headquarters, with phones that really call; ends on Ctrl-C
	@scripts/setup.sh demo
	@$(PYTHON) -m asterisk.root
	@$(PYTHON) -m demo

demo-once: ## the same unattended: five calls and a report; fails if anything is missing
	@scripts/setup.sh demo
	@$(PYTHON) -m asterisk.root
	@$(PYTHON) -m demo --once

demo-bureau: ## headquarters and three offices, each with its own Asterisk; ends on Ctrl-C
	@scripts/setup.sh demo
	@$(PYTHON) -m asterisk.root
	@$(PYTHON) -m demo --offices 3

demo-bureau-once: ## the same unattended: five calls in each office and a report; fails if anything is missing
	@scripts/setup.sh demo
	@$(PYTHON) -m asterisk.root
	@$(PYTHON) -m demo --offices 3 --once

test: setup ## set up all, then lint and every test (about 20 minutes on 2 processors)
	@$(MAKE) --no-print-directory --jobs=2 lint pbx playbooks
	@scripts/test.sh

check: setup ## lint and beside it, since mypy keeps one processor only, the quick tests
	@$(MAKE) --no-print-directory --jobs=2 lint quick

quick: setup ## the quick tests: no browser, no Asterisk, nothing thorough
	@scripts/test.sh --quick

lint: setup ## ruff, mypy --strict and the arrows between the packages
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	.venv/bin/lint-imports & arrows=$$!; $(PYTHON) -m mypy && wait $$arrows

bench: setup pbx ## the benchmarks, each a table
	@$(PYTHON) -m bench

torture: setup ## a thousand random kills, every fault of link and disk, a day's backlog (about 30 minutes)
	@$(PYTHON) -m tests.torture $(TORTURE)

playbooks: ## check the playbooks: ansible-lint at profile production, the example's inventory
	@scripts/ansible.sh ansible-lint --config-file .ansible-lint --offline --nocolor -q .
	@scripts/ansible.sh ansible-playbook --inventory inventory.example/hosts.yml --syntax-check $(notdir $(wildcard ansible/*.yml)) >/dev/null

hosts: setup ## boot headquarters and two offices, deploy them, call, upgrade under load (root; about 15 minutes)
	@scripts/setup.sh hosts
	@$(PYTHON) -m tests.hosts $(HOSTS)

pbx: setup ## find an Asterisk 22.10.1 or newer, or make a root with one under .runtime
	@$(PYTHON) -m asterisk.root

setup: ## install what is missing: Debian packages, .venv, the browser's scripts
	@scripts/setup.sh

production: ## install what a node or headquarters needs, and nothing of development
	@scripts/setup.sh production

release: setup ## an archive of this version with all that a machine needs, in .runtime/release
	@$(PYTHON) -m releases.build

lock: ## renew the hash-locked lists of Python packages from pyproject.toml (needs uv)
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) --all-extras -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(COMPILE) ansible/requirements.in -o ansible/requirements.lock

clean: ## remove all that was made here
	rm -rf .venv .venv-ansible .runtime node_modules web/static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find web -name '*.mo' -delete
