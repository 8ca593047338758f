# plumb: `make demo` shows the main job on a real log, `make test` runs all tests. `make help` lists the rest.

PLUMB := .build/release/plumb
# For the targets of single stages: the seeds that build/NAME/summary.json is over, and the files that count as its log.
SEEDS ?= 1 2 3
LOGS ?= $(wildcard samples/* samples/*/*)
# With Swift's runtime inside, the command starts in half the time and needs no toolchain where it is installed. Apple's
# systems have the runtime themselves.
STATIC_RUNTIME := $(if $(filter Linux,$(shell uname)),--static-swift-stdlib)
# Where `make install` puts things; DESTDIR goes before it, for packages.
PREFIX ?= /usr/local
WITHOUT_FOUNDATION := Samples OrderedJSON LabelCorrection CTRModels ModelExchange FineTuning LogIngest LogSynthesis
SWIFT_SOURCES := Package.swift Sources Tests Examples/OnDevice/Package.swift Examples/OnDevice/Sources \
    Benchmarks/Kernels/Package.swift Benchmarks/Kernels/Sources/kernels

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDEXPANSION:

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-zA-Z/%._-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-34s %s\n", $$1, $$2}'

# --- Build and check ------------------------------------------------------------------------------------------------

.PHONY: deps build
deps:
	@scripts/install-dependencies

build: deps ## Build the command (release)
	swift build -c release --product plumb $(STATIC_RUNTIME)

$(PLUMB): | build ;

.PHONY: man install
man: build ## Write the manual's pages into build/man
	$(PLUMB) completions man -o build/man

install: SHARE = $(DESTDIR)$(PREFIX)/share
# As root, so that nothing is compiled here that is there.
install: ## Put the command as it was last built, completions and manual under PREFIX (/usr/local)
	@[ -x $(PLUMB) ] || $(MAKE) build
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PLUMB) $(DESTDIR)$(PREFIX)/bin/plumb
	$(PLUMB) completions bash -o $(SHARE)/bash-completion/completions
	$(PLUMB) completions zsh -o $(SHARE)/zsh/site-functions
	$(PLUMB) completions fish -o $(SHARE)/fish/vendor_completions.d
	$(PLUMB) completions man -o $(SHARE)/man/man1

.PHONY: test test-deps test-portable device-binary lint format
test: deps ## Run all tests
	swift test

test-deps: ## As root, install shells, mandoc and time zones, without which some tests are skipped
	@scripts/install-dependencies --test

test-portable: deps ## Test the device library without BLAS, and gzip by zlib
	swift test --disable-default-traits --scratch-path .build-portable \
	    --filter 'OrderedJSONTests|LabelCorrectionTests|CTRModelsTests|FineTuningTests' \
	    --filter 'LogIngestTests.GzipInflaterTests|LogIngestTests.FormatTests'
	$(MAKE) device-binary

# The device library as an app has it: without traits.
device-binary: deps
	swift build -c release --package-path Examples/OnDevice --scratch-path .build-on-device $(STATIC_RUNTIME)
	scripts/check-device-binary .build-on-device/release/on-device
	@mkdir -p build/on-device
	strip -o build/on-device/on-device .build-on-device/release/on-device

lint: ## Check formatting, docs and which modules import Foundation
	swift format lint --strict --recursive --parallel $(SWIFT_SOURCES)
	@! grep -rnE '(^|;) *(@[a-zA-Z_]+(\([^)]*\))? +)*((public|package|internal|fileprivate|private) +)?import +([a-z]+ +)?Foundation' \
	    $(WITHOUT_FOUNDATION:%=Sources/%) \
	    || { echo 'error: these modules must not import Foundation' >&2; exit 1; }

format: ## Format all sources in place
	swift format format --in-place --recursive --parallel $(SWIFT_SOURCES)

# --- The main job ---------------------------------------------------------------------------------------------------

.PHONY: demo
# A command that was built since may make other bytes under the same version.
demo: build ## Run the whole pipeline on MovieLens into build/demo
	@[ build/demo/stages.json -nt $(PLUMB) ] || rm -f build/demo/stages.json
	$(PLUMB) run pipelines/movielens.yaml -o build/demo

# A user with at least 120 samples: 100 to learn from and 20 to score.
DEVICE_USER ?= 1

.PHONY: example-on-device
example-on-device: device-binary | $(PLUMB) ## Tune the demo's model for one user by the device library: latency, memory, bytes (DEVICE_USER=1)
	@[ -e build/demo/summary.json ] || $(MAKE) demo
	$(PLUMB) inspect build/demo/store --user $(DEVICE_USER) > build/on-device/log.csv
	build/on-device/on-device build/demo/seed-1/model.safetensors build/on-device/log.csv \
	    "$$(sed -n 's/^ *"global_ctr": \([0-9.]*\),$$/\1/p' build/demo/ctr.json)" build/on-device/overlay.safetensors
	build/on-device/on-device --synthetic 20000 build/on-device/synthetic.safetensors

