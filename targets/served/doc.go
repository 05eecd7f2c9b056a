// Package served is the reference database on real nodes: the same state machines
// that package simulated runs on virtual time, as processes in containers, with the
// same planted bugs. What a node does is in targets/refdb/sharded/server; this package has
// the containers and the clients.
//
// Reading order: target.go, cluster.go, line.go, client.go, txnclient.go, operator.go (who changes the
// members of the group).
package served
