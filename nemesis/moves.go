package nemesis

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"checker/internal/prng"
)

// drawPackage draws the package of a family within a configuration. The moves that are
// named take the place of those drawn, and leave everything else as it is.
func drawPackage(family Family, cfg Config, seed uint64) Package {
	p := drawMoves(family, cfg.Interval, seed)
	p.choose(cfg.Moves)
	return p
}

// drawMoves draws a package that still has the moves that do not take part.
func drawMoves(family Family, interval time.Duration, seed uint64) Package {
	r := prng.New(seed, "nemesis/plan/"+family.Name)
	p := Package{Family: family.Name, Summary: family.Summary, Seed: prng.Derive(seed, "nemesis/"+family.Name)}
	p.Hurry = 10 * r.IntN(6)
	p.Hold, p.Quick = times(interval, 0.8, 2), times(interval, 0.04, 0.4)
	tempo := []float64{0.3, 0.6, 1, 1.5}[r.IntN(4)]
	p.Gap = times(interval, 0.4*tempo, 1.2*tempo)
	switch family.Name {
	case "partition":
		p.Moves, p.Overlay = some(partitions(), spares, r), 15
	case "kill":
		p.Moves, p.Quick = some(to(Kill), spares, r), times(interval, 0.02, 0.2)
	case "pause":
		p.Moves, p.Hold, p.Quick = some(to(Pause), spares, r), times(interval, 0.4, 1.6), times(interval, 0.1, 0.4)
	case "clock":
		p.Overlay = 33
		p.Moves, p.Severity = clocks(r)
	case "packet":
		p.Moves, p.Severity = packets(r)
		p.Moves = append(p.Moves, slowLinks(prng.New(seed, "nemesis/plan/packet/rate")))
	case "disk":
		p.Overlay = 33
		p.Moves, p.Severity = disks(r)
	case "membership":
		p.Overlay, p.Hold, p.Quick = 40, times(interval, 0.4, 1.6), times(interval, 0.02, 0.16)
		p.Gap = times(interval, 0.1, 0.8)
		p.Moves = append(some(memberships(), spares, r), churn())
	}
	return p
}

// some keeps one of the moves for sure and a random half of the others in.
func some(moves []Move, sure int, r *rand.Rand) []Move {
	for i := range moves {
		moves[i].Out = i != sure && r.IntN(2) != 0
	}
	return moves
}

// spares is the index of the move among those of partitions and of to that always
// leaves a majority to itself. It takes part in every run: where nothing but
// faults that stop everything happens, nothing can be observed.
const spares = 0

// to returns moves that strike nodes with a verb. Those that spare a majority have
// most of the weight; those that strike all at once are what loses unsynced data.
func to(v Verb) []Move {
	strike := func(selector string, weight int) Move {
		return Move{Name: selector, Weight: weight, Draw: func(*rand.Rand) Fault { return Fault{Verb: v, Target: selector} }}
	}
	return []Move{
		strike("minority", 4), strike("one", 3), strike("primaries", 4), strike("minority-third", 1),
		strike("random", 1), strike("majority", 2), strike("all", 3),
	}
}

// partitions returns the grudges, and two of them flapping.
func partitions() []Move {
	var moves []Move
	for _, g := range []struct {
		grudge         string
		weight, repeat int
	}{
		{"majority", 4, 0}, {"random-halves", 3, 0}, {"primaries", 4, 0}, {"one", 2, 0}, {"majorities-ring", 3, 0}, {"bridge", 2, 0},
		{"one-way", 2, 0}, {"deaf-primaries", 2, 0}, {"mute-primaries", 2, 0}, {"complete", 1, 0}, {"one", 1, 8}, {"majority", 1, 8},
	} {
		m := Move{Name: g.grudge, Weight: g.weight, Repeat: g.repeat, Draw: func(*rand.Rand) Fault { return Fault{Verb: Partition, Target: g.grudge} }}
		if g.repeat > 0 {
			m.Name = "flapping-" + g.grudge
		}
		moves = append(moves, m)
	}
	return append(moves, Move{Name: "follow-leader", Weight: 3, Follow: 8, Draw: func(*rand.Rand) Fault { return Fault{Verb: Partition, Target: "leaders"} }})
}

