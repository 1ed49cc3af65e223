# SPDX-License-Identifier: Apache-2.0
# The front door. Meson builds (build/ is an ordinary Meson build folder); each target installs what it needs first.
# SKIP_PACKAGES=1 leaves the packages of this system alone.
BUILD = build
NINJA = ninja -C $(BUILD) --quiet
NEED = @test -n "$(SKIP_PACKAGES)" || tools/install-packages

.PHONY: all demo check bench fuzz install format clean
.SILENT:

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	$(NEED) build
	meson setup $(BUILD) >/dev/null || { cat $(BUILD)/meson-logs/meson-log.txt; exit 1; }

# A machine with nothing on it, from power-on to a shell. FIRMWARE=bios (default) or uefi.
demo:
	$(NEED) build demo
	$(MAKE) --no-print-directory $(BUILD)/build.ninja
	$(NINJA) muster
	tools/demo $(FIRMWARE)

# Every test. CHECK="…" passes options on: see tools/check --help.
check:
	$(NEED) build test
	tools/check $(CHECK)

# Every figure, beside a peer. BENCH="boot …" runs those named.
bench:
	$(NEED) build bench
	$(MAKE) --no-print-directory $(BUILD)/build.ninja
	$(NINJA)
	tools/bench $(BENCH)

# Every fuzz target for FUZZ_SECONDS each (60).
fuzz:
	$(NEED) build fuzz
	tools/fuzz $(FUZZ)

install: all
	meson install -C $(BUILD) --no-rebuild

format:
	$(NEED) format
	git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	rm -rf $(BUILD) $(BUILD)-*
