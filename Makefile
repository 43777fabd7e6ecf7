# KATO Live. Two commands do everything: `make run` and `make check`. The rest is for whoever works on it.
#   make run DEMO=kato, make run DEMO=diagnostics: bundled recordings, to look around
#   make all lint vendor-check screenshots cover fuzz bench bench-quick install uninstall deb clean      SAN=1: with ASan and UBSan      BUILD=dir: elsewhere

VERSION := $(shell cat VERSION)
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
DOCDIR ?= $(DATADIR)/doc/kato-live
SHARE ?= $(DATADIR)/kato-live
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
BASHCOMPDIR ?= $(DATADIR)/bash-completion/completions
ZSHCOMPDIR ?= $(DATADIR)/zsh/site-functions
ifeq ($(origin CC),default)
CC = gcc
endif
CFLAGS ?= -O2 -g
WARN = -std=c11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla $(WERROR)
WERROR ?= -Werror
BUILD ?= build$(if $(SAN),-san)$(if $(COV),-cov)
ifdef SAN
SANFLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
COVFLAGS = $(if $(COV),--coverage -O0,-ffile-prefix-map=$(CURDIR)=.)
override CPPFLAGS += -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -I. $(shell pkg-config --cflags libcjson 2>/dev/null)
export BUILD
JOBS := -j$(shell nproc 2>/dev/null || echo 2)

# Each tool: its rooms (beside lib/) and the libraries it links.
TOOLS = kato-metrics docker-stats session-watch http-poll prom-services healthd alertd broadcaster katoctl
COLLECTOR = collectors/emit collectors/every collectors/http collectors/round collectors/source
kato-metrics = $(addprefix collectors/,kato-metrics reading metrics errorrate katoapi plain) $(COLLECTOR)
kato-metrics_LIBS = libcurl
docker-stats = $(addprefix collectors/,docker-stats dockerset cycle watch docker rosterline roster picks sample container) $(COLLECTOR)
docker-stats_LIBS = libcurl
session-watch = $(addprefix collectors/,session-watch sessionset sessionkeeper sessionmem sessions count hint seen trail coverage katoevents katoeventscall katoapi plain) $(COLLECTOR)
session-watch_LIBS = libcurl libwebsockets
http-poll = $(addprefix collectors/,http-poll document headerfile plain revalidate weburl) $(COLLECTOR)
http-poll_LIBS = libcurl
prom-services = $(addprefix collectors/,prom-services promrecords promasks promanswer promgroups promplan promexpr prommetrics document headerfile plain weburl) $(COLLECTOR)
prom-services_LIBS = libcurl
alertd = $(basename $(wildcard alertd/*.c))
healthd = $(basename $(wildcard healthd/*.c))
broadcaster = $(basename $(wildcard broadcaster/*.c))
broadcaster_LIBS = libwebsockets zlib libjwt openssl
katoctl = $(basename $(wildcard katoctl/*.c))
katoctl_LIBS = libwebsockets libjwt openssl
wsclient_LIBS = openssl

BUILT = $(foreach t,$(TOOLS),$(if $(wildcard $(addsuffix .c,$(firstword $($(t))))),$(t)))
LIB = $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*.c))
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
FUZZ = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH = $(BUILD)/bench/load $(BUILD)/bench/floor
HELPERS = $(patsubst tests/tools/%.c,$(BUILD)/tools/%,$(wildcard tests/tools/*.c))
objects = $(patsubst %,$(BUILD)/%.o,$($(1)))

all: $(addprefix $(BUILD)/bin/,$(BUILT))

$(BUILD)/alertd/builtin.o: share/alerts.conf
$(BUILD)/collectors/prommetrics.o: share/prom-metrics.conf
$(BUILD)/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(WARN) $(CFLAGS) $(SANFLAGS) $(COVFLAGS) -MMD -MP -c -o $@ $<

# Where make install puts what is not a program is known to this one file.
$(BUILD)/lib/share.o: override CPPFLAGS += -DSHAREDIR='"$(SHARE)"'
$(BUILD)/lib/share.o: $(BUILD)/share.dir
$(BUILD)/share.dir: always
	@mkdir -p $(@D)
	@echo '$(SHARE)' | cmp -s - $@ || echo '$(SHARE)' >$@

$(BUILD)/libkato.a: $(LIB)
	@rm -f $@
	ar rcs $@ $^

define tool
$(BUILD)/bin/$(1): $(call objects,$(1)) $(BUILD)/libkato.a
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(SANFLAGS) $$(COVFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(shell pkg-config --libs libcjson $$($(1)_LIBS)) -lm
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))

# A unit test links the module it is named for, and lib/. Those that need a second pure module say so here.
dialects = $(basename $(wildcard broadcaster/dialect_*.c))
module = $(filter-out lib/%,$(basename $(wildcard */$(1).c)))
test_outq_WITH = broadcaster/frame
test_auth_WITH = $(addprefix broadcaster/,bearer claims grant topics)
test_dialect_WITH = $(dialects)
test_auth_LIBS = libjwt openssl
test_grant_WITH = broadcaster/topics
test_request_WITH = $(dialects) broadcaster/dialect broadcaster/topics
test_topics_WITH = broadcaster/topicset
test_subject_WITH = $(dialects) $(addprefix broadcaster/,dialect topics topicset)
test_compose_WITH = $(dialects) $(addprefix broadcaster/,dialect listing shape state topics topicset)
test_hub_WITH = $(dialects) $(addprefix broadcaster/,answer audience client compose deflate dialect elements frame grant history listing message news newsform outq pass request shape state stats subject subscribe topics topicset update)
test_hub_LIBS = zlib
test_hubqueues_WITH = broadcaster/hub $(test_hub_WITH)
test_hubqueues_LIBS = zlib
test_deflate_WITH = broadcaster/frame
test_deflate_LIBS = zlib
test_series_WITH = $(addprefix broadcaster/,grant topics track)
test_promtext_WITH = broadcaster/state broadcaster/stats
test_replycache_WITH = broadcaster/reply
test_refusal_WITH = $(dialects) broadcaster/dialect broadcaster/reply
test_alias_WITH = broadcaster/dialect $(dialects) broadcaster/query
test_condition_WITH = broadcaster/state
test_pageconf_WITH = broadcaster/access
test_metrics_WITH = collectors/errorrate
test_sessions_WITH = $(addprefix collectors/,hint seen trail)
test_rules_WITH = alertd/rulewords alertd/text
test_promanswer_WITH = collectors/plain
test_promplan_WITH = collectors/promexpr
test_promgroups_WITH = $(addprefix collectors/,promplan promexpr)
test_windowtext_WITH = healthd/window
test_healthrules_WITH = $(addprefix healthd/,window baseline)
test_derive_WITH = $(addprefix healthd/,deriveout traffic healthmemory healthrules things window windowtext baseline)
test_roster_WITH = $(addprefix collectors/,rosterline picks sample container)
test_memory_WITH = $(addprefix alertd/,cooldown judge pick recall rules rulewords sight silence tell text)
test_sessionmem_WITH = $(addprefix collectors/,hint seen sessions trail)
test_echo_WITH = katoctl/hop
test_judge_WITH = $(addprefix alertd/,cooldown pick rules rulewords sight silence tell text)
module_files = $(addsuffix .c,$(call module,$(1)) $(test_$(1)_WITH))
module_objects = $(addprefix $(BUILD)/,$(addsuffix .o,$(basename $(call module_files,$(1)))))
.SECONDARY:
.SECONDEXPANSION:
$(BUILD)/unit/test_%: tests/unit/test_%.c $$(call module_objects,$$*) $(BUILD)/libkato.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/unit $(WARN) $(CFLAGS) $(SANFLAGS) $(COVFLAGS) -MMD -MP -o $@ $(filter-out %.h,$^) $(shell pkg-config --libs libcjson $(test_$*_LIBS)) -lm

