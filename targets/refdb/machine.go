package refdb

// Machine is a state machine that the group replicates in place of its own store. The same entries in the
// same order must bring every Machine to the same state, and Save must put the same state in the same
// bytes.
//
// What a Machine is told to do comes by Propose, what it is asked by Barrier: once that is answered the
// Machine is as a linearizable read may see it.
type Machine interface {
	// Apply takes a committed entry.
	Apply(index uint64, data string)
	// Save returns the state in bytes, which must not change afterwards.
	Save() []byte
	// Restore makes the state that of an earlier Save; nil is the empty state. An error is bytes that are
	// none of a Save.
	Restore(state []byte) error
}

// Propose puts data in the log, for Config.Machine. It is false where that is impossible: this node does
// not lead, or holds too much that is not committed. True promises nothing: whether and when the entry is
// applied, once, twice or never, is what Machine.Apply tells.
func (n *Node) Propose(now Clock, data string) bool {
	if n.fatal != nil {
		return false
	}
	n.observe(now)
	if n.role != Leader || n.successor != NoNode || n.log.last()-n.commit >= uint64(n.cfg.MaxPending) {
		return false
	}
	n.appendEntry(Entry{Index: n.log.last() + 1, Term: n.term, Command: Command{Op: Custom, Data: data}})
	return true
}
