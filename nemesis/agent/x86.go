//go:build linux

package agent

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/arch/x86/x86asm"
)

//go:embed vdso/shift_amd64.bin
var blobX86 []byte

var x86 = machine{
	blob: blobX86,
	functions: map[string]uint32{
		"__vdso_clock_gettime": atClockGettime, "__vdso_gettimeofday": atGettimeofday, "__vdso_time": atTime,
	},
	divert:   divertX86,
	relocate: relocateX86,
}

// jumpSize is the length of a jump to anywhere in the vDSO, and wordSize what is
// written at a function's begin: one aligned word.
const (
	jumpSize = 5
	wordSize = 8
)

// divertX86 writes a jump over the begin of a function.
func divertX86(image []byte, function, to uint64) (diversion, error) {
	if function%wordSize != 0 {
		return diversion{}, fmt.Errorf("a function of the vDSO begins at %#x", function)
	}
	word := bytes.Clone(image[function : function+wordSize])
	copy(word, jump(function, to))
	return diversion{at: function, code: word}, nil
}

// relocateX86 moves the instructions that a jump needs the room of.
func relocateX86(image []byte, from, to uint64) ([]byte, error) {
	var moved []byte
	at := from
	for at-from < jumpSize {
		inst, err := x86asm.Decode(image[at:], 64)
		if err != nil {
			return nil, fmt.Errorf("the vDSO at %#x: %w", at, err)
		}
		code := bytes.Clone(image[at : at+uint64(inst.Len)])
		switch {
		case leaves(inst.Op), inst.PCRel != 0 && inst.PCRel != 4:
			return nil, fmt.Errorf("the vDSO at %#x: %s cannot be moved", at, inst)
		case inst.PCRel == 4:
			field := code[inst.PCRelOff:]
			target := at + uint64(inst.Len) + uint64(int64(int32(binary.LittleEndian.Uint32(field))))
			binary.LittleEndian.PutUint32(field, uint32(target-(to+uint64(len(moved))+uint64(inst.Len))))
		}
		moved = append(moved, code...)
		at += uint64(inst.Len)
	}
	moved = append(moved, jump(to+uint64(len(moved)), at)...)
	if len(moved) > originalSize {
		return nil, errors.New("the vDSO: clock_gettime begins with long instructions")
	}
	return moved, nil
}

// leaves reports whether an instruction goes elsewhere.
func leaves(op x86asm.Op) bool {
	name := op.String()
	return strings.HasPrefix(name, "J") || strings.HasPrefix(name, "LOOP") || op == x86asm.CALL || op == x86asm.RET
}

// jump is a jump at one place to another.
func jump(at, to uint64) []byte {
	return binary.LittleEndian.AppendUint32([]byte{0xe9}, uint32(to-(at+jumpSize)))
}
