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
		{"internal/*", "what every package may use and nobody outside sees: graphs in flat arrays (`graph`), streams of seeded randomness (`prng`), histories told in a few words for goldens (`story`), the rules of the house (`tidy`)"},
	},
	{
		{"history", "the record: `Op`, `History`, pairing of invocations and completions, views, and the codecs of all formats"},
		{"models/consistency", "the lattice of consistency models: names, synonyms, which implies which"},
	},
	{
		{"models", "sequential specifications that can be executed"},
		{"check", "verdicts, anomalies and witnesses, how they compose, and the evidence without which a run proves nothing"},
		{"check/txn/micro", "the transactions of a history as columns of small integers"},
		{"check/txn/brute", "the oracle of tests: every execution of very small histories, tried"},
		{"targets/refdb", "the reference database as pure state machines; shares no code with the harness, since a shared bug would hide itself"},
		{"sim", "the simulator: seeded scheduler, virtual clocks, network, disks that keep what was synced; knows nothing of databases"},
	},
	{
		{"workloads/gen", "generators: pure values that say which op comes next"},
		{"targets", "what the harness asks of a system under test: `Target`, nodes, clients, environments"},
		{"rundir", "the run directory: its files, documents and schemas, written and read in one place"},
		{"check/txn/*", "methods that `check/txn` is made of"},
	},
	{
		{"check/txn/stores", "transactional databases in memory, correct and broken, that checkers of transactions are proved on"},
	},
	{
		{"check/*", "the checkers, a package per family: `check/linear` for linearizability, and the small ones"},
		{"nemesis", "faults as values, schedules, grudges, and the small interfaces through which they are injected; `nemesis/agent` is the program that injects them inside a pod"},
	},
	{
		{"check/session", "registers by what is weaker than linearizable; above the checkers whose methods it asks"},
	},
	{
		{"targets/relational", "what targets that speak SQL share: sessions of one connection, and the ops of workloads as transactions"},
		{"check/online", "streams that judge a history while it is made; above the checks of whole histories, since its tests hold them beside those"},
		{"targets/docker", "the environment of real nodes: a pod of two containers each, labelled, cleaned up and swept; knows no database"},
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
		{"shrink", "the smallest schedule of ops and faults that still shows an anomaly"},
		{"campaign", "many runs: a matrix times seeds, on all cores, resumed, sharded and summed up"},
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
	{"go.yaml.in/yaml/v3", []string{"cli", "campaign"}, false, "configuration files are read where flags are, a matrix where its cells are made"},
	{"github.com/klauspost/compress", []string{"history"}, false, "blocks of the block format are compressed; nobody else needs to know"},
	{"github.com/cockroachdb/datadriven", nil, true, "it is for goldens"},
	{"github.com/rogpeppe/go-internal", nil, true, "it is for tests of commands"},
	{"olympos.io/encoding/edn", nil, true, "it is the peer that benchmarks of the EDN reader stand beside"},
	{"pgregory.net/rapid", nil, true, "it is for property tests"},
	{"github.com/chromedp", nil, true, "it opens reports in a real browser, and none of it is in the program"},
	{"go.uber.org/goleak", nil, true, "it is for tests"},
	{"go.etcd.io/raft/v3", nil, true, "it is the peer that the reference database's Raft is compared with, decision by decision"},
	{"github.com/moby/moby", []string{"targets/docker"}, false, "containers are one environment among others"},
	{"github.com/containerd/errdefs", []string{"targets/docker"}, false, "it tells which errors of the engine say that something is not there"},
	{"github.com/google/nftables", []string{"nemesis/agent"}, false, "rules of the firewall are changed in one transaction, and no image needs a tool for it"},
	{"github.com/mdlayher/netlink", []string{"nemesis/agent"}, false, "packets are taken from the kernel's queue by its messages, which nftables is told by anyway"},
	{"github.com/hanwen/go-fuse/v2", []string{"nemesis/agent"}, false, "a disk that fails is a file system of ours, which needs no module of the kernel and no tool"},
	{"golang.org/x/arch", []string{"nemesis/agent"}, false, "the first instructions of the vDSO's functions are decoded before they are moved"},
	{"golang.org/x/sys", []string{"nemesis/agent"}, false, "faults are made of system calls that package syscall does not have"},
	{"go.etcd.io/etcd", []string{"targets/etcd"}, false, "a driver belongs to its own target"},
	{"go.uber.org/zap", []string{"targets/etcd"}, false, "etcd's client logs with it, and is told not to"},
	{"google.golang.org/grpc", []string{"targets/etcd"}, false, "errors of etcd's client are its codes"},
	{"github.com/jackc/pgx/v5", []string{"targets/postgres"}, false, "a driver belongs to its own target"},
	{"github.com/go-sql-driver/mysql", []string{"targets/mariadb"}, false, "a driver belongs to its own target"},
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