// clocks returns clock faults of a severity that is drawn here: at the top that of
// Jepsen's nemesis.time, jumps of ±1.5^31 ms (288 s).
func clocks(r *rand.Rand) (moves []Move, severity string) {
	limit := []time.Duration{250 * time.Millisecond, time.Second, 4 * time.Second, 60 * time.Second, 287626 * time.Millisecond}[r.IntN(5)]
	ppm := []int64{500, 10_000, 100_000}[r.IntN(3)]
	who := func(r *rand.Rand) string {
		return []string{"random", "one", "minority", "primaries", "majority"}[r.IntN(5)]
	}
	bump := Move{Name: "bump", Weight: 4, Draw: func(r *rand.Rand) Fault {
		return Fault{Verb: ClockBump, Target: who(r), UpTo: int64(limit)}
	}}
	strobe := Move{Name: "strobe", Weight: 2, Draw: func(r *rand.Rand) Fault {
		return Fault{Verb: ClockStrobe, Target: who(r), Strobe: drawStrobe(limit, r)}
	}}
	drift := Move{Name: "drift", Weight: 2, Draw: func(r *rand.Rand) Fault {
		return Fault{Verb: ClockDrift, Target: who(r), UpTo: ppm}
	}}
	jump := Move{Name: "jump", Weight: 2, Draw: func(r *rand.Rand) Fault {
		return Fault{Verb: ClockJump, Target: []string{"one", "minority", "primaries"}[r.IntN(3)], UpTo: int64(limit)}
	}}
	return some([]Move{bump, strobe, drift, jump}, r.IntN(3), r), fmt.Sprintf("up to %v and %d ppm", limit, ppm)
}

// drawStrobe draws a strobe as Jepsen does, 4 ms to the limit, a period of 1 ms to
// 1 s, but of 1 s to 10 s: a longer one would outlast the fault.
func drawStrobe(limit time.Duration, r *rand.Rand) Strobe {
	ms := func(least, most time.Duration) time.Duration {
		return time.Duration(Span{least, most}.draw(r)).Truncate(time.Millisecond)
	}
	return Strobe{
		Delta:  ms(4*time.Millisecond, limit),
		Period: ms(time.Millisecond, time.Second),
		For:    ms(time.Second, 10*time.Second),
	}
}

// packets returns packet faults: each of the kinds of trouble alone, and several at
// once. Jepsen's shape! has 50 ms ±10 ms, and 20% for whatever is by chance.
func packets(r *rand.Rand) (moves []Move, severity string) {
	delay := []time.Duration{5 * time.Millisecond, 50 * time.Millisecond, 250 * time.Millisecond}[r.IntN(3)]
	chance := []Chance{1 * Percent, 5 * Percent, 20 * Percent, 40 * Percent}[r.IntN(4)]
	all := PacketFaults{Delay: delay, Jitter: delay / 5, Loss: chance, Duplicate: chance, Reorder: chance, Corrupt: chance}
	kinds := []struct {
		name string
		only PacketFaults
	}{
		{"loss", PacketFaults{Loss: all.Loss}},
		{"delay", PacketFaults{Delay: all.Delay, Jitter: all.Jitter}},
		{"duplicate", PacketFaults{Duplicate: all.Duplicate}},
		{"reorder", PacketFaults{Delay: all.Delay, Reorder: all.Reorder}},
		{"corrupt", PacketFaults{Corrupt: all.Corrupt}},
		{"mixed", all},
	}
	for _, k := range kinds {
		moves = append(moves, packetMove(k.name, k.only))
	}
	return some(moves, r.IntN(len(moves)), r), fmt.Sprintf("%v and %v", delay, chance)
}

func packetMove(name string, what PacketFaults) Move {
	return Move{Name: name, Weight: 1, Draw: func(r *rand.Rand) Fault {
		who := []string{"all", "random", "minority", "one", "primaries"}[r.IntN(5)]
		return Fault{Verb: Packet, Target: who, Packet: what}
	}}
}

// slowLinks limits what links carry. It takes part only where it is named: seeds that
// were recorded before there was such a move are to mean what they did.
func slowLinks(r *rand.Rand) Move {
	rate := []Rate{64 * Kbit, 512 * Kbit, 4 * Mbit}[r.IntN(3)]
	m := packetMove("rate", PacketFaults{Rate: rate})
	m.Severity, m.Out = rate.String(), true
	return m
}

