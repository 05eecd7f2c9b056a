package mariadb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"checker/targets"
)

// The settings.
const (
	isolationSetting = "isolation"
	binaryLogSetting = "binary-log"

	binaryLogOn = "on"
)

// level is how a level of isolation is asked for, and the consistency model that the
// server gives with it.
type level struct {
	before []string // statements
	name   string
	model  string
}

// The levels, strongest first. InnoDB's repeatable read reads from a snapshot and
// writes to what there is by then, so that nothing above read committed holds, unless
// it is told to refuse such writes.
var (
	isolations = []string{"serializable", "snapshot-isolation", "repeatable-read", "read-committed", "read-uncommitted"}
	levels     = map[string]level{
		"serializable":       {nil, "SERIALIZABLE", "strict-serializable"},
		"snapshot-isolation": {[]string{"SET innodb_snapshot_isolation = ON"}, "REPEATABLE READ", "strong-snapshot-isolation"},
		"repeatable-read":    {nil, "REPEATABLE READ", "strong-read-committed"},
		"read-committed":     {nil, "READ COMMITTED", "strong-read-committed"},
		"read-uncommitted":   {nil, "READ UNCOMMITTED", "read-uncommitted"},
	}
)

// begin are the statements that begin a transaction.
func (l level) begin() []string {
	return slices.Concat(l.before, []string{"SET TRANSACTION ISOLATION LEVEL " + l.name, "START TRANSACTION"})
}

// MariaDB is the target.
type MariaDB struct {
	Program string // the agent in the pods; "" is this program
}

// Describe says what the target offers.
func (MariaDB) Describe() targets.Description {
	return targets.Description{
		Name:         "mariadb",
		Summary:      "MariaDB, a relational database, as a real server in a container",
		Version:      "10.11, as Debian 12 has it",
		Environments: []string{"docker"},
		Images:       true,
		Workloads:    []string{"append", "wr", "bank", "long-fork", "write-skew", "lost-update", "set", "hermitage"},
		Unhealthy:    `mysqld got signal|Assertion failure|\[FATAL\]|is marked as crashed|[Dd]atabase page corruption|got exception`,
		Settings: []targets.Setting{{
			Name:    isolationSetting,
			Summary: "of every transaction: repeatable-read is the server's own default; snapshot-isolation is that with innodb_snapshot_isolation",
			Values:  isolations,
		}, {
			Name:    binaryLogSetting,
			Summary: "off is the server's own default: others see a transaction before its log is written, and what they saw is gone when the process is killed then; on has them wait for a log that is synced",
			Values:  []string{"off", binaryLogOn},
		}},
	}
}

// Promise says what the server gives. InnoDB releases the locks of a transaction, and
// shows what it wrote, before its redo log is written; a transaction that only reads
// waits for no log. So a kill takes back what was seen, though nothing that was
// acknowledged, unless the order of commits is decided by the binary log.
func (m MariaDB) Promise(workload string, settings map[string]string) (targets.Promise, error) {
	d := m.Describe()
	if !slices.Contains(d.Workloads, workload) {
		return targets.Promise{}, fmt.Errorf("mariadb does not run the workload %q: it offers %s", workload, strings.Join(d.Workloads, ", "))
	}
	isolation := settings[isolationSetting]
	p := targets.Promise{
		Nodes:             1,
		FaultModel:        []string{"partition", "pause", "clock"},
		ConsistencyModels: []string{levels[isolation].model},
		Summary:           "transactions are " + isolation + ", what was acknowledged stays, and after the faults end every client makes progress again",
	}
	if settings[binaryLogSetting] == binaryLogOn {
		p.FaultModel = []string{"partition", "kill", "pause", "clock"}
	}
	weak := slices.Index(isolations, isolation) > slices.Index(isolations, "snapshot-isolation")
	switch {
	case workload == "hermitage":
		p.FaultModel = nil
		p.Summary = "transactions are " + isolation + ", however statements interleave"
	case workload == "set" && isolation != "read-uncommitted":
		p.ConsistencyModels = []string{"linearizable"}
	case workload == "bank" || workload == "long-fork" || workload == "set":
		p.ConsistencyModels = []string{"snapshot-isolation"}
		if weak {
			p.ConsistencyModels = nil
			p.Summary = "what a transaction reads need not fit together, or with what it writes"
		}
	}
	return p, nil
}

// Open starts a server.
func (m MariaDB) Open(ctx context.Context, cfg targets.Config) (targets.Cluster, error) {
	if cfg.Env != "docker" {
		return nil, fmt.Errorf("mariadb cannot run in %q: it runs in docker", cfg.Env)
	}
	return open(ctx, m.Program, cfg)
}
