//go:build !invariants

package refdb

// dear tells tests to be quick.
const dear = false

// assertInvariants does nothing without the build tag invariants.
func (n *Node) assertInvariants() {}
