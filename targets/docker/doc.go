// Package docker is the environment of real nodes: containers of a Docker engine.
//
// A run has a network of its own. Each node is a pod of two containers: the agent
// (package nemesis/agent), which is this program in an image of nothing else, owns
// the network and process namespaces, and the database joins both, with its data
// on a volume. So the database can be killed and started again under the same
// address and the same faults.
//
// Everything of a run carries labels that say which process of which machine owns
// it. [Environment.Close] removes it; when the harness was killed, the agents end
// by themselves, and [Sweep], which every run begins with, removes what belongs to
// processes that are provably dead, and nothing else.
//
// Reading order: engine.go, owner.go, sweep.go; program.go, image.go, goserver.go, examine.go; environment.go,
// pod.go, faults.go, disks.go.
package docker