.PHONY: check-python
check-python: example-on-device ## Hold build/demo against pyarrow, polars, scikit-learn, safetensors and PyTorch
	scripts/check-python build/demo
	build/peers/bin/python scripts/models/check_overlay.py \
	    build/demo/seed-1/model.safetensors build/on-device/overlay.safetensors

# The same bytes must come of scores in memory and of scores that went to temporary files.
.PHONY: check-metrics
check-metrics: build ## Hold the metrics of ten million made-up predictions against scikit-learn and numpy
	@scripts/peers scripts/evaluation/requirements.txt
	@mkdir -p build/metrics
	build/peers/bin/python scripts/evaluation/make_large.py build/metrics/predictions.arrows
	$(PLUMB) evaluate build/metrics/predictions.arrows --memory 1GiB -o build/metrics/metrics.json
	$(PLUMB) evaluate build/metrics/predictions.arrows --memory 32MiB -o build/metrics/spilled.json
	cmp build/metrics/metrics.json build/metrics/spilled.json
	build/peers/bin/python scripts/evaluation/check_metrics.py --large \
	    build/metrics/predictions.arrows build/metrics/metrics.json
	rm build/metrics/predictions.arrows

.PHONY: check-report
check-report: | $(PLUMB) ## Draw build/demo and open its page in headless Chromium; pictures go to build/report
	@[ -e build/demo/summary.json ] || $(MAKE) demo
	$(PLUMB) report build/demo
	scripts/check-report build/demo/report.html build/report

# What is in build/models is not done again. AMAZON_HIN may name the archive of that data set.
.PHONY: compare-models
compare-models: build ## Train every model by plumb and by PyTorch, 3 seeds each, and write docs/models.md's table
	@scripts/peers scripts/models/requirements.txt
	@scripts/peers scripts/baseline/requirements.txt
	build/peers/bin/python scripts/baseline/compare.py $(if $(AMAZON_HIN),--amazon-hin $(AMAZON_HIN))

.PHONY: study-local-steps
study-local-steps: build ## Local steps on raw and on corrected labels, by drift and schedule: docs/finetuning.md's tables
	@scripts/peers scripts/baseline/requirements.txt
	build/peers/bin/python scripts/studies/local_steps.py

# --- The study ------------------------------------------------------------------------------------------------------

# A log like Taobao's, as far as a slice of it tells: the options are what scripts/studies/calibrate_taobao.py fits.
TAOBAO_LIKE := --rows 200000 --users 2000 --days 9 --seed 1 --global-ctr 0.101 --concentration 9.9 --activity-sigma 1.01 \
    --items 200000 --item-exponent 0.44 --categories 89
STUDY_PAGE ?= docs/STUDY.md

.PHONY: study
# As in `demo`, another build may make other bytes. AMAZON_HIN may name the archive of a data set that may not stand here: without
# it the study leaves that out and says so.
study: build ## Run pipelines/study.yaml into build/study and write docs/STUDY.md (AMAZON_HIN=PATH/amazon-hin.tar.gz)
	@mkdir -p build/study-data
	@[ build/study/record.json -nt $(PLUMB) ] || rm -f build/study/record.json build/study/data/*/stages.json
	@[ -z "$(AMAZON_HIN)" ] || ln -sfn "$(abspath $(AMAZON_HIN))" build/study-data/amazon-hin.tar.gz
	$(PLUMB) synth -q $(TAOBAO_LIKE) -o build/study-data/taobao-like.csv
	$(PLUMB) study pipelines/study.yaml -o build/study --page $(STUDY_PAGE) --progress=log

# --- Single stages, each redone only when what it reads has changed --------------------------------------------------
# `make build/movielens/ctr.json` runs pipelines/movielens.yaml up to that file.

build/%/settings/ingest.yaml build/%/settings/partition.yaml build/%/settings/train.yaml \
build/%/settings/finetune.yaml build/%/settings/evaluate.yaml: pipelines/%.yaml FORCE | $(PLUMB)
	@mkdir -p $(@D)
	@for stage in ingest partition train finetune evaluate; do \
	    $(PLUMB) $$stage --pipeline $< --print-config=values > $(@D)/$$stage.new || { rm -f $(@D)/$$stage.new; exit 1; }; \
	    cmp -s $(@D)/$$stage.new $(@D)/$$stage.yaml || mv $(@D)/$$stage.new $(@D)/$$stage.yaml; \
	    rm -f $(@D)/$$stage.new; \
	done

# Settings may also come from the environment, so they are looked at every time.
.PHONY: FORCE
FORCE:

build/%/samples.arrows build/%/vocabulary.arrows: build/%/settings/ingest.yaml $(LOGS)
	$(PLUMB) ingest --pipeline pipelines/$*.yaml --vocabulary build/$*/vocabulary.arrows -o build/$*/samples.arrows

