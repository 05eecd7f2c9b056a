#!/bin/sh
# Compiles shift.c to shift_amd64.bin. It needs gcc and binutils for x86-64.
set -eu
cd "$(dirname "$0")"
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
gcc -c -O2 -Wall -fPIC -fcf-protection=none -mno-sse -mno-red-zone -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-builtin -o "$temp/shift.o" shift.c
ld -T shift.lds -o "$temp/shift.elf" "$temp/shift.o"
objcopy -O binary -j .blob "$temp/shift.elf" shift_amd64.bin
