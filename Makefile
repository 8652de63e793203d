# `make run` serves the studio, `make test` and `make check` prove it, `make bench` measures it.
# The first call of each makes .venv and installs what it needs; later calls start at once.

PORT ?= 8501
VENV := .venv
PYTHON := $(VENV)/bin/python
RUN_READY := $(VENV)/.ready-run
DEV_READY := $(VENV)/.ready-dev
BENCH_READY := $(VENV)/.ready-bench
CODE := core ui pages Home.py serve.py
# make bench ONLY="training kills"; QUICK=1 tries whether they work; DATA=FOLDER is handwriting to read; TORCH=1 brings
# PyTorch for its example; OUT=FOLDER is where bench.md and bench.json go.
OUT ?= artifacts/bench
BENCH := $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick) $(if $(DATA),--data "$(DATA)") --out "$(OUT)"

.PHONY: run test check bench clean

run: $(RUN_READY)
	@$(PYTHON) -m compileall -q $(CODE)
	@echo "Digit Studio: http://localhost:$(PORT) (pages) and http://localhost:$(PORT)/api/v1/docs (REST)"
	@exec $(PYTHON) -m streamlit run serve.py --server.port $(PORT) --server.headless true

test: $(DEV_READY)
	@$(PYTHON) -m compileall -q $(CODE)
	@$(PYTHON) -m pytest

check: $(DEV_READY)
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@$(PYTHON) -m pytest tests/test_architecture.py

bench: $(if $(TORCH),$(BENCH_READY),$(DEV_READY))
	@$(PYTHON) -m compileall -q $(CODE) benchmarks
	@$(PYTHON) -m benchmarks $(BENCH)

clean:
	rm -rf $(VENV)

$(PYTHON): tools/make_venv.sh
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || sh tools/make_venv.sh $(VENV)
	@touch -h $(PYTHON)

# Bytecode is compiled here because some systems never write it by themselves, and TensorFlow then takes 10 s longer to
# import, at every training.
$(RUN_READY): requirements.txt | $(PYTHON)
	@echo "Installing what Digit Studio needs into $(VENV) (about 2.5 GB; some minutes) ..."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(PYTHON) -m compileall -q -j 0 $(VENV)/lib || true
	@touch $@

$(DEV_READY): requirements-dev.txt $(RUN_READY)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(PYTHON) -m compileall -q -j 0 $(VENV)/lib || true
	@touch $@

$(BENCH_READY): requirements-bench.txt $(DEV_READY)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@
