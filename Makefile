# evergold: one Makefile for everything, no configure step. `make help` lists the targets.
#
# Profiles are variables, each with a build directory of its own, and they combine:
#   SAN=1      AddressSanitizer and UndefinedBehaviorSanitizer
#   FUZZ=1     libFuzzer instrumentation (needs CC=clang)
#   COV=1      coverage counters
#   ANALYZE=1  gcc's -fanalyzer
#   STRICT=1   warnings are errors
#   CC=clang   the other compiler
# V=1 shows the commands; BUILD=dir moves the build directory.

VERSION    := 0.1.0

ifeq ($(origin CC),default)
CC         := gcc
endif
AR         ?= ar
PKG_CONFIG ?= pkg-config
PREFIX     ?= /usr
SYSCONFDIR ?= /etc
MANDIR     ?= $(PREFIX)/share/man
DOCDIR     ?= $(PREFIX)/share/doc/evergold
BUILD      ?= build
VENV       := build/venv
ENGINE     ?= $(firstword $(notdir $(shell command -v docker podman)))
FUZZ_PROFILE ?= short
FUZZ_SECONDS ?= $(if $(filter long,$(FUZZ_PROFILE)),1800,60)
SEEDS      ?= 1-20
MESSAGES   ?= 1000000
CASES      ?= 100000

# Where this profile builds: build/ itself for gcc's release, build/clang-san and the like for others.
is_clang   := $(findstring clang,$(notdir $(CC)))
space      := $(subst ,, )
profile    := $(subst $(space),-,$(strip $(if $(is_clang),clang) $(if $(SAN),san) $(if $(FUZZ),fuzz) \
              $(if $(COV),cov) $(if $(ANALYZE),analyze) $(if $(STRICT),strict)))
O          := $(BUILD)$(if $(profile),/$(profile))

# ---- What there is --------------------------------------------------------------------------------

