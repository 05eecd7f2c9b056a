//go:build linux

package agent

import (
	_ "embed"
	"encoding/binary"
	"fmt"
)

//go:embed vdso/shift_arm64.bin
var blobA64 []byte

// a64 is arm64, whose vDSO has no function that tells seconds alone.
var a64 = machine{
	blob: blobA64,
	functions: map[string]uint32{
		"__kernel_clock_gettime": atClockGettime, "__kernel_gettimeofday": atGettimeofday,
	},
	divert:   divertA64,
	relocate: relocateA64,
}

// Instructions that a function may begin with, since a guarded call must find one of
// them, and those that take a signature off the return address again.
const (
	btiC    = 0xd503245f
	btiJC   = 0xd50324df
	paciasp = 0xd503233f
	pacibsp = 0xd503237f
	autiasp = 0xd50323bf
	autibsp = 0xd50323ff
)

// instA64 is the size of an instruction.
const instA64 = 4

// divertA64 writes a branch over the first instruction of a function, or over the
// second, where the first one is where a guarded call may land.
func divertA64(image []byte, function, to uint64) (diversion, error) {
	at, first := spareA64(image, function)
	b, err := branchA64(at, to)
	if err != nil {
		return diversion{}, err
	}
	d := diversion{at: at, code: wordA64(b)}
	switch first {
	case paciasp:
		d.door = wordA64(autiasp)
	case pacibsp:
		d.door = wordA64(autibsp)
	}
	return d, nil
}

// spareA64 returns where a branch may be put, and the instruction at the begin.
func spareA64(image []byte, function uint64) (at uint64, first uint32) {
	first = binary.LittleEndian.Uint32(image[function:])
	switch first {
	case btiC, btiJC, paciasp, pacibsp:
		return function + instA64, first
	}
	return function, first
}

// relocateA64 moves one instruction, and the one to land on if there is one.
func relocateA64(image []byte, function, to uint64) ([]byte, error) {
	var moved []byte
	at, first := spareA64(image, function)
	if at != function {
		moved = wordA64(first)
	}
	here := to + uint64(len(moved))
	inst, err := moveA64(binary.LittleEndian.Uint32(image[at:]), at, here)
	if err != nil {
		return nil, fmt.Errorf("the vDSO at %#x: %w", at, err)
	}
	back, err := branchA64(here+instA64, at+instA64)
	if err != nil {
		return nil, err
	}
	return append(append(moved, wordA64(inst)...), wordA64(back)...), nil
}

func wordA64(inst uint32) []byte { return binary.LittleEndian.AppendUint32(nil, inst) }

// branchA64 is a branch at one place to another.
func branchA64(at, to uint64) (uint32, error) {
	return fieldA64{0, 26}.put(0x14000000, int64(to-at)>>2)
}

// fieldA64 is where an instruction holds a signed number.
type fieldA64 struct{ lowest, bits uint }

func (f fieldA64) mask() uint32 { return (1<<f.bits - 1) << f.lowest }

func (f fieldA64) get(inst uint32) int64 {
	return int64(inst>>f.lowest) << (64 - f.bits) >> (64 - f.bits)
}

func (f fieldA64) put(inst uint32, n int64) (uint32, error) {
	inst = inst&^f.mask() | uint32(n)<<f.lowest&f.mask()
	if f.get(inst) != n {
		return 0, fmt.Errorf("instruction %#08x cannot reach what is %d further", inst, n)
	}
	return inst, nil
}

// relativeA64 are the instructions that hold a distance in words from themselves:
// those whose bits under mask are as in kind (Arm Architecture Reference Manual,
// C4.1).
var relativeA64 = []struct {
	mask, kind uint32
	distance   fieldA64
}{
	{0x7c000000, 0x14000000, fieldA64{0, 26}}, // B, BL
	{0xff000000, 0x54000000, fieldA64{5, 19}}, // B.cond
	{0x7e000000, 0x34000000, fieldA64{5, 19}}, // CBZ, CBNZ
	{0x7e000000, 0x36000000, fieldA64{5, 14}}, // TBZ, TBNZ
	{0x3b000000, 0x18000000, fieldA64{5, 19}}, // LDR of a literal
}

// moveA64 returns an instruction that does at one place what another does at
// another.
func moveA64(inst uint32, from, to uint64) (uint32, error) {
	for _, r := range relativeA64 {
		if inst&r.mask == r.kind {
			return r.distance.put(inst, r.distance.get(inst)+int64(from-to)>>2)
		}
	}
	const adr, page = 0x10000000, 1 << 31
	if inst&0x1f000000 != adr {
		return inst, nil
	}
	// ADR holds bytes and ADRP pages, the lowest two bits of either apart. The vDSO
	// begins with a page, so that distances within it tell pages.
	high, low := fieldA64{5, 19}, fieldA64{29, 2}
	n := high.get(inst)<<2 | int64(inst>>29&3)
	if inst&page != 0 {
		n += int64(from>>12) - int64(to>>12)
	} else {
		n += int64(from - to)
	}
	inst, err := high.put(inst, n>>2)
	return inst&^low.mask() | uint32(n&3)<<29, err
}
