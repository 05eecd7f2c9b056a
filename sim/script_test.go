package sim

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// TestScripts runs the scripts in testdata/scripts against the event log. A script
// opens a world and then does things to it, one command per line:
//
//	world seed=1 hosts=(n1,n2) latency=1ms
//	----
//
//	do
//	send n1 n2 hello
//	run 10ms
//	----
//	    0.000000000  sent        n1 > n2    #1       5B  hello
//	    0.001000000  delivered   n1 > n2    #1       5B  hello
//
// Every packet takes latency= and every sync sync= (default: as drawn), hosts
// answer if it says echo, and monotonic clocks are perfect unless it says drift.
// "at 5ms kill n1" does something later, inside an event.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/scripts", func(t *testing.T, path string) {
		var s *stage
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "world":
				s = newStage(t, d)
			case "do":
				for _, line := range strings.Split(strings.TrimSpace(d.Input), "\n") {
					s.do(t, strings.Fields(line))
				}
			default:
				d.Fatalf(t, "unknown directive %q", d.Cmd)
			}
			return s.take()
		})
	})
}

// stage is a world under a script, with its log.
type stage struct {
	world *World
	log   strings.Builder
}

func (s *stage) Observe(e Event) { fmt.Fprintln(&s.log, e) }

func (s *stage) printf(format string, args ...any) { fmt.Fprintf(&s.log, format+"\n", args...) }

// take returns what was logged since the last call.
func (s *stage) take() string {
	out := s.log.String()
	s.log.Reset()
	return out
}

// probe is the program of scripts: it logs its timer and its syncs, counts what
// it receives, and answers if it is an echo.
type probe struct {
	stage    *stage
	host     *Host
	echo     bool
	received int
}

func (p *probe) Receive(from *Host, payload any) {
	p.received++
	if text := fmt.Sprint(payload); p.echo && !strings.HasPrefix(text, "re:") {
		p.host.Send(from, len(text)+3, "re:"+text)
	}
}

func (p *probe) Timer() { p.line("timer", "") }

func (p *probe) DiskDone(token uint64, err error) {
	p.line("disk-done", fmt.Sprintf("token %d, error %v", token, err))
}

// line logs in the columns of the event log.
func (p *probe) line(kind, detail string) {
	now := p.host.world.now
	p.stage.printf("%s", strings.TrimRight(fmt.Sprintf("%5d.%09d  %-10s  %-9s  %s", now/1e9, now%1e9, kind, p.host, detail), " "))
}

func newStage(t *testing.T, d *datadriven.TestData) *stage {
	var (
		seed          = uint64(1)
		latency, sync string
		echo, drift   bool
	)
	d.MaybeScanArgs(t, "seed", &seed)
	d.MaybeScanArgs(t, "latency", &latency)
	d.MaybeScanArgs(t, "sync", &sync)
	echo, drift = d.HasArg("echo"), d.HasArg("drift")
	s := &stage{world: New(seed)}
	s.world.Observe(s)
	if latency != "" {
		s.world.Network().SetLatency(Latency{Base: duration(t, latency)})
	}
	hosts, _ := d.Arg("hosts")
	for _, name := range hosts.Vals {
		h := s.world.AddHost(name)
		h.Boot(func(h *Host) Program { return &probe{stage: s, host: h, echo: echo} })
		if !drift {
			h.mono = clock{rate: million}
		}
		if sync != "" {
			h.Disk().SetLatency(Latency{Base: duration(t, sync)})
		}
		h.Start()
	}
	return s
}

