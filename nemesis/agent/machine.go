//go:build linux

package agent

import "fmt"

//go:generate sh vdso/shift.sh

// machine is what the injector has to know of an architecture. Addresses count from
// where the vDSO begins.
type machine struct {
	// blob is what is put into a vDSO: functions that read the clock and move what
	// they read, compiled from vdso/shift.c. It begins with the places of what is in
	// it, as uint32.
	blob []byte
	// functions are those of the vDSO that read the clock: by name, which place in
	// the blob's header stands for them.
	functions map[string]uint32
	// divert says how a function is made to go to a place in the blob.
	divert func(image []byte, function, to uint64) (diversion, error)
	// relocate returns what divert overwrites, up to a whole instruction, made to
	// work at another place, and a jump to what follows it.
	relocate func(image []byte, function, to uint64) ([]byte, error)
}

// diversion is a change of the vDSO that sends a function elsewhere.
type diversion struct {
	at   uint64 // what is written over
	code []byte
	door []byte // what has to be at the place where it goes to, or nil
}

// machines are the architectures that are known, by Go's names.
var machines = map[string]machine{"amd64": x86, "arm64": a64}

// machineOf returns what is known of an architecture.
func machineOf(architecture string) (machine, error) {
	m, ok := machines[architecture]
	if !ok {
		return m, fmt.Errorf("the functions that read the clock are known for amd64 and arm64, not for %s", architecture)
	}
	return m, nil
}