// disks returns disk faults. Losses of power, of some nodes and of all, have most of
// the weight, and take part in every run: only they show what was not synced. So do
// slow syncs, behind which more is lost, as a fault lays itself over the one before.
func disks(r *rand.Rand) (moves []Move, severity string) {
	chance := []Chance{1 * Percent, 20 * Percent, 100 * Percent}[r.IntN(3)]
	delay := []time.Duration{5 * time.Millisecond, 50 * time.Millisecond, 500 * time.Millisecond}[r.IntN(3)]
	move := func(name string, weight int, f Fault, who ...string) Move {
		return Move{Name: name, Weight: weight, Draw: func(r *rand.Rand) Fault {
			f := f
			f.Target = who[r.IntN(len(who))]
			if f.Verb == PowerOff {
				f.Keep = keeps[max(0, r.IntN(2*len(keeps))-len(keeps))]
			}
			if f.Disk.Full {
				f.Disk.Left = int64(r.IntN(maxRoom))
			}
			return f
		}}
	}
	few := []string{"minority", "one", "primaries"}
	all := []Move{
		move("power-off", 5, Fault{Verb: PowerOff}, few...),
		move("full", 2, Fault{Verb: DiskFull, Disk: DiskFaults{Full: true}}, few...),
		move("read-error", 1, Fault{Verb: DiskError, Disk: DiskFaults{Read: chance}}, few...),
		move("write-error", 1, Fault{Verb: DiskError, Disk: DiskFaults{Write: chance}}, few...),
		move("sync-error", 2, Fault{Verb: DiskError, Disk: DiskFaults{Sync: chance}}, few...),
		move("slow", 1, Fault{Verb: DiskSlow, Disk: DiskFaults{SlowRead: delay, SlowWrite: delay / 5, SlowSync: delay}}, few...),
		move("flip", 2, Fault{Verb: DiskFlip, Disk: DiskFaults{Flip: 100 * Percent}}, few...),
	}
	sure := []Move{
		move("power-off-all", 4, Fault{Verb: PowerOff}, "all"),
		move("slow-sync", 3, Fault{Verb: DiskSlow, Disk: DiskFaults{SlowSync: delay}}, append(few, "majority", "all")...),
	}
	return slices.Concat(some(all, spares, r), sure, lasting(move, few)), fmt.Sprintf("%v and %v", delay, chance)
}

// lasting returns damage of files, which takes part only where it is named: see
// slowLinks. A single bit is what a checksum of each record is sure to notice.
func lasting(move func(string, int, Fault, ...string) Move, who []string) []Move {
	rot := move("rot", 1, Fault{Verb: DiskRot, Disk: DiskFaults{Bits: 1}}, who...)
	cut := move("truncate", 1, Fault{Verb: DiskCut, Disk: DiskFaults{Bytes: 64}}, who...)
	rot.Severity, rot.Out = "of a bit", true
	cut.Severity, cut.Out = "of 64 bytes", true
	return []Move{rot, cut}
}

// maxRoom is how many bytes may be left on a full disk: enough for some entries of a
// log, so that it is found full at any point of a write.
const maxRoom = 4096

// memberships returns changes of the group.
func memberships() []Move {
	var moves []Move
	for _, m := range []struct {
		verb   Verb
		who    string
		weight int
	}{
		{MemberRemove, "one", 3}, {MemberRemove, "minority", 2}, {MemberRemove, "primaries", 3},
		{MemberReplace, "one", 2}, {MemberReplace, "primaries", 2}, {MemberAdd, "one", 2}, {MemberAdd, "all", 1},
	} {
		name := strings.TrimPrefix(string(m.verb), "member-") + "-" + m.who
		moves = append(moves, Move{Name: name, Weight: m.weight, Draw: func(*rand.Rand) Fault { return Fault{Verb: m.verb, Target: m.who} }})
	}
	return moves
}

// churn is one change of the group after the other.
func churn() Move {
	return Move{Name: "churn", Weight: 10, Follow: 30, Draw: func(r *rand.Rand) Fault {
		return Fault{Verb: []Verb{MemberRemove, MemberAdd, MemberReplace}[r.IntN(3)], Target: "one"}
	}}
}
