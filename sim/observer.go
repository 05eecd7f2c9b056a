package sim

import (
	"fmt"
	"strings"
)

// Observer is told what happens in a world, as it happens and in order. It must
// not act on the world. Without an observer nothing is spent on observing.
type Observer interface {
	// Observe is called with the world already changed, but before a program
	// gets what is delivered to it.
	Observe(Event)
}

// Observe has o told about everything from now on; nil ends that.
func (w *World) Observe(o Observer) { w.observer = o }

// Kind is the kind of an observed event.
type Kind uint8

const (
	Sent       Kind = iota // Host put Packet on the link to Peer
	Duplicated             // the link made a second copy of Packet
	Delivered              // Packet of Host reaches the program of Peer
	Dropped                // Packet of Host to Peer is gone, for cause Drop
	Started                // Host booted; Value is its incarnation
	Killed                 // Host's process was killed
	HostPaused             // Host was stopped
	Resumed                // Host goes on
	WallSet                // Host's wall clock was set; Value is its offset from the truth (ns)
	WallDrift              // Host's wall clock changed its rate; Value is the drift (ppm)
	MonoDrift              // Host's monotonic clock changed its rate; Value is the drift (ppm)
	LinkCut                // the link from Host to Peer was cut
	LinkHealed             // the link from Host to Peer is whole again
	FaultsSet              // the link from Host to Peer got the LinkFaults in Payload
	PowerLost              // Host lost its power; Value is the bytes its disk lost
)

var kindNames = [...]string{
	"sent", "duplicated", "delivered", "dropped", "started", "killed", "paused", "resumed",
	"wall-set", "wall-drift", "mono-drift", "cut", "healed", "faults", "power-lost",
}

func (k Kind) String() string { return kindNames[k] }

// Event is one thing that happened. Fields that its kind does not name are zero.
type Event struct {
	At      int64 // virtual ns
	Kind    Kind
	Host    *Host
	Peer    *Host
	Packet  uint64 // number of the packet, counted from 1 in the order of sending
	Size    int    // of the packet, in bytes
	Payload any    // what was sent
	Drop    Drop
	Value   int64
}

// String returns the event as one line of aligned columns, described in the
// package comment.
func (e Event) String() string {
	who := e.Host.name
	if e.Peer != nil {
		who += " > " + e.Peer.name
	}
	line := fmt.Sprintf("%5d.%09d  %-10s  %-9s  %s", e.At/1e9, e.At%1e9, e.Kind, who, e.detail())
	return strings.TrimRight(line, " ")
}

// detail is the last column.
func (e Event) detail() string {
	switch e.Kind {
	case Dropped:
		return fmt.Sprintf("#%-4d %4dB  %v (%v)", e.Packet, e.Size, e.Payload, e.Drop)
	case Sent, Duplicated, Delivered:
		return fmt.Sprintf("#%-4d %4dB  %v", e.Packet, e.Size, e.Payload)
	case Started:
		return fmt.Sprintf("incarnation %d", e.Value)
	case PowerLost:
		return fmt.Sprintf("lost %dB", e.Value)
	case WallSet:
		return fmt.Sprintf("%+dns", e.Value)
	case WallDrift, MonoDrift:
		return fmt.Sprintf("%+dppm", e.Value)
	case FaultsSet:
		return fmt.Sprintf("%+v", e.Payload)
	}
	return ""
}

// note tells the observer, if there is one, about an event of now.
func (w *World) note(e Event) {
	if w.observer != nil {
		e.At = w.now
		w.observer.Observe(e)
	}
}
