// Package graph holds directed graphs with labelled edges in flat arrays, and
// the algorithms that the checkers need: strongly connected components and
// shortest paths. Nodes are numbered from 0 in 32 bits, so that a graph of
// millions of nodes fits into a few bytes per edge. Nothing recurses.
//
// Every function is deterministic: results depend on the order in which edges
// were given, and on nothing else.
package graph
