# Thin twins of run.py, for those who type make. ARGS goes through: make test ARGS="-k ledger"
PYTHON ?= python3

.PHONY: run test lab
run:
	$(PYTHON) run.py $(ARGS)
test:
	$(PYTHON) run.py test $(ARGS)
lab:
	$(PYTHON) run.py lab $(ARGS)
