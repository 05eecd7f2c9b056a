package served

import (
	"context"
	"net"
	"time"

	"checker/targets/refdb/sharded/server"
)

// line is a client's connections to all nodes, each made when it is needed: Q is what
// is asked, R what is answered.
type line[Q, R any] struct {
	cluster *cluster
	dial    func(ctx context.Context, address string) (*server.Conn[Q, R], error)
	conns   []*server.Conn[Q, R]
}

func newLine[Q, R any](c *cluster, dial func(context.Context, string) (*server.Conn[Q, R], error)) line[Q, R] {
	return line[Q, R]{cluster: c, dial: dial, conns: make([]*server.Conn[Q, R], len(c.Nodes()))}
}

// Close ends all connections.
func (l *line[Q, R]) Close() error {
	for i := range l.conns {
		l.forget(i)
	}
	return nil
}

// forget ends the connection to a node, of which nothing more is expected.
func (l *line[Q, R]) forget(node int) {
	if l.conns[node] != nil {
		l.conns[node].Close() // an error would be that it is broken
		l.conns[node] = nil
	}
}

// ask sends an attempt to a node and waits for the reply, for so long.
func (l *line[Q, R]) ask(ctx context.Context, node int, q Q, patience time.Duration, mine func(R) bool) (R, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if l.conns[node] == nil {
		conn, err := l.dial(ctx, net.JoinHostPort(l.cluster.Address(l.cluster.Nodes()[node]), Port))
		if err != nil {
			var none R
			return none, err
		}
		l.conns[node] = conn
	}
	until, _ := ctx.Deadline()
	return l.conns[node].Ask(q, mine, until)
}
