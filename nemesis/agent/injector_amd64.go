//go:build linux

package agent

import (
	"bytes"
	"debug/elf"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/arch/x86/x86asm"
)

//go:generate sh vdso/shift.sh

// blob is what is put into a vDSO: three functions that read the clock and move
// what they read, compiled from vdso/shift.c. It begins with the places of what is
// in it, as uint32.
//
//go:embed vdso/shift_amd64.bin
var blob []byte

// Places in the blob's header.
const (
	atClockGettime = 0
	atGettimeofday = 4
	atTime         = 8
	atOriginal     = 12
	atParams       = 16
)

// originalSize is the room for the first instructions of clock_gettime.
const originalSize = 48

// jumpSize is the length of a jump to anywhere in the vDSO, and entrySize what is
// written at a function's begin: one aligned word.
const (
	jumpSize  = 5
	entrySize = 8
)

// magic says that the blob is in place.
const magic = 0x6b636f6c632d6b63

// wallClocks are REALTIME, REALTIME_COARSE, REALTIME_ALARM and TAI.
const wallClocks = 1<<0 | 1<<5 | 1<<8 | 1<<11

var errNotInstalled = errors.New("its clock is as the kernel made it")

// injector moves the wall clocks of other processes by replacing, in the vDSO of
// each, the functions that read it. A process has a private copy of its vDSO from
// the first write on, so no other is touched.
type injector struct {
	image   []byte            // of the vDSO, as the kernel made it: the same in every process
	entries map[uint32]uint64 // by a function's place in the blob's header, where its original begins
	place   uint64            // of the blob, behind all that the kernel put there
	filled  []byte            // the blob with the original's first instructions
}

// newInjector studies the vDSO of the agent itself.
func newInjector() (*injector, error) {
	if err := mayTrace(); err != nil {
		return nil, err
	}
	begin, end, err := vdsoOf(os.Getpid())
	if err != nil {
		return nil, err
	}
	i := &injector{image: make([]byte, end-begin), entries: map[uint32]uint64{}}
	if err := readMemory(os.Getpid(), begin, i.image); err != nil {
		return nil, err
	}
	file, err := elf.NewFile(bytes.NewReader(i.image))
	if err != nil {
		return nil, fmt.Errorf("the vDSO: %w", err)
	}
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return nil, fmt.Errorf("the vDSO: %w", err)
	}
	for _, s := range symbols {
		switch s.Name {
		case "__vdso_clock_gettime":
			i.entries[atClockGettime] = s.Value
		case "__vdso_gettimeofday":
			i.entries[atGettimeofday] = s.Value
		case "__vdso_time":
			i.entries[atTime] = s.Value
		}
	}
	if len(i.entries) != 3 {
		return nil, errors.New("the vDSO lacks functions that read the clock")
	}
	return i, i.prepare(file)
}

// prepare chooses the place of the blob and completes it.
func (i *injector) prepare(file *elf.File) error {
	used := uint64(0)
	for _, p := range file.Progs {
		if p.Type == elf.PT_LOAD {
			used = max(used, p.Vaddr+p.Filesz)
		}
	}
	i.place = (uint64(len(i.image)) - uint64(len(blob))) &^ 63
	if len(blob) > len(i.image) || i.place < used {
		return fmt.Errorf("the vDSO has %d bytes to spare and %d are needed", uint64(len(i.image))-used, len(blob))
	}
	for _, entry := range i.entries {
		if entry%entrySize != 0 || entry+16 > used {
			return fmt.Errorf("a function of the vDSO begins at %#x", entry)
		}
	}
	i.filled = bytes.Clone(blob)
	original, err := relocate(i.image, i.entries[atClockGettime], i.place+i.at(atOriginal))
	if err != nil {
		return err
	}
	copy(i.filled[i.at(atOriginal):], original)
	return nil
}

// at reads a place from the blob's header.
func (i *injector) at(header uint32) uint64 {
	return uint64(binary.LittleEndian.Uint32(blob[header:]))
}

// relocate returns the whole instructions within the first bytes of a function,
// made to work at another place, and a jump to what follows them.
func relocate(image []byte, from, to uint64) ([]byte, error) {
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

// vdsoOf returns where the vDSO of a process is.
func vdsoOf(pid int) (begin, end uint64, err error) {
	maps, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/maps")
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(maps)) {
		if strings.HasSuffix(strings.TrimSpace(line), "[vdso]") {
			_, err := fmt.Sscanf(line, "%x-%x", &begin, &end)
			return begin, end, err
		}
	}
	return 0, 0, errors.New("it has no vDSO")
}

// param returns the address of a word of the blob's parameters.
func (i *injector) param(vdso, word uint64) uint64 { return vdso + i.place + i.at(atParams) + 8*word }

