package refdb_test

import (
	"fmt"

	"checker/targets/refdb"
)

// A cluster of one, with a file that is a slice and a disk without delay. A real caller has a
// network as well: it sends Output.Messages, and calls Receive for those that come.
func Example() {
	node, err := refdb.New(refdb.DefaultConfig(1, []refdb.NodeID{1}), refdb.Clock{}, nil)
	if err != nil {
		panic(err)
	}
	var now refdb.Clock
	var file, fresh []byte
	work := func() {
		for {
			out := node.Ready()
			for _, event := range out.Trace {
				fmt.Println(event)
			}
			for _, reply := range out.Replies {
				fmt.Println(reply)
			}
			if len(out.Disk) == 0 {
				return
			}
			for _, op := range out.Disk {
				switch op.Kind {
				case refdb.AppendOp:
					to := &file
					if op.New {
						to = &fresh
					}
					*to = append(*to, op.Data...)
				case refdb.SyncOp:
					node.DiskDone(now, op.Token, nil)
				case refdb.ReplaceOp:
					file, fresh = fresh, nil
					node.DiskDone(now, op.Token, nil)
				}
			}
		}
	}

	now.Mono = node.Deadline()
	node.Tick(now)
	work()
	node.Request(now, refdb.Request{Client: 7, Seq: 1, Command: refdb.Command{Op: refdb.Write, Key: 1, A: 5}})
	work()
	node.Request(now, refdb.Request{Client: 7, Seq: 2, Command: refdb.Command{Op: refdb.Read, Key: 1}})
	work()

	// Output:
	// started term=0 last=0
	// became pre-candidate term=0
	// voted term=1 for=n1
	// became candidate term=1
	// became leader term=1
	// appended 1/1 e3858873
	// committed 1
	// applied 1/1 e3858873
	// appended 2/1 04116bca
	// committed 2
	// applied 2/1 04116bca
	// client 7 seq 1 attempt 0: ok
	// client 7 seq 2 attempt 0: ok 5
}
