// Package txn judges histories of transactions on lists and registers against
// the consistency models of Adya, of Cerone and of their kin, and names what it
// finds as Elle does. The method is Elle's (Kingsbury and Alvaro, Elle: Inferring
// Isolation Anomalies from Experimental Observations, VLDB 2020): order the
// versions of every key by what was read of them, link transactions by their
// dependencies, and look for cycles.
//
// Reading order: txn.go (the checker and its verdict), labels.go (edges, and the
// classes of cycles made of them), lists.go, registers.go, zones.go and given.go
// (version orders), scan_lists.go and scan_registers.go (anomalies of single
// reads), orders.go (orders of sessions and real time), classify.go and reach.go
// (which classes of cycles there are), shortest.go (a short one of each),
// decide.go and pose.go (what cycles leave open), explain.go and say.go (in
// words).
package txn