build/%/store/manifest.json: build/%/samples.arrows build/%/settings/partition.yaml
	$(PLUMB) partition $< --pipeline pipelines/$*.yaml -o $(@D)

build/%/ctr.json: build/%/store/manifest.json
	$(PLUMB) ctr $(<D) -o $@

build/%/model.safetensors: $$(dir $$(@D))store/manifest.json $$(dir $$(@D))settings/train.yaml
	@mkdir -p $(@D)
	$(PLUMB) train $(<D) --pipeline pipelines/$(notdir $(patsubst %/,%,$(dir $(@D)))).yaml \
	    --seed $(patsubst seed-%,%,$(notdir $(@D))) -o $@

build/%/predictions.arrows: build/%/model.safetensors $$(dir $$(@D))ctr.json $$(dir $$(@D))settings/finetune.yaml
	$(PLUMB) finetune $(dir $(@D))store --ctr $(dir $(@D))ctr.json --model $< \
	    --pipeline pipelines/$(notdir $(patsubst %/,%,$(dir $(@D)))).yaml \
	    --seed $(patsubst seed-%,%,$(notdir $(@D))) -o $@

build/%/metrics.json: build/%/predictions.arrows $$(dir $$(@D))settings/evaluate.yaml
	$(PLUMB) evaluate $< --pipeline pipelines/$(notdir $(patsubst %/,%,$(dir $(@D)))).yaml -o $@

build/%/summary.json: $$(foreach seed,$(SEEDS),build/$$*/seed-$$(seed)/predictions.arrows) build/%/settings/evaluate.yaml
	$(PLUMB) evaluate $(filter %.arrows,$^) --pipeline pipelines/$*.yaml -o $@

# The log of pipelines/synth.yaml and the truth behind it. First a file and then gzip: a shell's pipe hides a failure.
build/synth/log.csv.gz: | $(PLUMB)
	@mkdir -p $(@D)
	$(PLUMB) synth --truth $(@D)/truth.csv -o $(@D)/log.csv
	gzip -n -f $(@D)/log.csv

build/synth/samples.arrows build/synth/vocabulary.arrows: build/synth/log.csv.gz

# Every one of these is worth keeping, though it is only a step on the way to another.
.PRECIOUS: build/%/settings/ingest.yaml build/%/settings/partition.yaml build/%/settings/train.yaml \
    build/%/settings/finetune.yaml build/%/settings/evaluate.yaml build/%/samples.arrows build/%/vocabulary.arrows \
    build/%/store/manifest.json \
    build/%/ctr.json build/%/model.safetensors build/%/predictions.arrows build/%/metrics.json build/%/summary.json

# --- Benchmarks -----------------------------------------------------------------------------------------------------
# Other tools beside plumb, on the same files in the same run; Benchmarks/README.md says how to read the tables.

RUNS ?= 5
THREADS ?= 2
ROWS ?= 5000000
GROWTH ?= 3

.PHONY: bench bench-ingest bench-partition bench-kernels bench-train bench-finetune bench-deps
bench: ## Run all benchmarks
	$(MAKE) bench-ingest
	$(MAKE) bench-partition
	$(MAKE) bench-kernels
	$(MAKE) bench-train
	$(MAKE) bench-finetune

bench-ingest: build bench-deps ## Time ingest beside bsdcat, polars and DuckDB (RUNS=5 THREADS=2 ROWS=5000000)
	build/peers/bin/python Benchmarks/ingest.py --runs $(RUNS) --threads $(THREADS) --rows $(ROWS)

bench-partition: build bench-deps ## Time a log's way into the store beside polars and DuckDB, and as logs grow (also GROWTH=3)
	build/peers/bin/python Benchmarks/partition.py --runs $(RUNS) --threads $(THREADS) --rows $(ROWS) --growth $(GROWTH)

bench-kernels: ## Time the kernels of the models beside OpenBLAS and libxsmm (x86-64; RUNS=5)
	@scripts/install-dependencies --bench
	swift run -c release --package-path Benchmarks/Kernels --scratch-path .build-kernels kernels $(RUNS) build/bench/kernels.json

bench-train: build bench-train-deps ## Time cloud training beside PyTorch, 1 and 2 threads (RUNS=5)
	build/peers/bin/python Benchmarks/train.py --runs $(RUNS)

bench-finetune: build bench-train-deps ## Time a model a user beside PyTorch, 1 and 2 threads (RUNS=5)
	build/peers/bin/python Benchmarks/finetune.py --runs $(RUNS)

.PHONY: bench-train-deps
bench-train-deps:
	@scripts/peers Benchmarks/train-requirements.txt

bench-deps:
	@scripts/install-dependencies --bench
	@scripts/peers Benchmarks/requirements.txt

.PHONY: clean
clean: ## Remove what was built and run
	rm -rf .build .build-portable .build-on-device .build-kernels build
