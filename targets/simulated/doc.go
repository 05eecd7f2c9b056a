// Package simulated puts the reference database on simulated machines and so
// makes it a target that needs nothing: no container, no network, no time.
//
// A cluster has a host per node and a host per client thread. A node's host runs
// the database's state machine ([refdb.Node]) between the host's clock, link and
// disk: every input is followed by one Ready, whose outputs become packets, disk
// operations, replies and trace lines. A client's host runs the protocol that a
// careful driver would: it tries a node, follows hints to the leader, retries
// under the same sequence number when an attempt times out, and answers fail
// only when no attempt can have taken effect.
//
// The cluster implements the fault interfaces of package nemesis on the
// simulator. Node names are n1, n2…; client hosts are c0, c1….
//
// With members=dynamic one more host, the operator, changes who replicates the
// data as the nemesis asks for it.
//
// Read target.go for what is promised, cluster.go, node.go, client.go, operator.go,
// faults.go and trace.go.
package simulated
