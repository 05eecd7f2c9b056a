package runner

import (
	"fmt"
	"os"
	"regexp"
	"slices"

	"checker/check"
	"checker/check/logpattern"
	"checker/rundir"
	"checker/targets"
)

// NodeHealth is the name of the check of what real nodes wrote to their logs.
const NodeHealth = "node-health"

// NodeChecks are the checks of the logs of real nodes in a run directory: a healthy
// node does not panic, nor fail an assertion, nor find its data damaged, nor end when
// nobody told it to. Under faulty disks it may, so nothing is asked then.
func (p Plan) NodeChecks(dir *rundir.Dir) []check.Checker {
	pattern := p.Target.Describe().Unhealthy
	if dir == nil || pattern == "" || p.Config.Env == "sim" || slices.Contains(p.Config.Nemesis, "disk") {
		return nil
	}
	return []check.Checker{nodeHealth(dir, pattern)}
}

func nodeHealth(dir *rundir.Dir, pattern string) check.Checker {
	unhealthy := regexp.MustCompile(fmt.Sprintf("^%s|%s", regexp.QuoteMeta(targets.UnorderedExit), pattern))
	return logpattern.New(os.DirFS(dir.Path(rundir.NodesDir)), unhealthy, logpattern.Options{Name: NodeHealth})
}
