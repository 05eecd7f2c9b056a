package simulated

import (
	"errors"
	"fmt"
	"io/fs"

	"checker/sim"
)

// readLog reads a log, which is empty where there is none.
func readLog(h *sim.Host, name string) ([]byte, error) {
	data, err := h.Disk().ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// mishaps counts what a disk has done that may make a database stop.
func mishaps(h *sim.Host) uint64 {
	c := h.Disk().Counters()
	return c.Errors + c.Refused + c.Flipped
}

// exit ends the process of a node, which begins again from its disk when it is
// started. A correct database stops when its disk has failed it in this life,
// since when it had so many mishaps, and else never.
func (c *Cluster) exit(h *sim.Host, before uint64, why error) {
	c.exited(h.Name(), why)
	h.Kill()
	planted := c.nodeConfig.Bugs != 0 || c.shards != nil && c.shards.Bugs != 0
	if !planted && before == mishaps(h) {
		c.fail(fmt.Errorf("%w, though its disk is well", why))
	}
}
