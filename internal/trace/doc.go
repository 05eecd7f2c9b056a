// Package trace reads the traces in which the nodes of a database tell what they do, in the form of
// docs/trace-format.md. What the steps mean is known to the checkers.
package trace
