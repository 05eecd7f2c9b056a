package agent

import "time"

// Verb is what a request asks for.
type Verb string

// The verbs.
const (
	Deafen  Verb = "deafen"  // drop what comes from Peers, and from nobody else
	Shape   Verb = "shape"   // disturb what comes over Wires as Trouble says, and nothing else
	Insert  Verb = "insert"  // put a disk with Seed between the database's volume and it
	Attach  Verb = "attach"  // mount it at Folder for the process that waits for it there
	Impair  Verb = "impair"  // make it as faulty as Damage says
	Cut     Verb = "cut"     // its power: what is under way does not get there
	Lose    Verb = "lose"    // have it forget what is not synced but for what Keep says
	Rot     Verb = "rot"     // flip so many Bits of its files, drawn with Seed, while the database is down
	CutOff  Verb = "cut-off" // take so many Bytes off the end of one of them, likewise
	Mend    Verb = "mend"    // take that back for files that nobody has written to since
	Kill    Verb = "kill"    // end every process of the database
	Pause   Verb = "pause"   // freeze every process of the database
	Resume  Verb = "resume"  // let them go on
	Alive   Verb = "alive"   // is there a process of the database?
	Ping    Verb = "ping"    // do Peers answer?
	Count   Verb = "count"   // packets, by what was done to them
	Bump    Verb = "bump"    // move the wall clock ahead by Delta
	Drift   Verb = "drift"   // make it gain PPM µs a second from now on
	Strobe  Verb = "strobe"  // move it by Delta and back, every Period, for Length
	Steady  Verb = "steady"  // end a strobe
	Reset   Verb = "reset"   // make the wall clock right
	Offset  Verb = "offset"  // how far is the wall clock ahead?
	Restore Verb = "restore" // take everything back
)

// Request is a message to the agent.
type Request struct {
	ID       uint64        `json:"id"`
	Do       Verb          `json:"do"`
	Peers    []string      `json:"peers,omitempty"`    // addresses
	Patience time.Duration `json:"patience,omitempty"` // of ping
	Delta    time.Duration `json:"delta,omitempty"`
	Period   time.Duration `json:"period,omitempty"`
	Length   time.Duration `json:"length,omitempty"`
	PPM      int64         `json:"ppm,omitempty"`
	Wires    []Wire        `json:"wires,omitempty"`
	Trouble  Trouble       `json:"trouble,omitzero"`
	Seed     uint64        `json:"seed,omitempty"`
	Folder   string        `json:"folder,omitempty"`
	Damage   Damage        `json:"damage,omitzero"`
	Keep     string        `json:"keep,omitempty"` // nothing, prefix, subset, torn, mixed
	Bits     int64         `json:"bits,omitempty"`
	Bytes    int64         `json:"bytes,omitempty"`
}

// Reply is the agent's message: to the request of that ID, or with ID 0 its report
// at the start.
type Reply struct {
	ID     uint64        `json:"id"`
	Error  string        `json:"error,omitempty"`
	Did    bool          `json:"did,omitempty"`    // there was something to do it to
	Silent []string      `json:"silent,omitempty"` // of the peers, those that did not answer
	Offset time.Duration `json:"offset,omitempty"`
	Counts *Counts       `json:"counts,omitempty"`
	Lost   uint64        `json:"lost,omitempty"` // bytes
	Harm   []Harm        `json:"harm,omitempty"`
	Report Report        `json:"report,omitempty"`
}

// Harm is what was done to a file of the database's volume.
type Harm struct {
	File   string `json:"file"`
	Amount int64  `json:"amount"` // bits that were flipped, or bytes that were cut off
}

// Counts counts what was done to packets that came in, and what the disk did, since
// the start.
type Counts struct {
	Cut        uint64 `json:"cut"` // dropped since they came from a peer not to be heard
	Delayed    uint64 `json:"delayed"`
	Lost       uint64 `json:"lost"`
	Duplicated uint64 `json:"duplicated"`
	Reordered  uint64 `json:"reordered"`
	Corrupted  uint64 `json:"corrupted"`
	Throttled  uint64 `json:"throttled"` // held up by a rate
	Overrun    uint64 `json:"overrun"`   // dropped since too many waited for it

	Disk Troubles `json:"disk"`
}

// The capabilities of which an agent reports.
const (
	CanPartition = "partitions by nftables"
	CanShape     = "packet faults by a queue"
	CanImpair    = "disk faults by FUSE"
	CanDamage    = "damage of files at rest"
	CanPing      = "probes by echo"
	CanSkew      = "wall clocks by the vDSO"
	CanSignal    = "signals to the database"
)

// Report says what the agent can do on this kernel.
type Report []Capability

// Capability is something that the agent can or cannot do.
type Capability struct {
	Name      string `json:"name"`
	Available bool   `json:"available"`
	Detail    string `json:"detail,omitempty"` // why not, or how
}

// Can returns whether a capability is there, and why not.
func (r Report) Can(name string) (bool, string) {
	for _, c := range r {
		if c.Name == name {
			return c.Available, c.Detail
		}
	}
	return false, "the agent does not know of it"
}
