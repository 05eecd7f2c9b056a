package tidy

import (
	"fmt"
	"slices"
	"strings"
)

// room is a folder that has a place in the house. A folder ending in /* stands
// for every package below it that has no room of its own; any other room holds
// for the packages below it too.
type room struct {
	folder string
	holds  string
}

// rows is the house from the ground up: a package imports only from lower rows.
// Besides, a package may import the one whose folder it lies in.
var rows = [][]room{
	{
		{"internal/*", "what every package may use and nobody outside sees: streams of seeded randomness (`prng`), the rules of the house (`tidy`)"},
	},
	{
		{"history", "the record: `Op`, `History`, pairing of invocations and completions, views, and the codecs of all formats"},
		{"models/consistency", "the lattice of consistency models: names, synonyms, which implies which"},
	},
	{
		{"models", "sequential specifications that can be executed"},
		{"check", "verdicts, anomalies and witnesses, how they compose, and the evidence without which a run proves nothing"},
		{"targets/refdb", "the reference database as pure state machines; shares no code with the harness, since a shared bug would hide itself"},
		{"sim", "the simulator: seeded scheduler, virtual clocks, network, disks that keep what was synced; knows nothing of databases"},
	},
	{
		{"workloads/gen", "generators: pure values that say which op comes next"},
		{"targets", "what the harness asks of a system under test: `Target`, nodes, clients, environments"},
		{"rundir", "the run directory: its files, documents and schemas, written and read in one place"},
	},
	{
		{"check/*", "the checkers, a package per family: `check/linear` for linearizability, and the small ones"},
		{"nemesis", "faults as values, schedules, grudges, and the small interfaces through which they are injected"},
	},
	{
		{"workloads", "one file a workload: its ops, its final phase, its checks, and what a target must offer"},
		{"targets/*", "one package per database or environment; `targets/simulated` joins `targets/refdb` and `sim`"},
	},
	{
		{"runner", "a run from seed to verdict: the interpreter, simulated and real, and replay"},
		{"reports", "a run directory as HTML, JSON, JUnit; knows nothing of the runner"},
	},
	{
		{"cli", "commands, flags, exit codes and the wiring of the registries; no logic"},
	},
	{
		{"cmd/*", "`main`: a few lines over `cli`"},
	},
}

// borders are imports that the rows alone would allow, or whose reason deserves
// to be told. Folders are as in room; "*" is any package of ours.
var borders = []struct {
	from, to string
	except   []string // packages that may
	because  string
}{
	{"targets/refdb", "*", nil, "the reference database shares no code with the harness: a shared bug would hide itself"},
	{"*", "targets/refdb", []string{"targets/*"}, "only a target knows the reference database: the harness must not depend on what it judges"},
	{"runner", "reports", nil, "runner and reports meet only in the run directory"},
	{"reports", "runner", nil, "runner and reports meet only in the run directory"},
	{"reports", "targets/*", nil, "a report is made of the run directory alone, wherever it was recorded"},
	{"*", "internal/tidy", nil, "it holds nothing but tests"},
}

// outside lists every package that is not ours, and those of the standard
// library that are confined, with the folders that may import them. Whatever is
// neither here nor in the standard library may be imported by nobody: a new
// dependency is a decision.
var outside = []struct {
	path    string // and everything below it
	folders []string
	tests   bool // any test may
	because string
}{
	{"github.com/spf13/cobra", []string{"cli", "cmd/*"}, false, "commands are a shell over packages that others can call"},
	{"github.com/spf13/pflag", []string{"cli", "cmd/*"}, false, "commands are a shell over packages that others can call"},
	{"github.com/anishathalye/porcupine", []string{"models", "check/linear"}, true, "the search is behind check/linear, so that its bounds hold everywhere"},
	{"go.yaml.in/yaml/v3", []string{"cli"}, false, "configuration files are read where flags are"},
	{"github.com/klauspost/compress", []string{"history"}, false, "blocks of the block format are compressed; nobody else needs to know"},
	{"github.com/cockroachdb/datadriven", nil, true, "it is for goldens"},
	{"github.com/rogpeppe/go-internal", nil, true, "it is for tests of commands"},
	{"olympos.io/encoding/edn", nil, true, "it is the peer that benchmarks of the EDN reader stand beside"},
	{"pgregory.net/rapid", nil, true, "it is for property tests"},
	{"go.uber.org/goleak", nil, true, "it is for tests"},
	{"github.com/testcontainers/testcontainers-go", []string{"targets/docker"}, false, "containers are one environment among others"},
	{"github.com/moby/moby", []string{"targets/docker"}, false, "containers are one environment among others"},
	{"database/sql", []string{"targets/*"}, false, "a driver belongs to its own target"},
}

// rowOf returns the row of a package, or -1 for one that has no room. The
// deepest room that covers it counts; below one folder, the room for what lies
// in it (folder/*) comes before the folder's own.
func rowOf(pkg string) int {
	best, row := -1, -1
	for r, rooms := range rows {
		for _, room := range rooms {
			if covers(room.folder, pkg) && len(room.folder) > best {
				best, row = len(room.folder), r
			}
		}
	}
	return row
}

// covers reports whether a folder, as in room, stands for a package.
func covers(folder, pkg string) bool {
	if folder == "*" {
		return true
	}
	if parent, below := strings.CutSuffix(folder, "/*"); below {
		return strings.HasPrefix(pkg, parent+"/")
	}
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}

func coversAny(folders []string, pkg string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return covers(f, pkg) })
}

// drawRows draws the rows, top first, and lists what each room holds.
func drawRows() string {
	var drawing, list strings.Builder
	for r := len(rows) - 1; r >= 0; r-- {
		fmt.Fprintf(&drawing, "%d", r)
		for _, room := range rows[r] {
			fmt.Fprintf(&drawing, "  %-18s", room.folder)
			fmt.Fprintf(&list, "| `%s` | %s |\n", room.folder, room.holds)
		}
		drawing.WriteByte('\n')
	}
	lines := strings.Split(drawing.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return "```\n" + strings.Join(lines, "\n") + "```\n\n| folder | holds |\n|---|---|\n" + list.String()
}
