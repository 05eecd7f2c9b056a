package cli

import (
	"net"
	"strings"

	"github.com/spf13/cobra"

	"checker/targets/served"
)

// nodeCommand is what this program does as a node of the reference database in a
// container. Nobody calls it by hand, so the help does not list it.
func (a *app) nodeCommand() *cobra.Command {
	var n served.Node
	var peers, bugs string
	cmd := &cobra.Command{
		Use:    "refdb-node",
		Short:  "Serve a node of the reference database",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(*cobra.Command, []string) error {
			n.Peers = strings.Split(peers, ",")
			n.Bugs = strings.FieldsFunc(bugs, func(r rune) bool { return r == ',' })
			l, err := net.Listen("tcp", ":"+served.Port)
			if err != nil {
				return err
			}
			return served.Run(n, l)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&n.ID, "id", 0, "of this node, from 1")
	flags.StringVar(&peers, "peers", "", "addresses of all nodes")
	flags.StringVar(&n.Data, "data", "/data", "the `folder` of the log")
	flags.StringVar(&n.Reads, "reads", "", "how reads are answered")
	flags.StringVar(&bugs, "bugs", "", "planted bugs")
	flags.DurationVar(&n.ElectionTimeout, "election-timeout", 0, "how long a leader may be silent")
	flags.BoolVar(&n.OneByOne, "one-by-one", false, "send the log an entry at a time")
	flags.IntVar(&n.Shards, "shards", 0, "of transactions; 0 is a single group")
	flags.IntVar(&n.Replication, "replication", 0, "nodes per shard")
	flags.StringVar(&n.Isolation, "isolation", "", "of transactions")
	flags.StringVar(&n.Commit, "commit", "", "how shards agree on an outcome")
	flags.DurationVar(&n.Staleness, "staleness", 0, "how old a snapshot may be that is only read")
	flags.IntVar(&n.SnapshotEvery, "snapshot-every", 0, "entries between two snapshots")
	return cmd
}
