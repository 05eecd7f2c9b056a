// Package campaign executes many runs: a matrix of configurations, workloads,
// nemeses and planted bugs, times seeds.
//
// A [Matrix] is read from flags or from YAML and expands to [Cell]s, each a plan
// that lacks only its seed. A [Campaign] is the cells and the seeds; its runs are
// numbered seed by seed, so that a campaign cut short has seen every cell.
// [Execute] carries the runs out on several cores and appends a line for each to
// results.jsonl. That log alone says what is done: a campaign that was killed goes
// on behind its last whole line, and [Merge] joins the logs of shards.
//
// A [Summary] is made by reading the log. It does not depend on the order of the
// lines, on time or on the machine: the same campaign gives the same bytes, in one
// piece or in shards, resumed or not.
//
// Memory does not grow with the number of runs, but for one bit for each.
//
// Reading order: matrix.go, cell.go, seeds.go, campaign.go, log.go, execute.go,
// summary.go, merge.go, compare.go, and table.go, junit.go, page.go for the
// forms of a summary.
package campaign
