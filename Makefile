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
BUILD      ?= build

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
bench_c    := $(sort $(wildcard tests/bench/*.c))
unit_help  := $(filter-out $(unit_c),$(sort $(wildcard tests/unit/*.c)))
flows_help := $(filter-out $(flows_c),$(sort $(wildcard tests/flows/*.c))) tests/unit/check.c
all_c      := $(common_c) worker/main.c $(worker_c) $(unit_c) $(flows_c) $(fuzz_c) $(bench_c) \
              $(unit_help) $(flows_help)

unit       := $(unit_c:%.c=$(O)/%)
flows      := $(flows_c:%.c=$(O)/%)
fuzzers    := $(fuzz_c:%.c=$(O)/%)
benches    := $(bench_c:%.c=$(O)/%)

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
hardening  := -fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
              -mbranch-protection=standard -ftrivial-auto-var-init=zero

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
CFLAGS     += $(call known,$(hardening))
endif
ifdef COV
CFLAGS     += --coverage -O0
LDFLAGS    += --coverage
endif
ifdef ANALYZE
CFLAGS     += $(ANALYSIS)
endif

# common/ may use these three and nothing else; the worker adds the rest. Debian ships no .pc for libev.
pure_pc    := libcrypto jansson yaml-0.1
all_pc     := $(pure_pc) libcurl sqlite3
CPPFLAGS   += $(shell $(PKG_CONFIG) --cflags $(all_pc) 2>/dev/null)
pure_libs  := $(shell $(PKG_CONFIG) --libs $(pure_pc) 2>/dev/null || echo -lcrypto -ljansson -lyaml)
all_libs   := $(shell $(PKG_CONFIG) --libs $(all_pc) 2>/dev/null || echo -lcurl -lsqlite3 $(pure_libs)) -lev

Q          := $(if $(V),,@)
say         = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(2)')
again       = +@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

# ---- Building -------------------------------------------------------------------------------------

all: $(O)/evergold ## build the worker (the default)

$(O)/evergold: $(O)/worker/main.o $(O)/libworker.a $(O)/libcommon.a
$(flows) $(benches): $(O)/%: $(O)/%.o $(O)/libworker.a $(O)/libcommon.a
$(flows): $(flows_help:%.c=$(O)/%.o)
$(O)/evergold $(flows) $(benches):
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(all_libs)

# Linked without curl, libev and SQLite: the linker keeps common/ pure.
$(unit): $(O)/%: $(O)/%.o $(unit_help:%.c=$(O)/%.o) $(O)/libcommon.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(pure_libs)

$(fuzzers): $(O)/%: $(O)/%.o $(O)/libcommon.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(pure_libs)

$(O)/libcommon.a: $(common_c:%.c=$(O)/%.o)
$(O)/libworker.a: $(worker_c:%.c=$(O)/%.o)
$(O)/libcommon.a $(O)/libworker.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(O)/worker/%.o: CPPFLAGS += -DEVERGOLD_VERSION='"$(VERSION)"'
$(O)/%.o: %.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(all_c:%.c=$(O)/%.d)

# ---- Testing: `make unit SAN=1 T=envelope` for one program while working on it ------------------------

unit: $(if $(T),$(filter %/$(T)_test,$(unit)),$(unit)) ## run the unit tests of this profile (T=name: one of them)
	@tests/run $^

flows: $(if $(T),$(filter %/$(T)_test,$(flows)),$(flows)) ## run the flow tests of this profile (T=name: one of them)
	@tests/run $^

programs: $(O)/evergold $(unit) $(flows)

test: ## install what is missing, build, run every test
	@tests/setup test
	$(again) programs
	$(again) programs SAN=1
	@tests/run --release $(O) --sanitized $(O)/san

demo: ## install what is missing, build, show a day of releases on a local cloud
	@tests/setup demo
	$(again) all
	@EVERGOLD=$(O)/evergold $(BUILD)/venv/bin/python -m tests.demo

cloud: ## run the local AWS and Slack in the foreground
	@tests/setup demo
	@$(BUILD)/venv/bin/python -m tests.cloud

lint: ## format, analysis, include floors, purity, sizes
	@tests/setup lint
	@tests/lint/run

.PHONY: all unit flows programs test demo cloud lint
