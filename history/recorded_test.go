package history

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const recorded = "../../shared/histories"

// recordedOps are the operations of clients in recorded histories, counted with
// grep: lines or maps of type invoke whose process is a number or missing.
var recordedOps = map[string]int{
	"elle/huge-scc.edn.gz":                                    10254,
	"elle/paper-example.edn":                                  4,
	"elle-cli/custom/comments.edn":                            3,
	"elle-cli/elle/list-append-gh-30.edn":                     5,
	"elle-cli/elle/paper-example.edn":                         4,
	"elle-cli/elle/paper-example.json":                        4,
	"elle-cli/elle/rw-register.edn":                           3,
	"elle-cli/elle/rw-register.json":                          3,
	"elle-cli/jepsen/bank-neg.edn":                            1,
	"elle-cli/jepsen/bank-negative-balances.json":             2,
	"elle-cli/jepsen/bank-tidb.edn":                           3566,
	"elle-cli/jepsen/bank.edn":                                321,
	"elle-cli/jepsen/bank.json":                               321,
	"elle-cli/jepsen/counter.edn":                             287,
	"elle-cli/jepsen/counter.json":                            287,
	"elle-cli/jepsen/long-fork.edn":                           2,
	"elle-cli/jepsen/set.edn":                                 4,
	"elle-cli/jepsen/set_full.edn":                            294,
	"elle-cli/jepsen/set_full.json":                           294,
	"isolation-bugs/galera.txt":                               7,
	"isolation-bugs/pg_ser_bug.txt":                           21,
	"isolation-bugs/yugabyte.txt":                             20,
	"knossos/cas-register/bad/cas-failure.edn":                291,
	"knossos/cas-register/bad/immediate-failure.edn":          2,
	"knossos/cas-register/bad/mongodb-v0-ack-rollback-6.edn":  746,
	"knossos/cas-register/bad/rethink-fail.edn":               250,
	"knossos/cas-register/good/cas-register-bug.edn":          6,
	"knossos/cas-register/good/memstress3-0.edn":              317,
	"knossos/cas-register/good/memstress3-20.edn":             100,
	"knossos/cas-register/good/memstress3-40.edn":             140,
	"knossos/cas-register/good/memstress3-60.edn":             92,
	"knossos/cas-register/good/memstress3-80.edn":             159,
	"knossos/cas-register/good/mongodb-v0-ack-rollback-0.edn": 702,
	"knossos/cas-register/good/mongodb-v0-ack-rollback-9.edn": 7,
	"knossos/multi-register/multi-register.edn":               123,
	"knossos/mutex/etcd.edn":                                  563,
	"knossos/mutex/etcd.json":                                 563,
	"porcupine-kv/c01-bad.txt":                                38,
	"porcupine-kv/c01-ok.txt":                                 58,
	"porcupine-kv/c10-bad.txt":                                405,
	"porcupine-kv/c10-ok.txt":                                 337,
	"porcupine-kv/c50-bad.txt":                                2024,
	"porcupine-kv/c50-ok.txt":                                 1712,
}

// TestRecordedHistories reads what other projects published, and writes it in
// every format and reads it again.
func TestRecordedHistories(t *testing.T) {
	if _, err := os.Stat(recorded); err != nil {
		t.Skipf("no recorded histories in %s", recorded)
	}
	totals := map[string]int{}
	seen := 0
	err := filepath.WalkDir(recorded, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".tsv") {
			return err
		}
		name, err := filepath.Rel(recorded, path)
		if err != nil {
			return err
		}
		h, err := ReadFile(path, ReadOptions{})
		if err != nil {
			t.Error(err)
			return nil
		}
		ops := h.Stats().Ops
		totals[strings.SplitN(name, "/", 2)[0]] += ops
		if want, ok := recordedOps[name]; ok {
			seen++
			if ops != want {
				t.Errorf("%s: %d ops, want %d", name, ops, want)
			}
		}
		checkRoundTrips(t, name, h)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen != len(recordedOps) {
		t.Errorf("%d of %d histories are there", seen, len(recordedOps))
	}
	// 50 logs of 4177 invocations together, and AWDIT's files of 1258 transactions.
	if totals["porcupine-etcd"] != 4177 || totals["awdit"] != 1258 {
		t.Errorf("ops by folder: %v", totals)
	}
}

func checkRoundTrips(t *testing.T, name string, h *History) {
	lines := write(t, h, JSONL)
	for _, f := range []Format{JSONL, EDN, JSON, Block} {
		if write(t, read(t, write(t, h, f)), JSONL) != lines {
			t.Errorf("%s changes when written as %s", name, f)
		}
	}
}

func TestTheSameHistoryAsEDNAndJSON(t *testing.T) {
	if _, err := os.Stat(recorded); err != nil {
		t.Skipf("no recorded histories in %s", recorded)
	}
	for _, name := range []string{"elle-cli/jepsen/counter", "elle-cli/jepsen/set_full", "elle-cli/elle/rw-register"} {
		var texts [2]string
		for i, ext := range []string{".edn", ".json"} {
			h, err := ReadFile(filepath.Join(recorded, name+ext), ReadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			// JSON has no keywords, so compare without their colons.
			texts[i] = strings.ReplaceAll(write(t, h, JSONL), `":`, `"`)
		}
		if texts[0] != texts[1] {
			t.Errorf("%s differs between EDN and JSON", name)
		}
	}
}
