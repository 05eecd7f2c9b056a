package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"checker/reports/browse"
)

func (a *app) serveCommand() *cobra.Command {
	address := "127.0.0.1:8080"
	cmd := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Browse a store of runs",
		Long: `Serve shows the runs of a store (default store/) in a browser: search, sort,
group by what was found, compare two, open a report, download a run. Of a campaign
that is going on it shows how far it has come. It changes nothing, and answers this machine alone unless --address says otherwise.`,
		Example: "  checker serve\n  checker serve --address 127.0.0.1:0 store",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "store"
			if len(args) == 1 {
				dir = args[0]
			}
			return a.serve(cmd.Context(), dir, address)
		},
	}
	cmd.Flags().StringVar(&address, "address", address, "`HOST:PORT` to listen on; port 0 takes a free one")
	return cmd
}

// serve answers until the context ends.
func (a *app) serve(ctx context.Context, dir, address string) error {
	store, err := browse.Open(dir, time.Now)
	if err != nil {
		return hintError{err, "give the folder that runs are in, such as store"}
	}
	defer store.Close()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return usageError{fmt.Errorf("--address: %w", err)}
	}
	at, _ := listener.Addr().(*net.TCPAddr)
	local := at != nil && at.IP.IsLoopback()
	if !local {
		a.log.printf("warning: whoever reaches %s can read all of %s\n", listener.Addr(), dir)
	}
	server := &http.Server{Handler: browse.NewHandler(store, local), ReadHeaderTimeout: 10 * time.Second}
	a.out.printf("http://%s/\n", listener.Addr())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if err := server.Shutdown(patience); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
