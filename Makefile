# Thin twins of run.py and of the benchmarks, for those who type make. ARGS goes through: make test ARGS="-k ledger"
PYTHON ?= python3

.PHONY: run test lab bench bench-peers
run:
	$(PYTHON) run.py $(ARGS)
test:
	$(PYTHON) run.py test $(ARGS)
lab:
	$(PYTHON) run.py lab $(ARGS)
# the environment's Python: .venv after the first run, or what PYTHON names
BENCH = $(if $(wildcard .venv/bin/python),.venv/bin/python,$(PYTHON))
bench:
	$(BENCH) benchmarks/goals.py $(ARGS)
bench-peers:
	$(BENCH) benchmarks/peers.py $(ARGS)
