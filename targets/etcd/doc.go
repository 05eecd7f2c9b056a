// Package etcd puts etcd under test: its server in containers, its official client
// with retries off.
//
// An answer of the server is taken for what it says and nothing more: what may have
// reached the server is indeterminate, unless errors.go has a reason why it cannot
// have had an effect. A client talks to one node only, so that a node that is cut
// off is seen as its clients see it.
//
// Reading order: target.go, server.go, cluster.go, client.go, objects.go, txn.go, lock.go,
// errors.go.
package etcd
