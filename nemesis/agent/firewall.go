//go:build linux

package agent

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/xt"
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
	shaped  *nftables.Set // the same, of those whose packets are queued
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
	conn.AddRule(&nftables.Rule{Table: f.table, Chain: f.chain, Exprs: append(from(f.unheard), &expr.Counter{}, &expr.Verdict{Kind: expr.VerdictDrop})})
	if err := conn.Flush(); err != nil {
		return nil, fmt.Errorf("nftables: %w", err)
	}
	return f, nil
}

// from matches packets from the addresses of a set.
func from(set *nftables.Set) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.NFPROTO_IPV4}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: 12, Len: 4}, // the source address
		&expr.Lookup{SourceRegister: 1, SetName: set.Name, SetID: set.ID},
	}
}

// queueShaped adds a chain behind the first one that queues packets of some peers,
// but for the copies that we send. Without anyone who takes them from the queue they
// pass.
func (f *firewall) queueShaped() error {
	native := &expr.Queue{Num: queueNumber, Flag: expr.QueueFlagBypass}
	// The same for kernels that have the target of iptables only: its number, of one
	// queue, and the flag.
	info := xt.Unknown(binaryutil.NativeEndian.PutUint16(queueNumber))
	info = append(info, binaryutil.NativeEndian.PutUint16(1)...)
	info = append(info, binaryutil.NativeEndian.PutUint16(1)...)
	info = append(info, 0, 0)
	var errs []error
	for _, queue := range []expr.Any{native, &expr.Target{Name: "NFQUEUE", Rev: 3, Info: &info}} {
		accept := nftables.ChainPolicyAccept
		chain := f.conn.AddChain(&nftables.Chain{
			Name: "shape", Table: f.table, Type: nftables.ChainTypeFilter,
			Hooknum: nftables.ChainHookInput, Priority: nftables.ChainPriorityMangle, Policy: &accept,
		})
		f.shaped = &nftables.Set{Table: f.table, Name: "shaped", KeyType: nftables.TypeIPAddr}
		if err := f.conn.AddSet(f.shaped, nil); err != nil {
			return err
		}
		unmarked := []expr.Any{
			&expr.Meta{Key: expr.MetaKeyMARK, Register: 1},
			&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: binaryutil.NativeEndian.PutUint32(copyMark)},
		}
		f.conn.AddRule(&nftables.Rule{Table: f.table, Chain: chain, Exprs: append(append(unmarked, from(f.shaped)...), queue)})
		err := f.conn.Flush()
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	f.shaped = nil
	return fmt.Errorf("nftables cannot queue packets: %w", errors.Join(errs...))
}

// drop drops what comes from these addresses and from no others.
func (f *firewall) drop(peers []string) error { return f.fill(f.unheard, peers) }

// enqueue queues what comes from these addresses and from no others.
func (f *firewall) enqueue(peers []string) error { return f.fill(f.shaped, peers) }

// fill makes a set hold these addresses. The change is one transaction of the
// kernel.
func (f *firewall) fill(set *nftables.Set, peers []string) error {
	var elements []nftables.SetElement
	for _, p := range peers {
		addr, err := netip.ParseAddr(p)
		if err != nil || !addr.Is4() {
			return fmt.Errorf("%q is no IPv4 address", p)
		}
		elements = append(elements, nftables.SetElement{Key: addr.AsSlice()})
	}
	f.conn.FlushSet(set)
	if len(elements) > 0 {
		if err := f.conn.SetAddElements(set, elements); err != nil {
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
