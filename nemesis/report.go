package nemesis

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// report is the value of a fault's completion: what happened, as key=value words.
// [Evidence] reads it back from a history, so that judging a run again finds the
// same evidence.
//
//	kill          killed=n1,n3 dead=n2          dead: there was no process to kill
//	start         started=n1 running=n2
//	pause         paused=n1 idle=n2             idle: there was no process running
//	resume        resumed=n1 running=n2
//	partition     cut=12                        directed links
//	heal          dropped=345                   packets, since the partition began
//	packet        shaped=n1,n3                  or directed links
//	packet-clear  delayed=20 lost=3             packets, since the fault began
//	clock-…       n1=0s..+250ms                 offset before and after
//	clock-jump    restarted=n1 n1=0s..+250ms    of each node, unless it was down
//	power-off     off=n1 dead=n2 lost=120       bytes; dead: there was no process
//	disk-rot      bits=3 n1:wal=3 restarted=n1  over all files, and of which; those that were up before
//	disk-truncate bytes=100 n1:wal=100          the same
//	disk-…        impaired=n1,n3 restarted=n1   restarted so as to read: disk-flip, disk-error read=
//	disk-repair   failed=3 refused=1 started=n1 operations, since the fault began; processes that were down
//	              flipped=1 delayed-ms=20
//	member-…      asked=n1,n3
//	member-restore changed=2                    changes of the group, since it was asked for any
//
// A partition, a packet or disk fault or a change of the group that takes the place of
// another one also says what the one before did. Where an environment does not count packets, the word
// uncounted stands for the counts. Where there is nothing to say, the word nothing
// says so.
type report []string

const (
	uncounted = "uncounted"
	nothing   = "nothing" // was done, or was there to be undone
)

func (r *report) add(key, value string) { *r = append(*r, key+"="+value) }

// nodes adds a list of nodes, unless it is empty.
func (r *report) nodes(key string, nodes []string) {
	if len(nodes) > 0 {
		r.add(key, strings.Join(nodes, ","))
	}
}

func (r *report) count(key string, n uint64) { r.add(key, strconv.FormatUint(n, 10)) }

// packets adds what a packet fault did, the zeros left out unless there is nothing
// else.
func (r *report) packets(c PacketCounts) {
	if c == (PacketCounts{Cut: c.Cut}) {
		r.count("disturbed", 0)
	}
	for _, w := range []struct {
		key string
		n   uint64
	}{{"delayed", c.Delayed}, {"lost", c.Lost}, {"duplicated", c.Duplicated}, {"reordered", c.Reordered}, {"corrupted", c.Corrupted}, {"throttled", c.Throttled}, {"overrun", c.Overrun}} {
		if w.n > 0 {
			r.count(w.key, w.n)
		}
	}
}

// disk adds what a disk fault did, in the same way. Milliseconds are rounded up.
func (r *report) disk(c DiskCounts) {
	if c == (DiskCounts{}) {
		r.count("disturbed", 0)
	}
	for _, w := range []struct {
		key string
		n   uint64
	}{{"failed", c.Failed}, {"refused", c.Refused}, {"flipped", c.Flipped}, {"delayed-ms", uint64((c.Delayed + time.Millisecond - 1) / time.Millisecond)}} {
		if w.n > 0 {
			r.count(w.key, w.n)
		}
	}
}

func (r *report) offsets(node string, before, after time.Duration) {
	r.add(node, offsetText(before)+".."+offsetText(after))
}

func offsetText(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	return signed(d.String())
}

func (r report) String() string { return strings.Join(r, " ") }

// words reads a report. What is no key=value word is left out.
func words(text string) (keys, values []string) {
	for _, word := range strings.Fields(text) {
		if key, value, ok := strings.Cut(word, "="); ok {
			keys, values = append(keys, key), append(values, value)
		}
	}
	return keys, values
}

// lookup returns the value of a key in a report, or "".
func lookup(text, key string) string {
	keys, values := words(text)
	for i, k := range keys {
		if k == key {
			return values[i]
		}
	}
	return ""
}

// counted returns the sum of the counts under the keys in a report.
func counted(text string, keys ...string) (sum uint64) {
	for _, key := range keys {
		n, err := strconv.ParseUint(lookup(text, key), 10, 64)
		if err == nil {
			sum += n
		}
	}
	return sum
}

// parseOffsets reads the offsets before and after.
func parseOffsets(value string) (before, after time.Duration, err error) {
	a, b, ok := strings.Cut(value, "..")
	if !ok {
		return 0, 0, fmt.Errorf("%q are no offsets", value)
	}
	if before, err = time.ParseDuration(a); err != nil {
		return 0, 0, err
	}
	after, err = time.ParseDuration(b)
	return before, after, err
}
