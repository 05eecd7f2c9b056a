//go:build linux

package agent

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// watchEvery is how often the agent looks for processes that have come to be, or
// have executed another program, and whose clocks are still right.
const watchEvery = 20 * time.Millisecond

// shift is how far a wall clock that shows n, in ns since 1970, is moved:
// off + (n - since) * rate / 2^32.
type shift struct{ off, rate, since int64 }

// at returns by how much a reading of n is moved.
func (s shift) at(n int64) int64 {
	if s.rate == 0 {
		return s.off
	}
	hi, lo := mul64(n-s.since, s.rate)
	return s.off + (hi<<32 | int64(lo>>32))
}

// rateOf converts µs a second to units of 2^-32.
func rateOf(ppm int64) int64 { return ppm * (1 << 32) / 1_000_000 }

// clock moves the wall clock that the processes of the database read, and that of
// those to come. Everything but readings stays right: timers of the kernel, stamps
// of files, the monotonic clock.
type clock struct {
	mu       sync.Mutex
	injector *injector
	now      func() int64 // the true wall clock, ns
	set      shift
	strobe   *strobe // nil when there is none
	watched  bool
	err      error // of the watcher, until it is told
}

// strobe is a clock that moves to and fro.
type strobe struct {
	delta int64
	on    bool // delta is added
	end   chan struct{}
}

func newClock() (*clock, error) {
	i, err := newInjector()
	if err != nil {
		return nil, err
	}
	return &clock{injector: i, now: func() int64 { return time.Now().UnixNano() }}, nil
}

// wanted is the shift that holds now, the strobe included.
func (c *clock) wanted() shift {
	s := c.set
	if c.strobe != nil && c.strobe.on {
		s.off += c.strobe.delta
	}
	return s
}

// apply makes the shift hold in every process, and sees to it that it will in those
// to come.
func (c *clock) apply() error {
	if !c.watched {
		c.watched = true
		go c.watch()
	}
	return c.applyToAll()
}

func (c *clock) applyToAll() error {
	all, err := processes()
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range all {
		err := c.injector.set(p.pid, c.wanted())
		if err != nil && !hasEnded(p.pid) {
			errs = append(errs, fmt.Errorf("the clock of process %d: %w", p.pid, err))
		}
	}
	return errors.Join(errs...)
}

// hasEnded reports whether a process is not there any more, or is being buried.
func hasEnded(pid int) bool {
	state, err := stateOf(pid)
	return err != nil || state == 'Z' || state == 'X'
}

// watch applies the shift to new processes, as long as the agent lives.
func (c *clock) watch() {
	for {
		time.Sleep(watchEvery)
		c.mu.Lock()
		all, err := processes()
		for _, p := range all {
			if c.injector.installed(p.pid) {
				continue
			}
			if failed := c.injector.set(p.pid, c.wanted()); failed != nil && !hasEnded(p.pid) {
				err = errors.Join(err, fmt.Errorf("the clock of the new process %d: %w", p.pid, failed))
			}
		}
		c.err = err
		c.mu.Unlock()
	}
}

// bump moves the clock ahead, or back.
func (c *clock) bump(delta int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set.off += delta
	return c.apply()
}

// drift makes the clock gain from now on, in place of any earlier drift.
func (c *clock) drift(ppm int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	c.set = shift{off: c.set.at(now), rate: rateOf(ppm), since: now}
	return c.apply()
}

// reset makes the clock right.
func (c *clock) reset() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endStrobe()
	c.set = shift{}
	return c.apply()
}

// begin begins a strobe in place of any other.
func (c *clock) begin(delta, period, length time.Duration) error {
	if period <= 0 {
		return errors.New("a strobe has a period")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endStrobe()
	s := &strobe{delta: int64(delta), on: true, end: make(chan struct{})}
	c.strobe = s
	go c.flash(s, period, length)
	return c.apply()
}

// flash moves the clock to and fro until its time is over or another op ends it.
func (c *clock) flash(s *strobe, period, length time.Duration) {
	tick, over := time.NewTicker(period), time.NewTimer(length)
	defer tick.Stop()
	defer over.Stop()
	for {
		ending := false
		select {
		case <-s.end:
			return
		case <-over.C:
			ending = true
		case <-tick.C:
		}
		c.mu.Lock()
		if c.strobe == s {
			s.on = !s.on && !ending
			c.err = c.applyToAll()
			if ending {
				c.strobe = nil
			}
		}
		c.mu.Unlock()
		if ending {
			return
		}
	}
}

// steady ends a strobe.
func (c *clock) steady() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.strobe == nil {
		return nil
	}
	c.endStrobe()
	return c.apply()
}

func (c *clock) endStrobe() {
	if c.strobe != nil {
		close(c.strobe.end)
		c.strobe = nil
	}
}

// offset returns how far the clock is ahead, as read from the memory of the
// processes; where there is none, as it will be for the next one.
func (c *clock) offset() (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, c.err
	}
	want := c.wanted()
	if !c.watched {
		return 0, nil
	}
	all, err := processes()
	if err != nil {
		return 0, err
	}
	for _, p := range all {
		have, err := c.injector.get(p.pid)
		if hasEnded(p.pid) {
			continue
		}
		if errors.Is(err, errNotInstalled) { // it is new
			if err = c.injector.set(p.pid, want); err == nil {
				have, err = c.injector.get(p.pid)
			}
		}
		if err != nil {
			return 0, fmt.Errorf("the clock of process %d: %w", p.pid, err)
		}
		if have != want {
			return 0, fmt.Errorf("the clock of process %d is moved by %+v, and should be by %+v", p.pid, have, want)
		}
	}
	return want.at(c.now()), nil
}

// restore makes all clocks right and takes out what was put in.
func (c *clock) restore() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.watched {
		return nil
	}
	c.endStrobe()
	c.set = shift{}
	all, err := processes()
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range all {
		if err := c.injector.remove(p.pid); err != nil && !hasEnded(p.pid) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// mayTrace reports whether the agent has the capability to write other processes'
// memory.
func mayTrace() error {
	var head unix.CapUserHeader
	var data [2]unix.CapUserData
	head.Version = unix.LINUX_CAPABILITY_VERSION_3
	if err := unix.Capget(&head, &data[0]); err != nil {
		return err
	}
	if data[0].Effective>>unix.CAP_SYS_PTRACE&1 == 0 {
		return errors.New("the capability SYS_PTRACE is missing")
	}
	return nil
}
