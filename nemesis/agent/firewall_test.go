//go:build linux

package agent

import (
	"runtime"
	"slices"
	"testing"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

// TestJepsenHealFlushesOthersRules: Jepsen's heal! flushes whole filter tables. Ours
// leaves the rules of others as they are, such as Docker's own in a pod.
func TestJepsenHealFlushesOthersRules(t *testing.T) {
	runtime.LockOSThread() // never unlocked, so that the thread and its network end with the test
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skipf("no network namespace for us: %v", err)
	}
	theirs := addForeignTable(t)
	f, err := newFirewall()
	if err != nil {
		t.Skipf("this kernel has no nftables for us: %v", err)
	}
	for _, peers := range [][]string{{"10.0.0.1", "10.0.0.2"}, nil, {"10.0.0.1"}, nil} {
		if err := f.drop(peers); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := newFirewall(); err != nil { // another agent takes over
		t.Fatal(err)
	}
	conn, err := nftables.New()
	if err != nil {
		t.Fatal(err)
	}
	chains, err := conn.ListChains()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(chains, func(c *nftables.Chain) bool { return c.Table.Name == theirs && c.Name == "input" }) {
		t.Error("the chain of another one is gone")
	}
	table := &nftables.Table{Family: nftables.TableFamilyINet, Name: theirs}
	if rules, err := conn.GetRules(table, &nftables.Chain{Name: "input", Table: table}); err != nil || len(rules) != 1 {
		t.Errorf("the rule of another one is gone: %d rules, %v", len(rules), err)
	}
}

// addForeignTable makes a table with a chain and a rule that are not ours.
func addForeignTable(t *testing.T) (name string) {
	t.Helper()
	conn, err := nftables.New()
	if err != nil {
		t.Skipf("this kernel has no nftables for us: %v", err)
	}
	table := conn.AddTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: "theirs"})
	chain := conn.AddChain(&nftables.Chain{Name: "input", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookInput, Priority: nftables.ChainPriorityFilter})
	conn.AddRule(&nftables.Rule{Table: table, Chain: chain})
	if err := conn.Flush(); err != nil {
		t.Skipf("this kernel has no nftables for us: %v", err)
	}
	return "theirs"
}