// Words of the parameters: magic, sel, and two slots of four.
const (
	wordMagic = 0
	wordSel   = 1
	wordSlots = 2
	slotWords = 4
)

// find returns where the vDSO of a process is, and whether the blob is in it.
func (i *injector) find(pid int) (vdso uint64, there bool, err error) {
	begin, end, err := vdsoOf(pid)
	if err != nil {
		return 0, false, err
	}
	if end-begin != uint64(len(i.image)) {
		return 0, false, errors.New("its vDSO is not that of the agent")
	}
	word, err := readWord(pid, i.param(begin, wordMagic))
	return begin, word == magic, err
}

func (i *injector) installed(pid int) bool {
	_, there, err := i.find(pid)
	return err == nil && there
}

// set moves the clock of a process.
func (i *injector) set(pid int, s shift) error {
	vdso, there, err := i.find(pid)
	if err != nil {
		return err
	}
	if !there {
		return i.install(pid, vdso, s)
	}
	sel, err := readWord(pid, i.param(vdso, wordSel))
	if err != nil {
		return err
	}
	other := (sel + 1) & 1
	if err := writeMemory(pid, i.param(vdso, wordSlots+other*slotWords), s.words()); err != nil {
		return err
	}
	return writeMemory(pid, i.param(vdso, wordSel), binary.LittleEndian.AppendUint64(nil, other))
}

// words is a slot as it is in memory.
func (s shift) words() []byte {
	var b []byte
	for _, w := range []uint64{uint64(s.off), uint64(s.rate), uint64(s.since), wallClocks} {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}

// get reads how the clock of a process is moved.
func (i *injector) get(pid int) (shift, error) {
	vdso, there, err := i.find(pid)
	if err != nil {
		return shift{}, err
	}
	if !there {
		return shift{}, errNotInstalled
	}
	sel, err := readWord(pid, i.param(vdso, wordSel))
	if err != nil {
		return shift{}, err
	}
	var b [24]byte
	err = readMemory(pid, i.param(vdso, wordSlots+(sel&1)*slotWords), b[:])
	word := func(n int) int64 { return int64(binary.LittleEndian.Uint64(b[8*n:])) }
	return shift{off: word(0), rate: word(1), since: word(2)}, err
}

// install puts the blob into a process, stopped meanwhile, and then the jumps to it.
func (i *injector) install(pid int, vdso uint64, s shift) error {
	ready := bytes.Clone(i.filled)
	params := ready[i.at(atParams):]
	binary.LittleEndian.PutUint64(params[8*wordMagic:], magic)
	copy(params[8*wordSlots:], s.words())
	return stopped(pid, func(t *tracees) error {
		for entry := range i.each() {
			if t.within(vdso+entry.at+1, vdso+entry.at+entrySize) {
				return errBusy
			}
		}
		if err := t.write(vdso+i.place, ready); err != nil {
			return err
		}
		for entry := range i.each() {
			word := bytes.Clone(i.image[entry.at : entry.at+entrySize])
			copy(word, jump(entry.at, i.place+i.at(entry.header)))
			if err := t.write(vdso+entry.at, word); err != nil {
				return err
			}
		}
		return nil
	})
}

// remove gives the functions their begins back. The blob stays, as a thread may be
// in it; without its magic it is none.
func (i *injector) remove(pid int) error {
	vdso, there, err := i.find(pid)
	if err != nil || !there {
		return err
	}
	return stopped(pid, func(t *tracees) error {
		for entry := range i.each() {
			if err := t.write(vdso+entry.at, i.image[entry.at:entry.at+entrySize]); err != nil {
				return err
			}
		}
		return t.write(i.param(vdso, wordMagic), make([]byte, 8))
	})
}

// entry is where a function begins, and its place in the blob's header.
type entry struct {
	header uint32
	at     uint64
}

func (i *injector) each() func(func(entry) bool) {
	return func(yield func(entry) bool) {
		for _, header := range []uint32{atClockGettime, atGettimeofday, atTime} {
			if !yield(entry{header, i.entries[header]}) {
				return
			}
		}
	}
}

func readWord(pid int, at uint64) (uint64, error) {
	var b [8]byte
	err := readMemory(pid, at, b[:])
	return binary.LittleEndian.Uint64(b[:]), err
}

func readMemory(pid int, at uint64, b []byte) error {
	file, err := os.Open("/proc/" + strconv.Itoa(pid) + "/mem")
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.ReadAt(b, int64(at))
	return err
}

// writeMemory writes another process's memory, writable for itself or not.
func writeMemory(pid int, at uint64, b []byte) error {
	file, err := os.OpenFile("/proc/"+strconv.Itoa(pid)+"/mem", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.WriteAt(b, int64(at))
	return err
}