common_c   := $(sort $(wildcard common/*.c common/*/*.c))
worker_c   := $(sort $(wildcard worker/*/*.c))
unit_c     := $(sort $(wildcard tests/unit/*_test.c))
flows_c    := $(sort $(wildcard tests/flows/*_test.c))
fuzz_c     := $(sort $(wildcard tests/fuzz/*_fuzz.c))
power_c    := $(filter-out %/shim.c,$(sort $(wildcard tests/power/*.c)))
tools_c    := $(sort $(wildcard tests/tools/*.c))
bench_c    := $(sort $(wildcard tests/bench/*.c))
bench_py   := $(sort $(wildcard tests/bench/*_bench.py))
unit_help  := $(filter-out $(unit_c),$(sort $(wildcard tests/unit/*.c)))
flows_http := tests/flows/fetching.c
flows_help := $(filter-out $(flows_c) $(flows_http),$(sort $(wildcard tests/flows/*.c))) \
              tests/unit/check.c
all_c      := $(common_c) worker/main.c $(worker_c) $(unit_c) $(flows_c) $(fuzz_c) $(tools_c) \
              $(bench_c) $(power_c) tests/power/shim.c $(unit_help) $(flows_help) $(flows_http) tests/fuzz/seeds.c

unit       := $(unit_c:%.c=$(O)/%)
flows      := $(flows_c:%.c=$(O)/%)
callers_c  := $(filter tests/tools/aws_% tests/tools/zone_%,$(tools_c))
tools      := $(patsubst %.c,$(O)/%,$(filter-out $(callers_c),$(tools_c)))
callers    := $(callers_c:%.c=$(O)/%)
fuzzers    := $(fuzz_c:%.c=$(O)/%)
benches    := $(bench_c:%.c=$(O)/%)
crashes    := $(O)/tests/power/crashes
shim       := $(O)/tests/power/shim.so

# ---- Flags: ask for everything, keep what this compiler knows ---------------------------------------

# $(call known,FLAGS): those that the compiler accepts; its complaints name the others in quotes.
known       = $(filter-out $(shell LC_ALL=C $(CC) -Werror $(1) -x c -c -o /dev/null - </dev/null 2>&1 | \
              sed -n "s/^[^']*'\(-[^']*\)'.*/\1/p"),$(1))

warnings   := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual \
              -Wcast-align -Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes \
              -Wold-style-definition -Wformat=2 -Wundef -Wvla -Walloca -Wnull-dereference \
              -Wdouble-promotion -Wfloat-equal -Wswitch-enum -Wimplicit-fallthrough \
              -Wredundant-decls -Wunused-macros
gcc_only   := -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wformat-signedness \
              -Wformat-overflow=2 -Wformat-truncation=2 -Wjump-misses-init -Wtrampolines \
              -Wbidi-chars=any -Wuse-after-free=3 -Wdangling-pointer=2 -Walloc-zero
clang_only := -Wmissing-variable-declarations -Wcomma -Wassign-enum -Wconditional-uninitialized \
              -Wunreachable-code-aggressive -Wextra-semi-stmt
# The folder of the build stays out of debug information, so that the same sources give the same bytes.
anywhere   := -ffile-prefix-map=$(CURDIR)=.
hardening  := -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero \
              $(if $(filter x86_64% i%86%,$(shell $(CC) -dumpmachine)),-fcf-protection=full,-mbranch-protection=standard)

WARNINGS   := $(call known,$(warnings) $(if $(is_clang),$(clang_only),$(gcc_only))) $(if $(STRICT),-Werror)
SANITIZE   := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
ANALYSIS   := -fanalyzer

CPPFLAGS   += -I. -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE
CFLAGS     ?= -O2 -g
CFLAGS     += -std=c17 -fno-common -fPIE $(WARNINGS)
LDFLAGS    += -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--as-needed
ifneq ($(SAN)$(FUZZ),)
CFLAGS     += $(SANITIZE) $(if $(FUZZ),-fsanitize=fuzzer-no-link)
LDFLAGS    += $(SANITIZE)
else
CPPFLAGS   += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
CFLAGS     += $(call known,$(hardening) $(if $(COV),,$(anywhere)))
endif
ifdef COV
CFLAGS     += --coverage -O0 $(call known,-Wno-format-truncation) # -O0 knows no ranges
LDFLAGS    += --coverage
endif
ifdef ANALYZE
CFLAGS     += $(ANALYSIS)
endif

# common/ may use these four and nothing else; the worker adds the rest. Debian ships no .pc for libev.
pure_pc    := libcrypto jansson yaml-0.1 expat
all_pc     := $(pure_pc) libcurl sqlite3 libseccomp
CPPFLAGS   += $(shell $(PKG_CONFIG) --cflags $(all_pc) 2>/dev/null)
pure_libs  := $(shell $(PKG_CONFIG) --libs $(pure_pc) 2>/dev/null || echo -lcrypto -ljansson -lyaml -lexpat)
all_libs   := $(shell $(PKG_CONFIG) --libs $(all_pc) 2>/dev/null || echo -lcurl -lsqlite3 -lseccomp $(pure_libs)) -lev

Q          := $(if $(V),,@)
say         = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(2)')
again       = +@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

# ---- Building -------------------------------------------------------------------------------------

all: $(O)/evergold ## build the worker (the default)

.SECONDEXPANSION:
$(O)/evergold: $(O)/worker/main.o $(O)/libworker.a $(O)/libcommon.a
$(flows) $(benches) $(callers) $(crashes): $(O)/%: $(O)/%.o $(O)/libworker.a $(O)/libcommon.a
$(flows) $(crashes): $(flows_help:%.c=$(O)/%.o)
$(crashes): $(power_c:%.c=$(O)/%.o)
$(O)/tests/flows/certificates_test $(O)/tests/flows/certificate_store_test: $(flows_http:%.c=$(O)/%.o)
$(O)/evergold $(flows) $(benches) $(callers) $(crashes):
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(all_libs)

# Linked without curl, libev and SQLite: the linker keeps common/ pure.
$(unit) $(O)/tests/tools/slack_message: $(unit_help:%.c=$(O)/%.o)
$(unit) $(tools): $(O)/%: $(O)/%.o $(O)/libcommon.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(pure_libs)

# libFuzzer drives a fuzz target with FUZZ=1; otherwise the seeds do, so that every profile runs it.
fuzz_main   = $(if $(FUZZ),,$(O)/tests/fuzz/seeds.o $(O)/tests/unit/check.o)
$(fuzzers): $(O)/%: $(O)/%.o $(O)/libcommon.a $$(fuzz_main)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(if $(FUZZ),-fsanitize=fuzzer) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(pure_libs)

# For LD_PRELOAD, and linked into nothing.
$(shim): tests/power/shim.c Makefile
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -shared -fPIC -std=c17 -O2 $(WARNINGS) -o $@ $<

$(O)/libcommon.a: $(common_c:%.c=$(O)/%.o)
$(O)/libworker.a: $(worker_c:%.c=$(O)/%.o)
$(O)/libcommon.a $(O)/libworker.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcsD $@ $^

$(O)/worker/%.o: CPPFLAGS += -DEVERGOLD_VERSION='"$(VERSION)"'
# The sanitizers' runtime makes system calls of its own; nothing else differs.
$(O)/worker/adapters/confinement_calls.o $(O)/tests/flows/confinement_test.o: CPPFLAGS += $(if $(SAN),-DSANITIZED)
$(O)/%.o: %.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(all_c:%.c=$(O)/%.d)

# ---- Testing: `make unit SAN=1 T=envelope` runs one program while working on it ----------------------

chosen      = $(if $(T),$(filter %/$(T)_test %/$(T)_fuzz %/$(T)_bench %/$(T)_bench.py,$(1)),$(1))
suites     := $(sort $(dir $(wildcard tests/*/*_test.py tests/*/test_*.py)))
san        := $(BUILD)/$(if $(is_clang),clang-)san
sanitized  := $(patsubst %.c,$(san)/%,$(unit_c) $(flows_c) $(fuzz_c))
worker_env  = EVERGOLD=$(abspath $(san)/evergold) EVERGOLD_RELEASE=$(abspath $(O)/evergold) \
              EVERGOLD_TOOLS=$(abspath $(san)/tests/tools) EVERGOLD_SHIM=$(abspath $(shim))

programs: $(O)/evergold $(unit) $(flows) $(fuzzers) $(tools) $(callers) $(benches) $(crashes)

unit: $(call chosen,$(unit)) ## run this profile's unit tests; T=name runs one program
	@tests/run $^

flows: $(call chosen,$(flows)) ## run this profile's flow tests; T=name runs one program
	@tests/run $^

test: ## install what is missing, build, run every test
	@tests/setup test
	$(again) all $(unit) $(crashes) $(shim)
	$(again) programs SAN=1
	@$(worker_env) tests/run $(unit) $(sanitized) $(crashes) $(suites)

hostile: ## show every hostile case to the gate and, in a network of its own, to the worker
	@tests/setup test
	$(again) all
	$(again) $(san)/evergold $(san)/tests/unit/hostile_test SAN=1
	@sed -n '/^| id/,$$p' docs/hostile.md
	@rm -f $(BUILD)/hostile.figures; $(worker_env) EVERGOLD_FIGURES=$(abspath $(BUILD))/hostile.figures \
		tests/run tests/hostile/; status=$$?; cat $(BUILD)/hostile.figures; exit $$status

faults: ## run the worker through seeds of faults and kills; SEEDS=1-1000, SEED_JOBS=n at a time
	@tests/setup test
	$(again) $(O)/evergold
	@EVERGOLD=$(abspath $(O)/evergold) $(VENV)/bin/python -m tests.faults $(SEEDS) \
		--keep $(BUILD)/faults $(if $(SEED_JOBS),--jobs $(SEED_JOBS))

crashes: ## cut the power at each statement, request and write of a day; CRASH_JOBS=n at a time
	@tests/setup test
	$(again) $(O)/evergold $(crashes) $(shim)
	@status=0; EVERGOLD_OUTAGES=all $(worker_env) tests/run tests/power/ || status=1; \
	$(crashes) all $(or $(CRASH_JOBS),$(shell nproc)) || status=1; exit $$status

soak: ## MESSAGES (a million) through the worker: does its memory stay as it is?
	@tests/setup test
	$(again) $(O)/evergold
	@EVERGOLD=$(abspath $(O)/evergold) $(VENV)/bin/python -m tests.soak $(MESSAGES)

differential: ## ask our gate and one in Python about CASES=1000000 changed messages; FIRST=seed
	@tests/setup test
	$(again) $(O)/tests/tools/gate_verdict
	@EVERGOLD_TOOLS=$(abspath $(O)/tests/tools) $(VENV)/bin/python -m tests.differential.gate $(CASES) \
		$(if $(FIRST),--first $(FIRST)) --keep $(BUILD)/differential

reliability: ## run every trial of docs/reliability.md and print its figures; TRIALS="faults soak" runs some
	@tests/setup test
	@$(VENV)/bin/python -m tests.reliability $(TRIALS)

demo: ## install what is missing, build, show a day of releases on a local cloud
	@tests/setup demo
	$(again) all
	@EVERGOLD=$(abspath $(O)/evergold) $(VENV)/bin/python -m tests.demo

cloud: ## run the local AWS and Slack in the foreground
	@tests/setup demo
	@$(VENV)/bin/python -m tests.cloud --port 4566 --dir $(BUILD)/cloud

pictures: ## draw the Slack messages of the README into docs/slack, with Chromium
	@$(VENV)/bin/python -m tests.messages

reproducible: ## build the release twice, in two places, and compare the bytes
	@tests/setup build
	@tests/supply/reproducible $(BUILD)/reproducible

fuzz: ## fuzz every target for FUZZ_SECONDS (60; with FUZZ_PROFILE=long 1800); T=name one
	@tests/setup fuzz
	$(again) CC=clang FUZZ=1 fuzzers
	@tests/fuzz/run --seconds $(FUZZ_SECONDS) --work $(BUILD)/corpus \
		$(or $(addprefix $(BUILD)/clang-fuzz/tests/fuzz/,$(notdir $(call chosen,$(fuzzers)))), \
		$(error nothing to fuzz))

corpus: ## keep what fuzzing has found, as little as covers it, in tests/fuzz/corpus; T=name one
	$(again) CC=clang FUZZ=1 fuzzers
	@tests/fuzz/run --keep --work $(BUILD)/corpus \
		$(addprefix $(BUILD)/clang-fuzz/tests/fuzz/,$(notdir $(call chosen,$(fuzzers))))

fuzzers: $(fuzzers)

bench: ## measure; T=name runs one benchmark
	@tests/setup demo
	$(again) all $(benches)
	$(Q)for bench in $(or $(call chosen,$(filter %_bench,$(benches)) $(bench_py)),$(error nothing to measure)); do \
		case $$bench in *.py) run="$(VENV)/bin/python $$bench" ;; *) run=$$bench ;; esac; \
		EVERGOLD=$(abspath $(O)/evergold) PYTHONPATH=. $$run || exit 1; \
	done

