package hermitage

import (
	"slices"
	"strings"

	"checker/history"
)

// Interleaving is what two or three sessions do in turn: a script with a line for each
// statement, "1 COMMIT" for the first session's. Each begins a transaction first. The
// table t has the rows 1 with 10 and 2 with 20, in columns k and v.
type Interleaving struct {
	Name    string
	Summary string
	Anomaly string // what it is to the consistency models that forbid it
	script  string
	shown   func(o outcome) bool
}

// Lines returns the script.
func (i Interleaving) Lines() []string { return strings.Split(strings.TrimSpace(i.script), "\n") }

// Op returns the invocation that has the interleaving played.
func (i Interleaving) Op() history.Op {
	var lines []history.Value
	for _, line := range i.Lines() {
		lines = append(lines, history.String(line))
	}
	return history.Op{F: F, Value: history.Map(
		history.Keyword("interleaving"), history.String(i.Name),
		history.Keyword("script"), history.Vector(lines...))}
}

// All returns the interleavings that tell levels of isolation apart.
func All() []Interleaving { return slices.Clone(interleavings) }

// What shows an anomaly holds in whatever order the sessions took their turns.
var interleavings = []Interleaving{
	{"G0", "two transactions overwrite each other's writes", "G0", `
1 UPDATE t SET v = 11 WHERE k = 1
2 UPDATE t SET v = 12 WHERE k = 1
2 UPDATE t SET v = 22 WHERE k = 2
1 UPDATE t SET v = 21 WHERE k = 2
1 COMMIT
2 COMMIT`, func(o outcome) bool {
		return o.both() && (slices.Equal(o.final, []int64{11, 22}) || slices.Equal(o.final, []int64{12, 21}))
	}},
	{"G1a", "a read of what is rolled back", "G1a", `
1 UPDATE t SET v = 101 WHERE k = 1
2 SELECT v FROM t ORDER BY k
1 ROLLBACK
2 COMMIT`, func(o outcome) bool { return o.committed("2") && o.saw(1, 101) }},
	{"G1b", "a read of what its writer replaces", "G1b", `
1 UPDATE t SET v = 101 WHERE k = 1
2 SELECT v FROM t ORDER BY k
1 UPDATE t SET v = 11 WHERE k = 1
1 COMMIT
2 COMMIT`, func(o outcome) bool { return o.committed("2") && o.saw(1, 101) }},
	{"G1c", "two transactions that each read the other's write", "G1c", `
1 UPDATE t SET v = 11 WHERE k = 1
2 UPDATE t SET v = 22 WHERE k = 2
1 SELECT v FROM t WHERE k = 2
2 SELECT v FROM t WHERE k = 1
1 COMMIT
2 COMMIT`, func(o outcome) bool { return o.both() && o.saw(2, 22) && o.saw(3, 11) }},
	{"OTV", "an observed transaction vanishes again", "G-single-item", `
1 UPDATE t SET v = 11 WHERE k = 1
1 UPDATE t SET v = 19 WHERE k = 2
2 UPDATE t SET v = 12 WHERE k = 1
1 COMMIT
3 SELECT v FROM t WHERE k = 1
3 SELECT v FROM t WHERE k = 2
2 UPDATE t SET v = 18 WHERE k = 2
2 COMMIT
3 COMMIT`, func(o outcome) bool { return o.both() && o.committed("3") && o.saw(4, 12) && o.saw(5, 19) }},
	{"PMP", "a predicate matches what another transaction adds in between", "G-single", `
1 SELECT v FROM t WHERE v = 30
2 INSERT INTO t (k, v) VALUES (3, 30)
2 COMMIT
1 SELECT v FROM t WHERE v % 3 = 0
1 COMMIT`, func(o outcome) bool { return o.both() && o.sawNothing(0) && o.saw(3, 30) }},
	{"P4", "an update is lost", "lost-update", `
1 SELECT v FROM t WHERE k = 1
2 SELECT v FROM t WHERE k = 1
1 UPDATE t SET v = 11 WHERE k = 1
2 UPDATE t SET v = 12 WHERE k = 1
1 COMMIT
2 COMMIT`, func(o outcome) bool { return o.both() && o.saw(0, 10) && o.saw(1, 10) }},
	{"G-single", "a read from before and one from after the same transaction", "G-single-item", `
1 SELECT v FROM t WHERE k = 1
2 UPDATE t SET v = 12 WHERE k = 1
2 UPDATE t SET v = 18 WHERE k = 2
2 COMMIT
1 SELECT v FROM t WHERE k = 2
1 COMMIT`, func(o outcome) bool { return o.both() && o.saw(0, 10) && o.saw(4, 18) }},
	{"G-single-writing", "the same, by a transaction that writes what it did not see", "G-single-item", `
1 SELECT v FROM t WHERE k = 1
2 UPDATE t SET v = 12 WHERE k = 1
2 UPDATE t SET v = 18 WHERE k = 2
2 COMMIT
1 UPDATE t SET v = v + 100 WHERE k = 2
1 COMMIT`, func(o outcome) bool { return o.both() && o.saw(0, 10) && slices.Equal(o.final, []int64{12, 118}) }},
	{"G2-item", "write skew: each writes what the other has read", "G2-item", `
1 SELECT v FROM t ORDER BY k
2 SELECT v FROM t ORDER BY k
1 UPDATE t SET v = 11 WHERE k = 1
2 UPDATE t SET v = 21 WHERE k = 2
1 COMMIT
2 COMMIT`, func(o outcome) bool {
		return o.both() && slices.Equal(o.lines[0].read, []int64{10, 20}) && slices.Equal(o.lines[1].read, []int64{10, 20})
	}},
	{"G2", "each adds what the other's predicate would have matched", "G2", `
1 SELECT v FROM t WHERE v % 3 = 0
2 SELECT v FROM t WHERE v % 3 = 0
1 INSERT INTO t (k, v) VALUES (3, 30)
2 INSERT INTO t (k, v) VALUES (4, 42)
1 COMMIT
2 COMMIT`, func(o outcome) bool { return o.both() && o.sawNothing(0) && o.sawNothing(1) }},
}
