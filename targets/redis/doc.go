// Package redis puts Redis under test, a single server that keeps what it acknowledges.
// It is the smallest target there is, and the one that docs/add-a-database.md explains.
package redis
