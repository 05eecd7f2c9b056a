package server

import (
	"net"
	"syscall"
	"time"

	"checker/targets/refdb"
)

// Port is where nodes listen, to each other and to clients.
const Port = "7400"

// stall is how long a connection may get no acknowledgement before it is given up:
// after a partition a new one is there sooner than the old one is heard again.
const stall = time.Second

// tcpUserTimeout is that option of Linux, in ms.
const tcpUserTimeout = 0x12

// hello is the first value on a connection, as encoding/gob writes it, and says what
// follows: messages of a peer, or requests of a client and their replies.
type hello struct{ From refdb.NodeID }

// question is what a client sends: a request, or with Status that of the node.
type question[Q any] struct {
	Status  bool
	Request Q
}

// answer is what a client gets.
type answer[R any] struct {
	Leads bool // of a status
	Reply R
}

// impatient gives up a connection that is not acknowledged.
func impatient(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(stall/time.Millisecond))
	})
	if err == nil {
		err = failed
	}
	return err
}

func dialer() net.Dialer { return net.Dialer{Timeout: 300 * time.Millisecond, Control: impatient} }
