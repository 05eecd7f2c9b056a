package campaign

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"checker/runner"
	"checker/targets"
	"checker/targets/etcd"
	"checker/targets/mariadb"
	"checker/targets/postgres"
	"checker/targets/served"
	"checker/targets/simulated"
	"checker/workloads"
)

func base() runner.Spec {
	return runner.DefaultSpec([]targets.Target{simulated.RefDB()}, workloads.All())
}

// TestMatrix: what a matrix expands to, and what is wrong with one.
func TestMatrix(t *testing.T) {
	datadriven.RunTest(t, filepath.Join("testdata", "matrix.txt"), func(t *testing.T, d *datadriven.TestData) string {
		m, err := ParseMatrix("test", []byte(d.Input))
		if err != nil {
			return "error: " + err.Error() + "\n"
		}
		over := NewBlock()
		for _, a := range d.CmdArgs {
			over.Flags[a.Key] = a.Vals
		}
		if err := m.Narrow(over); err != nil {
			return "error: " + err.Error() + "\n"
		}
		cells, err := m.Expand(base())
		if err != nil {
			return "error: " + err.Error() + "\n"
		}
		var b strings.Builder
		for _, c := range cells {
			fmt.Fprintln(&b, strings.TrimSpace(c.Name+" "+c.Expect))
		}
		return b.String()
	})
}

// TestBuiltIn: guarantees has every workload and every value of every setting that
// the target promises something for, and bugs has every bug.
func TestBuiltIn(t *testing.T) {
	d := simulated.RefDB().Describe()
	cells := map[string][]Cell{}
	spec := base()
	spec.Targets = []targets.Target{served.RefDB(simulated.RefDB()), etcd.Etcd{}, postgres.Postgres{}, mariadb.MariaDB{}}
	for _, name := range BuiltIn() {
		m, err := ReadMatrix(name)
		if err != nil {
			t.Fatal(err)
		}
		if cells[name], err = m.Expand(spec); err != nil {
			t.Fatal(name, err)
		}
	}
	seen := map[string]bool{}
	for _, c := range cells["guarantees"] {
		seen["workload="+c.Plan.Config.Workload] = true
		for name, value := range c.Plan.Config.Settings {
			seen[name+"="+value] = true
		}
	}
	for _, w := range d.Workloads {
		if !seen["workload="+w] {
			t.Errorf("guarantees has no cell of the workload %s", w)
		}
	}
	for _, s := range d.Settings {
		for _, v := range s.Values {
			transactions := slices.Contains(d.Workloads, "append") // and not the bank alone
			promised := v != "local" && (transactions || v != "read-committed" && v != "2pc-plain")
			if seen[s.Name+"="+v] != promised {
				t.Errorf("guarantees has %s=%s: %v, want %v", s.Name, v, !promised, promised)
			}
		}
	}
	if got := len(cells["bugs"]); got != len(d.Bugs) {
		t.Errorf("bugs has %d cells for %d planted bugs", got, len(d.Bugs))
	}
}

func FuzzParseMatrix(f *testing.F) {
	for _, name := range BuiltIn() {
		data, err := os.ReadFile(filepath.Join("matrices", name+".yaml"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("matrix:\n  - nodes: [3, 5]\n    concurrency: 2n\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMatrix("fuzz", []byte(text))
		if err == nil && len(m.Blocks) == 0 {
			t.Error("an empty matrix was taken")
		}
	})
}

// TestSeeds: positions and seeds are each other's inverse.
func TestSeeds(t *testing.T) {
	for text, want := range map[string]string{"3": "1 2 3", "7-9": "7 8 9", "5,7-8,1": "5 7 8 1", "0-0": "0"} {
		s, err := ParseSeeds(text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range s.Len() {
			got = append(got, fmt.Sprint(s.At(i)))
			if at, ok := s.Index(s.At(i)); !ok || at != i {
				t.Errorf("%s: seed %d is at %d, %v", text, s.At(i), at, ok)
			}
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: %s, want %s", text, g, want)
		}
	}
	for _, text := range []string{"", "0", "9-7", "1-", "-3", "1,1", "3-5,4", "x", "1-99999999999", "1.5", "0-18446744073709551615"} {
		if s, err := ParseSeeds(text); err == nil {
			t.Errorf("%q was taken for %d seeds", text, s.Len())
		}
	}
}

func FuzzParseSeeds(f *testing.F) {
	f.Add("1-1000,7")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSeeds(text)
		if err != nil {
			return
		}
		for _, i := range []int{0, s.Len() / 2, s.Len() - 1} {
			if at, ok := s.Index(s.At(i)); !ok || at != i {
				t.Fatalf("%q: seed %d is at %d", text, s.At(i), at)
			}
		}
	})
}

func FuzzParseShard(f *testing.F) {
	f.Add("1/4")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := ParseShard(text); err == nil {
			if again, err := ParseShard(s.String()); err != nil || again != s {
				t.Fatalf("%q is %v, which is %v, %v", text, s, again, err)
			}
		}
	})
}
