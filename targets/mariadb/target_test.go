package mariadb

import (
	"slices"
	"testing"

	"checker/targets/docker"
)

// TestKillsNeedABinaryLog: kills are within the fault model only of a server that
// shows a transaction when a log of it is synced, and such a server is told so.
func TestKillsNeedABinaryLog(t *testing.T) {
	for setting, want := range map[string]bool{"off": false, binaryLogOn: true} {
		settings := map[string]string{isolationSetting: "serializable", binaryLogSetting: setting}
		for _, workload := range []string{"append", "bank", "set"} {
			p, err := MariaDB{}.Promise(workload, settings)
			if err != nil || slices.Contains(p.FaultModel, "kill") != want || !slices.Contains(p.FaultModel, "partition") {
				t.Errorf("%s with binary-log=%s: %v, %v", workload, setting, p.FaultModel, err)
			}
		}
		args := command(settings)(docker.Node{}, nil).Args
		for _, arg := range []string{"--log-bin=binary", "--sync-binlog=1"} {
			if slices.Contains(args, arg) != want {
				t.Errorf("binary-log=%s: %v", setting, args)
			}
		}
	}
}
