#!/bin/sh
# Moves clocks on arm64: boots Debian's kernel for it in an emulator and runs the
# tests of the injector there, on a processor that signs return addresses and on one
# that does not. Two minutes, after a download of 60 MB. As root; needs Debian's
# mmdebstrap, cpio and qemu-system-arm. An argument is the release of Debian whose
# kernel it is, bookworm if there is none.
set -eu
cd "$(dirname "$0")/.."
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

root=$temp/root
mmdebstrap --quiet --mode=root --architectures=arm64 --variant=extract \
	--include=linux-image-cloud-arm64,busybox-static,perl "${1:-bookworm}" "$root"
mv "$root"/boot/vmlinuz-* "$temp/kernel"
for merged in bin sbin lib; do # packages of later releases leave these links to another
	[ -e "$root/$merged" ] || ln -s "usr/$merged" "$root/$merged"
done
rm -rf "$root"/boot "$root"/lib/modules "$root"/usr/share/doc "$root"/var
GOARCH=arm64 CGO_ENABLED=0 go test -c -o "$root/agent.test" .
cat >"$root/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys
/bin/busybox mount -t proc proc /proc
PATH=/usr/bin:/bin /agent.test -test.v -test.count 5 -test.run '^Test(Injector|Shift|A64)' && echo every clock moved
/bin/busybox poweroff -f
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc) | gzip -1 >"$temp/initrd"

for processor in cortex-a72 max; do
	echo "arm64 on $processor"
	timeout 300 qemu-system-aarch64 -M virt -cpu "$processor" -smp 2 -m 1024 -display none -serial stdio -monitor none \
		-no-reboot -kernel "$temp/kernel" -initrd "$temp/initrd" -append 'console=ttyAMA0 quiet panic=-1' </dev/null |
		tr -d '\r' | tee "$temp/said"
	grep -q '^every clock moved' "$temp/said"
done
