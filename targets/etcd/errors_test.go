package etcd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"checker/history"
)

// TestErrors: what may have had an effect is info, and only what certainly had none
// is fail.
func TestErrors(t *testing.T) {
	refused := status.Error(codes.Unavailable, `last connection error: connection error: desc = "transport: Error while dialing: dial tcp 172.18.0.2:2379: connect: connection refused"`)
	for _, c := range []struct {
		err  error
		want history.Type
	}{
		{refused, history.Fail},
		{status.Error(codes.Unavailable, "error reading from server: EOF"), history.Info},
		{status.Error(codes.Unavailable, "transport is closing"), history.Info},
		{rpctypes.ErrLeaderChanged, history.Info},
		{rpctypes.ErrTimeout, history.Info},
		{rpctypes.ErrTimeoutDueToLeaderFail, history.Info},
		{rpctypes.ErrNoLeader, history.Info},
		{rpctypes.ErrTooManyRequests, history.Fail},
		{rpctypes.ErrNoSpace, history.Info},
		{rpctypes.ErrEmptyKey, history.Fail},
		{rpctypes.ErrLeaseNotFound, history.Fail},
		{rpctypes.ErrPermissionDenied, history.Fail},
		{rpctypes.ErrCorrupt, history.Info},
		{context.DeadlineExceeded, history.Info},
		{context.Canceled, history.Info},
		{fmt.Errorf("put: %w", context.DeadlineExceeded), history.Info},
		{errors.New("something new"), history.Info},
	} {
		if got := failed(history.Op{F: "write"}, c.err); got.Type != c.want || got.Error.Text() == "" {
			t.Errorf("write: %v: %s, expected %s", c.err, got.Type, c.want)
		}
		if got := failed(history.Op{F: "read"}, c.err); got.Type != history.Fail {
			t.Errorf("read: %v: %s", c.err, got.Type)
		}
	}
}

func TestEveryMeaningHasAReason(t *testing.T) {
	for _, m := range meanings {
		if m.because == "" {
			t.Errorf("%s %q has none", m.code, m.text)
		}
	}
}

func TestVersions(t *testing.T) {
	for version, ok := range map[string]bool{"3.7.3": true, "3.5.4": true, "3.4.23": true, "3.4.22": false, "3.10.0": true, "": false, "latest": false, "3.5.4; rm -rf /": false, "2.3.8": false, "v3.5.4": false} {
		if err := checkVersion(version); (err == nil) != ok {
			t.Errorf("%q: %v", version, err)
		}
	}
}

// TestVersionThatCannotBeBuilt: the error says what was to be built, and what the go
// command has to say about it.
func TestVersionThatCannotBeBuilt(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	_, err := recipe("3.5.9999").Make(t.Context(), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "building etcd v3.5.9999 from its module: go get:") || !strings.Contains(err.Error(), "GOPROXY=off") {
		t.Errorf("%v", err)
	}
}
