//go:build linux

package agent

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/arch/arm64/arm64asm"
	"pgregory.net/rapid"
)

// relativeKinds are the first bytes of instructions that hold a distance: ADR, ADRP,
// B, BL, B.cond, CBZ, CBNZ, TBZ, TBNZ, and LDR, LDRSW and PRFM of a literal.
var relativeKinds = []uint32{0x10, 0x90, 0x14, 0x94, 0x54, 0x34, 0xb5, 0x36, 0xb7, 0x18, 0x58, 0x98, 0xd8, 0x1c, 0x9c}

// TestA64Moves: an instruction that was moved is the same one, with the same target,
// as a disassembler sees it.
func TestA64Moves(t *testing.T) {
	targets := 0
	rapid.Check(t, func(t *rapid.T) {
		inst := rapid.Uint32().Draw(t, "inst")
		if rapid.Bool().Draw(t, "relative") {
			inst = inst&0x00ffffff | rapid.SampledFrom(relativeKinds).Draw(t, "kind")<<24
		}
		from := uint64(rapid.IntRange(0, 1<<12).Draw(t, "from")) * instA64
		to := uint64(rapid.IntRange(0, 1<<12).Draw(t, "to")) * instA64
		before, err := targetA64(inst, from)
		if err != nil {
			t.Skip("no instruction")
		}
		moved, err := moveA64(inst, from, to)
		if err != nil {
			t.Skip("too far")
		}
		after, err := targetA64(moved, to)
		if err != nil || after != before {
			t.Fatalf("%#08x at %#x is %s; at %#x %#08x is %s, %v", inst, from, before, to, moved, after, err)
		}
		if strings.Contains(before, "to ") {
			targets++
		}
	})
	if targets < 10 {
		t.Errorf("%d instructions that go somewhere were tried", targets)
	}
}

// targetA64 is an instruction in words, with distances made places.
func targetA64(inst uint32, at uint64) (string, error) {
	decoded, err := arm64asm.Decode(binary.LittleEndian.AppendUint32(nil, inst))
	if err != nil {
		return "", err
	}
	text := decoded.Op.String()
	for _, arg := range decoded.Args {
		switch distance, ok := arg.(arm64asm.PCRel); {
		case arg == nil:
		case ok && decoded.Op == arm64asm.ADRP:
			text += fmt.Sprintf(", to %#x", int64(at&^0xfff)+int64(distance))
		case ok:
			text += fmt.Sprintf(", to %#x", int64(at)+int64(distance))
		default:
			text += ", " + arg.String()
		}
	}
	return text, nil
}

// TestA64Diverts: what is written over the begin of a function, by what it begins
// with, and what is left of it elsewhere.
func TestA64Diverts(t *testing.T) {
	const cmp, function, to = 0x71003c1f, 0x40, 0x400
	for _, c := range []struct {
		name           string
		first, second  uint32
		at             uint64
		door           uint32 // 0: as it was
		moved          []uint32
		targetFromMove uint64
	}{
		{name: "plain", first: cmp, at: 0x40, moved: []uint32{cmp}, targetFromMove: 0x44},
		{name: "bti", first: btiC, second: cmp, at: 0x44, moved: []uint32{btiC, cmp}, targetFromMove: 0x48},
		{name: "bti jc", first: btiJC, second: cmp, at: 0x44, moved: []uint32{btiJC, cmp}, targetFromMove: 0x48},
		{name: "signed", first: paciasp, second: cmp, at: 0x44, door: autiasp, moved: []uint32{paciasp, cmp}, targetFromMove: 0x48},
		{name: "signed by key B", first: pacibsp, second: cmp, at: 0x44, door: autibsp, moved: []uint32{pacibsp, cmp}, targetFromMove: 0x48},
	} {
		t.Run(c.name, func(t *testing.T) {
			image := make([]byte, 0x80)
			binary.LittleEndian.PutUint32(image[function:], c.first)
			binary.LittleEndian.PutUint32(image[function+instA64:], c.second)
			d, err := divertA64(image, function, to)
			if err != nil {
				t.Fatal(err)
			}
			if d.at != c.at {
				t.Errorf("written at %#x, want %#x", d.at, c.at)
			}
			wantBranch(t, binary.LittleEndian.Uint32(d.code), d.at, to)
			if c.door == 0 && d.door != nil || c.door != 0 && binary.LittleEndian.Uint32(d.door) != c.door {
				t.Errorf("the door is % x, want %#x", d.door, c.door)
			}
			moved, err := relocateA64(image, function, to)
			if err != nil || len(moved) != instA64*(len(c.moved)+1) {
				t.Fatalf("% x, %v", moved, err)
			}
			for n, want := range c.moved {
				if got := binary.LittleEndian.Uint32(moved[instA64*n:]); got != want {
					t.Errorf("instruction %d is %#x, want %#x", n, got, want)
				}
			}
			last := uint64(len(moved) - instA64)
			wantBranch(t, binary.LittleEndian.Uint32(moved[last:]), to+last, c.targetFromMove)
		})
	}
}

func wantBranch(t *testing.T, inst uint32, at, to uint64) {
	t.Helper()
	if got, err := targetA64(inst, at); err != nil || got != fmt.Sprintf("B, to %#x", to) {
		t.Errorf("%#x at %#x is %s, %v; want a branch to %#x", inst, at, got, err, to)
	}
}

// TestA64OutOfReach: what cannot be reached is refused, not cut off.
func TestA64OutOfReach(t *testing.T) {
	if b, err := branchA64(0, 1<<27); err == nil {
		t.Errorf("%#x", b)
	}
	const tbz = 0x36000000 | 0x1fff<<5 // as far ahead as it goes
	if inst, err := moveA64(tbz, 4, 0); err == nil {
		t.Errorf("%#x", inst)
	}
}

// TestMachineIsRefused: on architectures whose clock functions are not known, the
// report of the agent says so, by name.
func TestMachineIsRefused(t *testing.T) {
	if _, err := machineOf("riscv64"); err == nil || !strings.Contains(err.Error(), "known for amd64 and arm64, not for riscv64") {
		t.Errorf("%v", err)
	}
}
