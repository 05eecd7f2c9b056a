// Package rundir is the run directory: everything that one run produced, in one
// place, so that it can be checked again, reported again, replayed and shrunk
// from there.
//
//	store/<name>/<time>-<seed>/
//	  run.json        what was run: configuration, seed, versions, capabilities ([Run])
//	  schedule.txt    the ops and faults as they were invoked ([Entry] a line)
//	  history.jsonl   what was observed, one op a line, written as the run goes
//	  trace.jsonl     messages and protocol events of a simulated run
//	  verdict.json    what was found (check.Document)
//	  report.html     the same for people
//	  junit.xml       the same for CI
//	  nodes/<n>/      logs of a node
//	  harness.log     what the harness did
//	store/latest      symlink to the newest run
//
// The runner writes it and the reports read it; they meet nowhere else. Every
// JSON document carries its schema and version. The history and the trace of a
// simulated run are the same bytes for the same program, seed and
// configuration; run.json holds what differs, such as the date.
package rundir
