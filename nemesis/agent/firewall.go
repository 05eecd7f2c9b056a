//go:build linux

package agent

import (
	"fmt"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// tableName names the one table of nftables that is ours. Docker keeps rules of its
// own in the pod, so nothing but this table is ever touched.
const tableName = "checker"

// firewall drops packets as they come in, before anything else looks at them. So a
// cut of one direction is a peer that the receiver does not hear.
type firewall struct {
	conn    *nftables.Conn
	table   *nftables.Table
	chain   *nftables.Chain
	unheard *nftables.Set // addresses of peers
}

// newFirewall sets up the table, in place of one that an earlier agent left.
func newFirewall() (*firewall, error) {
	conn, err := nftables.New()
	if err != nil {
		return nil, err
	}
	f := &firewall{conn: conn, table: &nftables.Table{Family: nftables.TableFamilyINet, Name: tableName}}
	conn.AddTable(f.table) // or the deletion fails
	conn.DelTable(f.table)
	f.table = conn.AddTable(f.table)
	accept := nftables.ChainPolicyAccept
	f.chain = conn.AddChain(&nftables.Chain{
		Name: "input", Table: f.table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookInput, Priority: nftables.ChainPriorityRaw, Policy: &accept,
	})
	f.unheard = &nftables.Set{Table: f.table, Name: "unheard", KeyType: nftables.TypeIPAddr}
	if err := conn.AddSet(f.unheard, nil); err != nil {
		return nil, err
	}
	conn.AddRule(&nftables.Rule{Table: f.table, Chain: f.chain, Exprs: []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.NFPROTO_IPV4}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: 12, Len: 4}, // the source address
		&expr.Lookup{SourceRegister: 1, SetName: f.unheard.Name, SetID: f.unheard.ID},
		&expr.Counter{},
		&expr.Verdict{Kind: expr.VerdictDrop},
	}})
	if err := conn.Flush(); err != nil {
		return nil, fmt.Errorf("nftables: %w", err)
	}
	return f, nil
}

// drop drops what comes from these addresses and from no others. The change is one
// transaction of the kernel.
func (f *firewall) drop(peers []string) error {
	var elements []nftables.SetElement
	for _, p := range peers {
		addr, err := netip.ParseAddr(p)
		if err != nil || !addr.Is4() {
			return fmt.Errorf("%q is no IPv4 address", p)
		}
		elements = append(elements, nftables.SetElement{Key: addr.AsSlice()})
	}
	f.conn.FlushSet(f.unheard)
	if len(elements) > 0 {
		if err := f.conn.SetAddElements(f.unheard, elements); err != nil {
			return err
		}
	}
	if err := f.conn.Flush(); err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	return nil
}

// dropped counts the packets that were dropped since the start.
func (f *firewall) dropped() (uint64, error) {
	rules, err := f.conn.GetRules(f.table, f.chain)
	if err != nil {
		return 0, fmt.Errorf("nftables: %w", err)
	}
	for _, r := range rules {
		for _, e := range r.Exprs {
			if c, ok := e.(*expr.Counter); ok {
				return c.Packets, nil
			}
		}
	}
	return 0, fmt.Errorf("nftables: the rule of table %s is gone", tableName)
}
