// Package server runs a node of the reference database as a process: the state
// machine of package refdb behind TCP, with a log file that is really synced and the
// clocks of the machine. It shares no code with the harness either.
//
// One goroutine owns the state machine and gives it one input at a time; others read
// sockets, send to peers, and write the disk in the order that they are told. What
// cannot be sent is dropped, as a network would.
//
// Reading order: wire.go, server.go, disk.go, peer.go, client.go.
package server
