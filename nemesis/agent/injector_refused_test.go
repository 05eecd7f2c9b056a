//go:build linux && !amd64

package agent

import (
	"runtime"
	"strings"
	"testing"
)

// TestClockIsRefused: on architectures whose clock functions are not known, the report
// of the agent says so, by name.
func TestClockIsRefused(t *testing.T) {
	if _, err := newClock(); err == nil || !strings.Contains(err.Error(), "known for amd64, not for "+runtime.GOARCH) {
		t.Errorf("%v", err)
	}
	var i injector
	if i.installed(1) || i.set(1, shift{}) == nil || i.remove(1) == nil {
		t.Error("a clock was moved")
	}
}
