// Package logpattern looks for a pattern in the logs of nodes: a panic, a failed
// assertion, a line that must never be there.
//
// Every file of a tree is read, in the order of names. One that cannot be read makes
// the result unknown with the reason and the others are read all the same; so does a
// tree without any file, since nothing was looked at. Lines are matched up to 1 MiB.
package logpattern
