// Package server runs a node of the reference database as a process: the state
// machine of package refdb, or of package sharded, behind TCP, with log files that are
// really synced and the clocks of the machine. It shares no code with the harness either.
//
// One goroutine owns the state machine and gives it one input at a time; others read
// sockets, send to peers, and write the logs in the order that they are told. What
// cannot be sent is dropped, as a network would.
//
// Reading order: config.go, wire.go, machine.go, server.go, disk.go, peer.go, client.go.
package server
