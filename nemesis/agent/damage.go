package agent

import "time"

// Damage is what is wrong with a disk, as the simulator has it. Each chance is per
// operation, from 0 to 1.
type Damage struct {
	Read      float64       `json:"read,omitempty"` // to fail with an I/O error
	Write     float64       `json:"write,omitempty"`
	Sync      float64       `json:"sync,omitempty"`
	SlowRead  time.Duration `json:"slow_read,omitempty"`
	SlowWrite time.Duration `json:"slow_write,omitempty"`
	SlowSync  time.Duration `json:"slow_sync,omitempty"`
	Flip      float64       `json:"flip,omitempty"` // that one bit of what is read is wrong
	Full      bool          `json:"full,omitempty"` // only Left more bytes fit
	Left      int64         `json:"left,omitempty"`
}

// Troubles counts what a faulty disk did since the start.
type Troubles struct {
	Failed  uint64        `json:"failed"`  // operations that ended with an I/O error
	Refused uint64        `json:"refused"` // writes that did not fit
	Flipped uint64        `json:"flipped"` // bits
	Delayed time.Duration `json:"delayed"`
}