coverage: ## branches that the unit tests take in common/, and the flow tests in worker/
	@tests/setup lint
	$(again) CC=gcc COV=1 $(patsubst %.c,$(BUILD)/cov/%,$(unit_c) $(flows_c))
	@$(VENV)/bin/python -m tests.coverage $(BUILD)/cov

# ---- Checking -------------------------------------------------------------------------------------

lint: ## format, analysis, include floors, purity, sizes, spelling
	@tests/setup lint
	+@BUILD=$(BUILD) tests/lint/run

counted: $(unit)

analyzed: $(patsubst %.c,$(O)/%.o,$(common_c) $(worker_c) $(wildcard worker/main.c))

# One stamp a file: clang-tidy runs again only where the file, a header of it or the rules changed.
tidy: $(patsubst %.c,$(O)/%.tidy,$(common_c) $(worker_c) $(wildcard worker/main.c))
$(O)/%.tidy: $(O)/%.o .clang-tidy
	$(call say,TIDY,$*.c)
	$(Q)clang-tidy --quiet $*.c -- $(CPPFLAGS) -DEVERGOLD_VERSION='""' -std=c17 2>$@.log || \
		{ cat $@.log; exit 1; }
	@touch $@

format: ## lay out all C files as .clang-format says
	@tests/setup lint
	@$(VENV)/bin/python tests/lint/rulers.py $(sort $(all_c))
	$(Q)$(VENV)/bin/clang-format -i $(sort $(all_c) $(shell find common worker tests -name '*.h'))

