package runner

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"checker/check"
	"checker/targets"
	"checker/targets/simulated"
)

// What the soak tries; `make sim-smoke` and `make sim-soak` raise it.
var (
	seeds     = flag.Int("seeds", 10, "how many seeds TestSeeds tries")
	firstSeed = flag.Int("first-seed", 1, "the first seed that TestSeeds tries")
)

// configuration is one way to run the correct database.
type configuration struct {
	workload string
	settings map[string]string
}

func (c configuration) String() string {
	words := []string{c.workload}
	for _, name := range sortedKeys(c.settings) {
		words = append(words, name+"="+c.settings[name])
	}
	return strings.Join(words, " ")
}

// configurations are all for which the target promises a consistency model: every
// workload with every value of every setting that lists them. The first is the default.
func configurations(t *testing.T, target targets.Target) []configuration {
	t.Helper()
	d := target.Describe()
	sizes := []int{len(d.Workloads)}
	for _, s := range d.Settings {
		sizes = append(sizes, max(1, len(s.Values)))
	}
	var all []configuration
	for _, choice := range rotation(sizes) {
		c := configuration{d.Workloads[choice[0]], map[string]string{}}
		for i, s := range d.Settings {
			if s.Values != nil {
				c.settings[s.Name] = s.Values[choice[i+1]]
			}
		}
		promise, err := target.Promise(c.workload, c.settings)
		if err != nil && strings.Contains(err.Error(), "does not go with") {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(promise.ConsistencyModels) > 0 && !tooSlow(c, promise.Transactions) {
			all = append(all, c)
		}
	}
	return all
}

// tooSlow reports whether too little gets done for a verdict, or for recovery within
// its bound: ten entries a second, when all goes well, of which a transaction
// takes several.
func tooSlow(c configuration, transactional bool) bool {
	blocks := transactional && c.settings["commit"] == "2pc-plain" // as long as its coordinator is down
	locks := strings.HasSuffix(c.workload, "lock")                 // who waits for one takes no part
	slow, oneByOne := c.settings["links"] == "slow", c.settings["sending"] == "one-by-one"
	if election := c.settings["election-timeout"]; election == "1s" || election == "3s" {
		return true // elections take what recovery has
	}
	return blocks || slow && (oneByOne || transactional) || oneByOne && (locks || transactional)
}

// rotation lists every combination of choices, each below its size, all zeros
// first, such that each choice changes from one combination to the next: a short
// soak is to meet every value of every setting.
func rotation(sizes []int) [][]int {
	total := 1
	for _, n := range sizes {
		total *= n
	}
	all := make([][]int, total)
	for i := range all {
		rest, shift := i, 0
		for _, n := range sizes {
			digit := (rest + shift) % n
			all[i] = append(all[i], digit)
			shift += rest % n
			rest /= n
		}
	}
	return all
}

// TestRotationIsWhole: every combination comes once, and a few of them have every
// value.
func TestRotationIsWhole(t *testing.T) {
	sizes := []int{4, 5, 2}
	all := rotation(sizes)
	seen := map[string]bool{}
	for _, choice := range all {
		seen[fmt.Sprint(choice)] = true
	}
	if len(seen) != 40 {
		t.Errorf("%d combinations of 40", len(seen))
	}
	for i, n := range sizes {
		early := map[int]bool{}
		for _, choice := range all[:10] {
			early[choice[i]] = true
		}
		if len(early) != n {
			t.Errorf("the first 10 have %d of %d values of choice %d", len(early), n, i)
		}
	}
}

// mostVacuous is how many percent of the runs may come to too little to judge. A
// seed that draws every family of faults at its worst can leave next to no time in
// which anything works, and unknown is the honest verdict then.
const mostVacuous = 1

// TestSeeds is the negative control of the whole path: the correct database, under
// all faults, must be valid for every seed and recover, and hardly ever vacuous.
// Seed after seed goes to the next configuration, all of them in turn.
func TestSeeds(t *testing.T) {
	all := configurations(t, simulated.RefDB())
	if !slices.ContainsFunc(all, func(c configuration) bool {
		return c.settings["members"] == "dynamic" && c.settings["reads"] == "follower"
	}) {
		t.Errorf("only %d configurations: %v", len(all), all)
	}
	vacuous := 0
	for seed := *firstSeed; seed < *firstSeed+*seeds; seed++ {
		c := all[(seed-1)%len(all)]
		t.Run(fmt.Sprintf("seed=%d %v", seed, c), func(t *testing.T) {
			spec := defaultSpec()
			spec.Seed, spec.Workload, spec.Settings = uint64(seed), c.workload, c.settings
			out := execute(t, spec, nil)
			told := fmt.Sprintf("%s\nplan: %s\n%s\n%s", out.Document.Summary, out.Run.Plan, out.EvidenceLine(), out.Document.Reproduce)
			switch {
			case isVacuous(out.Document):
				vacuous++
				t.Log(told)
			case out.Document.Verdict != check.Valid:
				t.Error(told)
			}
		})
	}
	t.Logf("seeds %d to %d over %d configurations, %d runs vacuous", *firstSeed, *firstSeed+*seeds-1, len(all), vacuous)
	if vacuous*100 > mostVacuous**seeds {
		t.Errorf("%d of %d runs are vacuous", vacuous, *seeds)
	}
}

// isVacuous reports whether a run is unknown for no other reason than that too
// little happened.
func isVacuous(d check.Document) bool {
	return d.Evidence.Vacuous && d.Verdict == check.Unknown &&
		!slices.ContainsFunc(d.Checks, func(r check.Result) bool { return r.Verdict != check.Valid })
}
