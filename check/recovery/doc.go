// Package recovery checks that a system comes back: after the last fault has
// been undone, every client must get an op through within a bound.
//
// Safety alone does not make a database: one that never answers again violates
// nothing. So a run ends with a phase in which nothing is wrong any more, and
// this check looks at what the clients saw in it. The phase begins where the
// nemesis records the op "phase" with the value "recovery".
package recovery
