// Package trial is what every relational target is tried with in its tests: each kind
// of op on a real server, which is killed in the midst and must keep what it has
// acknowledged.
package trial
