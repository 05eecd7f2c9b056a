//go:build linux

package agent

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"

	"checker/internal/prng"
)

// agent is what the program knows of the pod and has done to it.
type agent struct {
	firewall *firewall // nil when the kernel has none
	queue    *queue    // nil when it has none for packets
	disk     *disk     // nil when the database has the volume itself
	volume   *volume   // nil when there is none of ours
	pinger   *pinger   // nil when the kernel does not let us
	clock    *clock    // nil when it cannot be moved
}

// Serve is the agent's life: it reports, answers requests until its input ends,
// takes everything back, and returns.
func Serve(in io.Reader, out io.Writer) error {
	if os.Getpid() == 1 {
		reap()
	}
	a := &agent{}
	if err := writeFrame(out, Reply{Report: a.probe()}); err != nil {
		return errors.Join(err, a.restore())
	}
	for {
		var q Request
		err := readFrame(in, &q)
		if err == io.EOF {
			return a.restore()
		}
		if err != nil {
			return errors.Join(err, a.restore())
		}
		if err := writeFrame(out, a.answer(q)); err != nil {
			return errors.Join(err, a.restore())
		}
	}
}

// answer does what is asked. A panic is an answer, too: the agent must live, or the
// database dies with it.
func (a *agent) answer(q Request) (r Reply) {
	defer func() {
		r.ID = q.ID
		if p := recover(); p != nil {
			r.Error = fmt.Sprintf("the agent panicked: %v", p)
		}
	}()
	var err error
	switch q.Do {
	case Deafen:
		err = a.deafen(q.Peers)
	case Shape:
		err = a.shape(q)
	case Insert, Attach, Impair, Cut, Lose:
		r.Lost, err = a.onDisk(q)
	case Rot, CutOff, Mend:
		r.Harm, err = a.onVolume(q)
	case Kill:
		r.Did, err = killAll()
	case Pause:
		r.Did, err = pauseAll()
	case Resume:
		r.Did, err = resumeAll()
	case Alive:
		var running []process
		running, err = processes()
		r.Did = len(running) > 0
	case Ping:
		r.Silent, err = a.ping(q.Peers, q.Patience)
	case Count:
		r.Counts, err = a.count()
	case Bump, Drift, Strobe, Steady, Reset, Offset:
		r.Offset, err = a.move(q)
	case Restore:
		err = a.restore()
	default:
		err = fmt.Errorf("unknown request %q", q.Do)
	}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}

func (a *agent) deafen(peers []string) error {
	if a.firewall == nil {
		return errors.New("there is no firewall")
	}
	return a.firewall.drop(peers)
}

func (a *agent) shape(q Request) error {
	switch {
	case a.queue == nil:
		return errors.New("packets cannot be disturbed here")
	case len(q.Wires) == 0:
		return a.queue.clear()
	}
	return a.queue.shape(q.Trouble, q.Wires)
}

// onDisk does something to the disk.
func (a *agent) onDisk(q Request) (lost uint64, err error) {
	if q.Do == Insert {
		a.disk = &disk{drive: newDrive(q.Seed)}
		return 0, nil
	}
	if a.disk == nil {
		return 0, errors.New("the database's disk is not ours")
	}
	switch q.Do {
	case Attach:
		return 0, a.disk.attach(q.Folder)
	case Cut:
		a.disk.drive.cutPower(true)
		return 0, nil
	case Lose:
		defer a.disk.drive.cutPower(false)
		return a.disk.powerOff(q.Keep)
	}
	a.disk.drive.impair(q.Damage)
	return 0, nil
}

// onVolume damages the files of a database that is down, or mends them.
func (a *agent) onVolume(q Request) ([]Harm, error) {
	if a.volume == nil {
		return nil, errors.New("the database's volume is not here")
	}
	if q.Do == Mend {
		return nil, a.volume.mend()
	}
	if alive, err := processes(); err != nil || len(alive) > 0 {
		return nil, errors.Join(err, fmt.Errorf("%d processes of the database are alive", len(alive)))
	}
	if a.disk != nil {
		if err := a.disk.settle(); err != nil {
			return nil, err
		}
	}
	r := prng.New(q.Seed, "agent/volume")
	if q.Do == Rot {
		return a.volume.rot(q.Bits, r)
	}
	return a.volume.cutOff(q.Bytes, r)
}

func (a *agent) count() (*Counts, error) {
	var c Counts
	if a.queue != nil {
		c = a.queue.count()
	}
	if a.disk != nil {
		c.Disk = a.disk.drive.count()
	}
	if a.firewall == nil {
		return &c, nil
	}
	var err error
	c.Cut, err = a.firewall.dropped()
	return &c, err
}

// move does something to the wall clock, or reads how far it is ahead.
func (a *agent) move(q Request) (time.Duration, error) {
	if a.clock == nil {
		return 0, errors.New("clocks cannot be moved here")
	}
	switch q.Do {
	case Bump:
		return 0, a.clock.bump(int64(q.Delta))
	case Drift:
		return 0, a.clock.drift(q.PPM)
	case Strobe:
		return 0, a.clock.begin(q.Delta, q.Period, q.Length)
	case Steady:
		return 0, a.clock.steady()
	case Reset:
		return 0, a.clock.reset()
	}
	n, err := a.clock.offset()
	return time.Duration(n), err
}

// restore takes back what was done, as far as it can.
func (a *agent) restore() error {
	var errs []error
	if a.firewall != nil {
		errs = append(errs, a.firewall.drop(nil))
	}
	if a.queue != nil {
		errs = append(errs, a.queue.clear())
	}
	if a.disk != nil {
		a.disk.drive.impair(Damage{})
	}
	if a.clock != nil {
		errs = append(errs, a.clock.restore())
	}
	_, err := resumeAll()
	return errors.Join(append(errs, err)...)
}

// reap buries orphans: whoever dies in the pod without a parent is a child of its
// first process.
func reap() {
	died := make(chan os.Signal, 1)
	signal.Notify(died, unix.SIGCHLD)
	go func() {
		for range died {
			waits.Lock()
			for {
				pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
				if pid <= 0 || err != nil {
					break
				}
			}
			waits.Unlock()
		}
	}()
}
