package stores

import (
	"checker/history"
	"checker/workloads/gen"
	"checker/workloads/gen/txns"
)

// Params are a load. Zero fields take their defaults.
type Params struct {
	txns.Options
	Seed      uint64
	Txns      int     // transactions in all
	Clients   int     // at a time; 5
	Registers bool    // writes over registers instead of appends to lists
	Fail      float64 // how many transactions abort
	Info      float64 // how many end without an answer, applied or not
	// Stale is how many transactions read an old snapshot without being validated,
	// on stores of snapshots.
	Stale float64
}

// client is one of those at work.
type client struct {
	process history.Process
	phase   phase
	outcome history.Type
	mops    []txns.Mop
	done    int // micro-ops
	running transaction
	results results
}

// phase is what a client does next.
type phase uint8

const (
	idle phase = iota
	invoked
	running
	finished
)

// results are what the reads of a transaction returned, one entry a micro-op.
type results struct {
	ends  []int32
	elems []int32
}

func (r *results) reset() { r.ends, r.elems = r.ends[:0], r.elems[:0] }

func (r *results) add(elems []int32) {
	r.elems = append(r.elems, elems...)
	r.ends = append(r.ends, int32(len(r.elems)))
}

func (r *results) at(i int) []int32 {
	begin := int32(0)
	if i > 0 {
		begin = r.ends[i-1]
	}
	return r.elems[begin:r.ends[i]]
}

// driver runs clients against a store, one step of one client at a time.
type driver struct {
	Params
	whole   bool
	engine  engine
	rng     gen.Rand
	source  txns.Source
	clients []client
	begun   int
	record  *recorder
}

// Run records a history of clients on a store: a function of the parameters
// alone. An error is a history too large to hold.
func Run(s Store, p Params) (*history.History, error) {
	if p.Clients <= 0 {
		p.Clients = 5
	}
	d := &driver{
		Params: p, whole: s.whole, engine: s.open(gen.NewRand(p.Seed, "store"), p),
		rng: gen.NewRand(p.Seed, "driver"), source: txns.New(gen.NewRand(p.Seed, "transactions"), p.Options),
		clients: make([]client, p.Clients), record: newRecorder(p.Registers),
	}
	for i := range d.clients {
		d.clients[i].process = history.Process(i)
	}
	for busy := 0; d.begun < d.Txns || busy > 0; {
		change, err := d.step(d.rng.IntN(len(d.clients)))
		if err != nil {
			return nil, err
		}
		busy += change
	}
	return d.record.b.History(), nil
}

// step does the next thing of a client, and returns how many more clients are
// busy than before.
func (d *driver) step(i int) (int, error) {
	c := &d.clients[i]
	switch c.phase {
	case idle:
		if d.begun == d.Txns {
			return 0, nil
		}
		d.begun++
		c.mops, c.done, c.phase = d.source.Draw(c.mops[:0]), 0, invoked
		c.results.reset()
		return 1, d.record.invoke(c)
	case invoked:
		c.running, c.phase = d.engine.begin(i, c.mops), running
		for d.whole && c.phase == running {
			d.proceed(c)
		}
	case running:
		d.proceed(c)
	case finished:
		c.phase = idle
		if err := d.record.complete(c); err != nil {
			return 0, err
		}
		if c.outcome == history.Info {
			c.process += history.Process(d.Clients)
		}
		return -1, nil
	}
	return 0, nil
}

// proceed runs the next micro-op of a transaction, or ends it.
func (d *driver) proceed(c *client) {
	if c.done < len(c.mops) {
		m := c.mops[c.done]
		c.done++
		if m.Write {
			c.running.write(m.Key, int32(m.Value))
			c.results.add(nil)
		} else {
			c.results.add(c.running.read(m.Key))
		}
		return
	}
	c.phase = finished
	draw := d.rng.Float64()
	switch {
	case draw < d.Fail || draw < d.Fail+d.Info && d.rng.Bool():
		c.running.abort()
		c.outcome = history.Fail
	case c.running.commit():
		c.outcome = history.Ok
	default:
		c.outcome = history.Fail
	}
	if draw >= d.Fail && draw < d.Fail+d.Info {
		c.outcome = history.Info
	}
	c.running = nil
}
