#!/bin/sh
# Compiles shift.c to shift_amd64.bin and shift_arm64.bin. It needs gcc and binutils
# for both: Debian's gcc and gcc-aarch64-linux-gnu.
set -eu
cd "$(dirname "$0")"
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

compile() {
	arch=$1 tools=$2
	shift 2
	"$tools-gcc" -c -O2 -Wall -fPIC -fno-stack-protector -fno-asynchronous-unwind-tables -fno-builtin \
		"$@" -o "$temp/$arch.o" shift.c
	"$tools-ld" -T shift.lds -o "$temp/$arch.elf" "$temp/$arch.o"
	"$tools-objcopy" -O binary -j .blob "$temp/$arch.elf" "shift_$arch.bin"
	chmod 644 "shift_$arch.bin"
}

compile amd64 x86_64-linux-gnu -fcf-protection=none -mno-sse -mno-red-zone
# The tiny model, as others take the page of an address, which is not known here.
compile arm64 aarch64-linux-gnu -mcmodel=tiny -mgeneral-regs-only -mbranch-protection=none -ffixed-x18
