# SPDX-License-Identifier: MIT
# A thin front over the CMake presets. `make help` says what there is.

MAKEFLAGS += --no-print-directory
BUILD = build
JOBS := $(shell nproc 2>/dev/null || echo 2)
PREFIX = /usr/local
PRESETS = release debug asan tsan rash statistics

export CC := $(if $(filter default,$(origin CC)),cc,$(CC))
export CXX := $(if $(filter default,$(origin CXX)),c++,$(CXX))

# $(call configure,preset) and $(call build,preset,target…)
configure = cmake --preset $(1) -B $(BUILD)/$(1) >/dev/null
build = $(configure) && cmake --build $(BUILD)/$(1) -j $(JOBS) $(2:%=--target %)

# $(call campaign,preset): runs it, then compares, draws and reports. A run that
# went wrong fails it, but at the end: its row is a result.
SWEEPSTAKES = $(BUILD)/release/sweepstakes
CAMPAIGN := $(shell date -u +%Y%m%dT%H%M%SZ)
RESULTS = results
define campaign
@$(SWEEPSTAKES) run --preset=$(1) --results=$(RESULTS) --campaign=$(CAMPAIGN); \
code=$$?; case $$code in 0 | 1 | 4 | 8 | 9) ;; *) exit $$code ;; esac; \
set -e; to="--results=$(RESULTS) --campaign=$(CAMPAIGN)"; echo; \
$(SWEEPSTAKES) compare $$to; echo; \
$(SWEEPSTAKES) compare $$to --format=csv \
  >$(RESULTS)/$(CAMPAIGN)/summary.csv; \
$(SWEEPSTAKES) report $$to; exit $$code
endef

.PHONY: help bench bench-full micro test coverage soak mutants fuzz fuzz-afl \
  check format install clean setup $(PRESETS) $(PRESETS:%=test-%)

help:
	@sed -n 's/^## //p' Makefile

## make bench       install what is missing, build, run a quick campaign;
##                  compare, draw and report it
bench: setup
	$(call build,release,programs)
	$(call campaign,quick)

## make bench-full  the same with the default campaign: hours
bench-full: setup
	$(call build,release,programs)
	$(call campaign,default)

## make micro       the micro-benchmarks, each against its yardstick
micro: setup
	$(call build,release,programs)
	@for runner in $(BUILD)/release/sweepstakes-*; do \
	  test ! -x $$runner || $$runner --micro || exit; echo; done

## make test        install what is missing, build, run every test
test: test-release

## make test-PRESET the same in another build: debug asan tsan rash statistics;
##                  ONLY='^rc/' takes what matches alone, SKIP='stress=1|^cli/'
##                  leaves out what matches
$(PRESETS:%=test-%): test-%:
	cmake/setup.sh test
	$(call build,$*)
	ctest --test-dir $(BUILD)/$* -j $(JOBS) --output-on-failure \
	  --no-tests=error $(if $(ONLY),-R '$(ONLY)') $(if $(SKIP),-E '$(SKIP)')

## make coverage    run the suite in a build that counts lines; print which
##                  share of each file it comes to
coverage:
	cmake/setup.sh coverage
	$(call build,coverage)
	tests/house/coverage.sh $(BUILD)/coverage

## make soak        all collectors, workloads at random, 8 threads, verified;
##                  SECONDS=1200 says how long
soak: SECONDS = 1200
soak: setup
	$(call build,release)
	tests/stress/soak.sh $(BUILD)/release $(SECONDS)

## make fuzz        random programs, by libFuzzer or, with make fuzz-afl, AFL++;
##                  COLLECTOR=gen SECONDS=60; see docs/fuzzing.md
fuzz fuzz-afl: COLLECTOR = gen
fuzz fuzz-afl: SECONDS = 60
fuzz:
	cmake/setup.sh ci
	$(call build,fuzz,fuzz-$(COLLECTOR))
	tests/fuzz/fuzz.sh libfuzzer $(BUILD)/fuzz $(COLLECTOR) $(SECONDS)
fuzz-afl:
	cmake/setup.sh ci
	@command -v afl-clang-fast >/dev/null || \
	  { echo "Missing: AFL++ (apt-get install afl++)" >&2; exit 6; }
	cmake --preset release -B $(BUILD)/afl \
	  -D CMAKE_C_COMPILER=afl-clang-fast >/dev/null
	cmake --build $(BUILD)/afl -j $(JOBS) --target test-fuzz-main-$(COLLECTOR)
	tests/fuzz/fuzz.sh afl $(BUILD)/afl $(COLLECTOR) $(SECONDS)

## make mutants     is every seeded bug in tests/mutants noticed?
mutants:
	cmake/setup.sh test
	tests/mutants/mutants.sh $(abspath $(BUILD))/mutants

## make PRESET      only build: release debug asan tsan rash statistics
$(PRESETS): setup
	$(call build,$@)

## make check       formatting, exported symbols, includes, Notes, code index
check:
	cmake/setup.sh test
	$(call build,release,programs)
	ctest --test-dir $(BUILD)/release -L '^house$$' --output-on-failure \
	  --no-tests=error

## make format      write the code as clang-format would
format:
	cmake/setup.sh test
	tests/house/format.sh . -i

## make install     the release build, to PREFIX=/usr/local
install: setup
	$(call build,release,programs)
	cmake --install $(BUILD)/release --prefix $(PREFIX)

## make clean       take all builds away
clean:
	rm -rf build

setup:
	@cmake/setup.sh build
