# SPDX-License-Identifier: MIT
# A thin front end to the CMake presets. `make help` lists the targets.

MAKEFLAGS += --no-print-directory
BUILD = build
JOBS := $(shell nproc 2>/dev/null || echo 2)
PREFIX = /usr/local
PRESETS = release debug asan tsan rash statistics

export CC := $(if $(filter default,$(origin CC)),cc,$(CC))
export CXX := $(if $(filter default,$(origin CXX)),c++,$(CXX))

# $(call configure,preset) and $(call build,preset,target…); OPTIONS are for
# cmake, as OPTIONS='-DCMAKE_COMPILE_WARNING_AS_ERROR=ON -DSWEEPSTAKES_ONLY=gen,rc'
configure = cmake --preset $(1) -B $(BUILD)/$(1) $(OPTIONS) >/dev/null
build = $(configure) && cmake --build $(BUILD)/$(1) -j $(JOBS) $(2:%=--target %)

# $(call campaign,preset): runs a campaign, compares its results and writes the
# report, which ends with a summary and the path of the page. If a run failed,
# the target fails too, but only at the end: a failed run is a result. That a heap
# was full (4) is no failure: `rc` leaks cycles.
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
$(SWEEPSTAKES) report $$to; test $$code -eq 4 || exit $$code
endef

.PHONY: help bench bench-full min-heaps micro test coverage soak mutants fuzz fuzz-afl \
  check format install clean setup $(PRESETS) $(PRESETS:%=test-%)

help:
	@sed -n 's/^## //p' Makefile

## make bench       install missing packages, build, run a quick campaign,
##                  compare its results and write the report
bench: setup
	@echo "Building; about two minutes the first time."
	@$(call build,release,programs)
	@echo "Racing for five minutes; then come the results."
	$(call campaign,quick)

## make bench-full  the same with the default campaign; takes hours
bench-full: setup
	@$(call build,release,programs)
	$(call campaign,default)

## make min-heaps   find the smallest heaps of workloads/min_heaps.csv anew;
##                  SIZES='quick default', HEAP_TIMEOUT=300 seconds for a run
SIZES = quick default
HEAP_TIMEOUT = 300
min-heaps: setup
	$(call build,release,programs)
	@set -e; new=$(BUILD)/min_heaps.csv; \
	echo workload,params,threads,min_heap_bytes >$$new; \
	for size in $(SIZES); do \
	  $(SWEEPSTAKES) min-heap --size=$$size --threads=1,2 --format=csv \
	    --timeout=$(HEAP_TIMEOUT) --results=$(RESULTS) >$$new.$$size; \
	  tr -d '\r' <$$new.$$size | sed 1d | cut -d, -f 1-3,5 >>$$new; \
	done; mv $$new workloads/min_heaps.csv

## make micro       the micro-benchmarks, each against its yardstick
micro: setup
	$(call build,release,programs)
	@for runner in $(BUILD)/release/sweepstakes-*; do \
	  test ! -x $$runner || $$runner --micro || exit; echo; done

## make test        install missing packages, build, run all tests
test: test-release

## make test-PRESET the same in another build: debug asan tsan rash statistics;
##                  ONLY='^rc/' runs only matching tests, SKIP='stress=1|^cli/'
##                  skips matching tests; FOLDERS='rc gen' builds only the tests
##                  in these folders of tests/
$(PRESETS:%=test-%): test-%:
	cmake/setup.sh test
	$(call build,$*,$(FOLDERS:%=tests-%))
	ctest --test-dir $(BUILD)/$* -j $(JOBS) --output-on-failure \
	  --no-tests=error $(if $(ONLY),-R '$(ONLY)') $(if $(SKIP),-E '$(SKIP)')

## make coverage    run all tests in a coverage build; print for each file how
##                  much of it they execute
coverage:
	cmake/setup.sh coverage
	$(call build,coverage)
	tests/house/coverage.sh $(BUILD)/coverage

## make soak        run random workloads with verification on all collectors,
##                  8 threads, for SECONDS=1200
soak: SECONDS = 1200
soak: setup
	$(call build,release)
	tests/stress/soak.sh $(BUILD)/release $(SECONDS)

## make fuzz        run random programs from libFuzzer, or with make fuzz-afl
##                  from AFL++; COLLECTOR=gen SECONDS=60; see docs/fuzzing.md
fuzz fuzz-afl: COLLECTOR = gen
fuzz fuzz-afl: SECONDS = 60
fuzz:
	cmake/setup.sh ci
	$(call build,fuzz,fuzz-$(COLLECTOR))
	tests/fuzz/fuzz.sh libfuzzer $(BUILD)/fuzz $(COLLECTOR) $(SECONDS)
fuzz-afl:
	cmake/setup.sh ci
	@command -v afl-clang-fast >/dev/null || \
	  { echo "AFL++ is missing: apt-get install afl++" >&2; exit 6; }
	cmake --preset release -B $(BUILD)/afl \
	  -D CMAKE_C_COMPILER=afl-clang-fast >/dev/null
	cmake --build $(BUILD)/afl -j $(JOBS) --target test-fuzz-main-$(COLLECTOR)
	tests/fuzz/fuzz.sh afl $(BUILD)/afl $(COLLECTOR) $(SECONDS)

## make mutants     check that a test fails for every bug in tests/mutants
mutants:
	cmake/setup.sh test
	tests/mutants/mutants.sh $(abspath $(BUILD))/mutants

## make PRESET      build only: release debug asan tsan rash statistics
$(PRESETS): setup
	$(call build,$@)

## make check       formatting, exported symbols, includes, Notes, code index
check:
	cmake/setup.sh test
	$(call build,release,programs)
	ctest --test-dir $(BUILD)/release -L '^house$$' --output-on-failure \
	  --no-tests=error

## make format      format the code with clang-format
format:
	cmake/setup.sh test
	tests/house/format.sh . -i

## make install     the release build, to PREFIX=/usr/local
install: setup
	$(call build,release,installed)
	cmake --install $(BUILD)/release --prefix $(PREFIX)

## make clean       remove all builds
clean:
	rm -rf build

setup:
	@cmake/setup.sh build