func duration(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// do executes one line of a script.
func (s *stage) do(t *testing.T, words []string) {
	t.Helper()
	verb, args := words[0], words[1:]
	switch verb {
	case "run":
		s.world.RunUntil(s.world.Now() + int64(duration(t, args[0])))
	case "at":
		s.world.At(s.world.Now()+int64(duration(t, args[0])), func() { s.do(t, args[1:]) })
	case "heal":
		s.world.Network().HealAll()
	case "clear":
		s.world.Network().ClearAllFaults()
	case "counters":
		s.counters()
	case "cut", "uncut", "faults", "send", "burst":
		s.doLink(t, verb, s.host(t, args[0]), s.host(t, args[1]), args[2:])
	case "append", "sync", "read", "truncate", "rename", "remove", "disk", "disk-counters", "files", "rot", "cut-off", "mend":
		s.doDisk(t, verb, s.host(t, args[0]).Disk(), args[1:])
	case "clock", "deadline", "bump", "set-wall", "reset-wall", "wall-drift", "mono-drift", "strobe":
		s.doClock(t, verb, s.host(t, args[0]), args[1:])
	default:
		s.doHost(t, verb, s.host(t, args[0]), args[1:])
	}
}

func (s *stage) host(t *testing.T, name string) *Host {
	t.Helper()
	for _, h := range s.world.Hosts() {
		if h.Name() == name {
			return h
		}
	}
	t.Fatalf("no host %q", name)
	return nil
}

func number(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (s *stage) doHost(t *testing.T, verb string, h *Host, args []string) {
	t.Helper()
	changed := true
	switch verb {
	case "start":
		changed = h.Start()
	case "kill":
		changed = h.Kill()
	case "pause":
		changed = h.Pause()
	case "resume":
		changed = h.Resume()
	case "power-off":
		mode, err := ParseCrash(args[0])
		if err != nil {
			t.Fatal(err)
		}
		h.PowerOff(mode)
	case "buffer":
		h.SetBuffer(int(number(t, args[0])), int(number(t, args[1])))
	case "state":
		s.printf("%s is %v", h, h.State())
	default:
		t.Fatalf("unknown command %q", verb)
	}
	if !changed {
		s.printf("%s %s: no change", verb, h)
	}
}

func (s *stage) doLink(t *testing.T, verb string, from, to *Host, args []string) {
	t.Helper()
	net := s.world.Network()
	changed := true
	switch verb {
	case "cut":
		changed = net.Cut(from, to)
	case "uncut":
		changed = net.Uncut(from, to)
	case "faults":
		net.SetFaults(from, to, faults(t, args))
	case "send":
		from.Send(to, len(args[0]), args[0])
	case "burst":
		for i := range number(t, args[0]) {
			from.Send(to, 8, i+1)
		}
	}
	if !changed {
		s.printf("%s %s > %s: no change", verb, from, to)
	}
}

func faults(t *testing.T, args []string) (f LinkFaults) {
	t.Helper()
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		if field, ok := map[string]*float64{"loss": &f.Loss, "duplicate": &f.Duplicate, "corrupt": &f.Corrupt, "reorder": &f.Reorder}[name]; ok {
			p, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			*field = p
			continue
		}
		if name == "rate" {
			f.Rate = number(t, value)
			continue
		}
		*map[string]*time.Duration{"delay": &f.Delay, "jitter": &f.Jitter, "hold": &f.ReorderDelay}[name] = duration(t, value)
	}
	return f
}

// diskFaults reads words like write-error=0.5, sync-delay=10ms and left=3, the
// last of which makes the disk full.
func diskFaults(t *testing.T, args []string) (f DiskFaults) {
	t.Helper()
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		if field, ok := map[string]*float64{"read-error": &f.ReadError, "write-error": &f.WriteError, "sync-error": &f.SyncError, "flip": &f.Flip}[name]; ok {
			p, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			*field = p
			continue
		}
		if name == "left" {
			f.Full, f.Left = true, int(number(t, value))
			continue
		}
		*map[string]*time.Duration{"read-delay": &f.ReadDelay, "write-delay": &f.WriteDelay, "sync-delay": &f.SyncDelay}[name] = duration(t, value)
	}
	return f
}

func (s *stage) doClock(t *testing.T, verb string, h *Host, args []string) {
	t.Helper()
	switch verb {
	case "clock":
		mono, wall := h.Clock()
		s.printf("%s: mono %d, wall %s (%+dns)", h, mono, time.Unix(0, wall).UTC().Format("2006-01-02 15:04:05.000000000"), h.WallOffset())
	case "deadline":
		mono, _ := h.Clock()
		deadline := NoDeadline
		if args[0] != "none" {
			deadline = mono + int64(duration(t, args[0]))
		}
		h.SetDeadline(deadline)
	case "bump":
		h.BumpWall(int64(duration(t, args[0])))
	case "set-wall":
		h.SetWallOffset(int64(duration(t, args[0])))
	case "reset-wall":
		h.ResetWall()
	case "wall-drift":
		h.SetWallDrift(number(t, args[0]))
	case "mono-drift":
		h.SetMonoDrift(number(t, args[0]))
	case "strobe":
		h.Strobe(int64(duration(t, args[0])), duration(t, args[1]), duration(t, args[2]))
	}
}

func (s *stage) doDisk(t *testing.T, verb string, d *Disk, args []string) {
	t.Helper()
	switch verb {
	case "append":
		if err := d.Append(args[0], []byte(args[1])); err != nil {
			s.printf("append %s: %v", args[0], err)
		}
	case "sync":
		d.Sync(args[0], uint64(number(t, args[1])))
	case "truncate":
		d.Truncate(args[0], int(number(t, args[1])))
	case "rename":
		d.Rename(args[0], args[1])
	case "remove":
		d.Remove(args[0])
	case "disk":
		d.SetFaults(diskFaults(t, args))
	case "disk-counters":
		c := d.Counters()
		s.printf("%s: %d bytes lost, %d errors, %d refused, %d bits flipped, %v delayed", d.host, c.LostBytes, c.Errors, c.Refused, c.Flipped, c.Delayed)
	case "rot":
		s.printf("%s: flipped %v", d.host, d.Rot(int(number(t, args[0]))))
	case "cut-off":
		s.printf("%s: cut off %v", d.host, d.CutOff(int(number(t, args[0]))))
	case "mend":
		d.Mend()
	case "files":
		s.printf("%s has files %v", d.host, d.Files())
	case "read":
		data, err := d.ReadFile(args[0])
		if err != nil {
			s.printf("read %s: %v", args[0], err)
			return
		}
		s.printf("%s: %s holds %q", d.host, args[0], data)
	}
}

func (s *stage) counters() {
	c := s.world.Network().Counters()
	s.printf("sent %d + duplicated %d = delivered %d + dropped %d + in flight %d; delayed %d, reordered %d, throttled %d",
		c.Sent, c.Duplicated, c.Delivered, c.DroppedTotal(), c.InFlight(), c.Delayed, c.Reordered, c.Throttled)
	for cause, n := range c.Dropped {
		if n > 0 {
			s.printf("dropped by %v: %d", Drop(cause), n)
		}
	}
}
