//go:build linux

package agent

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

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

// magic says that the blob is in place.
const magic = 0x6b636f6c632d6b63

// wallClocks are REALTIME, REALTIME_COARSE, REALTIME_ALARM and TAI.
const wallClocks = 1<<0 | 1<<5 | 1<<8 | 1<<11

var errNotInstalled = errors.New("its clock is as the kernel made it")

// injector moves the wall clocks of other processes by replacing, in the vDSO of
// each, the functions that read it. A process has a private copy of its vDSO from
// the first write on, so no other is touched.
type injector struct {
	machine
	image      []byte // of the vDSO, as the kernel made it: the same in every process
	diversions []diversion
	place      uint64 // of the blob, behind all that the kernel put there
	filled     []byte // the blob with the original's first instructions
}

// newInjector studies the vDSO of the agent itself.
func newInjector() (*injector, error) {
	m, err := machineOf(runtime.GOARCH)
	if err != nil {
		return nil, err
	}
	if err := mayTrace(); err != nil {
		return nil, err
	}
	begin, end, err := vdsoOf(os.Getpid())
	if err != nil {
		return nil, err
	}
	image := make([]byte, end-begin)
	if err := readMemory(os.Getpid(), begin, image); err != nil {
		return nil, err
	}
	i, err := m.study(image)
	if err != nil {
		return nil, fmt.Errorf("the vDSO: %w", err)
	}
	return i, nil
}

// study chooses the place of the blob in a vDSO, and completes it.
func (m machine) study(image []byte) (*injector, error) {
	file, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	used := uint64(0)
	for _, p := range file.Progs {
		if p.Type == elf.PT_LOAD {
			used = max(used, p.Vaddr+p.Filesz)
		}
	}
	size := uint64(len(image))
	if used > size || size-used < uint64(len(m.blob)) || (size-uint64(len(m.blob)))&^63 < used {
		return nil, fmt.Errorf("%d of its %d bytes are used, and %d are needed", used, size, len(m.blob))
	}
	i := &injector{machine: m, image: image, place: (size - uint64(len(m.blob))) &^ 63, filled: bytes.Clone(m.blob)}
	functions, err := m.functionsIn(file, used)
	if err != nil {
		return nil, err
	}
	return i, i.prepare(functions)
}

// functionsIn returns where the functions that read the clock begin, by what stands for
// each in the blob's header.
func (m machine) functionsIn(file *elf.File, used uint64) (map[uint32]uint64, error) {
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return nil, err
	}
	found := map[uint32]uint64{}
	for _, s := range symbols {
		header, ok := m.functions[s.Name]
		if !ok {
			continue
		}
		if s.Value+16 > used {
			return nil, fmt.Errorf("%s begins at %#x", s.Name, s.Value)
		}
		found[header] = s.Value
	}
	if len(found) != len(m.functions) {
		return nil, errors.New("it lacks functions that read the clock")
	}
	return found, nil
}

// prepare decides what is written where.
func (i *injector) prepare(functions map[uint32]uint64) error {
	for header, function := range functions {
		door := i.at(header)
		d, err := i.divert(i.image, function, i.place+door)
		if err != nil {
			return err
		}
		copy(i.filled[door:], d.door)
		i.diversions = append(i.diversions, d)
	}
	original, err := i.relocate(i.image, functions[atClockGettime], i.place+i.at(atOriginal))
	if err != nil {
		return err
	}
	copy(i.filled[i.at(atOriginal):], original)
	return nil
}

// at reads a place from the blob's header.
func (i *injector) at(header uint32) uint64 {
	return uint64(binary.LittleEndian.Uint32(i.blob[header:]))
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
		for _, d := range i.diversions {
			if within, err := t.within(vdso+d.at+1, vdso+d.at+uint64(len(d.code))); err != nil {
				return err
			} else if within {
				return errBusy
			}
		}
		if err := t.write(vdso+i.place, ready); err != nil {
			return err
		}
		for _, d := range i.diversions {
			if err := t.write(vdso+d.at, d.code); err != nil {
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
		for _, d := range i.diversions {
			if err := t.write(vdso+d.at, i.image[d.at:d.at+uint64(len(d.code))]); err != nil {
				return err
			}
		}
		return t.write(i.param(vdso, wordMagic), make([]byte, 8))
	})
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