$(BUILD)/tools/%: tests/tools/%.c $(BUILD)/libkato.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(WARN) $(CFLAGS) $(SANFLAGS) $(COVFLAGS) -MMD -MP -o $@ $(filter-out %.h,$^) $(if $($(@F)_LIBS),$(shell pkg-config --libs $($(@F)_LIBS))) -lm

# What measures: a crowd of clients, and the least a server can do.
load = $(addprefix tests/bench/,load crowd crowdframes crowdopen feeder ledger)
floor = $(addprefix tests/bench/,floor sha1)
$(BUILD)/bench/%: $$(call objects,$$*) $(BUILD)/libkato.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANFLAGS) $(COVFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs zlib) -lm

# Fuzz targets: with libFuzzer in build-fuzz/, and over the kept corpus in every `make check`.
FUZZCC = clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
build-fuzz/fuzz_%: tests/fuzz/fuzz_%.c $$(call module_files,$$*) $(wildcard lib/*.c)
	@mkdir -p $(@D)
	$(FUZZCC) $(CPPFLAGS) -std=c11 -o $@ $(filter %.c,$^) $(shell pkg-config --libs libcjson $(test_$*_LIBS)) -lm
$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/corpus_main.c $$(call module_objects,$$*) $(BUILD)/libkato.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(WARN) $(CFLAGS) $(SANFLAGS) $(COVFLAGS) -MMD -MP -o $@ $(filter-out %.h,$^) $(shell pkg-config --libs libcjson $(test_$*_LIBS)) -lm

run:
	@tests/tools/need run
	@$(MAKE) --no-print-directory -s $(JOBS) all
	@exec $(BUILD)/bin/katoctl run $(if $(DEMO),--demo $(if $(filter-out kato,$(DEMO)),--config share/pipeline-$(DEMO).conf))

check:
	@tests/tools/need check
	@tests/tools/need-npm
	@$(MAKE) --no-print-directory -s $(JOBS) all unit
	@tests/run $(T)

unit: $(UNIT) $(addprefix $(BUILD)/fuzz/,$(FUZZ)) $(HELPERS) $(BENCH)

lint:
	@tests/tools/need lint
	@tests/tools/need-npm
	@tests/tools/lint

# The page's library against what its author published.
vendor-check:
	@tests/tools/need check
	@tests/tools/vendor-check

# Each page, light, dark and on a phone, into build/screenshots.
screenshots:
	@tests/tools/need check
	@tests/tools/need-npm
	@$(MAKE) --no-print-directory -s $(JOBS) all
	@node tests/tools/screenshots.mjs $(BUILD)/screenshots

cover:
	@tests/tools/need check
	@tests/tools/need-npm
	@$(MAKE) --no-print-directory -s $(JOBS) COV=1 all unit
	@COV=1 BUILD=build-cov tests/run $(T)
	@gcovr --root . --exclude 'tests/.*' build-cov | tail -n 60

FUZZ_SECONDS ?= 30
fuzz:
	@tests/tools/need lint
	@$(MAKE) --no-print-directory -s $(addprefix build-fuzz/,$(FUZZ))
	@set -e; for f in $(FUZZ); do echo "$$f"; mkdir -p build-fuzz/new/$$f; \
	  build-fuzz/$$f -max_total_time=$(FUZZ_SECONDS) -verbosity=0 -print_final_stats=1 -artifact_prefix=build-fuzz/ \
	  build-fuzz/new/$$f tests/fuzz/corpus/$$f; done

bench: all unit $(BENCH)
	@for b in tests/bench/bench-*; do "$$b"; done

# The broadcaster alone, in under three minutes. tests/bench/bench-broadcaster ROW measures one row; build it with this first.
bench-quick: all $(BENCH)
	@tests/bench/bench-broadcaster quick

# What goes where, a line a file; tests/tools/put-files keeps the list, so uninstall takes away just that. /etc and /var
# are the administrator's: nothing there is overwritten or taken away.
UNITS = $(notdir $(wildcard $(addprefix systemd/*.,service socket target)))
DROPINS = $(patsubst systemd/%,%,$(wildcard systemd/*.d/*.conf))
SHARED = $(patsubst share/%,%,$(wildcard $(addprefix share/,*.* dashboard/*.* dashboard/vendor/* react/*.* demo/* nginx/* schema/* systemd/*)))
define what
$(foreach t,$(BUILT),0755 $(BUILD)/bin/$(t) $(BINDIR)/$(t)
)$(foreach m,$(wildcard man/*.[1-8]),0644 $(m) $(MANDIR)/man$(subst .,,$(suffix $(m)))/$(notdir $(m))
)$(foreach f,$(SHARED),0644 share/$(f) $(SHARE)/$(f)
)$(foreach u,$(filter-out sysusers.d/%,$(UNITS) $(DROPINS)),0644 $(BUILD)/systemd/$(u) $(UNITDIR)/$(u)
)$(foreach u,$(filter sysusers.d/%,$(DROPINS)),0644 systemd/$(u) $(SYSUSERSDIR)/$(notdir $(u))
)$(foreach f,README.md NEWS.md LICENSE,0644 $(f) $(DOCDIR)/$(f)
)0644 share/completions/kato-live.bash $(BASHCOMPDIR)/katoctl
$(foreach t,$(filter-out katoctl,$(TOOLS)),link katoctl $(BASHCOMPDIR)/$(t)
)0644 share/completions/_kato-live $(ZSHCOMPDIR)/_kato-live
keep share/kato-live.env $(SYSCONFDIR)/kato-live/kato-live.env
endef
export what

$(BUILD)/systemd/%: systemd/% always
	@mkdir -p $(@D)
	sed 's|@BINDIR@|$(BINDIR)|g; s|@SHARE@|$(SHARE)|g; s|@SYSCONFDIR@|$(SYSCONFDIR)|g' $< >$@

install: all $(addprefix $(BUILD)/systemd/,$(filter-out sysusers.d/%,$(UNITS) $(DROPINS)))
	@printf '%s\n' "$$what" | tests/tools/put-files '$(DESTDIR)' $(SHARE)/installed

uninstall:
	@tests/tools/put-files --remove '$(DESTDIR)' $(SHARE)/installed
	@for d in $(SYSCONFDIR)/kato-live $(addprefix /var/lib/,kato-live kato-collector private/kato-live private/kato-collector); do \
	  [ ! -e '$(DESTDIR)'$$d ] || echo "left as it is: $(DESTDIR)$$d"; done

deb:
	@tests/tools/need deb
	@tests/tools/make-deb

clean:
	rm -rf build build-san build-cov build-fuzz

.PHONY: all run check unit lint vendor-check screenshots cover fuzz bench bench-quick install uninstall deb clean always
-include $(shell find $(BUILD) -name '*.d' -type f 2>/dev/null)
