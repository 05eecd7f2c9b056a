// Package shrink makes the schedule of a run small while it shows the same anomaly:
// delta debugging (Zeller and Hildebrandt, TSE 2002) on ops, faults, keys, clients,
// nodes, the parts of transactions, time, and the seed that draws what is left.
//
// A candidate is a schedule with its numbers of nodes and clients and its seed. It
// is run, and taken if the run is invalid by the same type of anomaly. Leaving one
// op out changes what is drawn for all that follow, so that a candidate which could
// show the anomaly often does not by the seed at hand: the smaller a candidate is,
// the more seeds are tried for it.
//
// An anomaly of progress, such as a client that is never served again, is only one
// if the faults are over: of such a run no fault may lose its end.
//
// Reading order: shrinker.go, candidate.go, steps.go.
package shrink
