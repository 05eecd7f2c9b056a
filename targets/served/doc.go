// Package served is the reference database on real nodes: the same state machines
// that package simulated runs on virtual time, as processes in containers, with the
// same planted bugs. What a node does is in targets/refdb/server; this package has
// the containers and the clients.
//
// Reading order: target.go, cluster.go, client.go.
package served