# ---- Shipping -------------------------------------------------------------------------------------

install: all $(wildcard $(O)/evergold.spdx.json) ## install program and example configuration (PREFIX, SYSCONFDIR, DESTDIR)
	install -D -m 755 $(O)/evergold $(DESTDIR)$(PREFIX)/bin/evergold
	install -D -m 644 evergold.example.yaml $(DESTDIR)$(SYSCONFDIR)/evergold/evergold.example.yaml
	$(foreach page,$(wildcard docs/*.[1-8]),install -D -m 644 $(page) \
		$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page));)
	$(foreach list,$(wildcard $(O)/evergold.spdx.json),install -D -m 644 $(list) \
		$(DESTDIR)$(DOCDIR)/$(notdir $(list)))

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/evergold $(DESTDIR)$(SYSCONFDIR)/evergold/evergold.example.yaml \
		$(DESTDIR)$(DOCDIR)/evergold.spdx.json
	rm -f $(foreach page,$(wildcard docs/*.[1-8]),\
		$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))

sbom: $(O)/evergold.spdx.json ## list what the program is made of, in evergold.spdx.json beside it

# Always made anew, as the libraries may be others than last time.
$(O)/evergold.spdx.json: all
	@python3 tests/supply/sbom.py $(O)/evergold $(VERSION) >$@.part && mv $@.part $@

image: ## build the container image evergold with ENGINE (docker or podman)
	$(ENGINE) build -f deploy/container/Dockerfile -t evergold:$(VERSION) -t evergold:latest .

clean: ## remove what was built; the Python tools stay
	rm -rf $(filter-out $(VENV),$(wildcard $(BUILD)/*))

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | sort | awk -F'\t' '{ printf "  %-12s %s\n", $$1, $$2 }'
	@echo; sed -n '3,11s/^# \{0,1\}//p' Makefile

.PHONY: all programs unit flows test hostile faults crashes differential soak reliability demo cloud \
	pictures reproducible fuzz corpus fuzzers bench coverage lint counted analyzed tidy format install \
	uninstall sbom image clean help
.SECONDARY:
