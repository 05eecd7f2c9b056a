// Package agent is the program that does harm inside a pod: the first process of
// the containers of one node, whose network and process namespaces it owns and the
// database shares. So the database's image needs no tool, shell or capability, and
// keeps address and rules when it is killed and started again.
//
// [Serve] answers requests, one after the other, that come in frames over its
// standard input; no port is open. When the harness is gone the input ends: the
// agent takes back whatever it did and ends, and as it is the first process, the
// kernel ends the database with it. At the start it says what this kernel lets it
// do ([Report]).
//
// [Client] is the harness's end of that connection.
//
// Reading order: frame.go, message.go, client.go; agent.go, probe.go, process.go,
// firewall.go, wire.go, queue.go, ping.go, damage.go, medium.go, medium_names.go, drive.go, diskfs.go, disk.go, gate.go, clock.go, injector.go, machine.go, x86.go, a64.go, tracees.go, vdso/shift.c.
package agent
