// Package foreign makes one trace, in the form of docs/trace-format.md, of what the nodes of another database
// have written down about their transactions: rows of CSV, objects of JSON Lines, or lines of logs that
// [Rules] tell how to read.
//
// A trace has causes before effects. What nodes write down has the order of each node, wall clocks that cannot
// be trusted, and, where somebody has taken care, the names of messages. [Merge] therefore keeps the order of
// each node, and has every message sent before it is received. What that leaves open it orders in favour of the
// database: votes before what needs them, decisions before who obeys them. So an anomaly that comes from the
// order of steps is there in every order that is possible; those that do not, such as two outcomes of one
// transaction, are there anyway.
//
// An error names the file and the line.
package foreign
